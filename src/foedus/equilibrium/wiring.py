"""A game's structure as index arrays for a compiled program, with node counts rounded up.

A program compiles for shapes, not for numbers, so everything that two games of
one shape do not share is an argument: who moves, what is available, where an
edge leads. Rounding the node counts up lets games that differ by a few nodes
share a program as well.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import jax
import numpy as np

from foedus.errors import GameError
from foedus.game.game import Structure, Tables
from foedus.game.profile import Profile
from foedus.game.stages import Block, Chance, Stage, Turn


@jax.tree_util.register_dataclass
@dataclass(frozen=True, eq=False, kw_only=True)
class TurnWiring:
    """`mover` (nodes,), -1 where nobody moves; `available`, `successor` (nodes, actions)."""

    mover: Any
    available: Any
    successor: Any


@jax.tree_util.register_dataclass
@dataclass(frozen=True, eq=False, kw_only=True)
class ChanceWiring:
    """`possible`, `successor` (nodes, outcomes)."""

    possible: Any
    successor: Any


@jax.tree_util.register_dataclass
@dataclass(frozen=True, eq=False, kw_only=True)
class BlockWiring:
    """`available[j]` (nodes, own); `moves[j]` (nodes,) where member j moves at all."""

    movers: tuple[int, ...] = field(metadata={"static": True})
    sees: tuple[tuple[bool, ...], ...] = field(metadata={"static": True})
    available: tuple[Any, ...]
    moves: tuple[Any, ...]
    successor: Any


StageWiring = TurnWiring | ChanceWiring | BlockWiring


@jax.tree_util.register_dataclass
@dataclass(frozen=True, eq=False, kw_only=True)
class Wiring:
    """All stages of one period; live states are the nodes of the first stage.

    Padded states lie between the live states and the endings, so successors of
    the last stage are shifted by the number of padded states.
    """

    stages: tuple[StageWiring, ...]


def bucket(count: int) -> int:
    """The next size among 4 and {1, 1.25, 1.5, 1.75} times a power of two, from 4 up.

    >>> [bucket(n) for n in (3, 9, 1000, 1030)]
    [4, 10, 1024, 1280]
    """
    if count <= 4:
        return 4
    power = 1 << (count.bit_length() - 1)
    return next(quarter * power // 4 for quarter in (4, 5, 6, 7, 8) if quarter * power >= 4 * count)


def rounded_sizes(structure: Structure) -> tuple[int, ...]:
    """Node counts of the stages, each rounded up to its bucket."""
    return tuple(bucket(stage.shape[0]) for stage in structure.stages)


def outline(structure: Structure) -> tuple[Hashable, ...]:
    """What two games must have in common to run in one program: all but their node counts."""
    stages: list[Hashable] = []
    for stage in structure.stages:
        own = (stage.movers, stage.sees) if isinstance(stage, Block) else None
        stages.append((type(stage).__name__, stage.shape[1:], own))
    endings = structure.states.n_states - structure.states.n_live
    return (len(structure.players), structure.horizon, endings, *stages)


def wire(structure: Structure, sizes: Sequence[int] | None = None) -> Wiring:
    """Index arrays of every stage, checked to stay in range; node counts padded up to `sizes`.

    Raises `GameError` where a successor points outside the next stage, or the
    first stage does not have one node per live state.
    """
    if not structure.stages:
        raise GameError("a game needs at least one stage in its period; use a Chance stage")
    counts = [stage.shape[0] for stage in structure.stages]
    live = structure.states.n_live
    if counts[0] != live:
        raise GameError(f"the first stage has {counts[0]} nodes but there are {live} live states")
    sizes = counts if sizes is None else sizes
    for position, stage in enumerate(structure.stages):
        last = position + 1 == len(counts)
        limit = structure.states.n_states if last else counts[position + 1]
        successor = stage.successor
        if successor.size and (successor.min() < 0 or successor.max() >= limit):
            raise GameError(
                f"stage {position}: a successor lies outside 0..{limit - 1}, "
                f"the {'states' if last else 'nodes of the next stage'}"
            )
    wired = [_wire_stage(stage, size) for stage, size in zip(structure.stages, sizes, strict=True)]
    shift = sizes[0] - live
    if shift:
        wired[-1] = _shift_endings(wired[-1], live, shift)
    return Wiring(stages=tuple(wired))


def pad_tables(structure: Structure, wiring: Wiring, tables: Tables) -> Tables:
    """The same numbers in the padded shapes of `wiring`; NumPy only."""
    live = structure.states.n_live

    def states(values: Any) -> np.ndarray:
        values = np.asarray(values, float)
        gap = wiring.stages[0].successor.shape[0] - live
        return np.insert(values, [live] * gap, 0.0, axis=1) if gap else values

    def nodes(values: Any, stage: StageWiring, axis: int) -> np.ndarray | None:
        if values is None:
            return None
        return _pad(np.asarray(values, float), stage.successor.shape[0], axis=axis)

    return Tables(
        discount=np.asarray(tables.discount, float),
        flow=states(tables.flow),
        terminal=states(tables.terminal),
        payoff=tuple(
            nodes(values, stage, 1)
            for values, stage in zip(tables.payoff, wiring.stages, strict=True)
        ),
        probability=tuple(
            nodes(values, stage, 0)
            for values, stage in zip(tables.probability, wiring.stages, strict=True)
        ),
    )


def unpad_values(structure: Structure, values: np.ndarray) -> np.ndarray:
    """Values on the padded states, (..., states), back on the game's own states."""
    live, endings = structure.states.n_live, structure.states.n_states - structure.states.n_live
    if values.shape[-1] == live + endings:
        return values
    return np.concatenate([values[..., :live], values[..., values.shape[-1] - endings :]], axis=-1)


