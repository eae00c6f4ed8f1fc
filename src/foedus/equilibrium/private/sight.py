"""Who decides where without seeing what: information sets of a game with private types."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from foedus.errors import GameError
from foedus.game.game import Structure
from foedus.game.information import Information
from foedus.game.stages import Block, Chance, Turn


@dataclass(frozen=True, eq=False, kw_only=True)
class Seat:
    """One member's choice at a stage; a turn has one member.

    - `mover[n]`: the player, -1 where nobody moves. `knows[n]`: whether it has types.
    - `group[n]`: the information set; `of_group`: its first node, `origin`: the public state at
        the beginning of the period that it belongs to.
    - `available[g, a]`: actions of an information set.
    - `guessed`: whether play here feeds back on itself, through beliefs or through others who
        move at once.
    """

    stage: int
    member: int
    mover: np.ndarray
    knows: np.ndarray
    group: np.ndarray
    of_group: np.ndarray
    origin: np.ndarray
    available: np.ndarray
    guessed: bool


@dataclass(frozen=True, eq=False, kw_only=True)
class Sight:
    """All seats, stage by stage, and where every node comes from.

    `state[k][n]`: the live state at the beginning of the period that node n of stage k follows.
    """

    structure: Structure
    information: Information
    seats: tuple[tuple[Seat, ...], ...]
    state: tuple[np.ndarray, ...]


def sight_of(structure: Structure, information: Information) -> Sight:
    """The information sets of a game.

    Raises `GameError` for moves that some see and others do not while types are private.
    """
    state = [np.arange(structure.states.n_live)]
    for before, after in zip(structure.stages[:-1], structure.stages[1:], strict=True):
        origin = np.zeros(after.shape[0], int)
        occupied = before.occupied
        nodes = np.nonzero(occupied)[0]
        origin[before.successor[occupied]] = state[-1][nodes]
        state.append(origin)
    seats: list[tuple[Seat, ...]] = []
    for k in reversed(range(len(structure.stages))):
        here = _seats(structure, information, k, state[k])
        alone = len(here) == 1
        # What a type plays is news only to whoever decides later, or carries its belief on.
        news = any(draw is not None for draw in information.draws) or any(seats)
        guessed = [not alone or (news and bool(seat.knows.any())) for seat in here]
        seats.append(tuple(map(_guessed, here, guessed)))
    seats.reverse()
    return Sight(
        structure=structure, information=information, seats=tuple(seats), state=tuple(state)
    )


def _guessed(seat: Seat, guessed: bool) -> Seat:
    return replace(seat, guessed=guessed)


def _seats(structure: Structure, information: Information, k: int, state: np.ndarray) -> list[Seat]:
    stage = structure.stages[k]
    if isinstance(stage, Chance):
        return []
    if isinstance(stage, Turn):
        return [_seat(information, k, 0, stage.mover, stage.available, state)]
    if any(any(row) for row in stage.sees):
        raise GameError(
            f"the moves {', '.join(stage.names)} are hidden from some and seen by others; with "
            "private types, moves are seen by all or decided at once"
        )
    return [
        _seat(information, k, j, _movers(stage, j), stage.available[j], state)
        for j in range(len(stage.movers))
    ]


def _movers(stage: Block, member: int) -> np.ndarray:
    moves = ((stage.action[member] >= 0) & stage.available[member]).any(axis=1)
    return np.where(moves, stage.movers[member], -1)


def _seat(
    information: Information,
    k: int,
    member: int,
    mover: np.ndarray,
    available: np.ndarray,
    state: np.ndarray,
) -> Seat:
    own = np.full(len(mover), -1)
    knows = np.zeros(len(mover), bool)
    for j, player in enumerate(information.players):
        mine = mover == player
        own[mine] = information.types[k][mine, j]
        knows |= mine
    key = np.stack([information.public[k], mover, own], axis=1)
    _, first, group = np.unique(key, axis=0, return_index=True, return_inverse=True)
    origins = information.public[0][state]
    return Seat(
        stage=k,
        member=member,
        mover=mover,
        knows=knows,
        group=group.reshape(-1),
        of_group=first,
        origin=origins[first],
        available=available[first],
        guessed=True,
    )
