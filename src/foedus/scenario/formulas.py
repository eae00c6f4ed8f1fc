"""Formulas as data: what an expression means once every name in it is known.

A formula is a tree of five kinds of node. Variables hold *codes* (the position
of a level or an action in its list; -1 means that nobody chose anything), so a
`Test` asks for codes and a `Reading` looks a number up by code. Truth is 1.0
and 0.0 throughout, which lets analysts write `cost * (phase == war)`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class Number:
    """A literal."""

    value: float


@dataclass(frozen=True, slots=True, eq=False)
class ParameterValue:
    """The value of a declared parameter."""

    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """The number that goes with a variable's current level, `level(x)` or a numeric `x`."""

    variable: str


@dataclass(frozen=True, slots=True, eq=False)
class Test:
    """1.0 where the variable's code is one of `codes`, else 0.0."""

    variable: str
    codes: frozenset[int]


@dataclass(frozen=True, slots=True, eq=False)
class Operation:
    """An operator of `OPERATORS` applied to its operands, in order."""

    operator: str
    operands: tuple[Formula, ...]


Formula = Number | ParameterValue | Reading | Test | Operation

# Operator -> number of operands; None means "two or more".
OPERATORS: dict[str, int | None] = {
    "add": 2, "subtract": 2, "multiply": 2, "divide": 2, "power": 2, "negate": 1,
    "less": 2, "less_equal": 2, "greater": 2, "greater_equal": 2, "equal": 2, "not_equal": 2,
    "and": None, "or": None, "not": 1,
    "if": 3,  # condition, value when true, value when false
    "min": None, "max": None, "exp": 1, "log": 1, "sqrt": 1, "abs": 1, "logistic": 1,
}  # fmt: skip


class Algebra(Protocol[T]):
    """What a formula is evaluated into: floats, intervals, arrays."""

    def number(self, value: float) -> T: ...
    def parameter(self, name: str) -> T: ...
    def reading(self, variable: str) -> T: ...
    def test(self, variable: str, codes: frozenset[int]) -> T: ...
    def operation(self, operator: str, operands: tuple[T, ...]) -> T: ...


def evaluate(formula: Formula, algebra: Algebra[T], known: dict[int, T] | None = None) -> T:
    """The formula's value in `algebra`; every shared node is evaluated once.

    `known` remembers values by node, across formulas that share nodes, for as
    long as the caller keeps both the formulas and the situation they are read in.
    """
    known = {} if known is None else known

    def value(node: Formula) -> T:
        if id(node) in known:
            return known[id(node)]
        match node:
            case Number():
                answer = algebra.number(node.value)
            case ParameterValue():
                answer = algebra.parameter(node.name)
            case Reading():
                answer = algebra.reading(node.variable)
            case Test():
                answer = algebra.test(node.variable, node.codes)
            case Operation():
                answer = algebra.operation(node.operator, tuple(map(value, node.operands)))
        known[id(node)] = answer
        return answer

    return value(formula)


def nodes(formula: Formula) -> Iterator[Formula]:
    """Every distinct node of the formula, operands before the operations that use them."""
    seen: set[int] = set()

    def visit(node: Formula) -> Iterator[Formula]:
        if id(node) in seen:
            return
        seen.add(id(node))
        if isinstance(node, Operation):
            for operand in node.operands:
                yield from visit(operand)
        yield node

    return visit(formula)


def variables(formula: Formula) -> frozenset[str]:
    """Names of the variables (factors, moves, chance moves, next levels) that it reads."""
    return frozenset(n.variable for n in nodes(formula) if isinstance(n, Reading | Test))


def parameters(formula: Formula) -> frozenset[str]:
    """Names of the parameters that it reads."""
    return frozenset(n.name for n in nodes(formula) if isinstance(n, ParameterValue))


ZERO, ONE = Number(0.0), Number(1.0)
