"""Scenarios unrolled to trees, checked by OpenSpiel and Gambit: none of the code is shared."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings

import foedus as fd
from foedus.compiler.compile import compile_rules
from foedus.equilibrium.trees.result import TreeEquilibrium
from foedus.errors import GameError
from foedus.game.trees import ExtensiveGame, game_text
from foedus.scenario.model import Horizon
from foedus.testing import scenarios

from .gambit_oracle import agent_logit

MOST_NODES = 1500
PRECISIONS = (0.2, 1.0, 3.0)


def _game(text: str, folder: Path, *, periods: int) -> fd.Game:
    """The first regime, cut to a few periods, with discounts of 1."""
    path = folder / "random.yaml"
    path.write_text(text, encoding="utf-8")
    rules = fd.read(path).rules()
    game = compile_rules(replace(rules, horizon=Horizon(solve=periods, evaluate=1)))
    return replace(game, tables=replace(game.tables, discount=np.ones(len(game.players))))


def _tree(game: fd.Game) -> ExtensiveGame:
    try:
        tree = fd.unroll(game, most_nodes=MOST_NODES)
    except GameError:
        assume(False)
    assume(any(True for _ in tree.decisions))
    return tree


def _nash_conv(found: TreeEquilibrium) -> float:
    """OpenSpiel's sum of what players gain, from the file that is written."""
    import pyspiel

    tree = found.game
    game = pyspiel.load_efg_game(game_text(tree))
    table: dict[str, list[tuple[int, float]]] = {}
    waiting = [(game.new_initial_state(), 0)]
    while waiting:
        state, node = waiting.pop()
        at = tree.nodes[node].at
        if at < 0:
            assert state.is_terminal()
            continue
        player = state.current_player()
        actions = state.legal_actions()
        names = [state.action_to_string(player, a) for a in actions]
        if player >= 0:
            chances = dict(zip(tree.sets[at].actions, found.play[at], strict=True))
            row = [(a, chances[name]) for a, name in zip(actions, names, strict=True)]
            table[state.information_state_string()] = row
        for action, name in zip(actions, names, strict=True):
            branch = tree.sets[at].actions.index(name)
            waiting.append((state.child(action), tree.nodes[node].children[branch]))
    return float(pyspiel.nash_conv(game, pyspiel.TabularPolicy(table)))


@given(text=scenarios(max_players=2, max_factors=1))
@settings(max_examples=6, suppress_health_check=list(HealthCheck))
def test_unrolled_scenarios_agree_with_openspiel_and_backward_induction(
    text: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    game = _game(text, tmp_path_factory.mktemp("random"), periods=2)
    tree = _tree(game)
    start = next(iter(game.structure.starts.values()))
    for precision in (1.0, 30.0):
        found = fd.solve(tree, fd.Logit(precision=precision))
        own = found.certificate.player_regrets
        assert own is not None
        largest = max(1.0, float(np.abs([float(p) for c in tree.collected for p in c]).max()))
        assert _nash_conv(found) == pytest.approx(sum(own.values()), abs=1e-9 * largest)
        same = fd.solve(game, fd.Logit(precision=precision))
        assert found.values == pytest.approx(start @ same.values, abs=1e-9 * largest)


@given(text=scenarios(max_players=2, max_factors=1))
@settings(max_examples=4, suppress_health_check=list(HealthCheck))
def test_unrolled_scenarios_agree_with_gambit_at_three_precisions(
    text: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    game = _game(text, tmp_path_factory.mktemp("random"), periods=1)
    tree = _tree(game)
    assume(len(tree.nodes) <= 300)
    for precision in PRECISIONS:
        ours = fd.solve(tree, fd.Logit(precision=precision))
        theirs = agent_logit(tree, precision)
        for at in tree.decisions:
            assert ours.play[at] == pytest.approx(theirs[at], abs=1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_unrolled_stochastic_games_agree_with_openspiel_at_high_precision(seed: int) -> None:
    rng = np.random.default_rng(seed)
    payoffs = rng.integers(-9, 10, size=(2, 2, 2, 2)).astype(float)
    chances = rng.integers(1, 5, size=(2, 2, 2, 1)) / 5
    game = fd.stochastic_game(
        payoffs, np.concatenate([chances, 1 - chances], axis=-1), 1.0, horizon=3
    )
    tree = fd.unroll(game)
    for solver in (fd.Logit(precision=50.0), fd.Nash()):
        found = fd.solve(tree, solver)
        own = found.certificate.player_regrets
        assert own is not None
        assert _nash_conv(found) == pytest.approx(sum(own.values()), abs=1e-8)
    assert sum(own.values()) < 1e-8
