"""The steps of a pass: edge by edge, stage by stage, period by period.

Written for NumPy (`xp=numpy`: nothing is compiled) and for JAX (`xp=jax.numpy`).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
from jaxtyping import Float
from scipy import sparse

from foedus.game.game import Structure, Tables
from foedus.game.profile import Profile


@jax.tree_util.register_dataclass
@dataclass(frozen=True, eq=False)
class Routes:
    """Where every edge leads: `successors[k]` is (nodes, edges), all axes of a stage after
    the first made one. The nodes of the first stage are the live states, in order."""

    successors: tuple[Any, ...]

    @staticmethod
    def of(structure: Structure) -> Routes:
        """The routes of a structure."""
        return Routes(tuple(s.successor.reshape(len(s.successor), -1) for s in structure.stages))

    @property
    def n_live(self) -> int:
        return int(self.successors[0].shape[0])

    def sizes_after(self, n_states: int) -> list[int]:
        """How many nodes (at last, states) the edges of each stage lead to."""
        return [int(s.shape[0]) for s in self.successors[1:]] + [n_states]


def edge_probabilities(
    tables: Tables, profile: Profile, period: Any, xp: Any = np
) -> tuple[Float[Any, "nodes edges"], ...]:
    r"""Probability of every edge given its node, stage by stage, in one period.

    A turn plays $\sigma_t(a \mid n)$, a block the product of its members' strategies,
    nature her table. A profile with one period is played in all of them.
    """

    def now(strategies: Any) -> Any:
        by_period = xp.asarray(strategies)
        return by_period[xp.minimum(period, by_period.shape[0] - 1)]

    answer = []
    for strategies, chance in zip(profile.stages, tables.probability, strict=True):
        if strategies is None:
            edges = xp.asarray(chance)
        elif isinstance(strategies, tuple):
            edges = math.prod((now(member) for member in strategies[1:]), start=now(strategies[0]))
        else:
            edges = now(strategies)
        answer.append(edges.reshape(edges.shape[0], -1))
    return tuple(answer)


def push(
    successor: Any,
    edges: Float[Any, "nodes edges"],
    amount: Float[Any, "nodes columns"],
    size: int,
    xp: Any,
) -> Float[Any, "size columns"]:
    """What arrives where, when the amounts at the nodes go along the edges by probability."""
    if xp is not np:
        return scatter(successor, along(edges, amount), size, xp)
    ends = np.arange(len(edges) + 1) * edges.shape[1]
    matrix = sparse.csc_array((edges.ravel(), successor.ravel(), ends), (size, len(edges)))
    return matrix @ amount


def along(
    edges: Float[Any, "nodes edges"], amount: Float[Any, "nodes columns"]
) -> Float[Any, "nodes edges columns"]:
    """What goes along every edge."""
    return amount[:, None, :] * edges[:, :, None]


def scatter(
    successor: Any, amount: Float[Any, "nodes edges columns"], size: int, xp: Any
) -> Float[Any, "size columns"]:
    """Amounts on edges by where they arrive."""
    rows = amount.reshape(-1, amount.shape[-1])
    if xp is np:
        each = np.ones(len(rows))
        return push(successor.reshape(-1, 1), each[:, None], rows, size, xp)
    # Columns stand last: one update then moves a whole row, which is what XLA does fastest.
    return xp.zeros((size, rows.shape[1]), rows.dtype).at[xp.asarray(successor).ravel()].add(rows)


def with_ended(arrived: Any, mass: Any, n_live: int, xp: Any) -> Float[Any, "states columns"]:
    """What arrives in each state, and in endings what has been there before as well."""
    return xp.concatenate([arrived[:n_live], arrived[n_live:] + mass[n_live:]])


def each_period(
    play: Callable[[Any, Any], tuple[Any, tuple[Any, ...]]], first: Any, periods: int, xp: Any
) -> tuple[Any, ...]:
    """`play(carry, period)` for every period in order; its second results, stacked."""
    if xp is not np:
        return tuple(jax.lax.scan(play, first, xp.arange(periods))[1])
    carry, seen = first, []
    for period in range(max(periods, 1)):  # a first period also where none is asked: its shape
        carry, now = play(carry, period)
        seen.append(now)
    return tuple(np.stack(parts)[:periods] for parts in zip(*seen, strict=True))
