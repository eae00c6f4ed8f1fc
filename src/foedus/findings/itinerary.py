"""Journeys that answer a regime's quantities, and the answers read off them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from foedus.findings.watching import Watched
from foedus.game.game import Structure
from foedus.game.measure import Measure
from foedus.game.pooled import PooledMeasure
from foedus.outcomes.lanes import Arrivals, Journey
from foedus.outcomes.plan import STOPPED, Plan, Question
from foedus.outcomes.play import start_distribution

LONG, SHORT = 0, 1  # windows of several periods, and of the first alone


@dataclass(eq=False)
class _Leg:
    """Starts with what is counted from each, and starts with the condition that stops play."""

    counted: dict[str | None, dict[str, None]] = field(default_factory=dict)
    stopped: dict[tuple[str | None, str], None] = field(default_factory=dict)
    periods: int = 0

    def from_start(self, start: str | None) -> dict[str, None]:
        return self.counted.setdefault(start, {})


@dataclass(frozen=True, eq=False)
class Itinerary:
    """The journeys of a plan; `asked[i]` names the measures of `plan.questions[i]`."""

    structure: Structure
    plan: Plan
    asked: tuple[Watched, ...]
    legs: tuple[_Leg, _Leg]

    @property
    def periods(self) -> int:
        """For how many periods strategies are needed."""
        return max(leg.periods for leg in self.legs)

    def follows(self, start: str | None, date: int) -> bool:
        """Whether play from this start is seen up to this date."""
        leg = self.legs[LONG]
        return start in leg.counted and leg.periods >= date

    def journeys(
        self, measures: Mapping[str, PooledMeasure], numbers: Mapping[str, Measure]
    ) -> tuple[Journey, ...]:
        """The journeys, with the measures in their places; `numbers` has those that are known."""
        counted: dict[str, Measure | PooledMeasure] = {**measures, **numbers}
        return tuple(self._journey(leg, measures, counted) for leg in self.legs if leg.counted)

    def _journey(
        self,
        leg: _Leg,
        measures: Mapping[str, PooledMeasure],
        counted: Mapping[str, Measure | PooledMeasure],
    ) -> Journey:
        starts = [*leg.counted, *(start for start, _ in leg.stopped)]
        plain: list[PooledMeasure | None] = [None] * len(leg.counted)
        return Journey(
            periods=leg.periods,
            starts=np.stack([start_distribution(self.structure, s) for s in starts], axis=-1),
            stopped=(*plain, *(measures[name] for _, name in leg.stopped)),
            counted=tuple(tuple(counted[name] for name in names) for names in leg.counted.values()),
        )


def itinerary(
    structure: Structure,
    plan: Plan,
    asked: Sequence[Watched],
    *,
    ends: Callable[[str], bool],
    visited: Sequence[tuple[str | None, int]] = (),
) -> Itinerary:
    """The journeys of a plan, which also come past the starts and dates `visited`.

    `ends(name)`: the condition holds in endings and nowhere else, so that having reached it
    is being there.
    """
    long, short = _Leg(), _Leg()
    for start, date in visited:
        long.from_start(start)
        long.periods = max(long.periods, date)
    for question, names in zip(plan.questions, asked, strict=True):
        kind = question.quantity.kind
        leg = (long, short)[_leg_of(question)]
        if kind == "value":
            continue
        leg.periods = max(leg.periods, question.last)
        for start in question.starts:
            counted = leg.from_start(start)
            if kind == "hazard" or (kind == "reach" and not ends(names.of)):
                leg.stopped[start, names.of] = None
            elif kind == "occupancy":
                counted[names.of] = None
            elif kind in ("rate", "width"):
                counted |= {names.product: None, names.other: None}
            elif kind == "switches":
                counted[names.product] = None
    return Itinerary(structure, plan, tuple(asked), (long, short))


@dataclass(frozen=True, eq=False)
class Findings:
    """What a batch of draws saw on the journeys, and the answers to questions.

    `flow(name)` is what a condition is worth in each state, (states, draws). Everything is
    arithmetic on arrays of NumPy or, with `xp=jax.numpy`, of JAX.
    """

    itinerary: Itinerary
    arrivals: Sequence[Arrivals]
    flow: Callable[[str], Any]
    xp: Any = np

    def states(self, start: str | None, date: int) -> Any:
        """(states, draws): where play stands at the start of a period."""
        arrivals, leg = self._leg(LONG)
        return arrivals.states[date, :, list(leg.counted).index(start)]

    def answer(self, question: Question, names: Watched) -> Any:
        """(draws,): the quantity in each draw; NaN where it conditions on what never happens.

        Values and distances are not read off journeys.
        """
        kind, start = question.quantity.kind, question.start
        after, last = question.after, question.last
        n_live = self.itinerary.structure.states.n_live
        if kind in STOPPED:
            arrivals, leg = self._leg(LONG)
            if (start, names.of) not in leg.stopped:  # a condition that is never left
                return (self.states(start, last) * self.flow(names.of)).sum(axis=0)
            column = len(leg.counted) + list(leg.stopped).index((start, names.of))
            hits = arrivals.hits[:, column]
            if kind == "reach":
                return hits[: last + 1].sum(axis=0)
            left = arrivals.states[after, :, column].sum(axis=0)
            return self._ratio(hits[after + 1 : last + 1].sum(axis=0), left)
        if kind in ("rate", "width"):
            which = _leg_of(question)
            shares = [
                self._ratio(
                    self._amount(which, each, names.product, after, last),
                    self._amount(which, each, names.other, after, last),
                )
                for each in question.starts
            ]
            return sum(shares[1:], start=shares[0])
        if kind == "occupancy":
            return self._amount(_leg_of(question), start, names.of, after, last)
        if kind == "switches":
            # Ended play stays where it is, which the next levels of its factors do not say.
            ended = self.flow(names.of)[n_live:] * self.flow(names.other)[n_live:]
            there = sum(self.states(start, date)[n_live:] for date in range(last))
            return self._amount(LONG, start, names.product, 0, last) + (there * ended).sum(axis=0)
        mass, flow = self.states(start, last), self.flow(names.of)
        if kind == "probability":
            return (mass * flow).sum(axis=0)
        return self._ratio((mass * flow)[:n_live].sum(axis=0), mass[:n_live].sum(axis=0))

    def cumulative(self, question: Question, names: Watched, last: int) -> Any:
        """(dates, draws): the probability of having reached a condition by each date to `last`."""
        arrivals, leg = self._leg(LONG)
        if (question.start, names.of) not in leg.stopped:
            flow = self.flow(names.of)
            dates = range(last + 1)
            return self.xp.stack([(self.states(question.start, d) * flow).sum(0) for d in dates])
        column = len(leg.counted) + list(leg.stopped).index((question.start, names.of))
        return arrivals.hits[: last + 1, column].cumsum(axis=0)

    def _leg(self, which: int) -> tuple[Arrivals, _Leg]:
        present = [leg for leg in self.itinerary.legs if leg.counted]
        leg = self.itinerary.legs[which]
        return self.arrivals[present.index(leg)], leg

    def _amount(self, which: int, start: str | None, name: str, after: int, last: int) -> Any:
        arrivals, leg = self._leg(which)
        column = list(leg.counted).index(start)
        measure = list(leg.counted[start]).index(name)
        return arrivals.amounts[column][measure][after:last].sum(axis=0)

    def _ratio(self, part: Any, whole: Any) -> Any:
        # Dividing by 1 where nothing is there keeps derivatives free of NaN.
        possible = whole > 0
        return self.xp.where(possible, part / self.xp.where(possible, whole, 1.0), self.xp.nan)


def _leg_of(question: Question) -> int:
    """Whether a question takes several periods, or what is counted in the first alone."""
    counted = question.quantity.kind in ("rate", "width", "occupancy")
    return SHORT if counted and question.last == 1 else LONG


def in_play(structure: Structure, one: int, zero: int) -> PooledMeasure:
    """The measure called `IN_PLAY`, in rows of a pool."""
    live = np.arange(structure.states.n_states) < structure.states.n_live
    return PooledMeasure(
        flow=np.where(live, one, zero).astype(np.int32), stages=(None,) * len(structure.stages)
    )
