r"""Estimates with their sampling distribution: what every fit answers, whatever the model.

Names follow statsmodels: `params`, `bse`, `cov_params`, `tvalues`, `pvalues`, `conf_int`, `llf`,
`aic`, `bic`, `nobs`, `df_model`, `summary`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
import scipy.stats

from foedus.errors import QueryError
from foedus.estimation.identification import Curvature, curvature

if TYPE_CHECKING:
    import xarray as xr

    from foedus.estimation.profile import Objective, Profile

CovType = Literal["nonrobust", "opg", "robust", "cluster"]
COVARIANCES = ("nonrobust", "opg", "robust", "cluster")
MEANS = {
    "nonrobust": "observed information",
    "opg": "outer product of the scores",
    "robust": "sandwich",
    "cluster": "sandwich, clustered",
}


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Estimates:
    """A maximum of a log-likelihood.

    - `hessian`: of the (penalised) log-likelihood at the estimate.
    - `scores`: (rows, coefficients), without weights. `clusters`: a label per row, or None.
    """

    names: tuple[str, ...]
    point: np.ndarray
    llf: float
    hessian: np.ndarray
    scores: np.ndarray
    weights: np.ndarray
    nobs: float
    title: str
    cov_type: str = "nonrobust"
    clusters: np.ndarray | None = None
    converged: bool = True
    iterations: int = 0
    notes: tuple[str, ...] = ()
    statistics: Mapping[str, float] = field(default_factory=dict)

    @property
    def params(self) -> pd.Series:
        """The estimates by name."""
        return pd.Series(self.point, index=list(self.names), name="estimate")

    @cached_property
    def bread(self) -> np.ndarray:
        """The inverse of minus the Hessian; pseudo-inverse where it is singular."""
        try:
            inverse: np.ndarray = np.linalg.inv(-self.hessian)
        except np.linalg.LinAlgError:
            inverse = np.linalg.pinv(-self.hessian)
        return inverse

    def cov_params(self, cov_type: str | None = None) -> pd.DataFrame:
        r"""The covariance of the estimates.

        With H the Hessian and $s_n$ the score of row n times its weight: `nonrobust`
        $(-H)^{-1}$; `opg` $(\sum s_n s_n')^{-1}$; `robust` $H^{-1} (\sum s_n s_n') H^{-1}$;
        `cluster` the same with scores summed by cluster, times G/(G-1).

        Raises `QueryError` for another name, and for `cluster` where no cluster was given.
        """
        found = self._covariance(cov_type or self.cov_type)
        return pd.DataFrame(found, index=list(self.names), columns=list(self.names))

    def _covariance(self, cov_type: str) -> np.ndarray:
        weighted = self.scores * self.weights[:, None]
        match cov_type:
            case "nonrobust":
                return self.bread
            case "opg":
                outer: np.ndarray = np.linalg.pinv(self.scores.T @ weighted)
                return outer
            case "robust":
                robust: np.ndarray = self.bread @ (weighted.T @ weighted) @ self.bread
                return robust
            case "cluster":
                if self.clusters is None:
                    raise QueryError("clustered errors need estimate(..., cluster='column')")
                codes, groups = pd.factorize(self.clusters)
                count = len(groups)
                if count < 2:
                    raise QueryError("clustered errors need at least two clusters")
                sums = np.zeros((count, len(self.names)))
                np.add.at(sums, codes, weighted)
                correction = count / (count - 1)
                clustered: np.ndarray = correction * self.bread @ (sums.T @ sums) @ self.bread
                return clustered
        raise QueryError(f"cov_type is one of {', '.join(COVARIANCES)}; found {cov_type!r}")

    def errors(self, cov_type: str | None = None) -> pd.Series:
        """Standard errors; NaN where a variance is not positive."""
        variance = np.diag(self.cov_params(cov_type).to_numpy())
        values = np.sqrt(np.where(variance > 0, variance, np.nan))
        return pd.Series(values, index=list(self.names), name="std err")

    @property
    def bse(self) -> pd.Series:
        """Standard errors of the fit's own kind."""
        return self.errors()

    @property
    def tvalues(self) -> pd.Series:
        """Estimates over their standard errors."""
        return (self.params / self.bse).rename("z")

    @property
    def pvalues(self) -> pd.Series:
        """Two-sided, under the normal distribution."""
        return pd.Series(
            2.0 * scipy.stats.norm.sf(np.abs(self.tvalues)), index=list(self.names), name="P>|z|"
        )

    def conf_int(self, alpha: float = 0.05, cov_type: str | None = None) -> pd.DataFrame:
        """Intervals of level 1 - alpha: estimate ± z times the standard error."""
        width = scipy.stats.norm.ppf(1.0 - alpha / 2.0) * self.errors(cov_type)
        return pd.DataFrame({"lower": self.params - width, "upper": self.params + width})

    def objective(self) -> Objective:
        """What these estimates maximise, as a function of all coefficients.

        Raises `QueryError` where that is no likelihood.
        """
        raise QueryError(f"the {self.title} has no likelihood to profile")

    def profile(self, name: str, *, alpha: float = 0.01) -> Profile:
        """The profile likelihood of a coefficient; see `foedus.estimation.profile`."""
        from foedus.estimation.profile import profile

        return profile(self, name, alpha=alpha)

    def profile_conf_int(self, alpha: float = 0.05, names: Sequence[str] = ()) -> pd.DataFrame:
        """Intervals from profile likelihoods: as `conf_int`, without its normal approximation."""
        found = {name: self.profile(name, alpha=alpha) for name in names or self.names}
        ends = [one.conf_int(alpha) for one in found.values()]
        return pd.DataFrame(ends, columns=["lower", "upper"], index=list(found))

    @property
    def df_model(self) -> int:
        """How many coefficients were estimated."""
        return len(self.names)

    @property
    def aic(self) -> float:
        """-2 log L + 2 k."""
        return -2.0 * self.llf + 2.0 * self.df_model

    @property
    def bic(self) -> float:
        """-2 log L + k log n."""
        return -2.0 * self.llf + self.df_model * float(np.log(self.nobs))

    @cached_property
    def curvature(self) -> Curvature:
        """How flat the likelihood is at the estimate, and along which coefficients."""
        return curvature(-self.hessian, self.names)

    def wald_test(self, names: Sequence[str], cov_type: str | None = None) -> tuple[float, float]:
        """The chi-squared statistic and p-value that these coefficients are all 0."""
        unknown = sorted(set(names) - set(self.names))
        if unknown:
            raise QueryError(f"no coefficient named {', '.join(unknown)}")
        where = [self.names.index(name) for name in names]
        part = self.cov_params(cov_type).to_numpy()[np.ix_(where, where)]
        statistic = float(self.point[where] @ np.linalg.solve(part, self.point[where]))
        return statistic, float(scipy.stats.chi2.sf(statistic, len(where)))

    def draws(self, count: int, *, seed: int = 0, cov_type: str | None = None) -> np.ndarray:
        """(count, coefficients): draws from the normal approximation of the estimates.

        Negative variances of a flat direction are taken as 0.
        """
        values, vectors = np.linalg.eigh(self.cov_params(cov_type).to_numpy())
        root = vectors * np.sqrt(np.maximum(values, 0.0))
        noise = np.random.default_rng(seed).standard_normal((count, len(self.point)))
        drawn: np.ndarray = self.point + noise @ root.T
        return drawn

    def table(self, alpha: float = 0.05) -> pd.DataFrame:
        """Estimates, standard errors, z, p and intervals, one row per coefficient."""
        interval = self.conf_int(alpha)
        return pd.DataFrame(
            {
                "estimate": self.params,
                "std err": self.bse,
                "z": self.tvalues,
                "P>|z|": self.pvalues,
                "lower": interval["lower"],
                "upper": interval["upper"],
            }
        )

    def facts(self) -> dict[str, str]:
        """What a table's foot says about the fit."""
        return {
            "Observations": f"{self.nobs:,.0f}",
            "Log-likelihood": f"{self.llf:.4f}",
            "AIC": f"{self.aic:.2f}",
            "BIC": f"{self.bic:.2f}",
            "Standard errors": MEANS[self.cov_type],
        }

    def to_dataset(self, draws: int = 1000, *, seed: int = 0) -> xr.Dataset:
        """Draws from the sampling distribution, axes `chain` and `draw`, as ArviZ reads them.

        `arviz.convert_to_inference_data(fit.to_dataset())` makes InferenceData of it.
        """
        import xarray as xr

        drawn = self.draws(draws, seed=seed)
        return xr.Dataset(
            {name: (("chain", "draw"), drawn[None, :, k]) for k, name in enumerate(self.names)},
            coords={"chain": [0], "draw": np.arange(draws)},
            attrs={"title": self.title, "cov_type": self.cov_type, "seed": seed},
        )

    def summary(self, form: str = "text") -> str:
        """The fit as a paper's table: `text`, `latex` or `csv`."""
        from foedus.estimation.tabulation import tabulate

        return tabulate([self], form=form)

    def __repr__(self) -> str:
        return self.summary()
