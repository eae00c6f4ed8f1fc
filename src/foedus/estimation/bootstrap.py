r"""The bootstrap: fits to resamples; those that failed or are separated are counted.

Resamples of moderate size are fitted side by side: the rows of many resamples form one long
table, so that Newton's method runs for all of them in a few array operations.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from foedus.errors import QueryError
from foedus.estimation.jets import Jet, variables
from foedus.estimation.likelihood import Likelihood, TreeRows
from foedus.estimation.resampling import Refits, Resampling, refit_kept

if TYPE_CHECKING:
    from foedus.ensemble import Executor, Progress, Store
    from foedus.estimation.estimates import Estimates

TOGETHER = 24_000  # rows fitted side by side
MOST_STEPS = 60
LONG = 60_000  # rows above which resamples are fitted one by one, and kept
RUNAWAY = 8.0  # standard errors from the estimate, in the fit's own curvature, per coefficient


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Bootstrap:
    """Estimates from resamples.

    - `draws`: (resamples, coefficients); NaN rows failed.
    - `failed`: resamples without a maximum. `separated`: resamples whose estimate ran away from
      the fit's, so far that only separation explains it; they are in `draws` all the same.
    """

    names: tuple[str, ...]
    point: np.ndarray
    draws: np.ndarray
    failed: np.ndarray
    separated: np.ndarray
    kind: str

    @property
    def usable(self) -> np.ndarray:
        """Draws that neither failed nor ran away."""
        usable: np.ndarray = self.draws[~self.failed & ~self.separated]
        return usable

    @property
    def bse(self) -> pd.Series:
        """Standard deviation over usable draws."""
        return pd.Series(self.usable.std(axis=0, ddof=1), index=list(self.names), name="std err")

    @property
    def robust_bse(self) -> pd.Series:
        """Half the 16-84 % range over all draws that did not fail: separation hardly moves it."""
        low, high = np.quantile(self.draws[~self.failed], [0.1587, 0.8413], axis=0)
        return pd.Series((high - low) / 2, index=list(self.names), name="robust std err")

    def conf_int(self, alpha: float = 0.05) -> pd.DataFrame:
        """Percentile intervals over all draws that did not fail."""
        low, high = np.quantile(self.draws[~self.failed], [alpha / 2, 1 - alpha / 2], axis=0)
        return pd.DataFrame({"lower": low, "upper": high}, index=list(self.names))

    def cov_params(self) -> pd.DataFrame:
        """Covariance over usable draws."""
        return pd.DataFrame(np.cov(self.usable.T), index=list(self.names), columns=list(self.names))

    def summary(self) -> str:
        """One line per coefficient, and what became of the resamples."""
        interval = self.conf_int()
        width = max(len(name) for name in self.names) + 2
        lines = [
            f"{'':{width}}{'estimate':>12}{'std err':>11}{'robust':>11}{'95 % percentiles':>24}"
        ]
        for i, name in enumerate(self.names):
            low, high = interval.iloc[i]
            lines.append(
                f"{name:{width}}{self.point[i]:>12.4f}{self.bse.iloc[i]:>11.4f}"
                f"{self.robust_bse.iloc[i]:>11.4f}{f'[{low:.4f}, {high:.4f}]':>24}"
            )
        count = len(self.draws)
        lines.append(
            f"\n{count:,} {self.kind} resamples: {int(self.failed.sum())} failed, "
            f"{int(self.separated.sum())} separated or nearly so (left out of `std err`)"
        )
        return "\n".join(lines)

    def __repr__(self) -> str:
        return self.summary()


def bootstrap(
    fit: Estimates,
    resampling: Refits,
    draws: int,
    *,
    store: Store | Path | None = None,
    executor: Executor | None = None,
    progress: Callable[[Progress], None] = lambda _: None,
    command: str = "",
) -> Bootstrap:
    """Refit to `draws` resamples, each from the fit's estimate on.

    Trees of moderate size are refitted side by side in this process. Other refits take their
    time, so that they are computed in chunks by the `executor` and kept in the `store`; a
    bootstrap that was stopped goes on where it was.
    """
    if draws < 2:
        raise QueryError(f"a bootstrap needs at least two resamples; found {draws}")
    spread = np.sqrt(np.maximum(np.diag(fit.bread), 1e-300))
    if side_by_side(fit) and isinstance(resampling, Resampling):
        points, failed = _together(resampling, draws, 3 * RUNAWAY * spread)
    else:
        points, failed = refit_kept(
            fit, resampling, draws, store=store, executor=executor, progress=progress,
            command=command, spread=spread,
        )  # fmt: skip
    return gathered(fit.names, fit.point, points, failed, spread, resampling.kind)


def gathered(
    names: tuple[str, ...],
    point: np.ndarray,
    points: np.ndarray,
    failed: np.ndarray,
    spread: np.ndarray,
    kind: str,
) -> Bootstrap:
    """Maxima of resamples as a bootstrap: `spread` are errors in the curvature of the estimate."""
    draws = np.where(failed[:, None], np.nan, points)
    with np.errstate(invalid="ignore"):
        away = (np.abs(draws - point) / spread).max(axis=1) > RUNAWAY
    return Bootstrap(
        names=names,
        point=point,
        draws=draws,
        failed=failed,
        separated=away & ~failed,
        kind=kind,
    )


def side_by_side(fit: Estimates) -> bool:
    """Whether resamples of this fit are refitted many at a time, in seconds."""
    likelihood = getattr(fit, "likelihood", None)  # a dynamic game has none of linear forms
    if likelihood is None or getattr(fit, "penalty", None) is not None:
        return False
    return isinstance(likelihood.rows, TreeRows) and likelihood.n_rows <= LONG


def _together(resampling: Resampling, draws: int, far: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    points = np.full((draws, len(resampling.point)), np.nan)
    failed = np.ones(draws, dtype=bool)
    together = max(1, TOGETHER // resampling.likelihood.n_rows)
    for first in range(0, draws, together):
        here = slice(first, min(first + together, draws))
        batch = [resampling.draw(number) for number in range(here.start, here.stop)]
        points[here], failed[here] = _fit_together(batch, resampling.point, far)
    return points, failed


def clustered(labels: np.ndarray | None) -> tuple[np.ndarray, ...]:
    """The rows of each cluster. Raises `QueryError` where there are no clusters."""
    if labels is None:
        raise QueryError("a block bootstrap needs block='column', or a fit with cluster='column'")
    codes, names = pd.factorize(labels)
    return tuple(np.flatnonzero(codes == g) for g in range(len(names)))


def _fit_together(
    batch: list[Likelihood], start: np.ndarray, far: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Damped Newton steps on many likelihoods at once; one that gets beyond `far` has run away."""
    count, size = len(batch), len(start)
    points, failed = np.tile(start, (count, 1)), np.ones(count, dtype=bool)
    going, damping = np.arange(count), np.zeros(count)
    stack = _Stack(batch)
    values, scores, hessians = stack.derivatives(points)
    for _ in range(MOST_STEPS):
        steps, damping[going] = _steps(scores[going], hessians[going], damping[going])
        promised = np.einsum("rk,rk->r", steps, scores[going])
        promised += 0.5 * np.einsum("rk,rkl,rl->r", steps, hessians[going], steps)
        done = (damping[going] == 0) & (promised < 1e-12 * (1 + np.abs(values[going])))
        gone = (np.abs(points[going] - start) > far).any(axis=1)
        failed[going[done | gone]] = False
        left = ~(done | gone)
        going, steps, promised = going[left], steps[left], promised[left]
        if not len(going):
            break
        if len(going) <= 0.7 * len(stack.batch):
            stack, at = _Stack([batch[r] for r in going]), np.arange(len(going))
            members = going
        elif len(stack.batch) == count:
            members, at = np.arange(count), going
        else:
            at = np.flatnonzero(np.isin(members, going))
        trial = points[members].copy()
        trial[at] += steps
        with np.errstate(all="ignore"):
            found = stack.derivatives(trial)
        gain = found[0][at] - values[going]
        rounding = 1e-13 * (1 + np.abs(values[going]))
        ratio = np.where(promised > rounding, gain / np.maximum(promised, 1e-300), 1.0)
        good = np.isfinite(gain) & (ratio > 1e-4)
        kept = going[good]
        points[kept] = trial[at[good]]
        values[kept], scores[kept], hessians[kept] = (x[at[good]] for x in found)
        sharper = np.where(damping[going] > 1e-4, damping[going] / 8, 0.0)
        damping[going] = np.where(
            good,
            np.where(ratio > 0.5, sharper, damping[going]),
            np.maximum(4 * damping[going], 1e-3),
        )
    assert points.shape == (count, size)
    return points, failed


