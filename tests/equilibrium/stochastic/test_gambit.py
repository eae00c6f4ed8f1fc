"""One-shot games against Gambit's own path follower and Nash solvers."""

from __future__ import annotations

import io

import numpy as np
import pytest

from foedus.equilibrium.logit import Logit
from foedus.equilibrium.solve import solve
from foedus.equilibrium.stochastic.multiplicity import find_equilibria
from foedus.equilibrium.stochastic.nash import Nash
from foedus.game.builders import stochastic_game
from foedus.game.game import Game

gambit = pytest.importorskip("pygambit")

SHAPES = [(2, 2), (3, 3), (2, 4), (2, 2, 2), (2, 3, 2)]


def one_shot(payoffs: np.ndarray) -> Game:
    return stochastic_game([payoffs], np.zeros((1, *payoffs.shape[1:], 1)), 0.0)


def theirs(payoffs: np.ndarray) -> object:
    """The same game for Gambit, whose lists have the first player's strategy fastest."""
    players = " ".join(f'"{i}"' for i in range(len(payoffs)))
    sizes = " ".join(map(str, payoffs.shape[1:]))
    numbers = np.stack([own.ravel(order="F") for own in payoffs], axis=-1).ravel().tolist()
    listed = " ".join(map(repr, numbers))
    return gambit.read_nfg(io.StringIO(f'NFG 1 R "" {{ {players} }} {{ {sizes} }}\n{listed}'))


def rows(profile: object) -> list[list[float]]:
    """Gambit's mixed strategies, player by player."""
    return [[float(share) for _, share in mixture] for mixture in profile]  # type: ignore[attr-defined]


def apart(strategies: np.ndarray, other: list[list[float]]) -> float:
    return max(
        float(np.abs(strategies[player, : len(row)] - row).max())
        for player, row in enumerate(other)
    )


@pytest.mark.parametrize("shape", SHAPES)
def test_logit_play_is_gambits(shape: tuple[int, ...]) -> None:
    for seed in range(3):
        payoffs = np.random.default_rng(seed).random((len(shape), *shape))
        for point in gambit.qre.logit_solve_lambda(
            theirs(payoffs), [0.5, 3.0, 12.0], use_strategic=True
        ):
            found = solve(one_shot(payoffs), Logit(precision=point.lam))
            assert apart(found.strategies[0], rows(point.profile)) <= 1e-7


@pytest.mark.parametrize("shape", SHAPES)
def test_the_end_of_the_logit_path_is_gambits(shape: tuple[int, ...]) -> None:
    for seed in range(3):
        payoffs = np.random.default_rng(seed).random((len(shape), *shape))
        end = gambit.nash.logit_solve(theirs(payoffs), use_strategic=True).equilibrium
        found = solve(one_shot(payoffs), Nash())
        assert found.certificate.regret <= 1e-12
        # Gambit's path stops where its own regret is 1e-8 of the payoffs.
        assert apart(found.strategies[0], rows(end)) <= 1e-5


@pytest.mark.parametrize(("shape", "seed"), [((2, 2, 2), 0), ((2, 3, 2), 1)])
def test_three_players_have_the_equilibria_that_gambit_lists(
    shape: tuple[int, ...], seed: int
) -> None:
    """Gambit solves the polynomial systems of all supports; its list may miss some."""
    payoffs = np.random.default_rng(seed).random((3, *shape))
    listed = gambit.nash.enumpoly_solve(theirs(payoffs)).equilibria
    found = find_equilibria(one_shot(payoffs), starts=4)
    for other in listed:
        assert min(apart(item.strategies[0], rows(other)) for item in found) <= 1e-5
    assert "not ruled out" in found.completeness
