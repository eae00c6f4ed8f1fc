"""Who moves and who sees whom inside a block, and what follows from that at every node."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from foedus.numerics.response import EULER_GAMMA


@dataclass(frozen=True, kw_only=True)
class Form:
    """What is the same at every node: sizes, who moves, who sees whom."""

    sizes: tuple[int, ...]
    movers: tuple[int, ...]
    sees: tuple[tuple[bool, ...], ...]
    shock: bool

    @property
    def members(self) -> range:
        return range(len(self.sizes))

    def seen(self, member: int) -> tuple[int, ...]:
        return tuple(i for i in range(member) if self.sees[member][i])

    def unseen(self, member: int) -> tuple[int, ...]:
        return tuple(i for i in self.members if i != member and i not in self.seen(member))

    def shape(self, member: int) -> tuple[int, ...]:
        known = (*self.seen(member), member)
        return tuple(size if i in known else 1 for i, size in enumerate(self.sizes))

    def revealing(self, member: int) -> tuple[int, ...]:
        """Seen members whose choice says something about what `member` has not seen."""
        seen = self.seen(member)
        return tuple(i for i in seen if not set(self.seen(i)) <= set(seen))

    def split(self, flat: Float[Array, "unknowns"]) -> list[Array]:
        parts, at = [], 0
        for member in self.members:
            shape = self.shape(member)
            parts.append(flat[at : at + math.prod(shape)].reshape(shape))
            at += math.prod(shape)
        return parts


def given_seen(
    form: Form, member: int, worth: Array, sigma: list[Array], logs: list[Array]
) -> Array:
    """Expectation of `worth` over what `member` has not seen."""
    axes = form.unseen(member)
    weight = jnp.ones(form.sizes)
    for i in axes:
        weight = weight * sigma[i]
    revealing = form.revealing(member)
    if not revealing:
        return jnp.sum(weight * worth, axis=axes, keepdims=True)
    # Bayes' rule on what was seen, in logarithms: at high precision the probabilities
    # of what was seen may all underflow, their ratios do not.
    evidence = jnp.zeros(form.sizes) + sum(logs[i] for i in revealing)
    top = jnp.max(evidence, axis=axes, keepdims=True)
    weight = weight * jnp.exp(evidence - jax.lax.stop_gradient(top))
    total = jnp.sum(weight, axis=axes, keepdims=True)
    return jnp.sum(weight * worth, axis=axes, keepdims=True) / jnp.where(total > 0, total, 1.0)


def bonuses(
    form: Form, sigma: list[Array], precision: Array, moves: Any, *, every: bool = False
) -> Array:
    """Worth of payoff shocks, (entropy + γ)/λ, for the mover of each member; 0 if expected.

    Without `every`, only those of players who move twice: theirs depend on their own
    earlier choice, others' do not change what anybody does.
    """
    total = jnp.zeros((len(precision), *form.sizes))
    for j in form.members:
        player = form.movers[j]
        if form.shock and (every or form.movers.count(player) > 1):
            logs = jnp.log(jnp.where(sigma[j] > 0, sigma[j], 1.0))
            entropy = -jnp.sum(sigma[j] * logs, axis=j, keepdims=True)
            worth = (entropy + EULER_GAMMA) / precision[player]
            total = total.at[player].add(jnp.where(moves[j], worth, 0.0))
    return total


def information(form: Form, member: int, available: Any) -> Bool[Array, "*actions"]:
    """Which entries of a member's strategy can occur: its own actions, after possible ones."""
    mask = jnp.ones(form.shape(member), bool)
    for i in (*form.seen(member), member):
        mask = mask & available[i].reshape(tuple(-1 if axis == i else 1 for axis in form.members))
    return mask


def joint_actions(form: Form, available: Any) -> Bool[Array, "nodes *actions"]:
    """Which joint actions there are at each node."""
    mask = jnp.ones((1,) * (1 + len(form.sizes)), bool)
    for i in form.members:
        mask = mask & available[i].reshape(
            (-1, *(available[i].shape[1] if axis == i else 1 for axis in form.members))
        )
    return mask
