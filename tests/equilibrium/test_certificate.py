"""The certificate accepts what is right and names what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import jax
import numpy as np
import pytest

from foedus.equilibrium.certificate import certify
from foedus.equilibrium.logit import Logit
from foedus.equilibrium.result import Equilibrium
from foedus.equilibrium.solve import solve
from foedus.errors import GameError
from foedus.game.game import Game
from foedus.game.profile import Profile

MakeGame = Callable[..., Game]


@pytest.fixture(params=[None, 3])
def solved(random_game: MakeGame, request: Any) -> Equilibrium:
    game = random_game(4, (2, 2), seed=12, horizon=request.param)
    return solve(game, Logit(precision=3.0))


def recertify(found: Equilibrium, profile: Profile | None = None, /, **changes: Any) -> Any:
    settings = {"precision": 3.0, "values": found.value_table, **changes}
    return certify(found.game, profile or found.profile, **settings)


def perturbed(profile: Profile, by: float) -> Profile:
    """Player 0 shifts this much probability between its two actions, in state 2 of period 0."""
    members = tuple(np.array(member) for member in profile.stages[0])
    members[0][0, 2, :, 0] += [by, -by]
    return Profile((members, None))


def test_a_solved_game_passes(solved: Equilibrium) -> None:
    certificate = recertify(solved)
    assert certificate.passed
    assert certificate.residual < 1e-12
    assert certificate.value_error < 1e-12
    assert set(certificate.regret_by_player) == {"player 0", "player 1"}


@pytest.mark.parametrize("by", [1e-3, 1e-6])
def test_perturbed_play_is_seen(solved: Equilibrium, by: float) -> None:
    certificate = recertify(solved, perturbed(solved.profile, by))
    assert not certificate.passed
    assert certificate.residual == pytest.approx(by, rel=0.5)


def test_wrong_values_are_seen(solved: Equilibrium) -> None:
    wrong = np.array(solved.value_table)
    wrong[0, 1, 3] += 1e-5
    certificate = recertify(solved, values=wrong)
    assert not certificate.passed
    assert certificate.value_error == pytest.approx(1e-5 / np.abs(wrong).max(), rel=1e-3)


def test_the_wrong_precision_is_seen(solved: Equilibrium) -> None:
    assert not recertify(solved, precision=(3.0, 3.001)).passed


def test_the_wrong_convention_is_seen(solved: Equilibrium) -> None:
    assert not recertify(solved, convention="shock").passed


def test_probabilities_that_do_not_add_up_are_seen(solved: Equilibrium) -> None:
    members = tuple(np.array(member) for member in solved.profile.stages[0])
    members[1][0, 0] *= 1.0 + 1e-4
    certificate = recertify(solved, Profile((members, None)))
    assert not certificate.passed
    assert certificate.probability_error == pytest.approx(1e-4, rel=1e-6)


def test_numbers_that_are_not_finite_never_pass(solved: Equilibrium) -> None:
    broken = jax.tree_util.tree_map(lambda x: np.where(x > 2, x, np.nan), solved.profile)
    certificate = recertify(solved, broken)
    assert not certificate.passed
    assert np.isnan(certificate.residual)


def test_regret_is_the_largest_gain_and_is_placed(solved: Equilibrium) -> None:
    """Against a direct sum over joint actions, at the first period."""
    certificate = recertify(solved)
    game, tables = solved.game, solved.game.tables
    following = certificate.values[1 if game.horizon else 0]
    chance = game.structure.stages[1]
    ahead = 0.95 * (tables.probability[1] * following[:, chance.successor]).sum(axis=-1)
    joint = tables.payoff[0] + ahead[:, game.structure.stages[0].successor]
    sigma = solved.strategies
    gains = [
        np.einsum("sab,sb->sa", joint[0], sigma[:, 1]),
        np.einsum("sab,sa->sb", joint[1], sigma[:, 0]),
    ]
    for player, values in enumerate(gains):
        best = (values.max(axis=1) - (values * sigma[:, player]).sum(axis=1)).max()
        assert certificate.regret_by_player[f"player {player}"] >= best - 1e-12
        if game.horizon is None:
            assert certificate.regret_by_player[f"player {player}"] == pytest.approx(best)
    largest = max(certificate.deviations, key=lambda deviation: deviation.gain)
    assert largest.gain == certificate.regret
    assert largest.stage == largest.player


def test_a_profile_of_the_wrong_shape_is_refused(solved: Equilibrium) -> None:
    with pytest.raises(GameError, match="strategies have shape"):
        recertify(solved, Profile(((np.ones((1, 1, 2, 1)),), None)))
    with pytest.raises(GameError, match="1 stages"):
        recertify(solved, Profile((solved.profile.stages[0],)))


def test_shocks_need_a_precision(solved: Equilibrium) -> None:
    with pytest.raises(GameError, match="size of the shocks"):
        certify(solved.game, solved.profile, convention="shock")


def test_a_solver_that_gave_up_never_passes(solved: Equilibrium) -> None:
    assert not recertify(solved, solved=False).passed
    assert str(recertify(solved, solved=False)).startswith("FAILED")


def test_a_game_nobody_leaves_undiscounted_has_no_value(solved: Equilibrium) -> None:
    game = solved.game
    if game.horizon is not None:
        return
    forever = replace(game, tables=replace(game.tables, discount=np.ones(2)))
    assert not certify(forever, solved.profile, precision=3.0).passed
