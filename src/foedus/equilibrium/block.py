"""Moves that do not see each other: the logit equilibrium inside a node, and its value.

The unknowns at a node are every member's action values times its precision, one
for each action and for each thing the member may have seen. They solve
$y = G(y)$: what the actions are worth when everybody responds to y.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from foedus.equilibrium.block_form import Form, bonuses, given_seen, information, joint_actions
from foedus.equilibrium.wiring import BlockWiring
from foedus.numerics.continuation import follow
from foedus.numerics.response import logit_response


@jax.tree_util.register_dataclass
@dataclass(frozen=True, eq=False, kw_only=True)
class BlockSolution:
    """The fixed point at every node, and whether it was reached."""

    scaled_values: Float[Array, "nodes unknowns"]
    converged: Bool[Array, "nodes"]


def block_values(
    stage: BlockWiring,
    action_values: Float[Array, "players nodes *actions"],
    precision: Float[Array, "players"],
    *,
    shock: bool,
    guess: BlockSolution | None,
    solved: bool,
) -> tuple[Float[Array, "players nodes"], tuple[Array, ...], BlockSolution]:
    r"""Values before the block, each member's strategy, and the fixed point behind them.

    Member j's action value, given what it sees, is the expectation of its payoff over
    everything it does not see, $\sum \prod_{i \ne j} \sigma_i V_j / \sum \prod_{i \ne j} \sigma_i$.
    The fixed point is followed from uniform play (precision 0), or sought from `guess` first;
    where `solved`, `guess` is known to be it. Derivatives are those of the implicit function,
    whatever steps were taken.
    """
    form = Form(
        sizes=tuple(action_values.shape[2:]), movers=stage.movers, sees=stage.sees, shock=shock
    )
    possible = joint_actions(form, stage.available)
    # Padding is never reached. It takes the lowest value of its node, to leave its scale alone.
    lowest = jnp.min(
        jnp.where(possible, action_values, jnp.inf),
        axis=tuple(range(2, action_values.ndim)),
        keepdims=True,
    )
    payoffs = jnp.where(possible, action_values, jax.lax.stop_gradient(lowest))
    payoffs = jnp.moveaxis(payoffs, 1, 0)  # nodes first, to take them one by one
    node = (payoffs, precision, stage.available, stage.moves)
    if guess is None or not solved:
        guess = jax.lax.stop_gradient(_follow(form, *node, guess))
    scaled = _implicit(form, *node, guess.scaled_values)
    values, strategies = jax.vmap(partial(_values, form), in_axes=(0, 0, None, 0, 0))(
        scaled, payoffs, precision, stage.available, stage.moves
    )
    return values.T, strategies, guess


def _follow(
    form: Form,
    payoffs: Array,
    precision: Array,
    available: Any,
    moves: Any,
    guess: BlockSolution | None,
) -> BlockSolution:
    nodes, unknowns = len(payoffs), sum(math.prod(form.shape(j)) for j in form.members)
    payoffs, precision = jax.lax.stop_gradient((payoffs, precision))

    def linearise(scaled: Array) -> tuple[Array, Array]:
        return _linearised(form, payoffs, precision, available, moves, scaled)

    def response(scaled: Array) -> Array:
        return jax.vmap(partial(_flat_play, form))(scaled, available)

    joint = tuple(range(2, payoffs.ndim))
    spread = jnp.max(payoffs, axis=joint) - jnp.min(payoffs, axis=joint)
    found = follow(
        linearise,
        response,
        jnp.maximum(jnp.max(spread * precision, axis=1), 1e-3),
        jnp.full((nodes, unknowns), jnp.nan) if guess is None else guess.scaled_values,
    )
    return BlockSolution(scaled_values=found.solution, converged=found.converged)


@partial(jax.custom_jvp, nondiff_argnums=(0,))
def _implicit(
    form: Form,
    payoffs: Array,
    precision: Array,
    available: Any,
    moves: Any,
    solution: Float[Array, "nodes unknowns"],
) -> Float[Array, "nodes unknowns"]:
    """The solution itself, with the derivative of the implicit function it is a value of."""
    return solution


@_implicit.defjvp
def _implicit_derivative(form: Form, primals: Any, tangents: Any) -> Any:
    payoffs, precision, available, moves, solution = primals

    def images(payoffs: Array, precision: Array) -> Array:
        return jax.vmap(partial(_image, form), in_axes=(0, 0, None, 0, 0))(
            solution, payoffs, precision, available, moves
        )

    _, moved = jax.jvp(images, (payoffs, precision), tangents[:2])
    _, slope = _linearised(form, payoffs, precision, available, moves, solution)
    system = jnp.eye(solution.shape[1]) - slope
    return solution, jnp.linalg.solve(system, moved[..., None])[..., 0]


def _linearised(
    form: Form, payoffs: Any, precision: Any, available: Any, moves: Any, scaled: Any
) -> tuple[Float[Array, "nodes unknowns"], Float[Array, "nodes unknowns unknowns"]]:
    """G and its derivative at every node."""

    def at_node(scaled: Array, *node: Any) -> tuple[Array, Array]:
        def image_twice(scaled: Array) -> tuple[Array, Array]:
            image = _image(form, scaled, *node)
            return image, image

        slope, image = jax.jacfwd(image_twice, has_aux=True)(scaled)
        return image, slope

    return jax.vmap(at_node, in_axes=(0, 0, None, 0, 0))(
        scaled, payoffs, precision, available, moves
    )


# From here on everything is about one node.


def _image(
    form: Form, scaled: Array, payoffs: Array, precision: Array, available: Any, moves: Any
) -> Float[Array, "unknowns"]:
    """Scaled action values of every member when all respond to `scaled`."""
    sigma, log_sigma = _play(form, scaled, available)
    worth = payoffs + bonuses(form, sigma, precision, moves)
    parts = []
    for j in form.members:
        own = worth[form.movers[j]]
        # A constant changes no choice; taking it out keeps the digits of the differences.
        own = own - jax.lax.stop_gradient(0.5 * (jnp.max(own) + jnp.min(own)))
        expected = given_seen(form, j, own, sigma, log_sigma)
        mask = information(form, j, available)
        parts.append(jnp.where(mask, precision[form.movers[j]] * expected, 0.0).ravel())
    return jnp.concatenate(parts)


def _values(
    form: Form, scaled: Array, payoffs: Array, precision: Array, available: Any, moves: Any
) -> tuple[Float[Array, "players"], tuple[Array, ...]]:
    """Expected values over joint play, with the shocks' worth where they are counted."""
    sigma, _ = _play(form, scaled, available)
    joint = jnp.ones(form.sizes)
    for part in sigma:
        joint = joint * part
    worth = payoffs + bonuses(form, sigma, precision, moves, every=True)
    return jnp.sum(worth * joint, axis=tuple(range(1, worth.ndim))), tuple(sigma)


def _play(form: Form, scaled: Array, available: Any) -> tuple[list[Array], list[Array]]:
    """Each member's strategy and its logarithm, with axes as in `Profile`."""
    sigma, logs = [], []
    for j, part in enumerate(form.split(scaled)):
        mask = information(form, j, available)
        response, log_sum = logit_response(jnp.moveaxis(part, j, -1), jnp.moveaxis(mask, j, -1))
        sigma.append(jnp.moveaxis(response, -1, j))
        logs.append(jnp.where(mask, part - jnp.expand_dims(log_sum, j), -1e30))
    return sigma, logs


def _flat_play(form: Form, scaled: Array, available: Any) -> Float[Array, "unknowns"]:
    return jnp.concatenate([part.ravel() for part in _play(form, scaled, available)[0]])
