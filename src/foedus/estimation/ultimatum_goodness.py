r"""How well a fit of the ultimatum game accounts for the offers and answers that were observed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from foedus.errors import QueryError
from foedus.estimation.goodness import Goodness, Seen, find_goodness
from foedus.estimation.likelihood import Likelihood
from foedus.estimation.ultimatum import UltimatumRows

GROUPS = 10


@dataclass(frozen=True, eq=False, kw_only=True)
class Offers:
    r"""Offers observed beside those expected before they were made.

    - `table`: rows in up to ten groups of equal size by expected offer; `observations`,
      `predicted` and `observed` means, and `error`, the standard error of an observed mean if the
      predictions are right.
    - `ends`: `observed` and `expected` counts of offers of nothing and of everything.
    - `r2`: $1 - \sum (y - \hat y)^2 / \sum (y - \bar y)^2$.
    """

    table: pd.DataFrame
    ends: pd.DataFrame
    r2: float
    prize: float


def find_offers(likelihood: Likelihood, point: np.ndarray) -> Offers:
    """The offers of all rows beside what the estimates expect."""
    rows, weights = likelihood.rows, likelihood.weights
    assert isinstance(rows, UltimatumRows)
    whole = slice(0, likelihood.n_rows)
    play = rows.play(likelihood.named(list(likelihood.etas(point, whole))), whole)
    order = np.argsort(play.offer, kind="stable")
    records = []
    for group in np.array_split(order, min(GROUPS, len(order))):
        weight = weights[group].sum()
        if weight > 0:
            share = weights[group] / weight
            records.append(
                {
                    "observations": float(weight),
                    "predicted": float(share @ play.offer[group]),
                    "observed": float(share @ rows.offer[group]),
                    "error": float(np.sqrt(share @ play.variance[group] / weight)),
                }
            )
    mean = weights @ rows.offer / weights.sum()
    left, all_of_it = weights @ (rows.offer - play.offer) ** 2, weights @ (rows.offer - mean) ** 2
    return Offers(
        table=pd.DataFrame(records),
        ends=pd.DataFrame(
            {
                "observed": [weights @ (rows.offer <= 0), weights @ (rows.offer >= rows.prize)],
                "expected": [weights @ play.nothing, weights @ play.everything],
            },
            index=pd.Index(["offers of nothing", "offers of everything"], name="end"),
        ),
        r2=float(1.0 - left / all_of_it),
        prize=rows.prize,
    )


def answers(likelihood: Likelihood, point: np.ndarray) -> Goodness:
    """Answers observed beside their probabilities, given the offers that were made."""
    rows = likelihood.rows
    assert isinstance(rows, UltimatumRows)
    if rows.accepted is None:
        raise QueryError("this model uses no answers; `fit.offers()` is about the offers")
    counts = np.stack([1.0 - rows.accepted, rows.accepted], axis=1) * likelihood.weights[:, None]
    likely = likelihood.probabilities(point)[:, ::-1]
    seen = Seen(alternatives=rows.outcomes[::-1], counts=counts, likely=likely)
    return find_goodness([seen], float((counts * np.log(likely)).sum()))
