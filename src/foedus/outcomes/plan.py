"""Which passes answer a list of quantities, and how each answer is read off them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from foedus.errors import QueryError
from foedus.game.game import Structure
from foedus.game.measure import Measure
from foedus.outcomes.conditions import Condition, in_play, indicator, on_states
from foedus.outcomes.flow import Flows
from foedus.outcomes.play import start_distribution, window

STOPPED = ("reach", "hazard")
IN_PLAY = "in play"  # no condition in a scenario's words reads like this
FIELDS: Mapping[str, tuple[str, ...]] = {  # the conditions that a kind of quantity is about
    **dict.fromkeys((*STOPPED, "occupancy", "mean", "probability"), ("of",)),
    "switches": ("of", "to"),
    **dict.fromkeys(("rate", "width"), ("of", "given")),
    "value": (),
    "distance": (),
}
WINDOWED = ("hazard", "occupancy", "rate")  # kinds whose window may begin later than play
EQUILIBRIUM = "equilibrium"  # what a distance may be measured to besides a regime


class Quantity(Protocol):
    """A number to report about play, as a scenario declares it.

    `reach`: of, within. `hazard`, `occupancy`: of, after, within. `switches`: of, to, within.
    `rate`: of, after, within, and given where not all periods of play count. `width`: of,
    starts, and given likewise. `mean`, `probability`: of, at. `distance`: against, at, and
    factors where not all count. `value`: player, and part where only one is meant. All but
    `width`: start.
    """

    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def start(self) -> str | None: ...
    @property
    def of(self) -> Any: ...
    @property
    def to(self) -> Any: ...
    @property
    def given(self) -> Any: ...
    @property
    def within(self) -> int | None: ...
    @property
    def after(self) -> int: ...
    @property
    def at(self) -> int | None: ...
    @property
    def player(self) -> str | None: ...
    @property
    def part(self) -> str | None: ...
    @property
    def against(self) -> str | None: ...
    @property
    def factors(self) -> Sequence[str]: ...
    @property
    def starts(self) -> Sequence[str]: ...


Column = tuple[str | None, tuple[str, ...]]
"""A start, and the names of the conditions asked about from there."""


@dataclass(frozen=True, eq=False)
class Question:
    """A quantity with its conditions under the names they are watched by, and its window.

    `last` is the end of the window, or the date; `after` is where the window begins. A
    `width` has several `starts`, everything else one.
    """

    quantity: Quantity
    starts: tuple[str | None, ...]
    names: tuple[str, ...]
    after: int
    last: int

    @property
    def start(self) -> str | None:
        """The start, or the first of several."""
        return self.starts[0]

    @property
    def column(self) -> Column:
        """What is asked from the first start."""
        return self.start, self.names

    @property
    def columns(self) -> tuple[Column, ...]:
        """What is asked, from each start."""
        return tuple((start, self.names) for start in self.starts)


@dataclass(frozen=True, eq=False, kw_only=True)
class Plan:
    """The passes that a list of quantities needs, and whose column is whose.

    `conditions` are what to `watch`. The plain pass has a column per start, and collects
    what is `counted`. The others have a column for each start and conditions asked about:
    `stopped` ends at the condition, `rates` and `switches` take two conditions at once.
    """

    questions: tuple[Question, ...]
    conditions: Mapping[str, Condition]
    starts: tuple[str | None, ...]
    counted: tuple[str, ...]
    stopped: tuple[Column, ...]
    rates: tuple[Column, ...]
    switches: tuple[Column, ...]

    @property
    def periods(self) -> int:
        """How long the passes have to be."""
        return max((question.last for question in self.questions), default=0)


@dataclass(frozen=True, eq=False, kw_only=True)
class Seen:
    """What the passes of a plan saw, in arrays of NumPy or JAX; None where none was needed.

    `together` has E[of and given] and E[given]; `following` the expected switches. Arrays
    of both are (periods, columns).
    """

    plain: Flows
    stopped: Flows | None = None
    together: tuple[Any, Any] | None = None
    following: Any = None


def plan(structure: Structure, quantities: Iterable[Quantity]) -> Plan:
    """Sort the quantities into passes.

    Raises one `QueryError` that lists every quantity with an unknown kind or start, an
    impossible window, or no condition where it needs one.
    """
    problems: list[str] = []
    questions: list[Question] = []
    conditions: dict[str, Condition] = {}
    for quantity in quantities:
        try:
            questions.append(_question(structure, quantity, conditions))
        except QueryError as error:
            problems.append(f"quantity {quantity.name}: {error}")
    if problems:
        raise QueryError("\n".join(problems))

    def columns(*kinds: str) -> tuple[Column, ...]:
        asked = (q.columns for q in questions if q.quantity.kind in kinds)
        return tuple(dict.fromkeys(column for several in asked for column in several))

    return Plan(
        questions=tuple(questions),
        conditions=conditions,
        starts=tuple(dict.fromkeys(start for q in questions for start in q.starts)),
        counted=tuple(dict.fromkeys(names[0] for _, names in columns("occupancy"))),
        stopped=columns(*STOPPED),
        rates=columns("rate", "width"),
        switches=columns("switches"),
    )


def check_measures(made: Plan, measures: Mapping[str, Measure]) -> None:
    """Raise one `QueryError` for every condition that is no answer to what is asked of it."""
    problems = []
    for question in made.questions:
        kind = question.quantity.kind
        try:
            if kind in ("mean", "probability"):
                on_states(measures[question.names[0]], f"a {kind} at a date")
            if kind == "switches":
                on_states(measures[question.names[1]], "`to`")
            if kind in ("reach", "hazard", "probability"):
                indicator(measures[question.names[0]], f"a {kind}")
        except QueryError as error:
            problems.append(f"quantity {question.quantity.name}: {error}")
    if problems:
        raise QueryError("\n".join(problems))


def answer(
    made: Plan,
    question: Question,
    seen: Seen,
    measures: Mapping[str, Measure],
    *,
    n_live: int,
    xp: Any = np,
) -> Any:
    """The quantity's value, read off the passes; NaN where it conditions on what never happens.

    Pure arithmetic on arrays, differentiable with `xp=jax.numpy`. Values and distances are
    not read off these passes.
    """
    after, last = question.after, question.last
    kind, column = question.quantity.kind, question.column
    if kind in STOPPED and seen.stopped is not None:
        at = made.stopped.index(column)
        hits, left = seen.stopped.hits[:, at], seen.stopped.states[after, :, at].sum()
        if kind == "reach":
            return hits[: last + 1].sum()
        return _ratio(hits[after + 1 : last + 1].sum(), left, xp)
    if kind == "switches" and seen.following is not None:
        return seen.following[:last, made.switches.index(column)].sum()
    if kind in ("rate", "width") and seen.together is not None:
        shares = []
        for each in question.columns:
            both, given = (x[after:last, made.rates.index(each)].sum() for x in seen.together)
            shares.append(_ratio(both, given, xp))
        return sum(shares[1:], start=shares[0])
    at = made.starts.index(question.start)
    if kind == "occupancy":
        return seen.plain.amounts[after:last, at, made.counted.index(question.names[0])].sum()
    mass, flow = seen.plain.states[last, :, at], measures[question.names[0]].flow
    if kind == "probability":
        return mass @ flow
    return _ratio(mass[:n_live] @ flow[:n_live], mass[:n_live].sum(), xp)


def _question(
    structure: Structure, quantity: Quantity, conditions: dict[str, Condition]
) -> Question:
    """The quantity as a question; conditions not met before are added to `conditions`."""
    kind = quantity.kind
    if kind not in FIELDS:
        raise QueryError(f"no kind of quantity is called {kind!r}; there are {', '.join(FIELDS)}")
    starts = _starts(structure, quantity)
    dated = kind in ("mean", "probability", "distance")
    last = window(structure, quantity.at, name="at") if dated else 0
    if kind == "width":
        last = window(structure, 1)
    elif kind != "value" and not dated:
        last = window(structure, quantity.within)
    after = window(structure, quantity.after, name="after") if kind in WINDOWED else 0
    if after > last:
        raise QueryError(f"the window ends (within={last}) before it begins (after={after})")
    names = []
    for field in FIELDS[kind]:
        condition = getattr(quantity, field)
        if condition is None and field != "given":
            raise QueryError(f"a {kind} needs `{field}`")
        name = condition if isinstance(condition, str) else f"condition {id(condition)}"
        if condition is None:
            name, condition = IN_PLAY, in_play(structure)
        conditions[name] = condition
        names.append(name)
    return Question(quantity, starts, tuple(names), after, last)


def _starts(structure: Structure, quantity: Quantity) -> tuple[str | None, ...]:
    """Where the quantity starts, each one checked."""
    starts = tuple(quantity.starts) if quantity.kind == "width" else (quantity.start,)
    if not starts:
        raise QueryError("a width needs `starts`, one for each level of its factor")
    for start in starts:
        start_distribution(structure, start)
    first = next(iter(structure.starts), None)
    return tuple(first if start is None else start for start in starts)


def _ratio(part: Any, whole: Any, xp: Any) -> Any:
    # Dividing by 1 where nothing is there keeps derivatives free of NaN.
    possible = whole > 0
    return xp.where(possible, part / xp.where(possible, whole, 1.0), xp.nan)
