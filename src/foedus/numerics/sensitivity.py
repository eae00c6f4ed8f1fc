"""What decides an outcome: Sobol indices from a Saltelli design, and all evidence in one order."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from foedus.errors import QueryError
from foedus.numerics.resamples import resample_counts
from foedus.numerics.screens import (
    Outcomes,
    Parameters,
    Screen,
    first_order,
    in_value_order,
    partial_rank_correlation,
    rank_correlation,
    regional_distance,
)

MATTERS = 0.05  # total effect worth naming: Zhang et al. (2015), CPT Pharmacometrics 4, 69-79
SIGNIFICANCE = 0.05  # of all tests of one ranking together


@dataclass(frozen=True, eq=False, kw_only=True)
class SobolIndices:
    """First-order and total effects, with bootstrap intervals; see `sobol_indices`."""

    first: Float[np.ndarray, "varied"]
    first_interval: Float[np.ndarray, "varied 2"]
    total: Float[np.ndarray, "varied"]
    total_interval: Float[np.ndarray, "varied 2"]
    blocks: int  # of the design that were used


@dataclass(frozen=True, kw_only=True)
class Pivot:
    """How much one parameter decides. `evidence` names the measures that pass their test.

    `score` is the total effect where it was estimated and the first-order index elsewhere.
    `direction` is the partial rank correlation, or Spearman's where that is not identified:
    above 0, a larger parameter goes with a larger outcome. There is no `distance` for
    outcomes other than 0 and 1, and no `total` without a Saltelli design. `p_value` is the
    smallest of the screens', corrected for all tests of the ranking.
    """

    column: int
    name: str
    score: float
    evidence: tuple[str, ...]
    first: float
    direction: float
    distance: float | None
    total: float | None
    p_value: float


def sobol_indices(
    outcomes: Float[np.ndarray, "rows"],
    *,
    varied: int,
    seed: int = 0,
    resamples: int = 1000,
    level: float = 0.95,
) -> SobolIndices:
    r"""First-order and total effects from the outcomes of a whole `saltelli` design.

    The total effect of a parameter is the share of variance that remains while all others
    are known: what it does alone and in any company. With $y_A, y_B, y_{AB_i}$ the outcomes
    of a block, centred, and V their variance over A and B,

    $$S_{Ti} = \frac{\langle (y_A - y_{AB_i})^2 \rangle}{2V}, \qquad
      S_i = \frac{\langle y_B\,(y_{AB_i} - y_A) \rangle}{V}.$$

    The intervals are percentiles over resamples of blocks, a seeded bootstrap. A block with
    an outcome that is not finite, a draw that was not solved, is left out whole. Indices
    are 0 where the outcome never varies.

    Source: Jansen (1999), *Computer Physics Communications* 117, 35-43, for totals;
    Saltelli et al. (2010), *ibid.* 181, table 2(b), for first order.
    """
    given = np.asarray(outcomes, dtype=float)
    if given.ndim != 1 or varied < 1 or given.size % (varied + 2):
        raise QueryError(
            f"Outcomes of shape {given.shape} are not blocks of {varied} + 2 rows: "
            "give one outcome for every row of the Saltelli design."
        )
    blocks = given.reshape(-1, varied + 2)
    blocks = blocks[np.isfinite(blocks).all(axis=1)]
    if len(blocks) < 2:
        raise QueryError("Fewer than two blocks of the Saltelli design were solved completely.")
    blocks = blocks - blocks[0, 0]  # so that a constant outcome is exactly 0
    blocks -= blocks[:, :2].mean()
    a, b, mixed = blocks[:, :1], blocks[:, 1:2], blocks[:, 2:]
    # All that is needed are means of these columns, in the sample and in every resample.
    terms = np.hstack([(a - mixed) ** 2 / 2, b * (mixed - a), a + b, a**2 + b**2])
    first, total = _indices(terms.mean(axis=0)[None], varied)
    repeated = [
        _indices(weights @ terms / len(blocks), varied)
        for weights in resample_counts(len(blocks), resamples, seed)
    ]
    tails = [(1 - level) / 2, (1 + level) / 2]
    firsts, totals = (np.concatenate(part) for part in zip(*repeated, strict=True))
    return SobolIndices(
        first=first[0],
        first_interval=np.quantile(firsts, tails, axis=0).T,
        total=total[0],
        total_interval=np.quantile(totals, tails, axis=0).T,
        blocks=len(blocks),
    )


def rank_pivots(
    parameters: Parameters,
    outcomes: Outcomes,
    names: Sequence[str],
    *,
    sizes: Outcomes | None = None,
    indices: SobolIndices | None = None,
) -> tuple[Pivot, ...]:
    """The parameters that vary, the most decisive first.

    Parameters with evidence come before those without, and then by `score`; equals keep
    their order in `names`. Evidence is a screen (`first-order`, `rank`, `distance`) that
    passes at 5 % after Holm's correction over all screens and parameters, or a `total` effect whose
    interval lies above 0.05. The result does not depend on the order of the rows.

    `sizes` take the place of the outcomes in rank correlations: by how much an outcome of
    0 or 1 is so, which tells more of the direction than the outcome itself.

    `indices` are those of the same parameters that vary, over the same ranges. They
    describe the whole region, also where `outcomes` are those of a filtered sample.

    Source: Holm (1979), *Scandinavian J. Statistics* 6, 65-70.

    >>> x = np.random.default_rng(1).random((400, 2))
    >>> [first, second] = rank_pivots(x, x[:, 1] > 0.7, ["sigma", "rho"])
    >>> print(first.name, first.evidence, first.direction > 0, second.evidence)
    rho ('first-order', 'rank', 'distance') True ()
    """
    x, _ = in_value_order(parameters, outcomes)
    if len(names) != x.shape[1]:
        raise QueryError(f"There are {len(names)} names for {x.shape[1]} parameters.")
    columns = np.flatnonzero(np.ptp(x, axis=0) > 0)
    if indices is not None and indices.total.size != columns.size:
        raise QueryError(
            f"There are total effects of {indices.total.size} parameters, "
            f"but {columns.size} of the sample vary."
        )
    given = np.asarray(parameters, dtype=float)[:, columns]
    screens = _screens(given, outcomes, outcomes if sizes is None else sizes)
    adjusted = _holm(np.stack([screen.p_value for screen in screens.values()]))
    pivots = []
    for place, column in enumerate(columns.tolist()):
        first, direction, distance = (float(screen.statistic[place]) for screen in screens.values())
        evidence = [
            name
            for name, p_value in zip(screens, adjusted[:, place], strict=True)
            if p_value < SIGNIFICANCE
        ]
        total = None
        if indices is not None:
            total = float(indices.total[place])
            evidence += ["total"] * bool(indices.total_interval[place, 0] > MATTERS)
        pivots.append(
            Pivot(
                column=column,
                name=names[column],
                score=first if total is None else total,
                evidence=tuple(evidence),
                first=first,
                direction=direction,
                distance=None if math.isnan(distance) else distance,
                total=total,
                p_value=float(adjusted[:, place].min()),
            )
        )
    return tuple(sorted(pivots, key=lambda pivot: (not pivot.evidence, -pivot.score)))


def _screens(x: Parameters, y: Outcomes, sizes: Outcomes) -> dict[str, Screen]:
    correlation = partial_rank_correlation(x, sizes)
    if np.isnan(correlation.statistic).any():
        correlation = rank_correlation(x, sizes)
    distance = Screen(statistic=np.full(x.shape[1], np.nan), p_value=np.ones(x.shape[1]))
    if np.isin(y, (0.0, 1.0)).all():
        distance = regional_distance(x, y)
    return {"first-order": first_order(x, y), "rank": correlation, "distance": distance}


def _holm(p_values: Float[np.ndarray, "*shape"]) -> Float[np.ndarray, "*shape"]:
    """P-values corrected for the number of tests by Holm's sequentially rejective method."""
    order = np.argsort(p_values, axis=None, kind="stable")
    left = np.arange(order.size, 0, -1)
    adjusted = np.empty(order.size)
    adjusted[order] = np.minimum(np.maximum.accumulate(p_values.ravel()[order] * left), 1.0)
    return adjusted.reshape(p_values.shape)


def _indices(
    means: Float[np.ndarray, "resamples terms"], varied: int
) -> tuple[Float[np.ndarray, "resamples varied"], Float[np.ndarray, "resamples varied"]]:
    variance = means[:, -1:] / 2 - (means[:, -2:-1] / 2) ** 2
    safe = np.where(variance > 0, variance, np.inf)
    return means[:, varied : 2 * varied] / safe, means[:, :varied] / safe
