r"""Outcomes drawn from a fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from foedus.errors import QueryError
from foedus.estimation.likelihood import Likelihood
from foedus.estimation.ultimatum import UltimatumRows

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


def drawn_rows(
    likelihood: Likelihood, point: np.ndarray, rng: np.random.Generator
) -> UltimatumRows:
    """Games of offers and answers played anew at these coefficients."""
    rows, whole = likelihood.rows, slice(0, likelihood.n_rows)
    assert isinstance(rows, UltimatumRows)
    return rows.drawn(likelihood.named(list(likelihood.etas(point, whole))), whole, rng)


def simulate(fit: Fit, *, seed: int, data: pd.DataFrame | None) -> pd.DataFrame:
    """The table with drawn outcomes in place of those observed.

    Offers and answers of the ultimatum game go into their columns. Elsewhere one outcome per row
    goes into the column that was fitted, or `outcome`; counts go into their columns.
    """
    rng = np.random.default_rng(seed)
    frame = fit.prepared.table.frame if data is None else data
    likelihood = fit.likelihood if data is None else fit.prepared.over(data)
    if isinstance(likelihood.rows, UltimatumRows):
        played = drawn_rows(likelihood, fit.point, rng)
        offer, accept = (getattr(fit.model, name) for name in ("offer", "accept"))
        answers = {} if accept is None else {accept: played.accepted}
        return frame.assign(**{offer: played.offer, **answers})
    observed = getattr(fit.likelihood.rows, "counts", None)
    if observed is None:
        raise QueryError("this model has no outcomes to draw")
    number = observed.sum(axis=1) if data is None else np.ones(len(frame))
    counts = drawn_counts(likelihood.probabilities(fit.point), number, rng)
    if (columns := getattr(fit.model, "counts", None)) is not None:  # of the signalling game
        return frame.assign(**dict(zip(columns, counts.T, strict=True)))
    column = getattr(fit.model, "outcome", "outcome")
    if (number == 1).all():
        labels = np.array(fit.outcomes, dtype=object)[counts.argmax(axis=1)]
        return frame.assign(**{column if isinstance(column, str) else "outcome": labels})
    names = column if isinstance(column, dict) else {o: o for o in fit.outcomes}
    return frame.assign(
        **{names[o]: counts[:, i] for i, o in enumerate(fit.outcomes) if o in names}
    )
