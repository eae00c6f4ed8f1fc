"""One period, solved backwards: from the value of next period's states to this period's.

Arrays are laid out players first, (players, nodes, actions). Everything here is
traced by JAX; nothing depends on the numbers of a particular game.
"""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
from jaxtyping import Array, Float

from foedus.equilibrium.block import block_values
from foedus.equilibrium.wiring import BlockWiring, ChanceWiring, StageWiring, TurnWiring, Wiring
from foedus.game.game import Tables
from foedus.numerics.response import EULER_GAMMA, logit_response

Values = Float[Array, "players nodes"]


def final_values(wiring: Wiring, tables: Tables) -> Float[Array, "players states"]:
    """What states are worth after the last period: endings their flow, others `terminal`."""
    live = wiring.stages[0].successor.shape[0]
    return jnp.concatenate([tables.terminal[:, :live], tables.flow[:, live:]], axis=1)


def period_values(
    wiring: Wiring,
    tables: Tables,
    precision: Float[Array, "players"],
    following: Float[Array, "players states"],
    *,
    shock: bool,
    guesses: tuple[Any, ...] | None = None,
    solved: bool = False,
) -> tuple[Float[Array, "players states"], tuple[Any, ...], tuple[Any, ...]]:
    r"""Values now, given values next period, with the strategies that lead there.

    $V_i(s) = u_i(s) + E[\sum_k u_i(e_k) + \delta_i V_i(s')]$ with everybody's
    logit response at every node. `shock`: a mover's value is
    $(\log \sum_a e^{\lambda Q(a)} + \gamma)/\lambda$ instead of $\sum_a \sigma Q$; a mover
    with one action receives its shock too, a node where nobody moves has none.

    `guesses[k]` starts the fixed point of block stage k, or is it, where `solved`. The last
    return value holds the solutions that were found, in the same form (None elsewhere).
    """
    values = tables.discount[:, None] * following
    strategies, solutions = [], []
    for position in reversed(range(len(wiring.stages))):
        stage = wiring.stages[position]
        values, strategy, solution = _stage_values(
            stage,
            tables.payoff[position],
            tables.probability[position],
            precision,
            values,
            shock,
            None if guesses is None else guesses[position],
            solved,
        )
        strategies.append(strategy)
        solutions.append(solution)
    live = values.shape[1]
    now = jnp.concatenate([tables.flow[:, :live] + values, tables.flow[:, live:]], axis=1)
    return now, tuple(reversed(strategies)), tuple(reversed(solutions))


def _stage_values(
    stage: StageWiring,
    payoff: Any,
    probability: Any,
    precision: Float[Array, "players"],
    values: Values,
    shock: bool,
    guess: Any,
    solved: bool,
) -> tuple[Values, Any, Any]:
    # Successors were checked when the structure was wired, so the bounds check is skipped.
    reached = values.at[:, stage.successor].get(
        mode="promise_in_bounds", wrap_negative_indices=False
    )
    action_values = reached if payoff is None else payoff + reached
    if isinstance(stage, ChanceWiring):
        weight = jnp.where(stage.possible, probability, 0.0)
        return jnp.sum(weight * jnp.where(stage.possible, action_values, 0.0), axis=-1), None, None
    if isinstance(stage, TurnWiring):
        return (*_turn_values(stage, action_values, precision, shock), None)
    assert isinstance(stage, BlockWiring)
    return block_values(stage, action_values, precision, shock=shock, guess=guess, solved=solved)


def _turn_values(
    stage: TurnWiring,
    action_values: Float[Array, "players nodes actions"],
    precision: Float[Array, "players"],
    shock: bool,
) -> tuple[Values, Float[Array, "nodes actions"]]:
    action_values = jnp.where(stage.available, action_values, 0.0)
    owner = jnp.maximum(stage.mover, 0)  # where nobody moves it makes no difference whose it is
    own = jnp.take_along_axis(
        action_values, owner[None, :, None], axis=0, mode="promise_in_bounds"
    )[0]
    own_precision = precision[owner]
    sigma, log_sum = logit_response(own_precision[:, None] * own, stage.available)
    values = jnp.sum(sigma * action_values, axis=-1)
    if shock:
        moves = stage.mover == jnp.arange(len(precision), dtype=stage.mover.dtype)[:, None]
        values = jnp.where(moves, (log_sum + EULER_GAMMA) / own_precision, values)
    return values, sigma