def unpad_profile(structure: Structure, strategies: tuple[Any, ...]) -> Profile:
    """Strategies on padded nodes back on the game's own nodes."""
    return Profile(
        tuple(
            jax.tree_util.tree_map(lambda x, n=stage.shape[0]: np.asarray(x)[:, :n], strategy)
            for stage, strategy in zip(structure.stages, strategies, strict=True)
        )
    )


def _wire_stage(stage: Stage, size: int) -> StageWiring:
    if isinstance(stage, Turn):
        return TurnWiring(
            mover=_pad(stage.mover, size, fill=-1),
            available=_pad_available(stage.available, size),
            successor=_pad(stage.successor, size),
        )
    if isinstance(stage, Chance):
        return ChanceWiring(
            possible=_pad(stage.possible, size), successor=_pad(stage.successor, size)
        )
    return _wire_block(stage, size)


def _wire_block(stage: Block, size: int) -> BlockWiring:
    moves = [
        ((action >= 0) & available).any(axis=1)
        for action, available in zip(stage.action, stage.available, strict=True)
    ]
    return BlockWiring(
        movers=tuple(int(mover) for mover in stage.movers),
        sees=tuple(tuple(bool(seen) for seen in row) for row in stage.sees),
        available=tuple(_pad_available(available, size) for available in stage.available),
        moves=tuple(_pad(move, size) for move in moves),
        successor=_pad(stage.successor, size),
    )


def _pad(values: np.ndarray, size: int, *, axis: int = 0, fill: float = 0) -> np.ndarray:
    gap = size - values.shape[axis]
    if not gap:
        return np.asarray(values)
    widths = [(0, gap if at == axis else 0) for at in range(values.ndim)]
    return np.pad(values, widths, constant_values=fill)


def _pad_available(available: np.ndarray, size: int) -> np.ndarray:
    # A padded node keeps one available column, as a node where nobody moves does.
    padded = _pad(available, size).copy()
    padded[len(available) :, 0] = True
    return padded


def _shift_endings(stage: StageWiring, live: int, shift: int) -> StageWiring:
    successor = stage.successor
    return replace(stage, successor=np.where(successor >= live, successor + shift, successor))
