r"""Penalties that keep estimates finite where choices are nearly separated.

    firth    ½ log det I(β), I the expected information (Firth 1993)
    log-f    Σ_j ½β_j - log(1 + e^{β_j}): log-F(1, 1) priors (Greenland and Mansournia 2015)
    cauchy   Σ_j -log(1 + (β_j / 2.5)²), constants with scale 10 (Gelman et al. 2008)

log-F and Cauchy leave the log-precision alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
import scipy.special

from foedus.errors import QueryError
from foedus.estimation.likelihood import Likelihood
from foedus.estimation.optimum import Derivatives

Penalty = Literal["firth", "log-f", "cauchy"]
Term = Callable[[np.ndarray], tuple[float, np.ndarray, np.ndarray]]


def penalty_term(name: str, likelihood: Likelihood) -> Term:
    """What is added to the log-likelihood, with its derivatives.

    Raises `QueryError` for an unknown penalty.
    """
    columns = [name.rpartition(":")[2] for name in likelihood.names]
    constants = np.array([column in ("Intercept", "1") for column in columns])
    scales = np.array([name.startswith("log precision") for name in likelihood.names])
    match name:
        case "firth":
            return _firth(likelihood)
        case "log-f":
            return _log_f(~scales)
        case "cauchy":
            return _cauchy(np.where(constants, 10.0, 2.5), ~scales)
    raise QueryError(f"a penalty is firth, log-f or cauchy; found {name!r}")


def objective(
    likelihood: Likelihood, penalty: str | None
) -> tuple[Derivatives, Callable[[np.ndarray], float]]:
    """The penalised log-likelihood, with and without derivatives."""
    if penalty is None:
        return likelihood.derivatives, likelihood.value
    term = penalty_term(penalty, likelihood)

    def derivatives(x: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        (f, g, h), (a, b, c) = likelihood.derivatives(x), term(x)
        return f + a, g + b, h + c

    def value(x: np.ndarray) -> float:
        return likelihood.value(x) + term(x)[0]

    return derivatives, value


def _log_f(on: np.ndarray) -> Term:
    def term(x: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        share = scipy.special.expit(x)
        value = float((0.5 * x - np.logaddexp(0.0, x))[on].sum())
        return value, on * (0.5 - share), np.diag(on * -share * (1.0 - share))

    return term


def _cauchy(scale: np.ndarray, on: np.ndarray) -> Term:
    def term(x: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        square = scale**2 + x**2
        value = float(-np.log1p((x / scale) ** 2)[on].sum())
        return value, on * (-2.0 * x / square), np.diag(on * -2.0 * (scale**2 - x**2) / square**2)

    return term


def _firth(likelihood: Likelihood) -> Term:
    def half_log_determinant(x: np.ndarray) -> float:
        sign, logarithm = np.linalg.slogdet(likelihood.information(x))
        return 0.5 * float(logarithm) if sign > 0 else -np.inf

    def term(x: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        value, gradient = half_log_determinant(x), np.zeros(len(x))
        for j in range(len(x)):
            step = 1e-5 * max(1.0, abs(x[j]))
            up, down = x.copy(), x.copy()
            up[j] += step
            down[j] -= step
            gradient[j] = (half_log_determinant(up) - half_log_determinant(down)) / (2 * step)
        # Its curvature is of smaller order than the likelihood's; steps do without it.
        return value, gradient, np.zeros((len(x), len(x)))

    return term
