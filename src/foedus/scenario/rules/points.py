"""Formulas evaluated at one point: one value for each parameter, one code for each variable."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from foedus.scenario.formulas import Formula, evaluate
from foedus.scenario.rules.intervals import LARGEST_EXPONENT, Values, logistic


class PointAlgebra:
    """Evaluates formulas to floats. NaN means "no value"; `fault` says why, in words.

    Unlike floating-point arithmetic, nothing hides a missing value except the
    branch of an `if` that is not taken and what follows a false operand of
    `and` or a true operand of `or`.
    """

    def __init__(
        self, parameters: Mapping[str, float], codes: Mapping[str, int], values: Values
    ) -> None:
        self.parameters, self.codes, self.values = parameters, codes, values
        self.faults: list[str] = []

    def number(self, value: float) -> float:
        return value

    def parameter(self, name: str) -> float:
        return self.parameters[name]

    def reading(self, variable: str) -> float:
        return self.values[variable][self.codes[variable]]

    def test(self, variable: str, codes: frozenset[int]) -> float:
        return 1.0 if self.codes[variable] in codes else 0.0

    def operation(self, operator: str, operands: tuple[float, ...]) -> float:
        match operator:
            case "if":
                condition, then, otherwise = operands
                if condition != condition:
                    return math.nan
                return then if condition != 0.0 else otherwise
            case "and":
                return _first(operands, stop=False)
            case "or":
                return _first(operands, stop=True)
        if any(x != x for x in operands):
            return math.nan
        try:
            value = _ARITHMETIC[operator](*operands)
        except _NoValueError as missing:
            self.faults.append(str(missing))
            return math.nan
        except OverflowError:
            value = math.inf
        if abs(value) > 1.7e308:
            self.faults.append("a number too large to hold")
            return math.nan
        return value


def value_at(
    formula: Formula,
    parameters: Mapping[str, float],
    codes: Mapping[str, int],
    values: Values,
) -> tuple[float, str]:
    """The formula's value, NaN where it has none, and then the reason in words."""
    algebra = PointAlgebra(parameters, codes, values)
    value = evaluate(formula, algebra)
    return value, algebra.faults[0] if value != value and algebra.faults else ""


class _NoValueError(ArithmeticError):
    """An operation has no value here."""


def _first(operands: tuple[float, ...], *, stop: bool) -> float:
    """`and` (stop at a false operand) and `or` (stop at a true one), left to right."""
    for x in operands:
        if x != x:
            return math.nan
        if (x != 0.0) == stop:
            return 1.0 if stop else 0.0
    return 0.0 if stop else 1.0


def _divide(a: float, b: float) -> float:
    if b == 0.0:
        raise _NoValueError("a division by zero")
    return a / b


def _power(a: float, b: float) -> float:
    if a == 0.0 and b < 0.0:
        raise _NoValueError("a negative power of zero")
    if a < 0.0 and b != math.floor(b):
        raise _NoValueError("a fractional power of a negative number")
    answer: float = a**b
    return answer


def _exp(a: float) -> float:
    return math.exp(a) if a <= LARGEST_EXPONENT else math.inf


def _log(a: float) -> float:
    if a <= 0.0:
        raise _NoValueError("the logarithm of a number that is not positive")
    return math.log(a)


def _sqrt(a: float) -> float:
    if a < 0.0:
        raise _NoValueError("the square root of a negative number")
    return math.sqrt(a)


_ARITHMETIC: Mapping[str, Callable[..., float]] = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "divide": _divide,
    "power": _power,
    "negate": lambda a: -a,
    "less": lambda a, b: float(a < b),
    "less_equal": lambda a, b: float(a <= b),
    "greater": lambda a, b: float(a > b),
    "greater_equal": lambda a, b: float(a >= b),
    "equal": lambda a, b: float(a == b),
    "not_equal": lambda a, b: float(a != b),
    "not": lambda a: float(a == 0.0),
    "min": min,
    "max": max,
    "exp": _exp,
    "log": _log,
    "sqrt": _sqrt,
    "abs": abs,
    "logistic": logistic,
}
