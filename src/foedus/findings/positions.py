"""A game between people and equilibrium play: its record, its steps, and where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Record:
    """A game between people and equilibrium play: who is a person, the luck, and the choices."""

    seats: tuple[str, ...]
    start: str
    seed: int
    choices: tuple[str, ...] = ()

    def after(self, action: str) -> Record:
        """The record with one more choice."""
        return Record(
            seats=self.seats, start=self.start, seed=self.seed, choices=(*self.choices, action)
        )


@dataclass(frozen=True, kw_only=True)
class Option:
    """An action open to a mover.

    - `probability`: with which the equilibrium chooses it here; that of another player with
        private types as others expect it, who do not know the type.
    - `value`: what it is worth to the mover, on what it knows, if everybody plays the
        equilibrium from then on; in the mover's unit, counted from this period. Worked out
        for people only, None for others.
    """

    action: str
    probability: float
    value: float | None


@dataclass(frozen=True, kw_only=True)
class Step:
    """One choice of a mover, or what chance brought.

    `person`: whether somebody in a seat chose. `unseen`: the players who did not see it at
    once, because they moved at the same time.
    """

    period: int
    move: str
    player: str | None
    action: str
    options: tuple[Option, ...]
    person: bool

    @property
    def forgone(self) -> float:
        """What the best option was worth more, in the mover's unit of this period."""
        worth = {option.action: option.value or 0.0 for option in self.options}
        return max(worth.values()) - worth[self.action] if self.person else 0.0

    @property
    def usual(self) -> float:
        """What equilibrium play forgoes here on average, since it is not exact."""
        if not self.person:
            return 0.0
        best = max(option.value or 0.0 for option in self.options)
        return sum(o.probability * (best - (o.value or 0.0)) for o in self.options)


@dataclass(frozen=True, kw_only=True)
class Choice:
    """Whose choice it is: the options, and what the mover knows."""

    period: int
    move: str
    player: str
    options: tuple[Option, ...]


@dataclass(frozen=True, kw_only=True)
class Position:
    """Where a game stands after all choices of its record.

    - `states`: of the dates so far. `steps`: everything that was done, in order.
    - `turn`: the choice that is next; None where play is over.
    - `unseen`: places in `steps` of what whoever is to choose has not seen, as it is done at
        the same time.
    - `payoffs`: by player, per date so far. `total`: discounted to the start.
    """

    states: tuple[int, ...]
    steps: tuple[Step, ...]
    turn: Choice | None
    unseen: tuple[int, ...]
    payoffs: Mapping[str, tuple[float, ...]]
    total: Mapping[str, float]
    periods: int

    @property
    def over(self) -> bool:
        """Whether nobody has anything left to choose."""
        return self.turn is None

    def regret(self, player: str, discount: float) -> float:
        """What a player's own choices have forgone, discounted to the start."""
        own = [step for step in self.steps if step.player == player and step.person]
        return sum(discount**step.period * step.forgone for step in own)
