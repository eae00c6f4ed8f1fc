"""Exact derivatives of a term at one point, from those of the figures in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from foedus.errors import QueryError
from foedus.scenario.formulas import Number, ParameterValue
from foedus.scenario.statements import Arithmetic, Figure, Term

Gradient = Float[np.ndarray, "parameters"]


@dataclass(frozen=True, eq=False)
class Slope:
    """A number and its derivative by every parameter.

    >>> x = Slope(3.0, np.array([1.0, 0.0]))
    >>> y = Slope(2.0, np.array([0.0, 1.0]))
    >>> product = OPERATIONS["multiply"](x, y)
    >>> print(product.value, product.gradient)
    6.0 [2. 3.]
    """

    value: float
    gradient: Gradient


def slope(
    term: Term,
    *,
    figures: Mapping[Figure, Slope],
    parameters: Mapping[str, float],
    names: tuple[str, ...],
) -> Slope:
    """The term's value and gradient by the chain rule, the columns in the order of `names`.

    At a kink, as of `min` where both operands are equal, the first operand's derivative
    counts. `parameters` may hold more than `names`; those are constants.

    Raises `QueryError` for a figure that is not given and for a statistic over draws.
    """
    match term:
        case Number():
            return Slope(term.value, np.zeros(len(names)))
        case ParameterValue():
            unit = np.array([float(name == term.name) for name in names])
            return Slope(parameters[term.name], unit)
        case Figure() if term in figures:
            return figures[term]
        case Arithmetic():
            operands = [
                slope(operand, figures=figures, parameters=parameters, names=names)
                for operand in term.operands
            ]
            return OPERATIONS[term.operator](*operands)
    raise QueryError(f"no derivative is known of {term}")


def _of_one(
    function: Callable[[float], float], derivative: Callable[[float], float]
) -> Callable[[Slope], Slope]:
    def applied(x: Slope) -> Slope:
        with np.errstate(all="ignore"):
            return Slope(float(function(x.value)), float(derivative(x.value)) * x.gradient)

    return applied


def _divide(x: Slope, y: Slope) -> Slope:
    with np.errstate(all="ignore"):
        quotient = np.divide(x.value, y.value)
        return Slope(float(quotient), (x.gradient - quotient * y.gradient) / y.value)


def _power(x: Slope, y: Slope) -> Slope:
    with np.errstate(all="ignore"):
        value = np.power(x.value, y.value)
        by_base = y.value * np.power(x.value, y.value - 1) * x.gradient
        by_exponent = value * np.log(x.value) * y.gradient if y.gradient.any() else 0.0
    return Slope(float(value), by_base + by_exponent)


def _multiply(x: Slope, y: Slope) -> Slope:
    return Slope(x.value * y.value, y.value * x.gradient + x.value * y.gradient)


def _logistic(x: float) -> float:
    return float(1 / (1 + np.exp(-x)))


OPERATIONS: Mapping[str, Callable[..., Slope]] = {
    "add": lambda x, y: Slope(x.value + y.value, x.gradient + y.gradient),
    "subtract": lambda x, y: Slope(x.value - y.value, x.gradient - y.gradient),
    "multiply": _multiply,
    "divide": _divide,
    "power": _power,
    "negate": lambda x: Slope(-x.value, -x.gradient),
    "min": lambda *xs: min(xs, key=lambda x: x.value),
    "max": lambda *xs: max(xs, key=lambda x: x.value),
    "abs": _of_one(abs, np.sign),
    "exp": _of_one(np.exp, np.exp),
    "log": _of_one(np.log, lambda x: float(np.divide(1, x))),
    "sqrt": _of_one(np.sqrt, lambda x: float(np.divide(0.5, np.sqrt(x)))),
    "logistic": _of_one(_logistic, lambda x: _logistic(x) * (1 - _logistic(x))),
}
