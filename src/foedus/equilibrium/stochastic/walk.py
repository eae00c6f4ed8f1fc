"""A walk along a path: its course, the places it came by, and a guess at the next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from foedus.equilibrium.stochastic.system import System

LARGEST_BEND = 0.5  # of a guess away from the straight line, relative to the step


@dataclass(frozen=True, kw_only=True)
class Course:
    """What is followed: the equations as a function of the coordinate s, and where to stop.

    - `system`: gives the equations at a parameter t.
    - `parameter`, `slope`: t and dt/ds at s.
    - `sharpness`: at s, by how much a unit of payoff moves log odds, by player.
    - `reading`: the parameter by which people know the path, at s.
    - `units`: a unit of payoff of each player.
    - `begin`, `end`: of s; the path never goes below `begin`.
    - `nash`: whether a Nash equilibrium is what is wanted, so that the path may end before `end`.
    """

    system: Callable[[float], System]
    parameter: Callable[[float], float]
    slope: Callable[[float], float]
    sharpness: Callable[[float], Float[np.ndarray, "players"]]
    reading: Callable[[float], float]
    units: Float[np.ndarray, "players"]
    begin: float
    end: float
    nash: bool


@dataclass(frozen=True, eq=False, kw_only=True)
class Place:
    """One point of a path, and the direction of travel there.

    - `y`: action values and values in payoff units, then s; `direction` has length 1.
    - `arc`: length of the path from its start.
    - `orientation`: sign of the bordered determinant, which changes where branches cross.
    - `sign`, `log`: sign and log size of the determinant of the equations at fixed s.
    """

    y: Float[np.ndarray, "unknowns"]
    direction: Float[np.ndarray, "unknowns"]
    arc: float
    orientation: float
    sign: float
    log: float
    strategies: Float[np.ndarray, "states players most"]
    values: Float[np.ndarray, "states players"]

    @property
    def s(self) -> float:
        return float(self.y[-1])


@dataclass(frozen=True, eq=False, kw_only=True)
class Walk:
    """All that is needed to go on: the last places, oldest first, and the length to try next."""

    places: tuple[Place, ...]
    length: float

    @property
    def here(self) -> Place:
        return self.places[-1]


@dataclass(frozen=True, eq=False, kw_only=True)
class Attempt:
    """A step that was tried: where it led, or why it does not count."""

    place: Place | None
    correction: float = np.inf
    reason: str = ""


def extrapolated(walk: Walk, length: float) -> np.ndarray:
    """A guess `length` beyond the last place, from its direction and the places before.

    The polynomial through more of them is better where the path is smooth and worse after a sharp
    turn, which shows in how far it leaves the straight line; there fewer are used.
    """
    here, earlier = walk.here, walk.places[:-1]
    line = here.y + length * here.direction
    for first in range(len(earlier)):
        arcs = np.array([place.arc for place in earlier[first:]]) - here.arc
        # y = line + arc^2 p(arc), with p through what earlier places differ from the line.
        bend = np.zeros_like(line)
        for i, (own, place) in enumerate(zip(arcs, earlier[first:], strict=True)):
            others = np.delete(arcs, i)
            weight = np.prod((length - others) / (own - others)) * (length / own) ** 2
            bend += weight * (place.y - here.y - own * here.direction)
        if float(np.linalg.norm(bend)) <= LARGEST_BEND * length:
            return np.asarray(line + bend)
    return np.asarray(line)