def _steps(
    scores: np.ndarray, hessians: np.ndarray, damping: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Steps of positive definite systems, and the damping that made them so."""
    diagonal = np.abs(np.diagonal(hessians, axis1=1, axis2=2))
    diagonal = np.maximum(diagonal, 1e-10 * np.maximum(diagonal.max(axis=1, keepdims=True), 1e-8))
    root = np.sqrt(diagonal)
    scaled = -hessians / (root[:, :, None] * root[:, None, :])
    lowest, vectors = np.linalg.eigh(scaled)
    needed = np.where(lowest[:, 0] > 1e-12, damping, np.maximum(damping, 1e-3 - 2 * lowest[:, 0]))
    inner = np.einsum("rkj,rk->rj", vectors, scores / root)
    steps = np.einsum("rkj,rj->rk", vectors, inner / (lowest + needed[:, None])) / root
    return steps, needed


class _Stack:
    """Several likelihoods of one model as one table."""

    def __init__(self, batch: list[Likelihood]) -> None:
        import dataclasses

        self.batch = batch
        self.lengths = np.array([one.n_rows for one in batch])
        self.starts = np.concatenate([[0], np.cumsum(self.lengths)[:-1]])
        self.designs = [
            np.concatenate([one.forms[f].design for one in batch])
            for f in range(len(batch[0].forms))
        ]
        self.weights = np.concatenate([one.weights for one in batch])
        counts = np.concatenate([one.rows.counts for one in batch])  # type: ignore[attr-defined]
        self.rows = dataclasses.replace(batch[0].rows, counts=counts)  # type: ignore[type-var]
        self.crossed: dict[tuple[int, int], np.ndarray] = {}

    def derivatives(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        spans, count, size = self.batch[0].spans, len(self.batch), points.shape[1]
        owner = np.repeat(np.arange(count), self.lengths)
        etas = np.stack(
            [
                np.einsum("nk,nk->n", design, points[:, span][owner])
                for design, span in zip(self.designs, spans, strict=True)
            ]
        )
        whole = slice(0, len(self.weights))
        jet = self.rows.contribution(self.batch[0].named(variables(etas)), whole)
        assert isinstance(jet, Jet)
        values = np.add.reduceat(self.weights * jet.value, self.starts)
        scores, hessians = np.zeros((count, size)), np.zeros((count, size, size))
        for f, slope in jet.gradient.items():
            scores[:, spans[f]] = np.add.reduceat(
                (self.weights * slope)[:, None] * self.designs[f], self.starts
            )
        for (f, g), bend in jet.hessian.items():
            weighted = (self.weights * bend)[:, None] * self.designs[f]
            for r, (a, length) in enumerate(zip(self.starts, self.lengths, strict=True)):
                rows = slice(a, a + length)
                block = weighted[rows].T @ self.designs[g][rows]
                hessians[r, spans[f], spans[g]] += block
                if g > f:
                    hessians[r, spans[g], spans[f]] += block.T
        return values, scores, hessians
