r"""How well a fit accounts for what was observed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True, eq=False, kw_only=True)
class Seen:
    """Alternatives of which one was observed each time, beside their predicted probabilities.

    `counts` and `likely` are (rows, alternatives). A tree's alternatives are its outcomes; a
    dynamic game has as many of these as players, each with that player's actions.
    """

    alternatives: tuple[str, ...]
    counts: np.ndarray
    likely: np.ndarray


@dataclass(frozen=True, eq=False, kw_only=True)
class Goodness:
    r"""Measures of fit.

    - `pseudo_r2`: McFadden's $1 - \log L / \log L_0$, $L_0$ from the outcomes' shares alone.
    - `correct`: share of outcomes that were the likeliest; `modal` is the share of the most
      frequent outcome, and `reduction` $(correct - modal) / (1 - modal)$.
    - `brier`: mean squared distance between observed outcomes and probabilities, 0 to 2.
    - `outcomes`: observed and expected counts by outcome.
    - `calibration`: by outcome and tenth of predicted probability, predicted and observed share.
    - `sets`: outcomes that exclude each other; in a dynamic game, one player's actions.
    """

    pseudo_r2: float
    correct: float
    modal: float
    reduction: float
    brier: float
    outcomes: pd.DataFrame
    calibration: pd.DataFrame
    sets: tuple[tuple[str, ...], ...]


def find_goodness(seen: Sequence[Seen], llf: float) -> Goodness:
    """The measures of fit of everything that was observed, `llf` its log-likelihood."""
    total = sum(one.counts.sum() for one in seen)
    correct = sum(
        one.counts[np.arange(len(one.counts)), one.likely.argmax(axis=1)].sum() for one in seen
    )
    modal = sum(one.counts.sum(axis=0).max() for one in seen) / total
    brier = sum(
        (one.counts.sum(axis=1) * (one.likely**2).sum(axis=1)).sum()
        - 2 * (one.counts * one.likely).sum()
        for one in seen
    )
    null = sum(log_shares(one.counts.sum(axis=0)) for one in seen)
    return Goodness(
        pseudo_r2=1.0 - llf / null if null else float("nan"),
        correct=float(correct / total),
        modal=float(modal),
        reduction=float((correct / total - modal) / (1.0 - modal)) if modal < 1 else float("nan"),
        brier=float(brier / total) + 1.0,
        outcomes=pd.DataFrame(
            {
                "observed": np.concatenate([one.counts.sum(axis=0) for one in seen]),
                "expected": np.concatenate([one.counts.sum(axis=1) @ one.likely for one in seen]),
            },
            index=pd.Index([name for one in seen for name in one.alternatives], name="outcome"),
        ),
        calibration=pd.DataFrame([record for one in seen for record in _calibration(one)]),
        sets=tuple(one.alternatives for one in seen),
    )


def log_shares(totals: np.ndarray) -> float:
    """The log-likelihood of outcomes observed so often, at their shares."""
    totals = totals[totals > 0]
    return float(totals @ np.log(totals / totals.sum()))


def _calibration(seen: Seen) -> list[dict[str, object]]:
    records: list[dict[str, object]] = []
    number = seen.counts.sum(axis=1)
    for o, outcome in enumerate(seen.alternatives):
        likely = seen.likely[:, o]
        tenth = np.minimum((likely * 10).astype(int), 9)
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
                        "predicted": float(number[here] @ likely[here] / weight),
                        "observed": float(seen.counts[here, o].sum() / weight),
                    }
                )
    return records
