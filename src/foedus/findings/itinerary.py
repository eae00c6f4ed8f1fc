"""The journey and the first period that answer a regime's quantities, and the answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from foedus.findings.watching import Watched
from foedus.game.game import Structure
from foedus.game.measure import Measure
from foedus.game.pooled import PooledMeasure
from foedus.outcomes.first_period import FirstPeriod
from foedus.outcomes.lanes import Arrivals, Journey
from foedus.outcomes.plan import STOPPED, Plan, Question
from foedus.outcomes.play import start_distribution

Counted = tuple[tuple[Measure | PooledMeasure, ...], ...]
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
    """What has to be played to answer a plan.

    `asked[i]` names the measures of `plan.questions[i]`. The first of `legs` is a journey of
    several periods, the second a single one.
    """

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

    def journey(
        self, measures: Mapping[str, PooledMeasure], numbers: Mapping[str, Measure]
    ) -> Journey | None:
        """The journey, with the measures in their places; `numbers` has those that are known.

        None where nothing is asked that takes several periods.
        """
        leg = self.legs[LONG]
        if not leg.counted:
            return None
        plain: list[PooledMeasure | None] = [None] * len(leg.counted)
        return Journey(
            periods=leg.periods,
            starts=self._starts([*leg.counted, *(start for start, _ in leg.stopped)]),
            stopped=(*plain, *(measures[name] for _, name in leg.stopped)),
            counted=self._counted(leg, {**measures, **numbers}),
        )

    def first_period(self) -> FirstPeriod:
        """The first period, from every start that something is asked about it."""
        return FirstPeriod.of(self.structure, self._starts(list(self.legs[SHORT].counted)))

    def counted_first(
        self, measures: Mapping[str, PooledMeasure], numbers: Mapping[str, Measure]
    ) -> Counted:
        """What is counted in the first period, start by start."""
        return self._counted(self.legs[SHORT], {**measures, **numbers})

    def _starts(self, starts: Sequence[str | None]) -> np.ndarray:
        columns = [start_distribution(self.structure, start) for start in starts]
        return np.array(columns).reshape(len(columns), self.structure.states.n_states).T

    def _counted(self, leg: _Leg, measures: Mapping[str, Measure | PooledMeasure]) -> Counted:
        return tuple(tuple(measures[name] for name in names) for names in leg.counted.values())


def itinerary(
    structure: Structure,
    plan: Plan,
    asked: Sequence[Watched],
    *,
    ends: Callable[[str], bool],
    visited: Sequence[tuple[str | None, int]] = (),
) -> Itinerary:
    """What a plan takes, the journey also coming past the starts and dates `visited`.

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
    """What a batch of draws saw, and the answers to questions.

    `arrivals` are the journey's, `first` what each start collects of its measures in the first
    period. `flow(name)` is what a condition is worth in each state, (states, draws). Everything
    is arithmetic on arrays of NumPy or, with `xp=jax.numpy`, of JAX.
    """

    itinerary: Itinerary
    arrivals: Arrivals | None
    first: Sequence[Sequence[Any]]
    flow: Callable[[str], Any]
    xp: Any = np

    def states(self, start: str | None, date: int) -> Any:
        """(states, draws): where play stands at the start of a period."""
        arrivals, leg = self._journey
        return arrivals.states[date, :, list(leg.counted).index(start)]

    def answer(self, question: Question, names: Watched) -> Any:
        """(draws,): the quantity in each draw; NaN where it conditions on what never happens.

        Values and distances are not read off journeys.
        """
        kind, start = question.quantity.kind, question.start
        after, last = question.after, question.last
        n_live = self.itinerary.structure.states.n_live
        if kind in STOPPED:
            arrivals, leg = self._journey
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
        arrivals, leg = self._journey
        if (question.start, names.of) not in leg.stopped:
            flow = self.flow(names.of)
            dates = range(last + 1)
            return self.xp.stack([(self.states(question.start, d) * flow).sum(0) for d in dates])
        column = len(leg.counted) + list(leg.stopped).index((question.start, names.of))
        return arrivals.hits[: last + 1, column].cumsum(axis=0)

    @property
    def _journey(self) -> tuple[Arrivals, _Leg]:
        assert self.arrivals is not None
        return self.arrivals, self.itinerary.legs[LONG]

    def _amount(self, which: int, start: str | None, name: str, after: int, last: int) -> Any:
        leg = self.itinerary.legs[which]
        column = list(leg.counted).index(start)
        measure = list(leg.counted[start]).index(name)
        if which == SHORT:
            return self.first[column][measure]
        arrivals, _ = self._journey
        return arrivals.amounts[column][measure][after:last].sum(axis=0)

    def _ratio(self, part: Any, whole: Any) -> Any:
        # Dividing by 1 where nothing is there keeps derivatives free of NaN.
        possible = whole > 0
        return self.xp.where(possible, part / self.xp.where(possible, whole, 1.0), self.xp.nan)


def _leg_of(question: Question) -> int:
    """Whether a question takes several periods, or what is counted in the first alone."""
    counted = question.quantity.kind in ("rate", "width", "occupancy")
    return SHORT if counted and (question.after, question.last) == (0, 1) else LONG


def in_play(structure: Structure, one: int, zero: int) -> PooledMeasure:
    """The measure called `IN_PLAY`, in rows of a pool."""
    live = np.arange(structure.states.n_states) < structure.states.n_live
    return PooledMeasure(
        flow=np.where(live, one, zero).astype(np.int32), stages=(None,) * len(structure.stages)
    )
