"""Statements as data: what a claim says about quantities, once every name in it is known.

A `Term` is a number in each draw of the parameters, a `Statement` is true or false. A
`Statistic` stands for one number over all draws instead; a statement that holds one is
about the region of assumptions as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from foedus.scenario.formulas import Number, ParameterValue

Relation = Literal["<", "<=", "==", "!=", ">=", ">"]
StatisticName = Literal["share", "mean", "median", "quantile", "correlation"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """The value of a quantity under a regime.

    - `without`: the mechanism that is switched off, if any.
    - `under`: the counterfactual play that takes the place of equilibrium play, if any.
    """

    quantity: str
    regime: str
    without: str | None = None
    under: str | None = None


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """An operator of formulas (`add`, `subtract`, `min`, `exp`, ...) applied to terms, in order."""

    operator: str
    operands: tuple[Term, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistic:
    """One number over the draws in which `given` holds (all of them where it is None).

    `share` is of a statement, the others are of a term. `by` is the other term of a rank
    `correlation` (Spearman), and the probability of a `quantile`.
    """

    name: StatisticName
    of: Term | Statement
    by: Term | None = None
    given: Statement | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """`left relation right`. Differences within a claim's margin count as none."""

    left: Term
    relation: Relation
    right: Term


@dataclass(frozen=True, slots=True)
class All:
    """Every statement holds."""

    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Some:
    """At least one statement holds."""

    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The statement does not hold."""

    statement: Statement


Term = Number | ParameterValue | Figure | Arithmetic | Statistic
Statement = Comparison | All | Some | Not


def inner(node: Term | Statement) -> Iterator[Term | Statement]:
    """Everything directly inside a term or statement, in reading order."""
    match node:
        case Arithmetic():
            yield from node.operands
        case Statistic():
            yield from (part for part in (node.of, node.by, node.given) if part is not None)
        case Comparison():
            yield node.left
            yield node.right
        case All() | Some():
            yield from node.statements
        case Not():
            yield node.statement


def walk(node: Term | Statement) -> Iterator[Term | Statement]:
    """The node and everything inside it, in reading order."""
    yield node
    for part in inner(node):
        yield from walk(part)


def figures(*nodes: Term | Statement) -> tuple[Figure, ...]:
    """The figures that are read, each once, in reading order."""
    found = (part for node in nodes for part in walk(node) if isinstance(part, Figure))
    return tuple(dict.fromkeys(found))


def about_region(node: Term | Statement) -> bool:
    """Whether it says something of all draws together, not of each."""
    return any(isinstance(part, Statistic) for part in walk(node))
