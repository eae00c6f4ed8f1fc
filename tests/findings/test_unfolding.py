"""How play unfolds agrees with the outcomes that ask about one thing at a time."""

from __future__ import annotations

import numpy as np
import pytest

import foedus as fd
from foedus.findings.unfolding import unfolding


@pytest.mark.parametrize("name", ["baltic-tripwire", "audience-costs-dynamic"])
def test_levels_and_actions_are_those_of_the_outcomes(name: str) -> None:
    game = fd.compile_scenario(fd.read(name))
    equilibrium = fd.solve(game)
    start = next(iter(game.structure.starts))
    found = unfolding(equilibrium, start)
    periods = len(found.states) - 1
    np.testing.assert_allclose(found.states.sum(axis=1), 1, atol=1e-12)
    for factor, levels in found.levels.items():
        for level, shares in levels.items():
            if level.isdigit():
                continue
            exact = fd.probability(equilibrium, f"{factor} == {level}", at=periods, start=start)
            assert shares[-1] == pytest.approx(exact, abs=1e-12)
    for move, doing in found.moves.items():
        total = sum(doing.actions.values())
        np.testing.assert_allclose(total, doing.reached, atol=1e-12)
        for action, shares in doing.actions.items():
            asked = fd.occupancy(equilibrium, f"{move} == {action}", within=periods, start=start)
            assert shares.sum() == pytest.approx(asked, abs=1e-10)
