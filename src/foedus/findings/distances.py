"""How far apart two regimes stand in the same draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from foedus.errors import QueryError
from foedus.findings.itinerary import Findings
from foedus.game.game import Game
from foedus.outcomes.plan import EQUILIBRIUM, plan
from foedus.outcomes.states import outcome_labels
from foedus.scenario.model import Quantity

Key = tuple[str, str]
"""A regime's name, after `EQUILIBRIUM` where it is what distances to that are measured to and
after "" otherwise."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Side:
    """A distance: of a regime from the play of another one, from a start at a date.

    `members` say which states count as one: (labels, states) of the regime, then of the other.
    """

    regime: str
    quantity: str
    name: str  # what the quantity calls the other one
    against: Key
    here: str | None
    start: str | None
    date: int
    members: tuple[Float[np.ndarray, "labels states"], Float[np.ndarray, "labels others"]]

    def distance(self, here: Findings, there: Findings) -> Float[np.ndarray, "draws"]:
        """Total variation, (draws,); equation in `outcomes.distance`."""
        first, second = self.members
        own = first @ here.states(self.here, self.date)
        apart = own - second @ there.states(self.start, self.date)
        return np.asarray(0.5 * np.abs(apart).sum(axis=0))

    def slope(self, here: tuple[Any, Any], there: tuple[Any, Any]) -> Float[np.ndarray, "draws"]:
        """The derivative, from where play stands and the derivative of that, (states, draws)
        each; 0 where a label is as likely in both."""
        first, second = self.members
        apart, moved = (
            first @ own - second @ other for own, other in zip(here, there, strict=True)
        )
        return np.asarray(0.5 * (np.sign(apart) * moved).sum(axis=0))


def sides(games: Mapping[Key, Game], asked: Mapping[str, Sequence[Quantity]]) -> tuple[Side, ...]:
    """Every distance among the quantities, regime by regime.

    Raises one `QueryError` for all that are measured to a regime which is not there.
    """
    found, problems = [], []
    for regime, quantities in asked.items():
        game = games["", regime]
        for question in plan(
            game.structure, [q for q in quantities if q.kind == "distance"]
        ).questions:
            quantity = question.quantity
            name = str(quantity.against)
            against: Key = ("", name)
            if name == EQUILIBRIUM:
                against = (name, regime) if (name, regime) in games else ("", regime)
            if against not in games:
                problems.append(
                    f"quantity {quantity.name}: needs the equilibrium of regime {name!r}; "
                    f"given were {', '.join(asked)}"
                )
                continue
            other = games[against].structure
            start = quantity.start
            found.append(
                Side(
                    regime=regime,
                    quantity=quantity.name,
                    name=name,
                    against=against,
                    here=question.start,
                    start=next(iter(other.starts)) if start is None else start,
                    date=question.last,
                    members=_members(game, games[against], quantity.factors),
                )
            )
    if problems:
        raise QueryError("\n".join(problems))
    return tuple(found)


def _members(first: Game, second: Game, factors: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """States matched by labels: 1 where a state, (labels, states), has the label."""
    labels = [outcome_labels(game.structure.states, factors) for game in (first, second)]
    number = {label: i for i, label in enumerate(dict.fromkeys([*labels[0], *labels[1]]))}
    sums = [np.zeros((len(number), len(own))) for own in labels]
    for member, own in zip(sums, labels, strict=True):
        member[[number[label] for label in own], np.arange(len(own))] = 1.0
    return sums[0], sums[1]
