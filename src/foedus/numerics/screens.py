"""Which parameters move an outcome, from a plain sample: no extra runs, one number for each.

A screen looks at one parameter at a time. It cannot see a parameter that acts only in
company with others; total effects can, see `foedus.numerics.sensitivity`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from foedus.errors import QueryError

Parameters = Float[np.ndarray, "draws parameters"]
Outcomes = Float[np.ndarray, "draws"]
UNEXPLAINED = 1e-12  # share of variance below which a rank regression is exact but for rounding


@dataclass(frozen=True, eq=False, kw_only=True)
class Screen:
    """One statistic for each parameter, and how likely one so large is by chance alone."""

    statistic: Float[np.ndarray, "parameters"]
    p_value: Float[np.ndarray, "parameters"]


def first_order(parameters: Parameters, outcomes: Outcomes) -> Screen:
    r"""Share of the outcome's variance that each parameter explains alone, in any shape.

    $S_i = \mathrm{Var}(E[y \mid x_i]) / \mathrm{Var}(y)$ from the means of $y$ in b bins of
    $x_i$ with equal counts, $b = \sqrt n / 2$. With $SS_W$ the sum of squares inside bins,
    $\hat S_i = 1 - \frac{SS_W / (n - b)}{SS_T / (n - 1)}$, which is 0 on average where $x_i$
    does nothing and the draws are independent, and up to b/n lower where they are evenly
    spread, as Sobol points are. The p-value is of the F test that all bins have one mean.
    Outcomes may be 0 or 1. The same to the last bit in any row order.

    Source: Plischke, Borgonovo & Smith (2013), *EJOR* 226, 536-550, for given data;
    Kelley (1935), *PNAS* 21, 554-559, for the correction.
    """
    x, y = in_value_order(parameters, outcomes)
    from scipy.special import fdtrc  # a third of a second to import

    n = y.size
    y = y - y[0]  # so that a constant outcome is exactly 0
    y -= y.mean()
    total = float(y @ y)
    statistic, p_value = np.zeros(x.shape[1]), np.ones(x.shape[1])
    cuts = np.linspace(0, 1, max(2, math.ceil(math.sqrt(n) / 2)) + 1)[1:-1]
    for column in range(x.shape[1]):
        # Bins by value, not by rank: equal values never part, whatever order they came in.
        bins = np.searchsorted(np.unique(np.quantile(x[:, column], cuts)), x[:, column])
        counts = np.bincount(bins)
        sums = np.bincount(bins, weights=y)[counts > 0]
        counts = counts[counts > 0]
        between = float(np.sum(sums**2 / counts))
        free, inside = n - counts.size, max(total - between, 0.0)
        if counts.size < 2 or free < 1 or total == 0:
            continue
        statistic[column] = 1 - (inside / free) / (total / (n - 1))
        ratio = between / (counts.size - 1) / (inside / free) if inside > 0 else np.inf
        p_value[column] = fdtrc(counts.size - 1, free, ratio)
    return Screen(statistic=statistic, p_value=p_value)


def rank_correlation(parameters: Parameters, outcomes: Outcomes) -> Screen:
    """Spearman's rank correlation of each parameter with the outcome: the sign is the direction.

    The p-value is of Student's t with n - 2 degrees of freedom, two-sided.

    Source: Kendall & Gibbons (1990), *Rank Correlation Methods*, 5th edition.
    """
    x, y = in_value_order(parameters, outcomes)
    statistic = _correlations(_ranks(x), _ranks(y[:, None]))[:, 0]
    return Screen(statistic=statistic, p_value=_t_test(statistic, y.size - 2))


def partial_rank_correlation(parameters: Parameters, outcomes: Outcomes) -> Screen:
    r"""Rank correlation of each parameter with the outcome, the other parameters held fixed.

    From the regression of ranks on ranks, $\rho_i = \beta_i / \sqrt{\beta_i^2 +
    (1 - R^2)\,(C^{-1})_{ii}}$, C the correlations among parameters. NaN for a parameter
    that does not vary, and for all where the draws are too few or the parameters so tied to
    each other that their parts cannot be told apart. The p-value is of Student's t with
    n - d - 1 degrees of freedom, two-sided.

    Source: Saltelli, Chan & Scott (2000), *Sensitivity Analysis*; Marino et al.
    (2008), *J. Theor. Biol.* 254, 178-196.
    """
    x, y = in_value_order(parameters, outcomes)
    varied = np.ptp(x, axis=0) > 0
    statistic = np.full(x.shape[1], np.nan)
    ranks = _ranks(x[:, varied])
    among = _correlations(ranks, ranks)
    free = y.size - ranks.shape[1] - 1
    if free >= 1 and np.linalg.matrix_rank(among, hermitian=True) == ranks.shape[1]:
        inverse = np.linalg.inv(among)
        single = _correlations(ranks, _ranks(y[:, None]))[:, 0]
        slopes = inverse @ single
        unexplained = max(1 - float(slopes @ single), UNEXPLAINED)
        statistic[varied] = slopes / np.sqrt(slopes**2 + unexplained * np.diag(inverse))
    return Screen(statistic=statistic, p_value=_t_test(statistic, free))


def regional_distance(parameters: Parameters, holds: Outcomes) -> Screen:
    r"""How differently a parameter is distributed where the outcome holds and where it does not.

    $D_i = \max_t |F(x_i \le t \mid \text{holds}) - F(x_i \le t \mid \text{does not})|$, the
    two-sample Kolmogorov-Smirnov distance; 0 and p = 1 if the outcome is always the same. The
    p-value is asymptotic with Stephens's correction, and too large rather than too small
    for parameters with few distinct values.

    Source: Hornberger & Spear (1981), *J. Environmental Management* 12, 7-18 (regional
    sensitivity analysis); Stephens (1970), *J. R. Stat. Soc. B* 32, 115-122.
    """
    x, y = in_value_order(parameters, holds)
    if not np.isin(y, (0.0, 1.0)).all():
        raise QueryError("A regional screen needs outcomes that are 0 or 1.")
    from scipy.special import kolmogorov  # a third of a second to import

    holding = int(y.sum())
    failing = y.size - holding
    if min(holding, failing) == 0:
        return Screen(statistic=np.zeros(x.shape[1]), p_value=np.ones(x.shape[1]))
    order = np.argsort(x, axis=0, kind="stable")
    ordered, marks = np.take_along_axis(x, order, axis=0), y[order]
    gap = np.abs(np.cumsum(marks / holding - (1 - marks) / failing, axis=0))
    # Distribution functions are compared only after the last of equal values.
    last = np.vstack([ordered[1:] > ordered[:-1], np.ones((1, x.shape[1]), dtype=bool)])
    distance = np.max(np.where(last, gap, 0.0), axis=0)
    root = math.sqrt(holding * failing / y.size)
    return Screen(statistic=distance, p_value=kolmogorov((root + 0.12 + 0.11 / root) * distance))


def in_value_order(parameters: Parameters, outcomes: Outcomes) -> tuple[Parameters, Outcomes]:
    """The same rows sorted by their values, so that sums round alike however rows came."""
    x, y = np.asarray(parameters, dtype=float), np.asarray(outcomes, dtype=float)
    if x.ndim != 2 or y.shape != x.shape[:1] or y.size < 2:
        raise QueryError(
            f"Parameters of shape {x.shape} and outcomes of shape {y.shape} do not go together: "
            "(draws, parameters) and (draws,) are needed, with two draws or more."
        )
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise QueryError(
            "Parameters and outcomes must be finite: leave out draws that were not solved."
        )
    order = np.lexsort((y, *x.T[::-1]))
    return x[order], y[order]


def _ranks(columns: Parameters) -> Parameters:
    """Ranks from 1 in each column; equal values share their average rank."""
    ranks = np.empty(columns.shape)
    for column in range(columns.shape[1]):
        _, place, counts = np.unique(columns[:, column], return_inverse=True, return_counts=True)
        ranks[:, column] = (np.cumsum(counts) - (counts - 1) / 2)[place]
    return ranks


def _correlations(
    one: Parameters, other: Float[np.ndarray, "draws others"]
) -> Float[np.ndarray, "parameters others"]:
    """Pearson's correlation of every column with every other; 0 where one does not vary."""
    one, other = one - one.mean(axis=0), other - other.mean(axis=0)
    size = np.sqrt(np.outer(np.sum(one**2, axis=0), np.sum(other**2, axis=0)))
    return np.asarray(np.clip(one.T @ other / np.where(size > 0, size, 1.0), -1.0, 1.0))


def _t_test(
    correlation: Float[np.ndarray, "parameters"], free: int
) -> Float[np.ndarray, "parameters"]:
    from scipy.special import stdtr

    if free < 1:
        return np.ones(correlation.shape)
    with np.errstate(divide="ignore"):
        t = np.abs(correlation) * np.sqrt(free / (1 - correlation**2))
    return np.asarray(2 * stdtr(free, -t))
