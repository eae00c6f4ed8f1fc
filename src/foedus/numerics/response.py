"""The logit response: how likely each action is, given its value and the player's precision."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

EULER_GAMMA = 0.5772156649015329


def logit_response(
    scaled_values: Float[Array, "*batch actions"], available: Bool[Array, "*batch actions"]
) -> tuple[Float[Array, "*batch actions"], Float[Array, "*batch"]]:
    r"""Choice probabilities and their log-sum along the last axis.

    $\sigma(a) = e^{x_a} / \sum_b e^{x_b}$ over the available actions, where $x$ is
    the action value times the precision; the log-sum is $\log \sum_b e^{x_b}$.

    Stable for any finite $x$: the largest entry is taken out before anything is
    exponentiated. Unavailable actions have probability exactly 0 and may hold any
    number, NaN included, without touching values or derivatives. A row with
    nothing available returns zeros.

    >>> sigma, _ = logit_response(jnp.array([0.0, jnp.nan, 0.0]), jnp.array([True, False, True]))
    >>> print(sigma)
    [0.5 0.  0.5]
    """
    inside = jnp.where(available, scaled_values, 0.0)
    top = jax.lax.stop_gradient(
        jnp.max(jnp.where(available, inside, -jnp.inf), axis=-1, keepdims=True)
    )
    top = jnp.where(jnp.isfinite(top), top, 0.0)
    # An unavailable entry takes the exponent 0: one that overflowed would put NaN into derivatives.
    weight = jnp.where(available, jnp.exp(jnp.where(available, inside - top, 0.0)), 0.0)
    total = jnp.sum(weight, axis=-1, keepdims=True)
    total = jnp.where(total > 0, total, 1.0)
    return weight / total, (top + jnp.log(total))[..., 0]
