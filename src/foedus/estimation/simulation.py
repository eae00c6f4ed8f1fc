r"""Outcomes drawn from a fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from foedus.errors import QueryError

if TYPE_CHECKING:
    from foedus.estimation.fit import Fit


def drawn_counts(
    probabilities: np.ndarray, number: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """(rows, outcomes): `number[n]` outcomes drawn in row n."""
    share = probabilities / probabilities.sum(axis=1, keepdims=True)
    if (number == 1).all():
        above = rng.random(len(share))[:, None] > np.cumsum(share, axis=1)
        place = np.minimum(above.sum(axis=1), share.shape[1] - 1)
        one: np.ndarray = (place[:, None] == np.arange(share.shape[1])).astype(float)
        return one
    counts: np.ndarray = rng.multinomial(number.astype(int), share).astype(float)
    return counts


def simulate(fit: Fit, *, seed: int, data: pd.DataFrame | None) -> pd.DataFrame:
    """The table with drawn outcomes in place of those observed.

    One outcome per row goes into the column that was fitted, or `outcome`; counts go into
    their columns.
    """
    rng = np.random.default_rng(seed)
    frame = fit.prepared.table.frame if data is None else data
    likelihood = fit.likelihood if data is None else fit.prepared.over(data)
    observed = getattr(fit.likelihood.rows, "counts", None)
    if observed is None:
        raise QueryError("this model has no outcomes to draw")
    number = observed.sum(axis=1) if data is None else np.ones(len(frame))
    counts = drawn_counts(likelihood.probabilities(fit.point), number, rng)
    column = getattr(fit.model, "outcome", "outcome")
    if (number == 1).all():
        labels = np.array(fit.outcomes, dtype=object)[counts.argmax(axis=1)]
        return frame.assign(**{column if isinstance(column, str) else "outcome": labels})
    names = column if isinstance(column, dict) else {o: o for o in fit.outcomes}
    return frame.assign(
        **{names[o]: counts[:, i] for i, o in enumerate(fit.outcomes) if o in names}
    )
