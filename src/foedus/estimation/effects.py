r"""What covariates do to predicted play, with intervals from the estimates' own uncertainty.

Intervals are percentiles over draws from the sampling distribution of the estimates (King, Tomz
and Wittenberg 2000), so that they stay between 0 and 1 where those of the delta method do not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from foedus.errors import QueryError
from foedus.estimation.formulas import needed
from foedus.estimation.likelihood import Likelihood
from foedus.scenario.suggestions import did_you_mean

if TYPE_CHECKING:
    from foedus.estimation.fit import Fit


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Effects:
    """Predicted probabilities over a grid of covariate values.

    `table` has the changed columns, then `outcome`, `probability`, `lower` and `upper`.
    `held` says what the other covariates were, `lost` in which share of draws from the sampling
    distribution there was nothing to predict, since no equilibrium was found: intervals are over
    the others. Where other quantities than probabilities are predicted, as offers, `most` says
    how large each can be, and `expected` stands in place of `probability`.
    """

    table: pd.DataFrame
    changed: tuple[str, ...]
    held: Mapping[str, Any]
    level: float
    lost: float = 0.0
    most: Mapping[str, float] = field(default_factory=dict)

    @property
    def column(self) -> str:
        """The column of what is predicted."""
        return "expected" if self.most else "probability"

    def wide(self) -> pd.DataFrame:
        """Predictions with one column per outcome."""
        return self.table.pivot(index=list(self.changed), columns="outcome", values=self.column)[
            list(dict.fromkeys(self.table["outcome"]))
        ]

    def apart(self) -> tuple[Effects, ...]:
        """One for each quantity, as they have different scales; probabilities stay together."""
        return tuple(
            replace(self, table=self.table[self.table["outcome"] == name], most={name: most})
            for name, most in self.most.items()
        ) or (self,)

    def __repr__(self) -> str:
        return repr(self.table)


def find_effects(
    fit: Fit,
    changes: Mapping[str, Any],
    *,
    at: str,
    draws: int,
    level: float,
    seed: int,
    cov_type: str | None,
) -> Effects:
    """Probabilities at every combination of the values in `changes`.

    With `at="typical"` the other covariates are at their means (numbers) or most frequent
    values; with `at="observed"` probabilities are averaged over the rows as they are.
    """
    columns = needed(fit.prepared.designs.formulas)
    for name in changes:
        if name not in columns:
            raise QueryError(
                f"no formula reads a column `{name}`; {did_you_mean(name, columns, 'columns')}"
            )
    grid = [dict(zip(changes, values, strict=True)) for values in product(
        *(np.atleast_1d(np.asarray(v, dtype=object)) for v in changes.values()))]  # fmt: skip
    points = np.concatenate([fit.point[None], fit.draws(draws, seed=seed, cov_type=cov_type)])
    frame = fit.prepared.table.frame
    if at == "typical":
        typical = {name: _typical(frame[name]) for name in columns}
        rows = pd.DataFrame([{**typical, **here} for here in grid])
        for name in columns:
            if name not in changes and not pd.api.types.is_numeric_dtype(frame[name]):
                rows[name] = rows[name].astype(frame[name].dtype)
        found = fit.prepared.over(rows.infer_objects()).probabilities_at(points)
        held = {name: value for name, value in typical.items() if name not in changes}
    elif at == "observed":
        found = np.stack(
            [_over(fit, frame.assign(**here)).mean_probabilities(points) for here in grid], axis=1
        )
        held = {name: "as observed" for name in columns if name not in changes}
    else:
        raise QueryError(f"at is `typical` or `observed`; found {at!r}")
    there = np.isfinite(found[1:]).all(axis=(1, 2))
    low, high = np.quantile(found[1:][there], [(1 - level) / 2, (1 + level) / 2], axis=0)
    most: Mapping[str, float] = getattr(fit.likelihood.rows, "quantities", {})
    records = [
        {
            **here,
            "outcome": outcome,
            "expected" if most else "probability": float(found[0, row, o]),
            "lower": float(low[row, o]),
            "upper": float(high[row, o]),
        }
        for row, here in enumerate(grid)
        for o, outcome in enumerate(fit.quantities)
    ]
    return Effects(
        table=pd.DataFrame(records),
        changed=tuple(changes),
        held=held,
        level=level,
        lost=float(1.0 - there.mean()),
        most=most,
    )


def _typical(column: pd.Series) -> Any:
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        return float(column.mean())
    return column.mode().iloc[0]


def _over(fit: Fit, frame: pd.DataFrame) -> Likelihood:
    """The fitted rows with other covariates; where there are equilibria, each keeps to its own."""
    likelihood, rows = fit.prepared.over(frame), fit.likelihood.rows
    if hasattr(rows, "solved"):
        likelihood = replace(likelihood, rows=rows.solved())
    return replace(likelihood, weights=fit.likelihood.weights)


def compare(
    fit: Fit,
    change: Mapping[str, Any] | Callable[[pd.DataFrame], pd.DataFrame] | None,
    *,
    params: Mapping[str, float] | None,
    regime: str | None,
    draws: int,
    level: float,
    seed: int,
) -> pd.DataFrame:
    """Mean probabilities as fitted and after a change, and the difference with its interval."""
    if change is None and params is None and regime is None:
        raise QueryError("a counterfactual changes columns, coefficients or the regime")
    frame = fit.prepared.table.frame
    if isinstance(change, Mapping):
        unknown = [name for name in change if name not in frame.columns]
        if unknown:
            raise QueryError(f"no column named {', '.join(unknown)}")
    changed = frame if change is None else (
        change(frame.copy()) if callable(change) else frame.assign(**change)
    )  # fmt: skip
    points = np.concatenate([fit.point[None], fit.draws(draws, seed=seed)])
    after = points.copy()
    for name, value in (params or {}).items():
        if name not in fit.names:
            hint = did_you_mean(name, fit.names, "coefficients")
            raise QueryError(f"no coefficient named `{name}`; {hint}")
        after[:, fit.names.index(name)] = value
    before_rows = _over(fit, frame)
    after_rows = _over(fit, changed)
    if regime is not None:
        after_rows = replace(after_rows, rows=fit.under(regime).rows)
    before = before_rows.mean_probabilities(points)
    then = after_rows.mean_probabilities(after)
    moved = then[1:] - before[1:]
    moved = moved[np.isfinite(moved).all(axis=1)]  # draws with an equilibrium in every row
    low, high = np.quantile(moved, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return pd.DataFrame(
        {
            "before": before[0],
            "after": then[0],
            "difference": then[0] - before[0],
            "lower": low,
            "upper": high,
        },
        index=pd.Index(fit.quantities, name="outcome"),
    )
