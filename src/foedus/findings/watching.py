"""What has to be watched so that a regime's quantities can be read off one journey."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from foedus.compiler.schedule import next_name
from foedus.errors import QueryError
from foedus.outcomes.plan import STOPPED, Plan, Question
from foedus.scenario.formulas import (
    Formula,
    Number,
    Operation,
    ParameterValue,
    Reading,
    Test,
    variables,
)

IN_PLAY = "in play"  # the measure that is 1 in every period before an ending
BEFORE_ENDING = " before an ending"  # added to a condition's name: the same, but 0 in endings


@dataclass(frozen=True)
class Watched:
    """The names of the measures that one question reads; `product` is what happens together."""

    of: str = ""
    other: str = ""  # `given` of a rate, `to` of switches
    product: str = ""


@dataclass(frozen=True, eq=False)
class Watchlist:
    """Conditions by name, one for each that is different, and those of each question."""

    conditions: Mapping[str, Formula]
    asked: tuple[Watched, ...]


def watchlist(plan: Plan, read: Any, factors: frozenset[str]) -> Watchlist:
    """Every condition once, with the products that rates and switches count.

    $E[a_t b_t]$ is the occupancy of the product $a b$, and $E[a_t b(s_{t+1})]$ that of a times
    b of the next levels. `read` makes a formula of a condition in words.

    Raises one `QueryError` for all switches to a condition that reads moves.
    """
    made = _Watchlist()
    asked, problems = [], []
    for question in plan.questions:
        try:
            asked.append(_watched(question, made, read, factors))
        except QueryError as error:
            problems.append(f"quantity {question.quantity.name}: {error}")
    if problems:
        raise QueryError("\n".join(problems))
    return Watchlist(conditions=made.conditions, asked=tuple(asked))


def _watched(question: Question, made: _Watchlist, read: Any, factors: frozenset[str]) -> Watched:
    quantity = question.quantity
    kind = quantity.kind
    if kind in ("value", "distance"):
        return Watched()
    of = read(quantity.of)
    name = made.name(of)
    if kind in ("rate", "width"):
        if quantity.given is None:
            return Watched(of=name, other=IN_PLAY, product=name + BEFORE_ENDING)
        given = read(quantity.given)
        return Watched(
            of=name,
            other=made.name(given),
            product=made.name(Operation("multiply", (of, given))),
        )
    if kind == "switches":
        to = read(quantity.to)
        if not variables(to) <= factors:
            raise QueryError(
                "`to` is about the start of a period, before anybody has moved, but its "
                "condition reads moves; ask for an occupancy or an action rate instead"
            )
        later = Operation("multiply", (of, _next(to)))
        return Watched(of=name, other=made.name(to), product=made.name(later) + BEFORE_ENDING)
    assert kind in (*STOPPED, "occupancy", "mean", "probability")
    return Watched(of=name)


def _next(formula: Formula) -> Formula:
    """The same of the next period's levels."""
    match formula:
        case Reading():
            return Reading(next_name(formula.variable))
        case Test():
            return Test(next_name(formula.variable), formula.codes)
        case Operation():
            return Operation(formula.operator, tuple(map(_next, formula.operands)))
    return formula


@dataclass(eq=False)
class _Watchlist:
    """Conditions under the names they are watched by. Formulas that read alike are one."""

    conditions: dict[str, Formula] = field(default_factory=dict)
    _numbers: dict[Any, int] = field(default_factory=dict)
    _known: dict[int, tuple[int, Formula]] = field(default_factory=dict)

    def name(self, formula: Formula) -> str:
        name = f"condition {self._number(formula)}"
        self.conditions.setdefault(name, formula)
        return name

    def _number(self, formula: Formula) -> int:
        if id(formula) in self._known:
            return self._known[id(formula)][0]
        key: tuple[Any, ...]
        match formula:
            case Number():
                key = ("number", formula.value)
            case ParameterValue():
                key = ("parameter", formula.name)
            case Reading():
                key = ("reading", formula.variable)
            case Test():
                key = ("test", formula.variable, formula.codes)
            case Operation():
                key = (formula.operator, *map(self._number, formula.operands))
        number = self._numbers.setdefault(key, len(self._numbers))
        self._known[id(formula)] = (number, formula)
        return number
