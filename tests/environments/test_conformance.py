"""Environments pass the tests that their own projects have for them."""

from __future__ import annotations

import unittest
from io import StringIO
from typing import Any

import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from pettingzoo.test import api_test, parallel_api_test, parallel_seed_test, seed_test

import foedus as fd
from foedus.environments.best_reply import BestReplyEnv
from foedus.environments.openspiel import openspiel_game
from foedus.environments.zoo import GameAECEnv, GameParallelEnv
from foedus.errors import GameError, QueryError

from .games import GAMES, finite, signals, stationary

KINDS = sorted(GAMES)
# Observations are dictionaries with a mask, the form that PettingZoo itself recommends.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Observation"),
    pytest.mark.filterwarnings("ignore:The observation"),
    pytest.mark.filterwarnings("ignore::UserWarning:pettingzoo"),
]


def _made(kind: str) -> tuple[Any, dict[str, int]]:
    make, settings = GAMES[kind]
    return make(), settings


@pytest.mark.parametrize("kind", KINDS)
def test_agents_in_turn_pass_pettingzoo_s_tests(kind: str) -> None:
    game, settings = _made(kind)
    api_test(GameAECEnv(game, **settings), num_cycles=60)
    seed_test(lambda: GameAECEnv(game, **settings), num_cycles=30)


@pytest.mark.parametrize("kind", KINDS)
def test_agents_at_once_pass_pettingzoo_s_tests(kind: str) -> None:
    game, settings = _made(kind)
    parallel_api_test(GameParallelEnv(game, **settings), num_cycles=60)
    parallel_seed_test(lambda: GameParallelEnv(game, **settings), num_cycles=30)


@pytest.mark.parametrize("kind", KINDS)
def test_the_best_reply_environment_passes_gymnasium_s_check(kind: str) -> None:
    game, settings = _made(kind)
    found = fd.solve(game, fd.Logit(precision=2.0))
    for player in game.players:
        env = BestReplyEnv(found, player, render_mode="ansi", **settings)
        check_env(env, skip_render_check=True)  # which wants environments registered by name
        assert isinstance(env.render(), str)


@pytest.mark.parametrize("kind", ["tree", "finite"])
def test_openspiel_games_pass_its_tests(kind: str) -> None:
    import pyspiel
    from open_spiel.integration_tests import api_test as spiel

    name = f"foedus_{kind}"
    made = openspiel_game(_made(kind)[0], name, **_periods(kind))
    pyspiel.random_sim_test(made, num_sims=3, serialize=True, verbose=False)
    again = pyspiel.load_game(name)
    assert again.max_utility() == made.max_utility()

    class Enforced(spiel.EnforceAPIOnPartialTreeBase):  # type: ignore[misc]
        @classmethod
        def setUpClass(cls) -> None:
            cls.game, cls.game_name = made, name
            super().setUpClass()

    suite = unittest.defaultTestLoader.loadTestsFromTestCase(Enforced)
    found = unittest.TextTestRunner(stream=StringIO()).run(suite)
    assert found.testsRun == 5
    assert found.wasSuccessful(), [text for _, text in found.failures + found.errors]


def _periods(kind: str) -> dict[str, int]:
    return {"periods": 2} if kind == "finite" else {}


def test_openspiel_plays_our_equilibrium_and_finds_what_we_find() -> None:
    from open_spiel.python import policy
    from open_spiel.python.algorithms import exploitability

    tree = signals()
    game = openspiel_game(tree, "foedus_signals")
    found = fd.solve(tree, fd.Logit(precision=1.0))
    table = policy.TabularPolicy(game)
    for text, row in table.state_lookup.items():
        at = int(text.partition(":")[0])
        for action, chance in zip(tree.sets[at].actions, found.play[at], strict=True):
            number = next(
                a for a in range(4) if game.new_initial_state().action_to_string(0, a) == action
            )
            table.action_probability_array[row, number] = chance
    regrets = found.certificate.player_regrets
    assert regrets is not None
    assert exploitability.nash_conv(game, table) == pytest.approx(sum(regrets.values()), abs=1e-12)


