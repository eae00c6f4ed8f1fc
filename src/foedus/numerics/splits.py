"""The value of one parameter at which an outcome flips, from a scattered sample."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

from foedus.errors import QueryError

Values = Float[np.ndarray, "draws"]
Marks = Bool[np.ndarray, "draws"]


@dataclass(frozen=True, kw_only=True)
class Split:
    """The value that best divides where an outcome holds from where it does not.

    `drop` is the share of the outcome's Gini impurity that the division takes away: 1 for
    a clean flip. `interval` is a bootstrap percentile interval of `at`. If no value
    divides, `at` and the interval are NaN and both shares are the same.
    """

    at: float
    interval: tuple[float, float]
    share_below: float
    share_above: float
    drop: float

    @property
    def flips(self) -> bool:
        """Whether the outcome holds more often than not on exactly one side."""
        return (self.share_below > 0.5) != (self.share_above > 0.5)


def best_split(
    values: Values,
    holds: Marks,
    *,
    resamples: int = 200,
    level: float = 0.95,
    seed: int = 0,
) -> Split:
    r"""The single split that takes away most Gini impurity, $\sum_k n_k\, p_k (1 - p_k)$.

    Splits lie halfway between neighbouring values; of equally good ones the lowest is
    taken. The same for any order of rows. Read the interval as a guide: where the share
    changes gradually, the error of a split shrinks only with the cube root of the sample,
    and no bootstrap is right for it.

    Source: Breiman et al. (1984), *Classification and Regression Trees*;
    Banerjee & McKeague (2007), *Annals of Statistics* 35, 543-574, for the caution.

    >>> split = best_split(np.arange(10.0), np.arange(10) >= 6)
    >>> split.at, split.share_below, split.share_above, split.drop, split.flips
    (5.5, 0.0, 1.0, 1.0, True)
    """
    x, held = np.asarray(values, dtype=float), np.asarray(holds)
    if x.ndim != 1 or x.size == 0 or x.shape != held.shape or held.dtype != bool:
        raise QueryError("A split needs one True or False for each value, and at least one value.")
    if not np.isfinite(x).all():
        raise QueryError("A split needs finite values.")
    order = np.lexsort((held, x))
    levels, place = np.unique(x[order], return_inverse=True)
    held = held[order]
    at, drop = _split(levels, place, held)
    if math.isnan(at):
        whole = float(held.mean())
        return Split(at=at, interval=(at, at), share_below=whole, share_above=whole, drop=0.0)
    random = np.random.default_rng(seed)
    again = np.empty(resamples)
    for repetition in range(resamples):
        rows = random.integers(x.size, size=x.size)
        again[repetition], _ = _split(levels, place[rows], held[rows])
    low, high = np.nanquantile(again, [(1 - level) / 2, (1 + level) / 2])
    below = x[order] < at
    return Split(
        at=at,
        interval=(float(low), float(high)),
        share_below=float(held[below].mean()),
        share_above=float(held[~below].mean()),
        drop=drop,
    )


def _split(
    levels: Float[np.ndarray, "levels"], place: Int[np.ndarray, "draws"], held: Marks
) -> tuple[float, float]:
    """The best split and its drop; NaN and 0 where there is nothing to divide."""
    counts = np.bincount(place, minlength=levels.size)
    below = np.cumsum(counts)[:-1]
    successes = np.cumsum(np.bincount(place, weights=held, minlength=levels.size))
    n, k = place.size, successes[-1]
    if k in (0, n) or not ((below > 0) & (below < n)).any():
        return math.nan, 0.0
    # In two groups the impurity is lower by n_1 n_2 / n x (p_1 - p_2)^2 than in one.
    above = n - below
    apart = successes[:-1] / np.maximum(below, 1) - (k - successes[:-1]) / np.maximum(above, 1)
    drops = below * above * apart**2 / (k * (n - k))
    cut = int(np.argmax(drops))
    # In a resample some levels have no draws; a split goes halfway between two that have.
    following = cut + 1 + int(np.argmax(counts[cut + 1 :] > 0))
    middle = levels[cut] + (levels[following] - levels[cut]) / 2
    return float(middle if middle > levels[cut] else levels[following]), float(drops[cut])
