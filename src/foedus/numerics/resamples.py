"""Statistics of many resamples at once: each is how often every draw is taken."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from jaxtyping import Float, Int

ENTRIES_AT_ONCE = 4_000_000  # of counts held in memory

Values = Float[np.ndarray, "draws"]
Counts = Int[np.ndarray, "samples draws"]
Results = Float[np.ndarray, "samples"]


def resample_counts(size: int, resamples: int, seed: int) -> Iterator[Counts]:
    """How often each draw is taken in each resample, in portions that fit into memory.

    A resample takes `size` draws by chance, any of them repeatedly.

    Source: Efron (1979), *Annals of Statistics* 7, 1-26 (the bootstrap).
    """
    random = np.random.default_rng(seed)
    portion = max(ENTRIES_AT_ONCE // size, 1)
    for start in range(0, resamples, portion):
        count = min(portion, resamples - start)
        yield random.multinomial(size, np.full(size, 1 / size), size=count)


def mean(values: Values, counts: Counts) -> Results:
    """The mean in each sample; NaN in one without draws.

    >>> mean(np.array([1.0, 4.0]), np.array([[1, 1], [2, 1], [0, 0]]))
    array([2.5, 2. , nan])
    """
    total = counts.sum(axis=1)
    return np.where(total > 0, counts @ values / np.maximum(total, 1), np.nan)


def quantile(values: Values, counts: Counts, probability: float) -> Results:
    """The quantile in each sample, linear between order statistics; NaN in one without draws.

    >>> quantile(np.array([1.0, 4.0]), np.array([[1, 1], [2, 1], [0, 0]]), 0.5)
    array([2.5, 1. , nan])
    """
    if not values.size:
        return np.full(len(counts), np.nan)
    order = np.argsort(values, kind="stable")
    ordered, places = values[order], np.cumsum(counts[:, order], axis=1)
    total = places[:, -1]
    position = np.maximum(total - 1, 0) * probability
    below = np.floor(position)
    low, high = (
        ordered[np.minimum((places <= at[:, None]).sum(axis=1), values.size - 1)]
        for at in (below, np.ceil(position))
    )
    return np.where(total > 0, low + (high - low) * (position - below), np.nan)


def rank_correlation(one: Values, other: Values, counts: Counts) -> Results:
    """Spearman's rank correlation in each sample; 0 where one does not vary, NaN below two draws.

    >>> x = np.arange(4.0)
    >>> rank_correlation(x, -x, np.array([[1, 1, 1, 1], [2, 0, 0, 0], [1, 0, 0, 0]]))
    array([-1.,  0., nan])
    """
    total = counts.sum(axis=1)
    x, y = _centred_ranks(one, counts), _centred_ranks(other, counts)
    size = np.sqrt((counts * x**2).sum(axis=1) * (counts * y**2).sum(axis=1))
    together = (counts * x * y).sum(axis=1) / np.where(size > 0, size, 1.0)
    return np.where(total > 1, np.clip(together, -1.0, 1.0), np.nan)


def _centred_ranks(values: Values, counts: Counts) -> Float[np.ndarray, "samples draws"]:
    """The average rank of each draw's value in each sample, less the mean rank."""
    levels, place = np.unique(values, return_inverse=True)
    if not levels.size:
        return np.zeros(counts.shape)
    order = np.argsort(place, kind="stable")
    starts = np.searchsorted(place[order], np.arange(levels.size))
    taken = np.add.reduceat(counts[:, order], starts, axis=1)
    ranks = np.cumsum(taken, axis=1) - (taken - 1) / 2
    centred: Float[np.ndarray, "samples draws"] = (
        ranks[:, place] - (counts.sum(axis=1, keepdims=True) + 1) / 2
    )
    return centred