def test_observations_and_actions_are_labelled() -> None:
    env = GameParallelEnv(finite())
    assert env.observation_labels[:4] == ("period", "stage", "node", "state")
    assert env.action_labels == {"player 0": ("a", "b"), "player 1": ("x", "y")}
    seen, _ = env.reset(seed=0)
    assert seen["player 0"]["observation"].tolist() == [0, 0, 0, 0, -1, -1]
    assert seen["player 0"]["action_mask"].tolist() == [1, 1]


def test_nobody_sees_what_the_rules_hide() -> None:
    env = GameAECEnv(finite())
    for action in (0, 1):
        env.reset(seed=0)
        before = env.observe("player 1")["observation"].tolist()
        env.step(action)
        assert env.agent_selection == "player 1"
        assert env.observe("player 1")["observation"].tolist() == before
    tree = GameAECEnv(signals())
    views = set()
    for seed in range(12):
        tree.reset(seed=seed)
        assert tree.agent_selection == "Sender"
        tree.step(0)
        views.add(tuple(tree.observe("Receiver")["observation"].tolist()))
    assert len(views) == 1


def test_an_action_that_is_not_available_counts_as_the_first_that_is() -> None:
    env = GameParallelEnv(signals())
    env.reset(seed=3)
    _, first, *_ = env.step({"Sender": 7, "Receiver": 0})
    env.reset(seed=3)
    _, second, *_ = env.step({"Sender": 0, "Receiver": 0})
    assert first == second == {"Sender": -1.0, "Receiver": 0.0}


@pytest.mark.parametrize("kind", KINDS)
def test_equilibrium_play_earns_its_value(kind: str) -> None:
    from foedus.environments.learner import earn

    game, settings = _made(kind)
    settings = {"periods": 90} if kind == "stationary" else settings
    found = fd.solve(game, fd.Logit(precision=2.0))
    values = found.values
    if isinstance(game, fd.Game):
        values = next(iter(game.structure.starts.values())) @ values
    plays = 60 if kind == "stationary" else 300
    for at, player in enumerate(game.players):
        earned = earn(BestReplyEnv(found, player, **settings), plays=plays, seed=at)
        assert abs(earned.mean - values[at]) <= 4 * earned.error + 1e-4


def test_settings_that_do_not_fit_are_refused() -> None:
    with pytest.raises(GameError, match="no last period"):
        GameParallelEnv(stationary())
    with pytest.raises(GameError, match="have 3 periods"):
        GameAECEnv(finite(), periods=5)
    with pytest.raises(GameError, match="compile a scenario first"):
        GameAECEnv("us-ukraine-pact")  # type: ignore[arg-type]
    with pytest.raises(QueryError, match="no start"):
        GameAECEnv(finite(), start="war")
    with pytest.raises(QueryError, match="no player 'X'"):
        BestReplyEnv(fd.solve(signals()), "X")
    openspiel_game(signals(), "foedus_again")
    with pytest.raises(GameError, match="another game"):
        openspiel_game(finite(), "foedus_again", periods=1)
    with pytest.raises(GameError, match="OpenSpiel has a game"):
        openspiel_game(signals(), "kuhn_poker")


def test_a_library_that_is_missing_is_named_with_its_extra(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import foedus.environments as room

    def missing(name: str) -> Any:
        raise ModuleNotFoundError(name="pettingzoo")

    monkeypatch.setattr(room, "import_module", missing)
    with pytest.raises(GameError, match=r"pip install 'foedus\[rl\]'"):
        _ = room.GameAECEnv


def test_a_stationary_play_is_cut_off_and_not_ended() -> None:
    env = GameParallelEnv(stationary(), periods=3)
    env.reset(seed=0)
    for step in range(3):
        _, _, ended, cut, _ = env.step({"player 0": 0, "player 1": 0})
        assert not any(ended.values())
        assert all(cut.values()) == (step == 2)
    assert env.agents == []
    assert np.isfinite(env.referee.low).all()
