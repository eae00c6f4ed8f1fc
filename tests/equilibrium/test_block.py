"""Moves that do not see each other, against closed forms, sequences of turns and known games."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from foedus.equilibrium.certificate import certify
from foedus.equilibrium.logit import Logit
from foedus.equilibrium.solve import solve
from foedus.game.builders import stochastic_game
from foedus.game.game import Game
from foedus.game.stages import Block, Chance, Stage, Turn


def one_shot(payoffs: np.ndarray) -> Game:
    """A game played once: (players, actions, ...) payoffs, and then play ends."""
    joint = payoffs.shape[1:]
    return stochastic_game([payoffs], [np.zeros((*joint, 1))], 0.0, horizon=1)


def with_sights(game: Game, sees: tuple[tuple[bool, ...], ...]) -> Game:
    """The same block, its members seeing earlier ones as told."""
    block, *rest = game.structure.stages
    assert isinstance(block, Block)
    stages = (replace(block, sees=sees), *rest)
    return replace(game, structure=replace(game.structure, stages=stages))


def in_sequence(game: Game) -> Game:
    """The same moves as turns, everybody seeing everything before."""
    block, chance = game.structure.stages
    assert isinstance(block, Block)
    assert isinstance(chance, Chance)
    nodes, *sizes = block.shape
    stages: list[Stage] = []
    payoff: list[np.ndarray] = []
    for position, (mover, size) in enumerate(zip(block.movers, sizes, strict=True)):
        count = nodes * int(np.prod(sizes[:position]))
        last = position + 1 == len(sizes)
        to = block.successor.reshape(count, size) if last else np.arange(count * size)
        stages.append(
            Turn(
                name=block.names[position],
                mover=np.full(count, mover, np.int32),
                action=np.tile(np.arange(size, dtype=np.int32), (count, 1)),
                action_names=block.action_names[position],
                available=np.ones((count, size), bool),
                successor=np.asarray(to, np.int32).reshape(count, size),
            )
        )
        paid = game.tables.payoff[0]
        shape = (len(paid), count, size)
        payoff.append(paid.reshape(shape) if last else np.zeros(shape))
    return replace(
        game,
        structure=replace(game.structure, stages=(*stages, chance)),
        tables=replace(
            game.tables,
            payoff=(*payoff, game.tables.payoff[1]),
            probability=(*(None for _ in stages), game.tables.probability[1]),
        ),
    )


@pytest.mark.parametrize("convention", ["expected", "shock"])
@pytest.mark.parametrize("movers", [(0, 1, 2), (0, 1, 0)])
def test_a_block_where_all_see_all_is_a_sequence_of_turns(
    convention: str, movers: tuple[int, ...]
) -> None:
    """Also where a player moves twice: under 'shock' its later shock is part of what it weighs."""
    game = one_shot(np.random.default_rng(1).normal(size=(3, 2, 2, 3)))
    block = replace(game.structure.stages[0], movers=movers)
    game = replace(
        game, structure=replace(game.structure, stages=(block, game.structure.stages[1]))
    )
    all_seen = tuple(tuple(i < j for i in range(3)) for j in range(3))
    solver = Logit(precision=(1.0, 2.0, 3.0), convention=convention)
    together = solve(with_sights(game, all_seen), solver)
    apart = solve(in_sequence(game), solver)
    np.testing.assert_allclose(together.values, apart.values, atol=1e-12)
    third = together.profile.stages[0][2].reshape(4, 3)
    np.testing.assert_allclose(third, apart.profile.stages[2][0], atol=1e-12)


def test_a_block_where_one_member_decides_is_a_turn() -> None:
    payoffs = np.random.default_rng(2).normal(size=(2, 3, 1))
    equilibrium = solve(one_shot(payoffs), Logit(precision=2.0, convention="shock"))
    weight = np.exp(2.0 * payoffs[0, :, 0])
    sigma = weight / weight.sum()
    np.testing.assert_allclose(equilibrium.strategies[0, 0], sigma, atol=1e-14)
    np.testing.assert_allclose(equilibrium.values[0, 1], sigma @ payoffs[1, :, 0], atol=1e-14)
    worth = (np.log(weight.sum()) + np.euler_gamma) / 2.0
    np.testing.assert_allclose(equilibrium.values[0, 0], worth, atol=1e-14)


def test_seeing_one_of_two_earlier_moves() -> None:
    """Bayes' rule: the third member sees the second, which has seen the first, which it has not.

    The certificate computes the third member's beliefs by other code. It also must not be
    the play of a third member who ignores what the second move gives away.
    """
    game = one_shot(np.random.default_rng(3).normal(size=(3, 2, 2, 2)))
    informed = with_sights(game, ((False,) * 3, (True, False, False), (False, True, False)))
    equilibrium = solve(informed, Logit(precision=4.0))
    assert equilibrium.certificate.residual < 1e-12
    first, second, third = (member[0, 0] for member in equilibrium.profile.stages[0])
    payoff = game.tables.payoff[0][2, 0]
    for seen in range(2):
        belief = first[:, 0, 0] * second[:, seen, 0]
        belief = belief / belief.sum()
        values = belief @ payoff[:, seen, :]
        weight = np.exp(4.0 * values)
        np.testing.assert_allclose(third[0, seen], weight / weight.sum(), atol=1e-12)


@pytest.mark.parametrize("precision", [1.0, 100.0, 1e4])
def test_matching_pennies_is_played_evenly(precision: float) -> None:
    pennies = np.array([[1.0, -1.0], [-1.0, 1.0]])
    equilibrium = solve(one_shot(np.stack([pennies, -pennies])), Logit(precision=precision))
    np.testing.assert_allclose(equilibrium.strategies, 0.5, atol=1e-12)


@pytest.mark.parametrize("precision", [3.0, 30.0, 1000.0])
def test_many_random_games_at_once_are_all_certified(precision: float) -> None:
    """400 independent 3x3 games as the states of one. A few branches turn back on the way."""
    rng = np.random.default_rng(11)
    count = 400
    payoffs = rng.normal(size=(count, 2, 3, 3))
    game = stochastic_game(payoffs, np.zeros((count, 3, 3, count)), 0.0, horizon=1)
    equilibrium = solve(game, Logit(precision=precision))
    assert equilibrium.certificate.residual < 1e-9
    assert equilibrium.certificate.regret < np.log(9) / precision


def test_rising_precision_finds_a_nash_equilibrium() -> None:
    """The limit, cut to its support, is certified as Nash without any precision."""
    game = one_shot(np.array([[[2.0, 0.0], [3.0, 1.0]], [[2.0, 3.0], [0.0, 1.0]]]))
    sharp = solve(game, Logit(precision=1000.0)).profile
    pure = replace(sharp, stages=(tuple(m.round() for m in sharp.stages[0]), None))
    assert certify(game, pure).passed
    assert certify(game, pure).regret == 0.0
