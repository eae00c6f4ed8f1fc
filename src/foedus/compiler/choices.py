"""Moves: who picks what in which situation, one at a time or in a block."""

from __future__ import annotations

import numpy as np

from foedus.compiler.arithmetic import Columns, Lookup, Reader
from foedus.compiler.expansion import Expansion, grow, record
from foedus.compiler.schedule import BlockStep, TurnStep
from foedus.errors import GameError
from foedus.game.stages import Block, Turn
from foedus.scenario.model import Move, Rules


def expand_turn(step: TurnStep, rules: Rules, lookup: Lookup, columns: Columns) -> Expansion:
    """What follows each situation when one player, or nobody, picks an action."""
    rows = len(next(iter(columns.values())))
    reader = Reader(lookup, columns, rows)
    players = [player.name for player in rules.players]
    offers = [_offers(entry, reader) for entry in step.entries]
    width = max(available.shape[1] for available, _ in offers)
    mover = np.full(rows, -1, dtype=np.int32)
    action = np.full((rows, width), -1, dtype=np.int32)
    for entry, (available, codes) in zip(step.entries, offers, strict=True):
        here = available.any(axis=1)
        if (mover[here] >= 0).any():
            raise GameError(
                f"two entries of the move `{step.variable}` apply in the same situation; "
                "make their `when` conditions exclude each other"
            )
        mover[here] = players.index(entry.player)
        action[here, : codes.shape[1]] = codes[here]
    available = action >= 0
    available[mover < 0, 0] = True
    grown, parents, slots = grow(columns, available)
    record(grown, step.variable, action.reshape(-1)[slots])
    stage = Turn(
        name=step.variable,
        mover=mover,
        action=action,
        action_names=_levels(rules, step.variable),
        available=available,
        successor=np.zeros(available.shape, dtype=np.int32),
    )
    return Expansion(stage=stage, columns=grown, parents=parents, slots=slots)


def expand_block(step: BlockStep, rules: Rules, lookup: Lookup, columns: Columns) -> Expansion:
    """What follows each situation when the members of a block have picked."""
    rows = len(next(iter(columns.values())))
    reader = Reader(lookup, columns, rows)
    players = [player.name for player in rules.players]
    moves = step.block.moves
    offers = [_offers(move, reader) for move in moves]
    for available, _ in offers:
        available[~available.any(axis=1), 0] = True
    shape = (rows, *(available.shape[1] for available, _ in offers))
    stage = Block(
        names=tuple(move.variable for move in moves),
        movers=tuple(players.index(move.player) for move in moves),
        sees=step.block.sees,
        action=tuple(codes for _, codes in offers),
        action_names=tuple(_levels(rules, move.variable) for move in moves),
        available=tuple(available for available, _ in offers),
        successor=np.zeros(shape, dtype=np.int32),
    )
    grown, parents, slots = grow(columns, stage.occupied)
    places = np.unravel_index(slots, shape)
    for j, move in enumerate(moves):
        record(grown, move.variable, stage.action[j][parents, places[j + 1]])
    return Expansion(stage=stage, columns=grown, parents=parents, slots=slots)


def _levels(rules: Rules, variable: str) -> tuple[str, ...]:
    return next(v.levels for v in rules.moves if v.name == variable)


def _offers(move: Move, reader: Reader) -> tuple[np.ndarray, np.ndarray]:
    """(available, action codes) in each situation; nothing where the move does not apply.

    Available actions come first, so that a long list that applies in few situations
    widens nobody else's.
    """
    applies = reader.holds(move.when)
    available = np.stack([applies & reader.holds(a.when) for a in move.actions], axis=1)
    stuck = applies & ~available.any(axis=1)
    if stuck.any():
        raise GameError(
            f"{move.player} has to make the move `{move.variable}` in {int(stuck.sum())} "
            "situations in which none of its actions is available; "
            "give one of them no condition of its own"
        )
    order = np.argsort(~available, axis=1, kind="stable")
    order = order[:, : max(int(available.sum(axis=1).max(initial=1)), 1)]
    available = np.take_along_axis(available, order, axis=1)
    codes = np.array([a.code for a in move.actions], dtype=np.int32)[order]
    return available, np.where(available, codes, -1).astype(np.int32)
