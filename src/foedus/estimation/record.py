r"""A fit as plain data: what the command line prints as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from foedus.estimation.bootstrap import Bootstrap
from foedus.estimation.dynamic_fit import DynamicFit
from foedus.estimation.fit import Fit
from foedus.estimation.profile import Profile


def record(
    fit: Fit | DynamicFit,
    resampled: Bootstrap | None = None,
    *,
    profiles: Sequence[Profile] = (),
) -> dict[str, Any]:
    """Estimates, errors, everything tried, and what was left out, as plain data."""
    interval = {
        str(n): [float(a), float(b)]
        for n, (a, b) in zip(fit.names, fit.conf_int().to_numpy(), strict=True)
    }
    found: dict[str, Any] = {
        "model": fit.title,
        "observations": fit.nobs,
        "log_likelihood": fit.llf,
        "aic": fit.aic,
        "bic": fit.bic,
        "errors": fit.cov_type,
        "parameters": {
            name: {
                "estimate": float(fit.params[name]),
                "std_err": float(fit.bse[name]),
                "z": float(fit.tvalues[name]),
                "p": float(fit.pvalues[name]),
                "interval": interval[name],
            }
            for name in fit.names
        },
        "covariance": fit.cov_params().to_numpy().tolist(),
        "attempts": [
            {
                "start": a.start, "log_likelihood": a.value, "converged": a.converged,
                "iterations": a.iterations, "optimum": a.optimum, "reason": a.reason,
            }
            for a in fit.attempts
        ],
        "optima": [
            {"log_likelihood": o.value, "parameters": dict(zip(fit.names, o.point, strict=True))}
            for o in fit.optima
        ],
        "missing": {
            "rows": fit.missing.rows, "used": fit.missing.used,
            "by_column": fit.missing.by_column, "lines": list(fit.missing.lines),
        },
        "condition": fit.curvature.condition,
        "notes": list(fit.notes),
    }  # fmt: skip
    if isinstance(fit, Fit):
        found["log_likelihood_null"] = fit.llnull
        found["separation"] = [str(one) for one in fit.separation]
    if profiles:
        found["profiles"] = {one.name: _profile(one) for one in profiles}
    if resampled is not None:
        ends = resampled.conf_int().to_numpy()
        spread = {n: [float(a), float(b)] for n, (a, b) in zip(resampled.names, ends, strict=True)}
        found["bootstrap"] = {
            "resamples": len(resampled.draws),
            "kind": resampled.kind,
            "failed": int(resampled.failed.sum()),
            "separated": int(resampled.separated.sum()),
            "parameters": {
                name: {
                    "std_err": float(resampled.bse[name]),
                    "robust_std_err": float(resampled.robust_bse[name]),
                    "interval": spread[name],
                }
                for name in resampled.names
            },
        }
    return found


def _profile(one: Profile) -> dict[str, Any]:
    ends = (None, None) if one.better is not None else one.conf_int()
    return {
        "interval": [end if end is not None and np.isfinite(end) else None for end in ends],
        "values": one.values.tolist(),
        "log_likelihood": one.llf.tolist(),
        "notes": list(one.notes),
        "better": None if one.better is None else one.better.point.tolist(),
    }
