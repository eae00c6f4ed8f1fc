"""What is asked about: a game with a strategy profile, where play starts, and for how long."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any, Protocol

import jax
import numpy as np
from jaxtyping import Float

from foedus.errors import QueryError
from foedus.game.game import Game, Structure, Tables
from foedus.game.profile import Profile

ROUNDING = 1e-9  # by how much a distribution may miss 1

Start = str | Float[np.ndarray, "states"] | None
"""A start's name, a distribution over the states, or None for the game's first start."""


class Equilibrium(Protocol):
    """All that outcomes read of an equilibrium."""

    @property
    def game(self) -> Game: ...
    @property
    def profile(self) -> Profile: ...


@dataclass(frozen=True, eq=False)
class Play:
    """A game and any strategy profile for it: history, a guess, a deviation.

    It may stand wherever an outcome asks for an equilibrium.
    """

    game: Game
    profile: Profile

    def __repr__(self) -> str:
        return f"<Play of {self.game!r}>"


def game_of(equilibrium: Equilibrium) -> Game:
    """The game that was solved. Raises `QueryError` for something without a game and a profile."""
    game, profile = (getattr(equilibrium, name, None) for name in ("game", "profile"))
    if not isinstance(game, Game) or not isinstance(profile, Profile):
        raise QueryError(
            f"outcomes are read from an equilibrium, and this is a {type(equilibrium).__name__} "
            "without a strategy profile; solve the game first, as in solve(game)"
        )
    return game


def numbers(equilibrium: Equilibrium) -> tuple[Tables, Profile]:
    """The tables and the profile in NumPy arrays, whoever made them."""
    tables, profile = jax.tree.map(np.asarray, (equilibrium.game.tables, equilibrium.profile))
    return tables, profile


def start_distribution(structure: Structure, start: Start) -> Float[np.ndarray, "states"]:
    """The distribution over states that play starts from.

    Raises `QueryError` for a name the game does not have, and for anything else that is no
    distribution: of another length, with entries below 0 or not finite, or not adding up to 1.
    """
    if start is None:
        if not structure.starts:
            raise QueryError("the game has no start; give one as a distribution over its states")
        start = next(iter(structure.starts))
    if isinstance(start, str):
        if start not in structure.starts:
            known = ", ".join(structure.starts) or "none"
            raise QueryError(f"no start named {start!r}; the game has {known}")
        return np.asarray(structure.starts[start], dtype=float)
    try:
        given = np.asarray(start, dtype=float)
    except (TypeError, ValueError):
        raise QueryError(
            "a start is the name of one of the game's starts, or an array of probabilities "
            f"over its states; this one is a {type(start).__name__}"
        ) from None
    if given.shape != (structure.states.n_states,):
        raise QueryError(
            f"a start is a distribution over {structure.states.n_states} states, "
            f"but this one has shape {given.shape}"
        )
    if not np.isfinite(given).all() or (given < 0).any():
        at = int(np.flatnonzero(~(np.isfinite(given) & (given >= 0)))[0])
        raise QueryError(
            f"a start is a distribution over the states, but this one has {given[at]} in state "
            f"{structure.states.label(at)!r}; probabilities are finite and not below 0"
        )
    if abs(given.sum() - 1.0) > ROUNDING:
        raise QueryError(
            f"a start is a distribution over the states, but this one adds up to "
            f"{given.sum():.12g}; divide it by its sum"
        )
    return given


def evaluation_window(structure: Structure) -> int:
    """How many periods are reported when nobody says: the evaluation horizon, if solved so far."""
    if structure.horizon is None:
        return structure.evaluate
    return min(structure.evaluate, structure.horizon)


def window(structure: Structure, periods: float | None, *, name: str = "within") -> int:
    """A window or date in whole periods, `evaluation_window` when None.

    Raises `QueryError` if it is negative, not whole, infinite or beyond the solved horizon.
    """
    if periods is None:
        return evaluation_window(structure)
    _require_number(periods, name)
    if math.isinf(periods):
        raise QueryError(f"{name} must be a number of periods here, not infinity")
    if periods < 0 or periods != int(periods):
        raise QueryError(f"{name} must be a whole number of periods from 0 on, not {periods}")
    if structure.horizon is not None and periods > structure.horizon:
        raise QueryError(
            f"{name}={int(periods)} lies beyond the {structure.horizon} periods that were solved; "
            "ask for less, or raise `solve` in the scenario's horizon and solve again"
        )
    return int(periods)


def forever(structure: Structure, periods: float | None) -> bool:
    """Whether the window is endless. Raises `QueryError` where play stops at a horizon."""
    if periods is None:
        return False
    _require_number(periods, "within")
    if not (math.isinf(periods) and periods > 0):
        return False
    if structure.horizon is not None:
        raise QueryError(
            f"within=inf asks about play without end, but this game was solved for "
            f"{structure.horizon} periods; ask within={structure.horizon} or make it stationary"
        )
    return True


def dates(structure: Structure, at: int | Sequence[int] | None) -> list[int]:
    """Dates to report at, checked: every start of a period up to the evaluation window if None."""
    if at is None:
        return list(range(evaluation_window(structure) + 1))
    asked: Sequence[Any] = [at] if isinstance(at, int | float | np.number) else list(at)
    if not asked:
        raise QueryError("at must name at least one period")
    return [window(structure, date, name="at") for date in asked]


def _require_number(periods: object, name: str) -> None:
    """Raises `QueryError` for NaN and for what is no number."""
    if isinstance(periods, bool) or not isinstance(periods, Real) or math.isnan(float(periods)):
        raise QueryError(f"{name} must be a whole number of periods from 0 on, not {periods!r}")
