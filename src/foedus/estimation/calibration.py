r"""A scenario whose region of parameters is an estimate: verdicts then carry its uncertainty.

`interval` gives each estimated parameter its estimate as value and its confidence interval as
range. `sampling` goes further: new parameters that are uniform between 0 and 1 drive
standard normals $z_j$ through Tukey's lambda, $z \approx 4.923\,(u^{0.14} - (1 - u)^{0.14})$,
and the estimated parameters become definitions $\hat θ + L z$ with $L L' = $ their covariance.
Draws of the scenario are then draws from the estimates' joint sampling distribution; the
approximation of the normal is within 0.01 up to two standard errors.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
import scipy.stats
import yaml

from foedus.errors import QueryError, ScenarioError
from foedus.estimation.estimates import MEANS
from foedus.estimation.fit import Fit
from foedus.estimation.formulas import needed
from foedus.estimation.model import TreeModel
from foedus.scenario.reader import examine_text
from foedus.scenario.scenario import Scenario

POWER, FACTOR = 0.14, 4.92337  # variance 1 between the ends
ENDS = (0.0001, 0.9999)
SOURCE = "estimate"  # the key of the scenario's sources that says where the numbers come from


def implied_parameters(
    fit: Fit, at: Mapping[str, Any] | None = None, *, cov_type: str | None = None
) -> tuple[pd.Series, pd.DataFrame]:
    """The scenario's parameters that the fit estimates, in a situation, with their covariance.

    `at` gives the covariates; those not named are at their means or most frequent values.
    """
    scenario = _scenario(fit)
    frame = fit.prepared.table.frame
    row = {}
    for name in needed(fit.prepared.designs.formulas):
        column = frame[name]
        numeric = pd.api.types.is_numeric_dtype(column)
        row[name] = column.mean() if numeric else column.mode().iloc[0]
    unknown = sorted(set(at or {}) - set(row))
    if unknown:
        raise QueryError(f"no formula reads {', '.join(unknown)}")
    likelihood = fit.prepared.over(pd.DataFrame([{**row, **(at or {})}]))
    known = {parameter.name for parameter in scenario.parameters}
    chosen = [form for form in likelihood.forms if form.name in known]
    if not chosen:
        raise QueryError("no formula of this fit stands for a parameter of its scenario")
    matrix = np.zeros((len(chosen), len(fit.point)))
    for k, form in enumerate(chosen):
        matrix[k, likelihood.spans[likelihood.forms.index(form)]] = form.design[0]
    names = [form.name for form in chosen]
    covariance = matrix @ fit.cov_params(cov_type).to_numpy() @ matrix.T
    return (
        pd.Series(matrix @ fit.point, index=names, name="estimate"),
        pd.DataFrame(covariance, index=names, columns=names),
    )


def calibrated_text(
    fit: Fit,
    at: Mapping[str, Any] | None = None,
    *,
    kind: Literal["sampling", "interval"] = "sampling",
    level: float = 0.95,
    cov_type: str | None = None,
) -> str:
    """The scenario file with the estimates in it."""
    if kind not in ("sampling", "interval"):
        raise QueryError(f"a calibration is `sampling` or `interval`; found {kind!r}")
    values, covariance = implied_parameters(fit, at, cov_type=cov_type)
    fields = yaml.safe_load(_scenario(fit).text)
    why = f"Estimated from {fit.nobs:,.0f} observations ({fit.title})"
    fields["sources"] = {**(fields.get("sources") or {}), SOURCE: _source(fit, at)}
    if kind == "interval":
        width = scipy.stats.norm.ppf(0.5 + level / 2) * np.sqrt(np.diag(covariance))
        for (name, value), w in zip(values.items(), width, strict=True):
            fields["parameters"][name] = {
                **_kept(fields["parameters"].get(name)),
                "value": float(value),
                "range": [float(value - w), float(value + w)],
                "why": f"{why}; range is the {level:.0%} interval",
                "source": SOURCE,
            }
    else:
        _sampled(fields, values, covariance, why)
    return yaml.safe_dump(fields, sort_keys=False, allow_unicode=True, width=100)


def calibrate(
    fit: Fit,
    at: Mapping[str, Any] | None = None,
    *,
    kind: Literal["sampling", "interval"] = "sampling",
    level: float = 0.95,
    cov_type: str | None = None,
) -> Scenario:
    """The scenario of the fit with its estimates as the region of parameters.

    Raises `QueryError` where the fit has no scenario or none of its parameters was estimated,
    and `ScenarioError` where the file does not allow the change, as when a regime sets one of
    the estimated parameters.
    """
    text = calibrated_text(fit, at, kind=kind, level=level, cov_type=cov_type)
    scenario, problems = examine_text(text, "calibrated")
    if scenario is None:
        listed = "\n".join(f"  {problem.message}" for problem in problems)
        raise ScenarioError(f"the calibrated scenario has errors:\n{listed}", problems)
    return scenario


def _scenario(fit: Fit) -> Scenario:
    if isinstance(fit.model, TreeModel) and isinstance(fit.model.game, Scenario):
        return fit.model.game
    raise QueryError("only a model on a scenario can be turned back into one")


def _source(fit: Fit, at: Mapping[str, Any] | None) -> str:
    """Where the numbers come from, in a sentence for the scenario's list of sources."""
    path = Path(fit.prepared.table.source)
    data = path.name
    if path.is_file():
        data += f" (SHA-256 {hashlib.sha256(path.read_bytes()).hexdigest()[:16]}…)"
    where = ", ".join(f"{name} {value}" for name, value in (at or {}).items())
    situation = f"at {where} and typical values otherwise" if where else "at typical values"
    return (
        f"An estimate by maximum likelihood from {data}, {fit.nobs:,.0f} observations, "
        f"{situation}; log-likelihood {fit.llf:.4f}, {len(fit.names)} coefficients, standard "
        f"errors {MEANS[fit.cov_type]}."
    )


def _kept(entry: Any) -> dict[str, Any]:
    """What a parameter's entry says besides its numbers."""
    return {k: v for k, v in entry.items() if k == "means"} if isinstance(entry, dict) else {}


def _sampled(fields: dict[str, Any], values: pd.Series, covariance: pd.DataFrame, why: str) -> None:
    eigen, vectors = np.linalg.eigh(covariance.to_numpy())
    root = np.linalg.qr((vectors * np.sqrt(np.maximum(eigen, 0.0))).T)[1].T  # lower triangular
    root = root * np.where(np.diag(root) < 0, -1.0, 1.0)
    defines = {}
    for j, name in enumerate(values.index):
        drawn = f"luck_{name}"
        fields["parameters"].pop(name, None)
        fields["parameters"][drawn] = {
            "value": 0.5,
            "range": list(ENDS),
            "means": f"where the estimate of {name} stands in its sampling distribution",
            "why": why,
            "source": SOURCE,
        }
        defines[f"z_{name}"] = f"{FACTOR}*({drawn}**{POWER} - (1 - {drawn})**{POWER})"
        terms = [f"{float(values.iloc[j])!r}"]
        terms += [
            f"({float(root[j, k])!r})*z_{other}"
            for k, other in enumerate(values.index[: j + 1])
            if root[j, k] != 0.0
        ]
        defines[name] = " + ".join(terms)
    fields["define"] = {**defines, **fields.get("define", {})}
