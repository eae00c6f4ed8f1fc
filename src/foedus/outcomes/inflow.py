"""What arrives at each node, gathered from the edges that lead there.

Adding up edge by edge into the nodes they lead to would write to memory in no order. Here
every node reads its own edges instead, a few at a time, and the few are added up in rounds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
from jaxtyping import Array, Bool, Float, Int32

from foedus.game.game import Structure
from foedus.numerics.lanes import rows, total

WIDTHS = range(1, 9)  # how many are added up at once


@jax.tree_util.register_dataclass
@dataclass(frozen=True, eq=False, kw_only=True)
class Round:
    """Sums of up to `width` entries each: `index`, `present` are (width, sums)."""

    index: Any
    present: Any  # 1.0, or 0.0 where a sum has fewer


@jax.tree_util.register_dataclass
@dataclass(frozen=True, eq=False, kw_only=True)
class Inflow:
    """The edges of a stage by where they lead.

    The first round adds up edges, `first.index` being their positions among (edges, nodes)
    and `source` their nodes. Each further round adds up the sums of the one before.
    """

    source: Any
    first: Round
    further: tuple[Round, ...]

    @staticmethod
    def of(
        successor: Int32[np.ndarray, "edges nodes"],
        occupied: Bool[np.ndarray, "edges nodes"],
        size: int,
    ) -> Inflow:
        """The inflow of the `size` nodes or states that the edges lead to."""
        position = np.flatnonzero(occupied.ravel())
        first, target = _round(position, successor.ravel()[position], size)
        further = []
        while len(target) > size:
            following, target = _round(np.arange(len(target)), target, size)
            further.append(following)
        return Inflow(
            source=(first.index % successor.shape[1]).astype(np.int32),
            first=first,
            further=tuple(further),
        )

    def arrived(
        self, nodes: Float[Array, "nodes columns draws"], shares: Sequence[Array]
    ) -> Float[Array, "size columns draws"]:
        """Mass at the nodes that the edges lead to; `shares[j]` is what goes along the edges of
        column j of the first round, (sums, draws) or (sums, columns, draws)."""

        def moved(column: int) -> Array:
            share = shares[column] if shares[column].ndim == 3 else shares[column][:, None, :]
            found: Array = rows(nodes, self.source[column]) * share
            return found

        arrived = total(moved(column) for column in range(len(self.source)))
        for following in self.further:
            arrived = _added(arrived, following)
        return arrived


def inflows(structure: Structure) -> tuple[Inflow, ...]:
    """The inflow of every stage's successors: the next stage's nodes, and at last the states."""
    sizes = [stage.shape[0] for stage in structure.stages[1:]] + [structure.states.n_states]
    found = []
    for stage, size in zip(structure.stages, sizes, strict=True):
        successor, occupied = (
            np.moveaxis(x, 0, -1).reshape(-1, stage.shape[0])
            for x in (stage.successor, stage.occupied)
        )
        found.append(Inflow.of(successor, occupied, size))
    return tuple(found)


def _added(found: Array, following: Round) -> Array:
    return total(
        rows(found, index) * present[:, None, None]
        for index, present in zip(following.index, following.present, strict=True)
    )


def _round(
    entries: np.ndarray, target: np.ndarray, size: int
) -> tuple[Round, Int32[np.ndarray, "sums"]]:
    """Sums of up to `WIDTH` entries with one target each, and their targets in order.

    Every target has at least one sum, if only of nothing.
    """
    order = np.argsort(target, kind="stable")
    entries, target = entries[order], target[order]
    count = np.bincount(target, minlength=size)
    width = _width(count)
    sums = np.maximum(-(-count // width), 1)
    begin = np.cumsum(count) - count
    rank = np.arange(len(target)) - begin[target]
    place = (np.cumsum(sums) - sums)[target] + rank // width
    index = np.zeros((width, int(sums.sum())), dtype=np.int32)
    present = np.zeros(index.shape)
    index[rank % width, place] = entries
    present[rank % width, place] = 1.0
    return Round(index=index, present=present), np.repeat(np.arange(size), sums).astype(np.int32)


def _width(count: Int32[np.ndarray, "targets"]) -> int:
    """The width that reads least, places that stay empty and the next round included."""

    def read(width: int) -> int:
        sums = int(np.maximum(-(-count // width), 1).sum())
        return width * sums + (2 * len(count) + sums if sums > len(count) else 0)

    most = max(int(count.max(initial=1)), 1)
    return min((width for width in WIDTHS if width <= most and (width > 1 or most == 1)), key=read)
