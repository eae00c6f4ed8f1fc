"""Against sgamesolver, an independent solver, by numbers recorded from it; see golden/README.md."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from foedus.equilibrium.logit import Logit
from foedus.equilibrium.solve import solve
from foedus.equilibrium.stochastic.arrays import arrays_of
from foedus.equilibrium.stochastic.path import trace
from foedus.equilibrium.stochastic.tracing import Tracing
from foedus.game.builders import stochastic_game
from foedus.game.game import Game
from foedus.game.tables import from_table

GOLDEN = json.loads((Path(__file__).parent / "golden" / "sgamesolver.json").read_text())["games"]
NAMES = [case["name"] for case in GOLDEN]
# sgamesolver writes the rows of a state with 3 by 2 actions as if they were 2 by 3.
TABLES = [case for case in GOLDEN if case["name"] != "action sets differ by state"]


def game_of(case: dict[str, Any]) -> Game:
    payoffs = [np.array(block) for block in case["payoffs"]]
    transitions = [np.array(block) for block in case["transitions"]]
    return stochastic_game(payoffs, transitions, case["discount"])


@pytest.mark.parametrize("case", GOLDEN, ids=NAMES)
def test_logit_equilibria_are_those_of_sgamesolver(case: dict[str, Any]) -> None:
    game = game_of(case)
    for golden in case["logit"]:
        assert golden["solved"]
        found = solve(game, Logit(precision=golden["precision"]))
        n_states = len(golden["values"])
        np.testing.assert_allclose(found.strategies, golden["strategies"], atol=1e-10)
        np.testing.assert_allclose(found.values[:n_states], golden["values"], rtol=1e-10)


@pytest.mark.parametrize("case", TABLES, ids=[case["name"] for case in TABLES])
def test_tables_that_sgamesolver_writes_are_read(case: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "game.csv"
    path.write_text(case["table"])
    read, known = arrays_of(from_table(path)), arrays_of(game_of(case))
    np.testing.assert_array_equal(read.payoffs, known.payoffs)
    np.testing.assert_allclose(read.transitions, known.transitions, atol=1e-15)
    np.testing.assert_array_equal(read.discount, known.discount)
    np.testing.assert_array_equal(read.available, known.available)


@pytest.mark.parametrize("case", GOLDEN, ids=NAMES)
def test_tracing_ends_where_that_of_sgamesolver_ends(case: dict[str, Any]) -> None:
    assert case["tracing"]["solved"]
    path = trace(game_of(case), Tracing())
    assert path.complete
    np.testing.assert_allclose(path.final, case["tracing"]["strategies"], atol=1e-4)
