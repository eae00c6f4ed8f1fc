"""Small rules by hand: formulas with Python's own operators, and rules with sensible defaults."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from foedus.scenario.formulas import ONE, Formula, Number, Operation, ParameterValue, Reading, Test
from foedus.scenario.model import (
    Action,
    Block,
    ChanceMove,
    Ending,
    Horizon,
    Move,
    Outcome,
    Parameter,
    Part,
    Player,
    Rule,
    Rules,
    Start,
    Transition,
    Variable,
)


class F:
    """A formula that is written with operators."""

    def __init__(self, node: Formula) -> None:
        self.node = node

    def __add__(self, other: Any) -> F:
        return op("add", self, other)

    def __radd__(self, other: Any) -> F:
        return op("add", other, self)

    def __sub__(self, other: Any) -> F:
        return op("subtract", self, other)

    def __rsub__(self, other: Any) -> F:
        return op("subtract", other, self)

    def __mul__(self, other: Any) -> F:
        return op("multiply", self, other)

    def __rmul__(self, other: Any) -> F:
        return op("multiply", other, self)

    def __truediv__(self, other: Any) -> F:
        return op("divide", self, other)

    def __rtruediv__(self, other: Any) -> F:
        return op("divide", other, self)

    def __pow__(self, other: Any) -> F:
        return op("power", self, other)

    def __neg__(self) -> F:
        return op("negate", self)

    def __and__(self, other: Any) -> F:
        return op("and", self, other)

    def __or__(self, other: Any) -> F:
        return op("or", self, other)

    def __invert__(self) -> F:
        return op("not", self)

    def __gt__(self, other: Any) -> F:
        return op("greater", self, other)


def node(x: Any) -> Formula:
    """The formula behind whatever was written."""
    if isinstance(x, F):
        return x.node
    return ONE if x is True else Number(float(x))


def op(operator: str, *operands: Any) -> F:
    return F(Operation(operator, tuple(map(node, operands))))


def par(name: str) -> F:
    return F(ParameterValue(name))


def reading(name: str) -> F:
    return F(Reading(name))


def is_(name: str, *codes: int) -> F:
    return F(Test(name, frozenset(codes)))


def variable(name: str, levels: str | Iterable[str], *, numeric: bool = False) -> Variable:
    names = tuple(levels.split()) if isinstance(levels, str) else tuple(levels)
    return Variable(
        name=name, levels=names, values=tuple(map(float, range(len(names)))), numeric=numeric
    )


def move(
    name: str, actions: Mapping[int, Any] | int, *, when: Any = True, player: str = "A"
) -> Move:
    """A move; `actions` maps codes to conditions, or counts unconditional actions."""
    given = dict.fromkeys(range(actions), True) if isinstance(actions, int) else actions
    return Move(
        variable=name,
        player=player,
        when=node(when),
        actions=tuple(Action(code=c, label="", when=node(w)) for c, w in given.items()),
    )


def chance(name: str, outcomes: Iterable[Any], *, when: Any = True) -> ChanceMove:
    return ChanceMove(
        variable=name,
        when=node(when),
        outcomes=tuple((code, node(p)) for code, p in enumerate(outcomes)),
    )


def rule(
    *, when: Any = True, to: Mapping[int, Any] | int = {}, up: Any = None, down: Any = None
) -> Rule:
    levels = {to: True} if isinstance(to, int) else to
    outcomes = [Outcome(probability=node(p), level=level) for level, p in levels.items()]
    outcomes += [
        Outcome(probability=node(p), shift=shift)
        for p, shift in ((up, 1), (down, -1))
        if p is not None
    ]
    return Rule(when=node(when), outcomes=tuple(outcomes))


def rules(
    *,
    parameters: Mapping[str, tuple[float, float]] | None = None,
    factors: Iterable[Variable] = (),
    endings: Iterable[tuple[str, str, Mapping[str, Any]]] = (),
    moves: Iterable[Variable] = (),
    sequence: Iterable[Move | ChanceMove | Block] = (),
    transitions: Mapping[str, Iterable[Rule]] | None = None,
    parts: Mapping[tuple[str, str], Any] | None = None,
    starts: Mapping[str, int | Mapping[int, float]] | None = None,
    players: Mapping[str, Any] | None = None,
    solve: int | None = 10,
    regime: str | None = None,
    precision: tuple[float, float] = (5.0, 5.0),
    own_precision: Any = None,
    terminal: Mapping[str, Any] | None = None,
) -> Rules:
    """Rules with one player A unless told otherwise; `starts` gives one start."""
    factors = tuple(factors)
    start = {f.name: 0 for f in factors} | dict(starts or {})
    return Rules(
        title="test",
        regime=regime,
        variant=None,
        period="year",
        horizon=Horizon(solve=solve, evaluate=5),
        players=tuple(
            Player(
                name=name,
                label=name,
                discount=node(discount),
                precision=None if own_precision is None else node(own_precision),
            )
            for name, discount in (players or {"A": 0.9}).items()
        ),
        parameters=tuple(
            Parameter(name=name, low=low, high=high, value=(low + high) / 2)
            for name, (low, high) in (parameters or {}).items()
        ),
        precision=Parameter(name="precision", low=precision[0], high=precision[1], value=5.0),
        factors=factors,
        endings=tuple(
            Ending(
                factor=factor,
                name=name,
                label=name,
                payoffs={player: node(f) for player, f in paid.items()},
            )
            for factor, name, paid in endings
        ),
        moves=tuple(moves),
        sequence=tuple(
            Block(moves=(item,), sees=((True,),)) if isinstance(item, Move) else item
            for item in sequence
        ),
        transitions=tuple(
            Transition(factor=factor, rules=tuple(found))
            for factor, found in (transitions or {}).items()
        ),
        parts=tuple(
            Part(player=player, name=name, formula=node(f))
            for (player, name), f in (parts or {}).items()
        ),
        terminal={player: node(f) for player, f in (terminal or {}).items()},
        starts=(
            Start(
                name="first",
                label="",
                factors={
                    name: given if isinstance(given, Mapping) else {given: 1.0}
                    for name, given in start.items()
                },
            ),
        ),
        quantities=(),
    )


def codes(found: Iterable[Any]) -> list[str]:
    """The codes of findings, in order."""
    return [finding.code for finding in found]
