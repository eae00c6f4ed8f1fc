"""Nodes that nothing tells apart made one: the same game with fewer of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Int32

from foedus.game.game import Structure
from foedus.game.pooled import PooledMeasure, PooledTables
from foedus.game.stages import Block, Chance, Stage, Turn


@dataclass(frozen=True, eq=False, kw_only=True)
class Lumped:
    """A game with the nodes of each stage lumped; states are the same, in the same order.

    `node[k][n]` is what node n of stage k has become: a strategy of the lumped game is one of
    the game by indexing its nodes.
    """

    structure: Structure
    tables: PooledTables
    measures: Mapping[str, PooledMeasure]
    node: tuple[Int32[np.ndarray, "nodes"], ...]


def lump(
    structure: Structure, tables: PooledTables, measures: Mapping[str, PooledMeasure]
) -> Lumped:
    """The coarsest lumping of nodes, stage by stage from the last one.

    Two nodes become one where the same player has the same choices, and every edge has the
    same probability, pays and counts the same, and leads to the same place. Entries of a pool
    are the same where they stand in one row. Nodes of the first stage are states, and stay.
    """
    target = np.arange(structure.states.n_states, dtype=np.int32)
    stages: list[Stage] = []
    nodes: list[np.ndarray] = []
    kept: list[np.ndarray] = []
    for k in reversed(range(len(structure.stages))):
        stage = structure.stages[k]
        moved = replace(stage, successor=np.where(stage.occupied, target[stage.successor], 0))
        first, target = _alike(_features(moved, k, tables, list(measures.values())))
        if k == 0:
            first = target = np.arange(stage.shape[0], dtype=np.int32)
        stages.append(_selected(moved, first))
        nodes.append(target)
        kept.append(first)
    kept = kept[::-1]
    return Lumped(
        structure=replace(structure, stages=tuple(reversed(stages))),
        tables=replace(
            tables,
            payoff=tuple(
                {account: rows[..., first] for account, rows in paid.items()}
                for paid, first in zip(tables.payoff, kept, strict=True)
            ),
            probability=tuple(
                None if rows is None else rows[..., first]
                for rows, first in zip(tables.probability, kept, strict=True)
            ),
        ),
        measures={
            name: replace(
                measure,
                stages=tuple(
                    None if rows is None else rows[..., first]
                    for rows, first in zip(measure.stages, kept, strict=True)
                ),
            )
            for name, measure in measures.items()
        },
        node=tuple(reversed(nodes)),
    )


def _features(
    stage: Stage, k: int, tables: PooledTables, measures: Sequence[PooledMeasure]
) -> Int32[np.ndarray, "nodes features"]:
    """All that matters about each node of a stage, one row each. Padding is 0 throughout."""
    nodes = stage.shape[0]
    own: list[np.ndarray] = [stage.successor, stage.occupied]
    if isinstance(stage, Turn):
        own += [stage.mover]
    elif isinstance(stage, Block):
        own += stage.action
    counted = [m.stages[k] for m in measures if m.stages[k] is not None]
    pooled = [*tables.payoff[k].values(), *counted]
    if tables.probability[k] is not None:
        pooled.append(tables.probability[k])
    columns = [feature.reshape(nodes, -1) for feature in own]
    columns += [rows.reshape(-1, nodes).T for rows in pooled]
    return np.concatenate(columns, axis=1, dtype=np.int32)


def _alike(
    features: Int32[np.ndarray, "nodes features"],
) -> tuple[Int32[np.ndarray, "lumps"], Int32[np.ndarray, "nodes"]]:
    """The first node of each lump, in order, and the lump of every node."""
    rows = np.ascontiguousarray(features)
    whole = rows.view(np.dtype((np.void, rows.dtype.itemsize * rows.shape[1]))).ravel()
    _, first, lump_of = np.unique(whole, return_index=True, return_inverse=True)
    order = np.argsort(first)
    place = np.empty(len(order), dtype=np.int32)
    place[order] = np.arange(len(order), dtype=np.int32)
    return first[order].astype(np.int32), place[lump_of.reshape(-1)]


def _selected(stage: Stage, nodes: Int32[np.ndarray, "lumps"]) -> Stage:
    """A stage with these nodes alone."""
    successor = stage.successor[nodes]
    if isinstance(stage, Chance):
        return replace(stage, successor=successor, possible=stage.possible[nodes])
    if isinstance(stage, Turn):
        return replace(
            stage,
            successor=successor,
            mover=stage.mover[nodes],
            action=stage.action[nodes],
            available=stage.available[nodes],
        )
    return replace(
        stage,
        successor=successor,
        action=tuple(own[nodes] for own in stage.action),
        available=tuple(own[nodes] for own in stage.available),
    )
