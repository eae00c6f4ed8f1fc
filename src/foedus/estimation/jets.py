r"""Jets: numbers by row with their first and second derivatives, carried through arithmetic.

A jet is a value $v$ by row with its gradient $g$ and Hessian $h$ in some variables. A function
$f$ of a jet has the jet $(f(v),\; f'(v)\, g,\; f'(v)\, h + f''(v)\, g g^\top)$. Everything is
plain NumPy, so that there is nothing to compile and any number of rows is one call. The functions
here take plain arrays as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import scipy.special
from jaxtyping import Float

Number: TypeAlias = Any  # a jet, an array over rows, or a number
Pair: TypeAlias = tuple[int, int]
ROOT = float(np.sqrt(2.0 * np.pi))


class Jet:
    """A number by row that knows how it moves with some of the variables, to second order.

    `gradient[i]` and `hessian[i, j]` with i <= j are arrays over rows or plain numbers; what is
    not there is 0. Payoffs touch few variables each, so that most of a dense Hessian is empty.
    """

    __slots__ = ("gradient", "hessian", "value")
    __array_ufunc__ = None  # arrays leave arithmetic with jets to the jets

    def __init__(self, value: Any, gradient: dict[int, Any], hessian: dict[Pair, Any]) -> None:
        self.value = value
        self.gradient = gradient
        self.hessian = hessian

    def apply(self, value: Any, first: Any, second: Any) -> Jet:
        """A function of this jet, given its value and its two derivatives by row."""
        moved = list(self.gradient.items())
        gradient = {i: first * g for i, g in moved}
        hessian = {pair: first * h for pair, h in self.hessian.items()}
        for at, (i, g) in enumerate(moved):
            bent = second * g
            for j, other in moved[at:]:
                pair = (i, j) if i <= j else (j, i)
                here = hessian.get(pair)
                hessian[pair] = bent * other if here is None else here + bent * other
        return Jet(value, gradient, hessian)

    def __add__(self, other: Number) -> Jet:
        if isinstance(other, Jet):
            return Jet(
                self.value + other.value,
                _added(self.gradient, other.gradient),
                _added(self.hessian, other.hessian),
            )
        return Jet(self.value + other, self.gradient, self.hessian)

    def __mul__(self, other: Number) -> Jet:
        a, b = self.value, other.value if isinstance(other, Jet) else other
        gradient = {i: g * b for i, g in self.gradient.items()}
        hessian = {pair: h * b for pair, h in self.hessian.items()}
        if isinstance(other, Jet):
            gradient = _added(gradient, {i: a * g for i, g in other.gradient.items()})
            hessian = _added(hessian, {pair: a * h for pair, h in other.hessian.items()})
            for i, g in self.gradient.items():
                for j, k in other.gradient.items():
                    pair, cross = (i, j) if i <= j else (j, i), g * k
                    if i == j:
                        cross = 2.0 * cross
                    here = hessian.get(pair)
                    hessian[pair] = cross if here is None else here + cross
        return Jet(a * b, gradient, hessian)

    __radd__ = __add__
    __rmul__ = __mul__

    def __neg__(self) -> Jet:
        return Jet(
            -self.value,
            {i: -g for i, g in self.gradient.items()},
            {pair: -h for pair, h in self.hessian.items()},
        )

    def __sub__(self, other: Number) -> Jet:
        return self.__add__(-other)

    def __rsub__(self, other: Number) -> Jet:
        return (-self).__add__(other)

    def __truediv__(self, other: Number) -> Jet:
        return self.__mul__(power(other, -1.0) if isinstance(other, Jet) else 1.0 / other)

    def __rtruediv__(self, other: Number) -> Jet:
        inverse: Jet = power(self, -1.0)
        return inverse.__mul__(other)


def _added(one: dict[Any, Any], other: dict[Any, Any]) -> dict[Any, Any]:
    if not other:
        return one
    if not one:
        return other
    total = dict(one)
    for key, value in other.items():
        here = total.get(key)
        total[key] = value if here is None else here + value
    return total


def variables(values: Float[np.ndarray, "variables rows"]) -> list[Jet]:
    """One jet for each row of `values`: the variables that everything else is a function of.

    >>> x, y = variables(np.array([[2.0], [5.0]]))
    >>> (x * y / x).gradient[1]
    array([1.])
    """
    return [Jet(row, {i: 1.0}, {}) for i, row in enumerate(values)]


def value_of(number: Number) -> Any:
    """The value alone."""
    return number.value if isinstance(number, Jet) else number


def exp(x: Number) -> Number:
    """The exponential function."""
    if not isinstance(x, Jet):
        return np.exp(x)
    value = np.exp(x.value)
    return x.apply(value, value, value)


def log(x: Number) -> Number:
    """The natural logarithm."""
    if not isinstance(x, Jet):
        return np.log(x)
    inverse = 1.0 / x.value
    return x.apply(np.log(x.value), inverse, -inverse * inverse)


def power(x: Number, exponent: float) -> Number:
    """`x` to a constant power."""
    if not isinstance(x, Jet):
        return x**exponent
    lower = x.value ** (exponent - 1.0)
    second = exponent * (exponent - 1.0) * lower / x.value
    return x.apply(lower * x.value, exponent * lower, second)


def log_logistic(x: Number) -> Number:
    r"""$\log \Lambda(x) = -\log(1 + e^{-x})$."""
    if not isinstance(x, Jet):
        return -np.logaddexp(0.0, -x)
    above = scipy.special.expit(-x.value)
    return x.apply(-np.logaddexp(0.0, -x.value), above, -above * (1.0 - above))


def log_normal_cdf(x: Number) -> Number:
    r"""$\log \Phi(x)$, exact in both tails."""
    if not isinstance(x, Jet):
        return scipy.special.log_ndtr(x)
    value = scipy.special.log_ndtr(x.value)
    ratio = np.exp(-0.5 * x.value * x.value - value) / np.sqrt(2.0 * np.pi)
    return x.apply(value, ratio, -ratio * (x.value + ratio))


def log_logistic_both(x: Number) -> tuple[Number, Number]:
    r"""$\log \Lambda(x)$ and $\log \Lambda(-x)$, for the price of one."""
    v = value_of(x)
    tail = np.exp(-np.abs(v))
    rest = -np.log1p(tail)
    here, there = rest + np.minimum(v, 0.0), rest - np.maximum(v, 0.0)
    if not isinstance(x, Jet):
        return here, there
    small, large, left = tail / (1.0 + tail), 1.0 / (1.0 + tail), np.signbit(v)
    above, below = np.where(left, small, large), np.where(left, large, small)
    bend = -small * large
    return x.apply(here, below, bend), x.apply(there, -above, bend)


def log_normal_cdf_both(x: Number) -> tuple[Number, Number]:
    r"""$\log \Phi(x)$ and $\log \Phi(-x)$, exact in both tails, for the price of one."""
    v = value_of(x)
    tail = scipy.special.ndtr(-np.abs(v))
    with np.errstate(divide="ignore"):
        small, large = np.log(tail), np.log1p(-tail)
    far = tail < 1e-290
    if np.any(far):  # the tail is no longer a normal number, its logarithm is
        small = np.where(far, scipy.special.log_ndtr(-np.abs(v)), small)
    left = np.signbit(v)
    here, there = np.where(left, small, large), np.where(left, large, small)
    if not isinstance(x, Jet):
        return here, there
    square = -0.5 * v * v
    density = np.exp(square) / ROOT
    with np.errstate(divide="ignore", invalid="ignore"):
        steep, flat = density / tail, density / (1.0 - tail)
    if np.any(far):
        steep = np.where(far, np.exp(square - small) / ROOT, steep)
    up, down = np.where(left, steep, flat), np.where(left, flat, steep)
    return x.apply(here, up, -up * (v + up)), x.apply(there, -down, -down * (down - v))


def normal_cdf(x: Number) -> Number:
    r"""$\Phi(x)$."""
    if not isinstance(x, Jet):
        return scipy.special.ndtr(x)
    density = np.exp(-0.5 * x.value * x.value) / np.sqrt(2.0 * np.pi)
    return x.apply(scipy.special.ndtr(x.value), density, -x.value * density)


def log_sum_exp(terms: Sequence[Number]) -> Number:
    r"""$\log \sum_k e^{x_k}$, without overflow."""
    top = value_of(terms[0])
    for term in terms[1:]:
        top = np.maximum(top, value_of(term))
    total = exp(terms[0] - top)
    for term in terms[1:]:
        total = total + exp(term - top)
    return log(total) + top


def weighted_sum(weights: Sequence[Number], terms: Sequence[Number]) -> Number:
    r"""$\sum_k w_k x_k$."""
    total: Number = 0.0
    for weight, term in zip(weights, terms, strict=True):
        total = total + weight * term
    return total
