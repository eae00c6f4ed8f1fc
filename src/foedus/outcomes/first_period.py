"""What the first period collects, for many draws: along the few edges that starts lead to.

A start is one state or a few. Playing a single period from there passes by a hundredth of a
game's edges, so these are listed, start by start, and nothing else is looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise
from math import prod
from typing import Any

import jax
import numpy as np
from jaxtyping import Array, Float, Int32

from foedus.game.game import Structure
from foedus.game.measure import Measure
from foedus.game.pooled import PooledMeasure
from foedus.game.stages import Stage

Counted = Measure | PooledMeasure


@dataclass(frozen=True, eq=False, kw_only=True)
class Fan:
    """One stage: the nodes that play may come to, and the edges that leave them.

    A node that several starts lead to is there once for each.

    - `nodes` (places,): among the nodes of the stage.
    - `source`, `edge` (edges,): an edge's place, and its number among its node's edges.
    - `begin` (places of the next stage,): the first edge that leads to each place. Edges
        stand in the order of where they lead.
    - `own`: the edges of each start.
    """

    nodes: Int32[np.ndarray, "places"]
    source: Int32[np.ndarray, "edges"]
    edge: Int32[np.ndarray, "edges"]
    begin: Int32[np.ndarray, "following"]
    own: tuple[slice, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class FirstPeriod:
    """A period of play from each column of `starts`, (states, columns)."""

    starts: Float[np.ndarray, "states columns"]
    likely: Float[np.ndarray, "places"]  # the mass at the places of the first stage
    fans: tuple[Fan, ...]

    @staticmethod
    def of(structure: Structure, starts: Float[np.ndarray, "states columns"]) -> FirstPeriod:
        """The edges that these starts may lead along."""
        column, state = np.nonzero(starts[: structure.states.n_live].T)
        likely, fans, node = starts[state, column], [], state
        for stage in structure.stages:
            fan, node, column = _fan(stage, node, column, starts.shape[1])
            fans.append(fan)
        return FirstPeriod(starts=starts, likely=likely, fans=tuple(fans))

    def collected(
        self,
        strategies: Sequence[Any],
        probability: Sequence[Any],
        pool: Float[Any, "rows draws"],
        counted: Sequence[Sequence[Counted]],
        xp: Any = np,
    ) -> list[list[Float[Any, "draws"]]]:
        """What each column collects of each of its measures.

        - `strategies`: (*actions, places, draws) at the nodes of each fan; see `at_nodes`.
        - `probability`: as in `PooledTables`.
        - `counted[c]`: the measures of column c; see `outcomes.lanes.Journey`.
        """
        draws = pool.shape[1]
        amounts = [
            [_on_entering(self.starts[:, c], measure, pool, xp) for measure in measures]
            for c, measures in enumerate(counted)
        ]
        mass = xp.broadcast_to(self.likely[:, None], (len(self.likely), draws))
        for k, fan in enumerate(self.fans):
            if strategies[k] is None:
                share = pool[probability[k].reshape(-1, probability[k].shape[-1])[
                    fan.edge, fan.nodes[fan.source]
                ]]  # fmt: skip
            else:
                share = _edges(strategies[k])[fan.edge, fan.source]
            moved = mass[fan.source] * share
            for c, measures in enumerate(counted):
                for m, measure in enumerate(measures):
                    due = _on_edges(measure, k, fan, fan.own[c], pool)
                    if due is not None:
                        amounts[c][m] = amounts[c][m] + (moved[fan.own[c]] * due).sum(axis=0)
            mass = _arrived(moved, fan.begin, xp)
        return amounts


def at_nodes(strategies: Sequence[Any], nodes: Sequence[Any]) -> tuple[Any, ...]:
    """Strategies of the first period at some nodes of each stage.

    From (periods, *actions, nodes, draws) to (*actions, places, draws).
    """
    return tuple(
        jax.tree.map(lambda own, some=some: own[0][..., some, :], strategy)
        for strategy, some in zip(strategies, nodes, strict=True)
    )


def _fan(
    stage: Stage, node: np.ndarray, column: np.ndarray, columns: int
) -> tuple[Fan, np.ndarray, np.ndarray]:
    """The edges that leave nodes, and the nodes and columns that these lead to."""
    count = stage.shape[0]
    source, edge = np.nonzero(stage.occupied.reshape(count, -1)[node])
    target = stage.successor.reshape(count, -1)[node[source], edge]
    size = int(target.max(initial=0)) + 1
    reached, place = np.unique(column[source] * size + target, return_inverse=True)
    order = np.argsort(place, kind="stable")
    ends = np.searchsorted(column[source[order]], np.arange(columns + 1))
    fan = Fan(
        nodes=node.astype(np.int32),
        source=source[order].astype(np.int32),
        edge=edge[order].astype(np.int32),
        begin=np.searchsorted(place[order], np.arange(len(reached))).astype(np.int32),
        own=tuple(slice(int(a), int(b)) for a, b in pairwise(ends)),
    )
    return fan, reached % size, reached // size


def _edges(strategy: Any) -> Any:
    """(edges, places, draws): how likely each edge is at its node."""
    members = strategy if isinstance(strategy, tuple) else (strategy,)
    joint = reduce(lambda a, b: a * b, members)
    return joint.reshape(prod(joint.shape[:-2]), *joint.shape[-2:])


def _arrived(moved: Any, begin: np.ndarray, xp: Any) -> Any:
    """The sums of the edges that begin at each position, up to the next one."""
    if xp is np:
        return np.add.reduceat(moved, begin, axis=0) if len(begin) else moved[:0]
    place = np.repeat(np.arange(len(begin)), np.diff(begin, append=len(moved)))
    found: Array = jax.ops.segment_sum(moved, place, len(begin), indices_are_sorted=True)
    return found


def _on_entering(start: np.ndarray, measure: Counted, pool: Any, xp: Any) -> Any:
    """What is collected in the states where play begins."""
    if measure.flow is None:
        return xp.zeros(pool.shape[1])
    (states,) = np.nonzero(start)
    flow = measure.flow[states]
    worth = flow[:, None] if isinstance(measure, Measure) else pool[flow]
    return (start[states][:, None] * worth).sum(axis=0) + xp.zeros(pool.shape[1])


def _on_edges(measure: Counted, k: int, fan: Fan, own: slice, pool: Any) -> Any | None:
    """What a measure is on these edges of a stage; None where that is nothing."""
    counted = measure.stages[k]
    if counted is None:
        return None
    flat = counted.reshape(-1, counted.shape[-1])
    found = flat[fan.edge[own], fan.nodes[fan.source[own]]]
    return found[:, None] if isinstance(measure, Measure) else pool[found]
