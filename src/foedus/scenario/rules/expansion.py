"""Formulas multiplied out to ratios of polynomials, so that what cancels does cancel.

Interval arithmetic forgets that the two `beta` of `mu*(1 + beta) + mu*(1 - beta)`
are the same number. Multiplied out, the sum is `2*mu`. Parameters, readings and
tests are atoms; so is every operation that is no polynomial, such as `max` or
`exp`. An atom that is the larger or the smaller of two polynomials remembers
them: where bounds through the atom are too wide, each case is looked at.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from foedus.scenario.rules.intervals import EITHER, Interval, IntervalAlgebra
from foedus.scenario.rules.polynomials import (
    ONE,
    Maximum,
    Polynomial,
    TooLongError,
    combine,
    constant,
    multiply,
)

LARGEST_POWER = 6


@dataclass(frozen=True, slots=True)
class Ratio:
    """`top / bottom` with its bounds; `truth` where it can only be 0 or 1."""

    interval: Interval
    top: Polynomial
    bottom: Polynomial
    truth: bool = False

    @property
    def key(self) -> Hashable:
        """Equal for equal ratios."""
        return frozenset(self.top.items()), frozenset(self.bottom.items())


@dataclass(frozen=True, slots=True)
class Cases:
    """An atom that is the larger (or the smaller) of two polynomials."""

    larger: bool
    first: Polynomial
    second: Polynomial


class Expansion:
    """An algebra that evaluates formulas to ratios over a growing list of atoms."""

    def __init__(self, algebra: IntervalAlgebra) -> None:
        self.algebra = algebra
        self.atoms: list[Interval] = []
        self.binary: list[bool] = []
        self.cases: dict[int, Cases] = {}
        self.parameters: dict[int, str] = {}  # atoms that are parameters
        self._known: dict[Hashable, int] = {}

    def number(self, value: float) -> Ratio:
        return _point(value)

    def parameter(self, name: str) -> Ratio:
        interval = self.algebra.parameter(name)
        atom = self._atom(("parameter", name), interval)
        if interval.low != interval.high:
            self.parameters[self._known["parameter", name]] = name
        return atom

    def reading(self, variable: str) -> Ratio:
        return self._atom(("reading", variable), self.algebra.reading(variable))

    def test(self, variable: str, codes: frozenset[int]) -> Ratio:
        return self._atom(("test", variable, codes), self.algebra.test(variable, codes), truth=True)

    def operation(self, operator: str, operands: tuple[Ratio, ...]) -> Ratio:
        interval = self.algebra.operation(operator, tuple([o.interval for o in operands]))
        if not interval.defined:
            # Perhaps only because the operands' own bounds are too wide.
            interval = self.algebra.operation(operator, tuple(map(self.tight, operands)))
        if interval.low == interval.high and interval.defined:
            return _point(interval.low)
        try:
            answer = self._expand(operator, operands, interval)
        except TooLongError:
            answer = None
        if answer is not None:
            return answer
        truth = operator in ("less", "less_equal", "greater", "greater_equal", "equal")
        truth = truth or operator in ("not_equal", "and", "or", "not")
        return self._atom((operator, *(o.key for o in operands)), interval, truth=truth)

    def tight(self, ratio: Ratio) -> Interval:
        """Bounds that know about cancelling."""
        low, high, defined = ratio.interval
        found = [i for monomial in ratio.top for i in monomial]
        # Where every atom stands once, interval arithmetic is exact already.
        if ratio.bottom is ONE and defined and len(set(found)) < len(found):
            high = min(high, Maximum(ratio.top, self.atoms).value)
            low = max(low, -Maximum(combine({}, ratio.top, -1.0), self.atoms).value)
        return Interval(low, max(low, high), defined)

    def _atom(self, key: Hashable, interval: Interval, *, truth: bool = False) -> Ratio:
        if interval.low == interval.high and interval.defined:
            return _point(interval.low)
        index = self._known.setdefault(key, len(self.atoms))
        if index == len(self.atoms):
            self.atoms.append(interval)
            self.binary.append(truth)
        return Ratio(interval, {(index,): 1.0}, ONE, truth)

    def _expand(
        self, operator: str, operands: tuple[Ratio, ...], interval: Interval
    ) -> Ratio | None:
        """The result as a ratio of polynomials in the operands' atoms, where it is one."""
        match operator, operands:
            case "add", (a, b):
                return self._sum(a, b, 1.0, interval)
            case "subtract", (a, b):
                return self._sum(a, b, -1.0, interval)
            case "negate", (a,):
                return Ratio(interval, combine({}, a.top, -1.0), a.bottom)
            case "multiply", (a, b):
                return Ratio(interval, self._times(a.top, b.top), self._times(a.bottom, b.bottom))
            case "divide", (a, b) if interval.defined:
                return Ratio(interval, self._times(a.top, b.bottom), self._times(a.bottom, b.top))
            case "power", (a, b):
                return self._power(a, b, interval)
            case "and" | "or" | "not", _ if all(o.truth and o.bottom is ONE for o in operands):
                return Ratio(interval, self._logic(operator, operands), ONE, truth=True)
            case "if", (condition, then, otherwise):
                return self._choice(condition, then, otherwise, interval)
            case "max" | "min", _:
                return self._extreme(operands, larger=operator == "max")
            case "abs", (a,):
                return self._extreme((a, self.operation("negate", (a,))), larger=True)
        return None

    def _times(self, a: Polynomial, b: Polynomial) -> Polynomial:
        if a is ONE:
            return b
        return a if b is ONE else multiply(a, b, self.binary)

    def _sum(self, a: Ratio, b: Ratio, sign: float, interval: Interval) -> Ratio:
        if a.bottom == b.bottom:
            return Ratio(interval, combine(a.top, b.top, sign), a.bottom)
        top = combine(self._times(a.top, b.bottom), self._times(b.top, a.bottom), sign)
        return Ratio(interval, top, self._times(a.bottom, b.bottom))

    def _power(self, a: Ratio, b: Ratio, interval: Interval) -> Ratio | None:
        exponent = b.interval.low
        if exponent != b.interval.high or exponent not in range(1, LARGEST_POWER + 1):
            return None
        top, bottom = a.top, a.bottom
        for _ in range(int(exponent) - 1):
            top, bottom = self._times(top, a.top), self._times(bottom, a.bottom)
        return Ratio(interval, top, bottom)

    def _logic(self, operator: str, operands: tuple[Ratio, ...]) -> Polynomial:
        """Truths as numbers: not x = 1 - x, x and y = x y, x or y = not (not x and not y)."""
        negated = operator != "and"
        product = ONE
        for operand in operands:
            factor = combine(ONE, operand.top, -1.0) if negated else operand.top
            product = self._times(product, factor)
        return combine(ONE, product, -1.0) if operator == "or" else product

    def _choice(
        self, condition: Ratio, then: Ratio, otherwise: Ratio, interval: Interval
    ) -> Ratio | None:
        """c x + (1 - c) y for a condition c that is 0 or 1."""
        low, high, _ = condition.interval
        if low > 0.0 or high < 0.0:
            return Ratio(interval, then.top, then.bottom, then.truth)
        if low == high:
            return Ratio(interval, otherwise.top, otherwise.bottom, otherwise.truth)
        if not condition.truth or condition.bottom is not ONE:
            condition = self._atom(("nonzero", condition.key), EITHER, truth=True)
        difference = self._sum(then, otherwise, -1.0, interval)
        chosen = Ratio(interval, self._times(condition.top, difference.top), difference.bottom)
        return self._sum(otherwise, chosen, 1.0, interval)

    def _extreme(self, operands: tuple[Ratio, ...], *, larger: bool) -> Ratio | None:
        best = operands[0]
        for other in operands[1:]:
            a, b = self.tight(best), self.tight(other)
            if not (a.defined and b.defined):
                return None
            above, below = a.low >= b.high, a.high <= b.low
            if above or below:
                best = best if above == larger else other
                continue
            pick = max if larger else min
            interval = Interval(pick(a.low, b.low), pick(a.high, b.high))
            best, first, second = (
                self._atom(("max" if larger else "min", best.key, other.key), interval),
                best,
                other,
            )
            if first.bottom is ONE and second.bottom is ONE:
                (index,) = next(iter(best.top))
                self.cases[index] = Cases(larger, first.top, second.top)
        return best


def _point(value: float) -> Ratio:
    """One number, whatever the atoms are."""
    return Ratio(Interval(value, value), constant(value), ONE, value in (0.0, 1.0))
