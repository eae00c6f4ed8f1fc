"""Operators applied to constants, with every result finite or refused."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from foedus.scenario.formulas import ONE, ZERO, Number

_FLOATS: Mapping[str, Callable[..., float]] = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "divide": lambda a, b: a / b,
    "power": math.pow,
    "negate": lambda a: -a,
    "less": lambda a, b: float(a < b),
    "less_equal": lambda a, b: float(a <= b),
    "greater": lambda a, b: float(a > b),
    "greater_equal": lambda a, b: float(a >= b),
    "equal": lambda a, b: float(a == b),
    "not_equal": lambda a, b: float(a != b),
    "min": min,
    "max": max,
    "exp": math.exp,
    "log": math.log,
    "sqrt": math.sqrt,
    "abs": abs,
    "logistic": lambda a: 1 / (1 + math.exp(-a)) if a > 0 else math.exp(a) / (1 + math.exp(a)),
}


def number(value: float) -> Number:
    """A constant; 0 and 1 are always the same two nodes."""
    if value == 0:
        return ZERO
    return ONE if value == 1 else Number(float(value))


def folded(operator: str, values: Sequence[float]) -> Number:
    """The operator's value; `FloatingPointError` says why there is none."""
    try:
        value = _FLOATS[operator](*values)
    except ZeroDivisionError:
        raise FloatingPointError("division by zero") from None
    except OverflowError:
        raise FloatingPointError("the number is too large") from None
    except ValueError:
        raise FloatingPointError("there is no such real number") from None
    if not math.isfinite(value):
        raise FloatingPointError("the number is too large")
    return number(value)
