"""A referee runs one play of a game: who chooses now, what they see, what they are paid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from jaxtyping import Bool, Int64


@dataclass(frozen=True, eq=False, kw_only=True)
class Choice:
    """One player has to choose.

    - `sees`: numbers, in the order of the referee's `features`.
    - `available`: which of the player's actions, in the order of the referee's `actions`.
    - `at`: where in the game this is, for whoever looks up a strategy.
    """

    player: int
    sees: Int64[np.ndarray, "features"]
    available: Bool[np.ndarray, "actions"]
    at: Any


class Referee(Protocol):
    """Runs plays, one after another.

    - `actions`: the names of each player's actions anywhere in the game.
    - `features`, `low`, `high`: what players see, and the range of each number.
    """

    players: tuple[str, ...]
    actions: tuple[tuple[str, ...], ...]
    features: tuple[str, ...]
    low: Int64[np.ndarray, "features"]
    high: Int64[np.ndarray, "features"]

    @property
    def over(self) -> bool:
        """Whether play has ended."""
        ...

    @property
    def cut(self) -> bool:
        """Whether it was cut off rather than ended."""
        ...

    @property
    def choices(self) -> Sequence[Choice]:
        """Who chooses now, unseen by each other; nobody once play is over."""
        ...

    def begin(self, rng: np.random.Generator) -> np.ndarray:
        """Start a new play, up to the first choice; what is paid before it."""
        ...

    def go_on(self, picked: Mapping[int, int], rng: np.random.Generator) -> np.ndarray:
        """Go on to the next choice, given the action of each who chooses; what is paid."""
        ...

    def idle_view(self, player: int) -> np.ndarray:
        """What a player sees who does not choose now."""
        ...

    def words(self) -> str:
        """Where play stands, for people."""
        ...


def allowed(choice: Choice, action: int) -> int:
    """The action, or the first available one in place of an action that is not available."""
    if 0 <= action < len(choice.available) and choice.available[action]:
        return int(action)
    return int(np.argmax(choice.available))


def draw(rng: np.random.Generator, chances: Sequence[float] | np.ndarray) -> int:
    """A number drawn with these probabilities."""
    ladder = np.cumsum(np.asarray(chances, float))
    return int(np.searchsorted(ladder, rng.random() * ladder[-1], side="right"))
