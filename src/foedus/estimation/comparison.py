r"""Models compared: the likelihood ratio for nested ones, Vuong and Clarke for the others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.stats

from foedus.errors import QueryError
from foedus.estimation.fit import Fit


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """A test of two models: its statistic, p-value, and which model it favours, if any at 5 %."""

    test: str
    statistic: float
    pvalue: float
    favours: str

    def __str__(self) -> str:
        return f"{self.test}: {self.statistic:.4g}, p = {self.pvalue:.3g}, favours {self.favours}"


def likelihood_ratio(small: Fit, large: Fit) -> Comparison:
    r"""$2(\log L_1 - \log L_0) \sim \chi^2$ with as many degrees as coefficients were added.

    Raises `QueryError` where the fits are to different observations, or the larger one is not.
    """
    _same(small, large)
    degrees = large.df_model - small.df_model
    if degrees < 1:
        raise QueryError("the second model must have more coefficients than the first")
    statistic = 2.0 * (large.llf - small.llf)
    p = float(scipy.stats.chi2.sf(max(statistic, 0.0), degrees))
    return Comparison(
        test=f"likelihood ratio, {degrees} degrees of freedom",
        statistic=statistic,
        pvalue=p,
        favours="the larger model" if p < 0.05 else "neither",
    )


def vuong(first: Fit, second: Fit) -> Comparison:
    r"""Vuong's (1989) test of non-nested models, corrected as the BIC is.

    $z = (\sum_n m_n - \tfrac12 (k_1 - k_2) \log n) / (\sqrt{n}\, s_m)$ with
    $m_n = \ell_{1n} - \ell_{2n}$; above zero it favours the first.
    """
    _same(first, second)
    gaps, weights = first.each - second.each, first.weights
    n = weights.sum()
    total = weights @ gaps - 0.5 * (first.df_model - second.df_model) * np.log(n)
    spread = np.sqrt(weights @ gaps**2 / n - (weights @ gaps / n) ** 2)
    statistic = float(total / (np.sqrt(n) * spread))
    return _judged("Vuong", statistic, 2.0 * float(scipy.stats.norm.sf(abs(statistic))), statistic)


def clarke(first: Fit, second: Fit) -> Comparison:
    r"""Clarke's (2007) sign test: in how many rows the first model does better.

    Each row's gap is corrected by $(k_1 - k_2) \log n / 2n$; under equality the count is
    binomial with probability one half.
    """
    _same(first, second)
    if not (first.weights == 1).all():
        raise QueryError("the sign test counts rows and takes no weights")
    n = len(first.each)
    correction = 0.5 * (first.df_model - second.df_model) * np.log(n) / n
    better = int((first.each - second.each - correction > 0).sum())
    p = float(scipy.stats.binomtest(better, n).pvalue)
    return _judged(f"Clarke, of {n:,} rows", float(better), p, better - n / 2)


def _judged(test: str, statistic: float, p: float, lead: float) -> Comparison:
    favours = "neither" if p >= 0.05 else "the first model" if lead > 0 else "the second model"
    return Comparison(test=test, statistic=statistic, pvalue=p, favours=favours)


def _same(first: Fit, second: Fit) -> None:
    if first.nobs != second.nobs or len(first.each) != len(second.each):
        raise QueryError(
            f"the models are fitted to different observations: {first.nobs:,.0f} and "
            f"{second.nobs:,.0f}; leave the same rows out of both"
        )
