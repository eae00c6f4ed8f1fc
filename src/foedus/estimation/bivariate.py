r"""The bivariate normal distribution function with a fixed correlation, for arrays and jets."""

from __future__ import annotations

import numpy as np
import scipy.special

from foedus.estimation.jets import Jet, Number


def bivariate_normal_cdf(x: Number, y: Number, correlation: float) -> Number:
    r"""$\Phi_2(x, y; \rho)$ by Owen's T function, with derivatives in closed form.

    $\partial_x \Phi_2 = \varphi(x)\, \Phi\big((y - \rho x) / \sqrt{1 - \rho^2}\big)$, and likewise
    in y. Source: Owen (1956), equation 2.1.

    >>> round(float(bivariate_normal_cdf(np.zeros(1), np.zeros(1), 0.5)[0]), 12)
    0.333333333333
    """
    if not isinstance(x, Jet) and not isinstance(y, Jet):
        return _value(np.asarray(x), np.asarray(y), correlation)
    x = x if isinstance(x, Jet) else Jet(np.asarray(x), {}, {})
    y = y if isinstance(y, Jet) else Jet(np.asarray(y), {}, {})
    rest = np.sqrt(1.0 - correlation**2)
    over_y, over_x = (
        (y.value - correlation * x.value) / rest,
        (x.value - correlation * y.value) / rest,
    )
    density_x, density_y = _density(x.value), _density(y.value)
    first_x = density_x * scipy.special.ndtr(over_y)
    first_y = density_y * scipy.special.ndtr(over_x)
    both = density_x * _density(over_y) / rest
    second_x = -x.value * first_x - correlation * both
    second_y = -y.value * first_y - correlation * both
    moved = [Jet(0.0, z.gradient, z.hessian) for z in (x, y)]
    bent = moved[0] * moved[0] * (0.5 * second_x) + moved[1] * moved[1] * (0.5 * second_y)
    change = moved[0] * first_x + moved[1] * first_y + bent + moved[0] * moved[1] * both
    return Jet(_value(x.value, y.value, correlation), change.gradient, change.hessian)


def _density(x: np.ndarray) -> np.ndarray:
    density: np.ndarray = np.exp(-0.5 * x * x) / np.sqrt(2.0 * np.pi)
    return density


def _value(x: np.ndarray, y: np.ndarray, correlation: float) -> np.ndarray:
    # An argument of exactly 0 is moved by less than rounding changes the answer.
    x = np.where(x == 0.0, 1e-300, x)
    y = np.where(y == 0.0, 1e-300, y)
    rest = np.sqrt(1.0 - correlation**2)
    of_x = scipy.special.owens_t(x, (y / x - correlation) / rest)
    of_y = scipy.special.owens_t(y, (x / y - correlation) / rest)
    apart = np.where((x < 0) != (y < 0), 0.5, 0.0)
    half = 0.5 * (scipy.special.ndtr(x) + scipy.special.ndtr(y))
    value: np.ndarray = half - of_x - of_y - apart
    return value
