"""The entry of an estimate in the run store, and what is read back of estimates and bootstraps.

An estimate is a run of kind `estimate` with one chunk. Its description says what the numbers
depend on: SHA-256 of `model` and `data`, the digest of the `scenario`, the `settings`, how many
resamples (`bootstrap`), which `profiles`, and the `versions`. The chunk holds `point`
(coefficients,), `covariance` (coefficients, coefficients), of a bootstrap `draws` (resamples,
coefficients), `failed` and `separated` (resamples,), and `page`, the bytes of a packed page, or
None. The artefact `estimate` is `record` with `names` and `facts` in order, `title` and `origin`;
`about` is what a list says.
A bootstrap whose refits are slow is a run of kind `bootstrap`; `about` names its coefficients.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np

from foedus.ensemble import Label, Plan, Result, Run, Store, encode
from foedus.ensemble.text import parsed
from foedus.errors import QueryError, StoreError
from foedus.estimation.bootstrap import Bootstrap, gathered
from foedus.estimation.dynamic_fit import DynamicFit
from foedus.estimation.estimates import Estimates
from foedus.estimation.fit import Fit

KIND, BOOTSTRAP = "estimate", "bootstrap"


def plan_of(description: Mapping[str, Any]) -> Plan:
    """The plan of the run that keeps an estimate of this description."""
    return Plan(description={"what": KIND, **description}, draws=1, chunk_size=1)


def keep(
    store: Store,
    description: Mapping[str, Any],
    label: Label,
    *,
    fit: Fit | DynamicFit,
    resampled: Bootstrap | None,
    estimate: Mapping[str, Any],
    about: Mapping[str, Any],
    page: bytes | None,
) -> str:
    """Enter an estimate in place of the same one kept before. Returns the run's id.

    Without a `page`, one that was kept with it before stays.
    """
    plan = plan_of(description)
    about = dict(about)
    if page is None and (older := _older(store, plan.run_id)) is not None:
        page, about["page"] = older
    arrays = {
        "point": fit.point,
        "covariance": fit.cov_params().to_numpy(),
        "draws": None if resampled is None else resampled.draws,
        "failed": None if resampled is None else resampled.failed,
        "separated": None if resampled is None else resampled.separated,
        "page": None if page is None else np.frombuffer(page, np.uint8),
    }
    with suppress(StoreError):  # there is none to remove
        store.remove(plan.run_id)
    store.begin(plan, label)
    store.put_artefact(plan.run_id, "estimate", estimate)
    store.put_artefact(plan.run_id, "about", about)
    store.put(plan, 0, encode(Result(arrays)), seconds=0.0, worker="foedus estimate")
    store.finish(plan.run_id)
    return plan.run_id


def packed_page(store: Store, run: Run) -> bytes:
    """The packed page of an estimate. Raises `QueryError` where none is kept, and why."""
    about = store.artefact(run.id, "about") or {}
    said = about.get("page")
    found = store.result(run.id, 0).arrays.get("page") if run.n_done else None
    if found is None:
        left = said and f"its page of {said['bytes'] / 2**20:.1f} MB was too large to be kept"
        raise QueryError(
            f"no page is kept with estimate {run.id}: {left or 'it was made without -o'}; "
            f"`{run.label.command}` with -o DIR writes it"
        )
    return found.tobytes()


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class KeptEstimates(Estimates):
    """Estimates as the store has them: numbers and their covariance, without rows and slopes."""

    covariance: np.ndarray

    def _covariance(self, cov_type: str) -> np.ndarray:
        if cov_type != self.cov_type:
            raise QueryError(f"the errors that are kept are {self.cov_type}; found {cov_type!r}")
        return self.covariance


def read_estimate(store: Store, run: Run) -> tuple[KeptEstimates, Bootstrap | None]:
    """The estimates that a run keeps, and their bootstrap if there was one.

    Raises `QueryError` for a run of another kind, `StoreError` where the entry is damaged.
    """
    said = store.artefact(run.id, "estimate")
    if run.label.kind != KIND or said is None or not run.n_done:
        raise QueryError(f"run {run.id} ({run.label.kind}) keeps no estimate")
    arrays, names = store.result(run.id, 0).arrays, tuple(said["names"])
    none = np.empty((0, len(names)))
    point, covariance = _array(arrays, "point"), _array(arrays, "covariance")
    fit = KeptEstimates(
        names=names,
        point=point,
        llf=said["log_likelihood"],
        hessian=none,
        scores=none,
        weights=np.empty(0),
        nobs=said["observations"],
        title=said["model"],
        cov_type=said["errors"],
        notes=tuple(said["notes"]),
        covariance=covariance,
    )
    if arrays.get("draws") is None:
        return fit, None
    return fit, Bootstrap(
        names=names,
        point=point,
        draws=_array(arrays, "draws"),
        failed=_array(arrays, "failed"),
        separated=_array(arrays, "separated"),
        kind=said["bootstrap"]["kind"],
    )


def read_bootstrap(store: Store, run: Run) -> Bootstrap:
    """The resamples of a run of kind `bootstrap` that are finished, in their order.

    Raises `QueryError` for a run of another kind and where none is finished.
    """
    about = store.artefact(run.id, "about")
    if run.label.kind != BOOTSTRAP or about is None:
        raise QueryError(f"run {run.id} ({run.label.kind}) keeps no bootstrap")
    plan = Plan(**{**(fields := parsed(run.identity)), "axes": dict(fields["axes"])})
    found = [store.result(run.id, index).arrays for index in sorted(store.stored(plan.run_id))]
    if not found:
        raise QueryError(f"no resample of run {run.id} is finished yet")
    return gathered(
        tuple(about["names"]),
        np.array(about["estimate"]),
        np.concatenate([_array(arrays, "points") for arrays in found]),
        np.concatenate([_array(arrays, "failed") for arrays in found]),
        np.array(about["spread"]),
        about["resampled"],
    )


def _array(arrays: Mapping[str, np.ndarray | None], name: str) -> np.ndarray:
    found = arrays.get(name)
    if found is None:
        raise QueryError(f"this entry of the run store has no {name}; make the estimate again")
    return found


def _older(store: Store, run_id: str) -> tuple[bytes, Any] | None:
    """The page kept with this estimate before, and what is said of it."""
    try:
        if not store.keeps(run_id, 0):
            return None
        found = store.result(run_id, 0).arrays.get("page")
    except StoreError:  # damaged: it is replaced
        return None
    about = store.artefact(run_id, "about") or {}
    return None if found is None else (found.tobytes(), about.get("page"))
