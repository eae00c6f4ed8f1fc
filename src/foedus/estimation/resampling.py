r"""Resamples and their refits as work for the ensemble room: any place, any order, kept.

Resample r of a bootstrap with seed s is drawn from the stream (s, r), so that it is the same
wherever and with whatever others it is computed.
"""

from __future__ import annotations

import hashlib
import pickle
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from foedus.ensemble import (
    Chunk,
    Executor,
    Failure,
    InProcess,
    Label,
    Plan,
    Progress,
    Result,
    Store,
    results,
    run,
    versions,
)
from foedus.errors import QueryError
from foedus.estimation.likelihood import Likelihood
from foedus.estimation.search import Climb, ascend
from foedus.estimation.simulation import drawn_counts

if TYPE_CHECKING:
    from foedus.estimation.fit import Fit

TOGETHER = 4  # refits in a chunk: what a kill loses at most


@dataclass(frozen=True, eq=False, kw_only=True)
class Resampling:
    """How resamples of a fit's rows are drawn; also makes the work that refits them.

    `groups` are the rows of each cluster, for `kind="block"`. `climb` is how a maximum is sought.
    """

    likelihood: Likelihood
    point: np.ndarray
    penalty: str | None
    kind: str
    groups: tuple[np.ndarray, ...] | None
    seed: int
    climb: Climb = ascend

    def draw(self, number: int) -> Likelihood:
        """The resample of this number.

        Raises `QueryError` for a kind that is not known or that the model cannot have.
        """
        rng = np.random.default_rng([self.seed, number])
        likelihood, n = self.likelihood, self.likelihood.n_rows
        if self.kind == "parametric":
            rows = likelihood.rows
            observed: np.ndarray | None = getattr(rows, "counts", None)
            if observed is None:
                raise QueryError("this model has no outcomes to draw; use kind='case'")
            likely = likelihood.probabilities(self.point)
            counts = drawn_counts(likely, observed.sum(axis=1), rng)
            return replace(likelihood, rows=replace(rows, counts=counts))  # type: ignore[type-var]
        if self.kind == "case":
            times = np.bincount(rng.integers(0, n, n), minlength=n)
        elif self.kind == "block" and self.groups is not None:
            times = np.zeros(n, dtype=int)
            for g in rng.integers(0, len(self.groups), len(self.groups)):
                times[self.groups[g]] += 1
        else:
            raise QueryError(f"a bootstrap is case, block or parametric; found {self.kind!r}")
        kept = np.flatnonzero(times)
        return likelihood.take(kept, likelihood.weights[kept] * times[kept])

    def __call__(self) -> Callable[[Chunk], Result]:
        """The work, once in every process."""
        return self.refit

    def refit(self, chunk: Chunk) -> Result:
        """Maxima of a chunk's resamples, each sought from the fit's estimate on.

        The result has `points` (draws, coefficients) and `failed` (draws,).
        """
        points = np.full((len(chunk.draws), len(self.point)), np.nan)
        failed, failures = np.ones(len(chunk.draws), dtype=bool), []
        for at, number in enumerate(chunk.draws):
            resample = self.draw(number)
            found, _ = self.climb(resample, self.point, "", self.penalty)
            failed[at] = not found.converged
            if found.converged:
                points[at] = found.point
            else:
                failures.append(Failure(draw=number, error="SolveError", message=found.reason))
        return Result({"points": points, "failed": failed}, tuple(failures))

    def digest(self) -> str:
        """A hash of all that the numbers depend on: rows, model and estimate."""
        seen = hashlib.sha256(repr((self.likelihood.names, self.penalty, self.kind)).encode())
        arrays = [
            self.point,
            self.likelihood.weights,
            self.likelihood.each(self.point),
            *(form.design for form in self.likelihood.forms),
            *(np.asarray(form.offset, dtype=float) for form in self.likelihood.forms),
            *(self.groups or ()),
        ]
        counts = getattr(self.likelihood.rows, "counts", None)
        for array in [*arrays, *([] if counts is None else [counts])]:
            whole = np.ascontiguousarray(array)
            seen.update(repr((whole.shape, whole.dtype.str)).encode() + whole.tobytes())
        return seen.hexdigest()


def refit_kept(
    fit: Fit,
    resampling: Resampling,
    draws: int,
    *,
    store: Store | Path | None,
    executor: Executor | None,
    progress: Callable[[Progress], None],
    command: str,
    spread: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Points (draws, coefficients) and failures of all resamples, computed or found in the store.

    Raises `QueryError` where other processes are asked for and the model cannot travel, and what
    `foedus.ensemble.run` raises; what is finished is kept then, and the same call goes on. The
    store also has what a reader of unfinished resamples needs: names, estimate and its `spread`.
    """
    executor = executor or InProcess()
    if not isinstance(executor, InProcess):
        try:
            pickle.dumps(resampling)
        except Exception as error:
            raise QueryError(
                f"this model cannot be sent to other processes ({error}); bootstrap it in this one"
            ) from None
    found = versions()
    plan = Plan(
        description={
            "bootstrap": resampling.digest(),
            "seed": resampling.seed,
            "versions": found,
        },
        draws=draws,
        chunk_size=TOGETHER,
    )
    title = f"{draws:,} {resampling.kind} resamples of {fit.title}"
    label = Label(kind="bootstrap", title=title, command=command, versions=found)
    points = np.full((draws, len(resampling.point)), np.nan)
    failed = np.ones(draws, dtype=bool)
    with ExitStack() as opened:
        if not isinstance(store, Store):
            folder = opened.enter_context(tempfile.TemporaryDirectory())
            store = opened.enter_context(Store(store or Path(folder) / "runs.sqlite"))
        store.begin(plan, label)
        store.put_artefact(
            plan.run_id,
            "about",
            {
                "resamples": draws,
                "resampled": resampling.kind,
                "observations": fit.nobs,
                "log_likelihood": fit.llf,
                "names": fit.names,
                "estimate": fit.point,
                "spread": spread,
            },
        )
        run(plan, resampling, store=store, label=label, executor=executor, progress=progress)
        for chunk, result in results(plan, store):
            here = slice(chunk.draws.start, chunk.draws.stop)
            points[here], failed[here] = result.arrays["points"], result.arrays["failed"]
    return points, failed
