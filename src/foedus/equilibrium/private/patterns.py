"""Play in which types pool or separate, to begin a search with."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from foedus.equilibrium.private.sight import Seat
from foedus.equilibrium.private.sweep import Guess, Period

SURE = 8.0  # by how much y favours the action of a pattern


def patterns(period: Period) -> Iterator[tuple[str, Guess]]:
    """Every type doing the first, the second ... of its actions; and each type another one.

    Whoever has no types is left to play evenly. With one player with types who sends one message,
    these are its pure pooling plans and the separating ones that go round in order.
    """
    widest = 0
    for seats in period.sight.seats:
        for seat in seats:
            if seat.knows.any():
                widest = max(widest, int(seat.available.sum(axis=1).max()))
    for apart in (False, True):
        for shift in range(widest if widest > 1 else 0):
            word = "separating" if apart else "pooling"
            yield f"{word} play {shift + 1}", _pattern(period, shift, apart=apart)


def _pattern(period: Period, shift: int, *, apart: bool) -> Guess:
    stages = []
    for k, seats in enumerate(period.sight.seats):
        stages.append(tuple(_leaning(period, k, seat, shift, apart=apart) for seat in seats))
    return tuple(stages)


def _leaning(period: Period, k: int, seat: Seat, shift: int, *, apart: bool) -> np.ndarray:
    info = period.information
    y = np.where(seat.available, 0.0, -np.inf)
    mover = seat.mover[seat.of_group]
    for j, player in enumerate(info.players):
        for group in np.flatnonzero(mover == player):
            kind = int(info.types[k][seat.of_group[group], j])
            actions = np.flatnonzero(seat.available[group])
            y[group, actions[(shift + (kind if apart else 0)) % len(actions)]] = SURE
    return y
