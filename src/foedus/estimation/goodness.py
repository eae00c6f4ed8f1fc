r"""How well a fit accounts for what was observed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from foedus.estimation.fit import Fit


@dataclass(frozen=True, eq=False, kw_only=True)
class Goodness:
    r"""Measures of fit.

    - `pseudo_r2`: McFadden's $1 - \log L / \log L_0$, $L_0$ from the outcomes' shares alone.
    - `correct`: share of outcomes that were the likeliest; `modal` is the share of the most
      frequent outcome, and `reduction` $(correct - modal) / (1 - modal)$.
    - `brier`: mean squared distance between observed outcomes and probabilities, 0 to 2.
    - `outcomes`: observed and expected counts by outcome.
    - `calibration`: by outcome and tenth of predicted probability, predicted and observed share.
    """

    pseudo_r2: float
    correct: float
    modal: float
    reduction: float
    brier: float
    outcomes: pd.DataFrame
    calibration: pd.DataFrame


def find_goodness(fit: Fit) -> Goodness:
    """The measures of fit of a model with outcomes."""
    likelihood = fit.likelihood
    counts = likelihood.rows.counts * likelihood.weights[:, None]  # type: ignore[attr-defined]
    found = likelihood.probabilities(fit.point)
    number = counts.sum(axis=1)
    total = counts.sum()
    likeliest = found.argmax(axis=1)
    correct = counts[np.arange(len(counts)), likeliest].sum() / total
    modal = counts.sum(axis=0).max() / total
    brier = float((number * (found**2).sum(axis=1) - 2 * (counts * found).sum(axis=1)).sum())
    return Goodness(
        pseudo_r2=1.0 - fit.llf / fit.llnull,
        correct=float(correct),
        modal=float(modal),
        reduction=float((correct - modal) / (1.0 - modal)) if modal < 1 else float("nan"),
        brier=brier / total + 1.0,
        outcomes=pd.DataFrame(
            {"observed": counts.sum(axis=0), "expected": number @ found},
            index=pd.Index(fit.outcomes, name="outcome"),
        ),
        calibration=_calibration(fit, counts, found, number),
    )


def _calibration(
    fit: Fit, counts: np.ndarray, found: np.ndarray, number: np.ndarray
) -> pd.DataFrame:
    records = []
    for o, outcome in enumerate(fit.outcomes):
        tenth = np.minimum((found[:, o] * 10).astype(int), 9)
        for t in np.unique(tenth):
            here = tenth == t
            weight = number[here].sum()
            if weight > 0:
                records.append(
                    {
                        "outcome": outcome,
                        "from": t / 10,
                        "to": (t + 1) / 10,
                        "observations": float(weight),
                        "predicted": float(number[here] @ found[here, o] / weight),
                        "observed": float(counts[here, o].sum() / weight),
                    }
                )
    return pd.DataFrame(records)
