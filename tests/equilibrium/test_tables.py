"""Batches and derivatives: `solve_tables` under vmap, grad and jvp."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from foedus.equilibrium.logit import Logit
from foedus.equilibrium.solve import solve
from foedus.equilibrium.tables import solve_tables
from foedus.game.game import Game, Tables
from foedus.numerics.programs import QUICK_COMPILE

MakeGame = Callable[..., Game]


def shifted(tables: Tables, by: Any) -> Tables:
    """Tables at a parameter that moves payoffs, transitions and the discount."""
    mix = 0.3 * jnp.tanh(by)
    payoff = jnp.asarray(tables.payoff[0])
    chances = jnp.asarray(tables.probability[1])
    return replace(
        tables,
        discount=tables.discount - 0.1 * mix,
        payoff=(
            payoff + by * jnp.sin(jnp.arange(payoff.size)).reshape(payoff.shape),
            tables.payoff[1],
        ),
        probability=(None, (1 - mix**2) * chances + mix**2 * chances[:, ::-1]),
    )


def compiled(function: Any) -> Any:
    return jax.jit(function, compiler_options=QUICK_COMPILE)


def response(game: Game, convention: str) -> Callable[[Any, Any], Any]:
    """A number made of values and strategies, as a function of a parameter and the precision."""

    def evaluate(by: Any, precision: Any) -> Any:
        values, strategies = solve_tables(
            game.structure,
            shifted(game.tables, by),
            jnp.stack([precision, jnp.asarray(2.0)]),
            convention=convention,
        )
        return jnp.sum(values[0] ** 2) / 100 + jnp.sum(strategies[0][0][0, :, 0])

    return evaluate


@pytest.mark.parametrize(("convention", "horizon"), [("expected", None), ("shock", 3)])
def test_derivatives_are_those_of_finite_differences(
    random_game: MakeGame, convention: str, horizon: int | None
) -> None:
    game = random_game(4, (2, 2), seed=21, horizon=horizon)
    function = response(game, convention)
    value = compiled(function)
    derivatives = compiled(
        lambda *at: (jax.grad(function, (0, 1))(*at), jax.jacfwd(function, (0, 1))(*at))
    )
    point, step = np.array([0.4, 3.0]), 1e-5
    for reverse, forward, unit in zip(*derivatives(*point), np.eye(2), strict=True):
        rise = value(*(point + step * unit)) - value(*(point - step * unit))
        np.testing.assert_allclose(forward, rise / (2 * step), rtol=1e-6)
        np.testing.assert_allclose(reverse, forward, rtol=1e-9)


@pytest.mark.parametrize("horizon", [None, 3])
def test_a_batch_is_its_draws_one_by_one(random_game: MakeGame, horizon: int | None) -> None:
    """A draw that cannot be solved, here for want of a payoff, is NaN and leaves others alone."""
    game = random_game(4, (2, 2), seed=22, horizon=horizon)
    draws = jnp.array([-0.5, 0.0, 0.8, jnp.nan])
    precision = jnp.array([[1.0, 2.0], [5.0, 0.5], [8.0, 8.0], [1.0, 1.0]])
    values, strategies = compiled(
        jax.vmap(lambda by, p: solve_tables(game.structure, shifted(game.tables, by), p))
    )(draws, precision)
    assert np.isnan(values[3]).all()
    for at in range(3):
        tables = jax.tree_util.tree_map(np.asarray, shifted(game.tables, draws[at]))
        alone = solve(replace(game, tables=tables), Logit(precision=precision[at].tolist()))
        np.testing.assert_allclose(values[at], alone.value_table, rtol=1e-10)
        np.testing.assert_allclose(strategies[0][1][at], alone.profile.stages[0][1], atol=1e-10)


def test_many_unknowns_use_the_iterative_solver_and_agree(random_game: MakeGame) -> None:
    """60 states by 2 players is beyond the dense limit; Newton's answer is certified."""
    equilibrium = solve(random_game(60, (2, 2), seed=23), Logit(precision=4.0))
    assert equilibrium.certificate.passed
    assert equilibrium.certificate.value_error < 1e-11
