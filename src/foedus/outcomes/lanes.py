"""Play forward for many draws of one game side by side: draws last, as in `equilibrium.lanes`.

Columns travel together: one for each start, and one for each start and condition on which
play stops. A rate is two amounts, collected at the stage where its conditions are settled,
so nothing else has to travel.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from foedus.game.measure import Measure
from foedus.game.pooled import PooledMeasure
from foedus.numerics.lanes import added_up, alone, rows, total
from foedus.outcomes.inflow import Inflow


@jax.tree_util.register_dataclass
@dataclass(frozen=True, eq=False, kw_only=True)
class Journey:
    """What sets out together, for how many periods, and what is counted on the way.

    - `starts`: (states, columns), distributions.
    - `stopped[c]`: the condition on which play stops in column c, or None.
    - `counted[c]`: measures, in numbers where they are the same in all draws, with the nodes
        of their stages last. Columns without an entry count nothing.
    """

    periods: int = field(metadata={"static": True})
    starts: Any
    stopped: tuple[PooledMeasure | None, ...]
    counted: tuple[tuple[Measure | PooledMeasure, ...], ...]


@jax.tree_util.register_dataclass
@dataclass(frozen=True, eq=False, kw_only=True)
class Arrivals:
    """What a journey saw.

    - `states`: (periods + 1, states, columns, draws), the mass at the start of each period.
    - `amounts[c][m]`: (periods, draws), what column c collects of its m-th measure.
    - `hits`: (periods + 1, columns, draws), the mass that stops, as in `Flows`.
    """

    states: Any
    amounts: tuple[tuple[Any, ...], ...]
    hits: Any


def travel(
    inflow: Sequence[Inflow],
    probability: Sequence[Any],
    strategies: Sequence[Any],
    pool: Float[Array, "rows draws"],
    journey: Journey,
    apart: Any,
) -> Arrivals:
    """Play the journey's periods forward; equations as in `flows`.

    `strategies`, `probability` and `apart` are as `backward_lanes` has them. Strategies may
    cover more periods than are played.
    """
    n_states, columns = journey.starts.shape
    draws, n_live = pool.shape[1], _nodes(strategies[0], probability[0])
    kills = _Kills(journey.stopped, pool)
    drawn: list[Any] = [
        None if chances is None else rows(chances.ravel(), own.first.index)
        for chances, own in zip(probability, inflow, strict=True)
    ]
    start = jnp.broadcast_to(jnp.asarray(journey.starts)[:, :, None], (n_states, columns, draws))

    def stage(k: int, nodes: Array, strategy: Any) -> Any:
        """What arrives at the next stage, what is collected, and what stops."""
        edges, chances = _edges(strategy), probability[k]
        each = list(edges) if edges is not None else [rows(pool, own) for own in chances]
        amounts = [
            _collected(nodes[:, c], k, counted, each, pool)
            for c, counted in enumerate(journey.counted)
        ]
        hits = jnp.zeros((columns, draws))
        for c, measure in enumerate(journey.stopped):
            if measure is not None and measure.stages[k] is not None:
                taken = added_up(nodes[:, c] * _on_edges(measure.stages[k], each, pool))
                hits = hits.at[c].set(taken)

        def weight(column: int, edges: Any) -> Array:
            positions = inflow[k].first.index[column]
            if edges is None:
                share = rows(pool, drawn[k][column])
            else:
                share = rows(edges.reshape(-1, draws), positions)
            present = inflow[k].first.present[column][:, None]
            return kills.gone_on(share * present, k, positions)

        # Put down once, or every column of every edge would look it up again.
        count = range(len(inflow[k].source))
        shares = alone(apart, lambda edges: [weight(j, edges) for j in count], edges)
        return inflow[k].arrived(nodes, shares), amounts, hits

    def play(mass: Array, now: tuple[Any, ...]) -> Any:
        amounts = [
            [_in_states(mass[:, c], measure, pool) for measure in counted]
            for c, counted in enumerate(journey.counted)
        ]
        nodes, hits = mass[:n_live], jnp.zeros((columns, draws))
        for k in range(len(inflow)):
            nodes, collected, stopped = alone(apart, partial(stage, k), nodes, now[k])
            hits = hits + stopped
            for c, counted in enumerate(collected):
                for m, amount in enumerate(counted):
                    if amount is not None:
                        amounts[c][m] = amounts[c][m] + amount
        ended = jnp.concatenate([nodes[:n_live], nodes[n_live:] + mass[n_live:]])
        left, at_once = kills.in_states(ended)
        return left, (left, amounts, hits + at_once)

    first, first_hits = kills.in_states(start)
    played = jax.tree.map(lambda s: s[: journey.periods], tuple(strategies))
    _, (states, amounts, hits) = jax.lax.scan(play, first, played, length=journey.periods)
    return Arrivals(
        states=jnp.concatenate([first[None], states]),
        amounts=tuple(tuple(own) for own in amounts),
        hits=jnp.concatenate([first_hits[None], hits]),
    )


class _Kills:
    """The shares of each column that stop, in states and on edges."""

    def __init__(self, stopped: Sequence[PooledMeasure | None], pool: Array) -> None:
        self.stopped, self.pool = stopped, pool

    def in_states(self, mass: Array) -> tuple[Array, Array]:
        """What goes on, and what stops in each column."""
        if not any(measure is not None for measure in self.stopped):
            return mass, jnp.zeros(mass.shape[1:])
        share = self._beside(
            [None if m is None or m.flow is None else m.flow for m in self.stopped], mass
        )
        taken = mass * share
        return mass - taken, added_up(taken)

    def gone_on(self, share: Array, k: int, positions: Any) -> Array:
        """The shares of edges that are not taken out, by column where columns differ."""
        own = [None if m is None or m.stages[k] is None else m.stages[k] for m in self.stopped]
        if all(index is None for index in own):
            return share
        stays = [
            share
            if index is None
            else share * (1.0 - rows(self.pool, rows(index.ravel(), positions)))
            for index in own
        ]
        return jnp.stack(stays, axis=1)

    def _beside(self, indices: Sequence[Any], like: Array) -> Array:
        nothing = jnp.zeros((like.shape[0], like.shape[2]))
        return jnp.stack([nothing if i is None else rows(self.pool, i) for i in indices], axis=1)


def _edges(strategy: Any) -> Array | None:
    """(edges, nodes, draws): how likely each edge is at its node; None where nature draws."""
    if strategy is None:
        return None
    if isinstance(strategy, tuple):
        joint = strategy[0]
        for member in strategy[1:]:
            joint = joint * member
        strategy = joint
    edges: Array = strategy.reshape(-1, *strategy.shape[-2:])
    return edges


def _nodes(strategy: Any, chances: Any) -> int:
    """How many nodes a stage has."""
    if strategy is None:
        return int(chances.shape[-1])
    return int((strategy[0] if isinstance(strategy, tuple) else strategy).shape[-2])


def _in_states(mass: Array, measure: Measure | PooledMeasure, pool: Array) -> Array:
    """What is collected on entering states, (draws,)."""
    if measure.flow is None:
        return jnp.zeros(mass.shape[-1])
    if isinstance(measure, Measure):
        found: Array = measure.flow @ mass
        return found
    return added_up(mass * rows(pool, measure.flow))


def _collected(
    nodes: Array,
    k: int,
    counted: Sequence[Measure | PooledMeasure],
    edges: Sequence[Array],
    pool: Array,
) -> list[Array | None]:
    """What each measure collects at a stage, (draws,); None where that is nothing.

    Measures in numbers are one product of matrices over all edges of the stage.
    """
    here = [m for m, measure in enumerate(counted) if measure.stages[k] is not None]
    numbers = [m for m in here if isinstance(counted[m], Measure)]
    found: list[Array | None] = [None] * len(counted)
    if numbers:
        worth = jnp.stack([_flat(counted[m].stages[k]).ravel() for m in numbers])
        moved = jnp.stack([nodes * edge for edge in edges])
        amounts = worth @ moved.reshape(-1, moved.shape[-1])
        for m, amount in zip(numbers, amounts, strict=True):
            found[m] = amount
    for m in here:
        if m not in numbers:
            found[m] = added_up(nodes * _on_edges(counted[m].stages[k], edges, pool))
    return found


def _on_edges(index: Any, edges: Sequence[Array], pool: Array) -> Array:
    """What a node is expected to collect at a stage."""
    return total(edge * rows(pool, own) for edge, own in zip(edges, _flat(index), strict=True))


def _flat(index: Any) -> Any:
    """All axes of a stage but that of its nodes made one."""
    return index.reshape(-1, index.shape[-1])
