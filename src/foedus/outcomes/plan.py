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
    "rate": ("of", "given"),
    "value": (),
    "distance": (),
}


class Quantity(Protocol):
    """A number to report about play, as a scenario declares it.

    `reach`, `occupancy`: of, within. `hazard`: of, after, within. `switches`: of, to, within.
    `rate`: of, within, and given where not all periods of play count. `mean`, `probability`:
    of, at. `distance`: against, at, and factors where not all count. `value`: player, and
    part where only one is meant. All: start.
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


Column = tuple[str | None, tuple[str, ...]]
"""A start, and the names of the conditions asked about from there."""


@dataclass(frozen=True, eq=False)
class Question:
    """A quantity with its conditions under the names they are watched by, and its window.

    `last` is the end of the window, or the date; `after` is where a hazard begins.
    """

    quantity: Quantity
    start: str | None
    names: tuple[str, ...]
    after: int
    last: int

    @property
    def column(self) -> Column:
        return self.start, self.names


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
        return tuple(dict.fromkeys(q.column for q in questions if q.quantity.kind in kinds))

    return Plan(
        questions=tuple(questions),
        conditions=conditions,
        starts=tuple(dict.fromkeys(q.start for q in questions)),
        counted=tuple(dict.fromkeys(names[0] for _, names in columns("occupancy"))),
        stopped=columns(*STOPPED),
        rates=columns("rate"),
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
    if kind == "rate" and seen.together is not None:
        both, given = (x[:last, made.rates.index(column)].sum() for x in seen.together)
        return _ratio(both, given, xp)
    at = made.starts.index(question.start)
    if kind == "occupancy":
        return seen.plain.amounts[:last, at, made.counted.index(question.names[0])].sum()
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
    start_distribution(structure, quantity.start)
    dated = kind in ("mean", "probability", "distance")
    last = window(structure, quantity.at, name="at") if dated else 0
    if kind != "value" and not dated:
        last = window(structure, quantity.within)
    after = window(structure, quantity.after, name="after") if kind == "hazard" else 0
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
    start = quantity.start
    if start is None:
        start = next(iter(structure.starts))
    return Question(quantity, start, tuple(names), after, last)


def _ratio(part: Any, whole: Any, xp: Any) -> Any:
    # Dividing by 1 where nothing is there keeps derivatives free of NaN.
    possible = whole > 0
    return xp.where(possible, part / xp.where(possible, whole, 1.0), xp.nan)
