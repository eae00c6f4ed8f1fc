r"""Resamples and their refits as work for the ensemble room: any place, any order, kept.

Resample r of a bootstrap with seed s is drawn from the stream (s, r), so that it is the same
wherever and with whatever others it is computed.
"""

from __future__ import annotations

import hashlib
import pickle
import tempfile
from abc import ABC, abstractmethod
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
from foedus.estimation.simulation import drawn_counts, drawn_rows
from foedus.estimation.ultimatum import UltimatumRows

if TYPE_CHECKING:
    from foedus.estimation.estimates import Estimates

TOGETHER = 4  # refits in a chunk: what a kill loses at most


@dataclass(frozen=True, eq=False, kw_only=True)
class Again:
    """Where a refit ended, whether that is an estimate, and why not."""

    point: np.ndarray
    converged: bool
    reason: str


@dataclass(frozen=True, eq=False, kw_only=True)
class Refits(ABC):
    """Resamples of a fit's rows by number, and the work that refits them.

    - `point`: the fit's estimate. `groups`: the rows of each cluster, for `kind="block"`.
    """

    point: np.ndarray
    kind: str
    groups: tuple[np.ndarray, ...] | None
    seed: int

    @abstractmethod
    def again(self, number: int) -> Again:
        """The estimate from the resample of this number, sought from the fit's estimate on."""

    @abstractmethod
    def evidence(self) -> tuple[tuple[object, ...], list[np.ndarray]]:
        """Words and arrays that all numbers depend on, besides kind and seed."""

    def times(self, rng: np.random.Generator, n: int) -> np.ndarray:
        """(n,): how often each row is drawn, rows one by one or clusters whole.

        Raises `QueryError` for a kind that is not known.
        """
        if self.kind == "case":
            return np.bincount(rng.integers(0, n, n), minlength=n)
        if self.kind != "block" or self.groups is None:
            raise QueryError(f"a bootstrap is case, block or parametric; found {self.kind!r}")
        times = np.zeros(n, dtype=int)
        for g in rng.integers(0, len(self.groups), len(self.groups)):
            times[self.groups[g]] += 1
        return times

    def __call__(self) -> Callable[[Chunk], Result]:
        """The work, once in every process."""
        return self.refit

    def refit(self, chunk: Chunk) -> Result:
        """Estimates from a chunk's resamples.

        The result has `points` (draws, coefficients) and `failed` (draws,).
        """
        points = np.full((len(chunk.draws), len(self.point)), np.nan)
        failed, failures = np.ones(len(chunk.draws), dtype=bool), []
        for at, number in enumerate(chunk.draws):
            found = self.again(number)
            failed[at] = not found.converged
            if found.converged:
                points[at] = found.point
            else:
                failures.append(Failure(draw=number, error="SolveError", message=found.reason))
        return Result({"points": points, "failed": failed}, tuple(failures))

    def digest(self) -> str:
        """A hash of all that the numbers depend on: rows, model and estimate."""
        words, arrays = self.evidence()
        seen = hashlib.sha256(repr((*words, self.kind)).encode())
        for array in [self.point, *arrays, *(self.groups or ())]:
            whole = np.ascontiguousarray(array)
            seen.update(repr((whole.shape, whole.dtype.str)).encode() + whole.tobytes())
        return seen.hexdigest()


@dataclass(frozen=True, eq=False, kw_only=True)
class Resampling(Refits):
    """Resamples of a likelihood's rows. `climb` is how a maximum is sought."""

    likelihood: Likelihood
    penalty: str | None
    climb: Climb = ascend

    def draw(self, number: int) -> Likelihood:
        """The resample of this number.

        Raises `QueryError` for a kind that is not known or that the model cannot have.
        """
        rng = np.random.default_rng([self.seed, number])
        likelihood = self.likelihood
        if self.kind == "parametric":
            rows = likelihood.rows
            if isinstance(rows, UltimatumRows):
                return replace(likelihood, rows=drawn_rows(likelihood, self.point, rng))
            observed: np.ndarray | None = getattr(rows, "counts", None)
            if observed is None:
                raise QueryError("this model has no outcomes to draw; use kind='case'")
            likely = likelihood.probabilities(self.point)
            counts = drawn_counts(likely, observed.sum(axis=1), rng)
            return replace(likelihood, rows=replace(rows, counts=counts))  # type: ignore[type-var]
        times = self.times(rng, likelihood.n_rows)
        kept = np.flatnonzero(times)
        return likelihood.take(kept, likelihood.weights[kept] * times[kept])

    def again(self, number: int) -> Again:
        """The maximum over the resample of this number."""
        found, _ = self.climb(self.draw(number), self.point, "", self.penalty)
        return Again(point=found.point, converged=found.converged, reason=found.reason)

    def evidence(self) -> tuple[tuple[object, ...], list[np.ndarray]]:
        """Names, penalty, designs, offsets, outcomes, and the likelihood of every row."""
        likelihood = self.likelihood
        counts = getattr(likelihood.rows, "counts", None)
        return (likelihood.names, self.penalty), [
            likelihood.weights,
            likelihood.each(self.point),
            *(form.design for form in likelihood.forms),
            *(np.asarray(form.offset, dtype=float) for form in likelihood.forms),
            *([] if counts is None else [counts]),
        ]


def refit_kept(
    fit: Estimates,
    resampling: Refits,
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
