"""A learner finds nothing to gain against an equilibrium, and finds it where there is something."""

from __future__ import annotations

import pytest

import foedus as fd
from foedus.environments.best_reply import BestReplyEnv
from foedus.environments.learner import earn, learn

from .games import crisis, signals


def test_against_a_finite_scenario_it_finds_no_more_than_the_certificate_allows() -> None:
    game = crisis()
    found = fd.solve(game, fd.Logit(precision=20.0))
    values = next(iter(game.structure.starts.values())) @ found.values
    assert game.horizon is not None
    for at, player in enumerate(game.players):
        env = BestReplyEnv(found, player)
        earned = earn(env, learn(env, plays=600, seed=at), plays=300)
        # One deviation gains at most the regret, so all periods together at most that many.
        most = values[at] + game.horizon * found.certificate.regret_by_player[player]
        assert earned.mean - 4 * earned.error <= most
        assert earned.mean + 4 * earned.error >= values[at] - 0.05  # and it does learn


def test_against_a_nash_equilibrium_of_a_tree_it_finds_nothing() -> None:
    found = fd.solve(signals())
    assert found.certificate.player_regret == pytest.approx(0.0, abs=1e-9)
    for at, player in enumerate(found.game.players):
        env = BestReplyEnv(found, player)
        earned = earn(env, learn(env, plays=2000), plays=1000)
        assert earned.mean - 4 * earned.error <= found.values[at]


def test_against_noisy_play_it_finds_what_the_certificate_says_is_there() -> None:
    found = fd.solve(signals(), fd.Logit(precision=0.3))
    regrets = found.certificate.player_regrets
    assert regrets is not None
    for at, player in enumerate(found.game.players):
        env = BestReplyEnv(found, player)
        earned = earn(env, learn(env, plays=3000), plays=3000)
        best = found.values[at] + regrets[player]
        assert abs(earned.mean - best) <= 4 * earned.error
        assert regrets[player] > 0.1
