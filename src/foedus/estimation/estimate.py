r"""`estimate`: observed play to parameters, with everything that was tried on the way."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from foedus.errors import DataError, QueryError, SolveError
from foedus.estimation.dynamic_model import DynamicModel
from foedus.estimation.estimates import COVARIANCES
from foedus.estimation.fit import Fit
from foedus.estimation.identification import check_identified
from foedus.estimation.likelihood import Likelihood
from foedus.estimation.model import Model, Prepared
from foedus.estimation.optimum import Optimum
from foedus.estimation.problems import Problems
from foedus.estimation.search import Search, search
from foedus.estimation.separation import Separated, separated
from foedus.estimation.table import Table


def estimate(
    model: Model | DynamicModel,
    data: pd.DataFrame | str | Path,
    *,
    weights: str | None = None,
    cluster: str | None = None,
    cov_type: str | None = None,
    starts: int = 4,
    seed: int = 0,
    first: Any = None,
    penalty: str | None = None,
    missing: str = "drop",
    check: bool = True,
) -> Any:
    r"""Maximum likelihood estimates of a model from a table of observed play.

    - `model`: a `TreeModel`, `SignallingModel`, `UltimatumModel` or `DynamicModel`.
    - `data`: a data frame, or the path of a CSV file.
    - `weights`: a column; a row of weight 2 counts as two rows.
    - `cluster`: a column; errors are then clustered by it.
    - `cov_type`: "nonrobust" (default for maxima of a likelihood), "opg", "robust" (default for
        pseudo-likelihoods) or "cluster".
    - `starts`: how many points the search begins from: the outcomes' frequencies (or `first`),
        for trees statistical backward induction, zero, then random ones, reproducibly by `seed`.
        All are reported.
    - `penalty`: "firth", "log-f" or "cauchy", for choices that are separated or nearly so.
    - `missing`: "drop" leaves incomplete rows out and reports them; "raise" refuses them.
    - `check`: whether identification and separation are checked before fitting.

    Returns a `Fit` (a `DynamicFit` for a `DynamicModel`).

    Raises `DataError` with every problem of the table at once, and where covariates separate
    outcomes perfectly; `QueryError` for a model that makes no sense; `SolveError` where no
    start led to a maximum.

    >>> import numpy as np, pandas as pd
    >>> from foedus.estimation import TreeModel, estimate, read_tree
    >>> war = {"player": "D", "actions": {"yield": "gain", "fight": "war"}}
    >>> tree = read_tree({"player": "A", "actions": {"wait": "quiet", "attack": war}})
    >>> model = TreeModel(game=tree, outcome="y", utilities={"A.gain": "1", "D.war": "1"})
    >>> data = pd.DataFrame({"y": ["quiet"] * 50 + ["gain"] * 30 + ["war"] * 20})
    >>> fit = estimate(model, data)
    >>> fit.predict().iloc[0].round(6).to_dict()
    {'quiet': 0.5, 'gain': 0.3, 'war': 0.2}
    """
    if missing not in ("drop", "raise"):
        raise QueryError(f"missing is `drop` or `raise`; found {missing!r}")
    if cov_type is not None and cov_type not in COVARIANCES:
        raise QueryError(f"cov_type is one of {', '.join(COVARIANCES)}; found {cov_type!r}")
    if starts < 1:
        raise QueryError(f"a search needs at least one start; found {starts}")
    table = Table.of(data)
    if isinstance(model, DynamicModel):  # it has methods of its own
        if penalty is not None:
            raise QueryError("a penalty goes with models of linear forms, not with dynamic games")
        fit = model.estimate(
            table, weights=weights, cluster=cluster, missing=missing,
            starts=starts, seed=seed, first=first,
        )  # fmt: skip
        return fit if cov_type is None else fit.with_errors(cov_type)
    prepared = model.prepare(table, weights=weights, cluster=cluster, missing=missing)
    found = _checked(prepared, penalty) if check else ()
    point = None if first is None else _first(first, prepared.likelihood)
    points = model.begin(prepared, starts, seed) if point is None else ()
    tried = search(
        prepared.likelihood, starts=starts, seed=seed, penalty=penalty, first=point,
        points=points, climb=model.climb,
    )  # fmt: skip
    kind = cov_type or ("cluster" if cluster is not None else None)
    return make_fit(model, prepared, tried, found, penalty=penalty, cov_type=kind)


def make_fit(
    model: Model,
    prepared: Prepared,
    tried: Search,
    found: tuple[Separated, ...],
    *,
    penalty: str | None,
    cov_type: str | None,
) -> Fit:
    """The best optimum as a fit, with notes on what a reader must know.

    Without `cov_type` errors are of the model's own kind.
    """
    best, likelihood = tried.optima[0], tried.reached or prepared.likelihood
    if not best.converged:
        reasons = sorted({attempt.reason for attempt in tried.attempts})
        raise SolveError(
            f"none of {len(tried.attempts)} starts led to a maximum: {'; '.join(reasons)}",
            last=best,
            hints=["more starts", "a penalty", "fewer covariates"],
        )
    counts = getattr(likelihood.rows, "counts", None)
    number = likelihood.weights.sum() if counts is None else (likelihood.weights @ counts).sum()
    sampling = model.sampling(likelihood, best)
    fit = Fit(
        names=likelihood.names,
        point=best.point,
        llf=best.value if penalty is None else likelihood.value(best.point),
        hessian=sampling.hessian,
        scores=sampling.scores,
        weights=likelihood.weights,
        nobs=float(number),
        title=prepared.title,
        cov_type=cov_type or sampling.cov_type,
        clusters=prepared.clusters,
        converged=best.converged,
        iterations=best.iterations,
        notes=(*_notes(best, likelihood, tried, found), *sampling.notes),
        model=model,
        prepared=replace(prepared, likelihood=likelihood),
        optima=tried.optima,
        attempts=tried.attempts,
        separation=found,
        penalty=penalty,
    )
    fit.errors()
    return fit


def _checked(prepared: Prepared, penalty: str | None) -> tuple[Separated, ...]:
    problems = Problems(source=prepared.table.source)
    if not hasattr(prepared.likelihood.rows, "afresh"):  # equilibria: see the curvature instead
        check_identified(prepared.likelihood, problems)
    problems.check()
    found = separated(prepared.likelihood)
    if penalty is None:
        for one in found:
            if one.exact:
                problems.add(
                    str(one), hint="use penalty='log-f' (or 'firth', 'cauchy'), or leave it out"
                )
    problems.check()
    return found


def _first(first: Any, likelihood: Likelihood) -> np.ndarray:
    point = (
        np.array([float(first[name]) for name in likelihood.names])
        if hasattr(first, "keys")
        else np.asarray(first, dtype=float)
    )
    if point.shape != (len(likelihood.names),):
        raise DataError(f"`first` needs {len(likelihood.names)} numbers; found {point.size}")
    return point


def _notes(
    best: Optimum, likelihood: Likelihood, tried: Search, found: tuple[Separated, ...]
) -> tuple[str, ...]:
    from foedus.estimation.identification import curvature

    notes = [str(one) for one in found]
    shape = curvature(-best.hessian, likelihood.names)
    if shape.smallest <= 0:
        notes.append("the likelihood is not concave at the estimate; standard errors mean nothing")
    elif shape.condition > 1e8:
        flat = ", ".join(name for name, _ in shape.flattest[:4])
        notes.append(
            f"nearly flat along {flat} (condition {shape.condition:.0e}): weakly identified, "
            "or nearly separated"
        )
    if len(tried.optima) > 1:
        values = ", ".join(f"{optimum.value:.4f}" for optimum in tried.optima)
        notes.append(f"{len(tried.optima)} distinct optima, log-likelihoods {values}")
    failed = sum(not attempt.converged for attempt in tried.attempts)
    if failed:
        notes.append(f"{failed} of {len(tried.attempts)} starts led to no maximum")
    return tuple(notes)
