"""Backward induction: a finite horizon solved from its last period to its first."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from foedus.equilibrium.period import final_values, period_values
from foedus.equilibrium.wiring import Wiring
from foedus.game.game import Tables


def backward_induction(
    wiring: Wiring,
    tables: Tables,
    precision: Float[Array, "players"],
    *,
    horizon: int,
    shock: bool,
) -> tuple[Float[Array, "periods players states"], tuple[Any, ...], tuple[Any, ...]]:
    """Values at t = 0..horizon, strategies in t = 0..horizon-1, and the block solutions.

    One `lax.scan` over periods, last first. Memory grows linearly with the
    horizon: what is kept is the answer.
    """
    terminal = final_values(wiring, tables)

    def step(following: Array, _: None) -> tuple[Array, tuple[Any, ...]]:
        now, strategies, solutions = period_values(
            wiring, tables, precision, following, shock=shock
        )
        return now, (now, strategies, solutions)

    _, (values, strategies, solutions) = jax.lax.scan(
        step, terminal, None, length=horizon, reverse=True
    )
    return jnp.concatenate([values, terminal[None]]), strategies, solutions
