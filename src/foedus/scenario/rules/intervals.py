"""Formulas evaluated to intervals: bounds that hold wherever parameters and levels lie in a box.

Bounds are those of natural interval extension (Moore, Kearfott & Cloud 2009,
*Introduction to Interval Analysis*, ch. 5). They always contain every value and
may be wider than need be. Rounding is left to the tolerance of whoever compares.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

LARGEST_EXPONENT = math.log(1.7e308)


class Interval(NamedTuple):
    """All values from `low` to `high`; `defined` unless some point of the box has no value."""

    low: float
    high: float
    defined: bool = True


ANYTHING = Interval(-math.inf, math.inf, False)
FALSE, TRUE, EITHER = Interval(0.0, 0.0), Interval(1.0, 1.0), Interval(0.0, 1.0)

Box = Mapping[str, Interval]  # parameter -> its range
Domain = Mapping[str, Sequence[int]]  # variable -> the codes it may have
Values = Mapping[str, Sequence[float]]  # variable -> number of each code; index -1 holds a zero


class IntervalAlgebra:
    """Evaluates formulas to intervals over a box of parameters and sets of codes."""

    def __init__(self, box: Box, domain: Domain, values: Values) -> None:
        self.box, self.domain, self.values = box, domain, values

    def number(self, value: float) -> Interval:
        return Interval(value, value)

    def parameter(self, name: str) -> Interval:
        return self.box[name]

    def reading(self, variable: str) -> Interval:
        numbers = self.values[variable]
        read = [numbers[code] for code in self.domain[variable]] or [0.0]
        return Interval(min(read), max(read))

    def test(self, variable: str, codes: frozenset[int]) -> Interval:
        domain = self.domain[variable]
        hits = sum(code in codes for code in domain)
        return FALSE if hits == 0 else TRUE if hits == len(domain) else EITHER

    def operation(self, operator: str, operands: tuple[Interval, ...]) -> Interval:
        return OPERATIONS[operator](*operands)


def _finite(low: float, high: float, defined: bool) -> Interval:
    """An interval that counts as undefined where it overflows."""
    if low >= -1.7e308 and high <= 1.7e308:  # also false for NaN
        return Interval(low, high, defined)
    return ANYTHING


def _add(a: Interval, b: Interval) -> Interval:
    return _finite(a.low + b.low, a.high + b.high, a.defined and b.defined)


def _subtract(a: Interval, b: Interval) -> Interval:
    return _finite(a.low - b.high, a.high - b.low, a.defined and b.defined)


def _multiply(a: Interval, b: Interval) -> Interval:
    corners = (a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high)
    return _finite(min(corners), max(corners), a.defined and b.defined)


def _divide(a: Interval, b: Interval) -> Interval:
    if b.low <= 0.0 <= b.high:
        return ANYTHING
    corners = (a.low / b.low, a.low / b.high, a.high / b.low, a.high / b.high)
    return _finite(min(corners), max(corners), a.defined and b.defined)


def _power(a: Interval, b: Interval) -> Interval:
    whole = b.low == b.high and b.low == int(b.low) if math.isfinite(b.low) else False
    if (a.low < 0.0 and not whole) or (a.low <= 0.0 <= a.high and b.low < 0.0):
        return ANYTHING
    try:
        # Over positive bases, and for one whole exponent, extremes lie at corners or at zero.
        corners = [x**y for x in (a.low, a.high) for y in (b.low, b.high)]
        if a.low < 0.0 < a.high:
            corners.append(0.0**b.low)
    except (OverflowError, ZeroDivisionError):
        return ANYTHING
    return _finite(min(corners), max(corners), a.defined and b.defined)


def _compare(a: Interval, b: Interval, *, always: bool, never: bool) -> Interval:
    defined = a.defined and b.defined
    if always and defined:
        return TRUE
    return FALSE if never and defined else Interval(0.0, 1.0, defined)


def _less(a: Interval, b: Interval) -> Interval:
    return _compare(a, b, always=a.high < b.low, never=a.low >= b.high)


def _less_equal(a: Interval, b: Interval) -> Interval:
    return _compare(a, b, always=a.high <= b.low, never=a.low > b.high)


def _equal(a: Interval, b: Interval) -> Interval:
    same = a.low == a.high == b.low == b.high
    return _compare(a, b, always=same, never=a.high < b.low or b.high < a.low)


def _not(a: Interval) -> Interval:
    if a.low > 0.0 or a.high < 0.0:
        return Interval(0.0, 0.0, a.defined)
    return Interval(1.0 if a.low == a.high else 0.0, 1.0, a.defined)


def _and(*operands: Interval) -> Interval:
    """False as soon as one is surely false; what follows that one cannot spoil it."""
    defined, low = True, 1.0
    for operand in operands:
        if operand.low == operand.high == 0.0:
            return Interval(0.0, 0.0, defined)
        defined = defined and operand.defined
        if operand.low <= 0.0 <= operand.high:
            low = 0.0
    return Interval(low, 1.0, defined)


def _or(*operands: Interval) -> Interval:
    return _not(_and(*map(_not, operands)))


def _if(condition: Interval, then: Interval, otherwise: Interval) -> Interval:
    if condition.low > 0.0 or condition.high < 0.0:
        return then._replace(defined=then.defined and condition.defined)
    if condition.low == condition.high:
        return otherwise._replace(defined=otherwise.defined and condition.defined)
    return Interval(
        min(then.low, otherwise.low),
        max(then.high, otherwise.high),
        condition.defined and then.defined and otherwise.defined,
    )


def _min(*operands: Interval) -> Interval:
    lows, highs, defined = zip(*operands, strict=True)
    return Interval(min(lows), min(highs), all(defined))


def _max(*operands: Interval) -> Interval:
    lows, highs, defined = zip(*operands, strict=True)
    return Interval(max(lows), max(highs), all(defined))


def _abs(a: Interval) -> Interval:
    low = 0.0 if a.low <= 0.0 <= a.high else min(abs(a.low), abs(a.high))
    return Interval(low, max(-a.low, a.high), a.defined)


def _exp(a: Interval) -> Interval:
    if a.high > LARGEST_EXPONENT:
        return ANYTHING
    return Interval(math.exp(a.low), math.exp(a.high), a.defined)


def _log(a: Interval) -> Interval:
    if a.low <= 0.0 or not a.defined:
        return ANYTHING
    return Interval(math.log(a.low), math.log(a.high))


def _sqrt(a: Interval) -> Interval:
    if a.low < 0.0 or not a.defined:
        return ANYTHING
    return Interval(math.sqrt(a.low), math.sqrt(a.high))


def logistic(x: float) -> float:
    """The logistic function, 1 / (1 + exp(-x)), without overflow."""
    return 1.0 / (1.0 + math.exp(-x)) if x > -LARGEST_EXPONENT else 0.0


OPERATIONS: Mapping[str, Callable[..., Interval]] = {
    "add": _add,
    "subtract": _subtract,
    "multiply": _multiply,
    "divide": _divide,
    "power": _power,
    "negate": lambda a: Interval(-a.high, -a.low, a.defined),
    "less": _less,
    "less_equal": _less_equal,
    "greater": lambda a, b: _less(b, a),
    "greater_equal": lambda a, b: _less_equal(b, a),
    "equal": _equal,
    "not_equal": lambda a, b: _not(_equal(a, b)),
    "and": _and,
    "or": _or,
    "not": _not,
    "if": _if,
    "min": _min,
    "max": _max,
    "exp": _exp,
    "log": _log,
    "sqrt": _sqrt,
    "abs": _abs,
    "logistic": lambda a: Interval(logistic(a.low), logistic(a.high), a.defined),
}
