"""How sure a share or a median is, given how many draws it rests on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import Any

import numpy as np
from jaxtyping import Float

from foedus.errors import QueryError

Interval = Float[np.ndarray, "*batch 2"]


def wilson(successes: Any, trials: Any, *, level: float = 0.95) -> Interval:
    r"""Score interval of a share: the p with $|\hat p - p| \le z\sqrt{p(1-p)/n}$.

    Both counts may be arrays of one shape; the last axis of the result is (low, high). No
    trials give (0, 1): nothing is known. Points of a Sobol sequence are spread more evenly
    than chance would, so for them the interval is on the safe side.

    Source: Wilson (1927), *JASA* 22, 209-212; recommended by Brown, Cai & DasGupta (2001),
    *Statistical Science* 16, 101-133.

    >>> print(wilson(90, 100).round(3), wilson(10, 10).round(3))
    [0.826 0.945] [0.722 1.   ]
    """
    k, n = np.asarray(successes, dtype=float), np.asarray(trials, dtype=float)
    if not np.all((k >= 0) & (k <= n)):
        raise QueryError("A share needs 0 <= successes <= trials.")
    square = normal_quantile(level) ** 2
    middle = (k + square / 2) / (n + square)
    half = np.sqrt(square * (k * (n - k) / np.maximum(n, 1) + square / 4)) / (n + square)
    # The ends are exact where nothing or everything succeeded; the formula only rounds to them.
    low = np.where(k == 0, 0.0, middle - half)
    return np.stack([low, np.where(k == n, 1.0, middle + half)], axis=-1)


def share_difference(
    successes: Sequence[int], trials: Sequence[int], *, level: float = 0.95
) -> tuple[float, float]:
    r"""Interval of the second share minus the first, from the score intervals of both.

    With $d = p_2 - p_1$ and Wilson limits $l, u$ of each share, the ends are
    $d - \sqrt{(p_2 - l_2)^2 + (u_1 - p_1)^2}$ and $d + \sqrt{(u_2 - p_2)^2 + (p_1 - l_1)^2}$.
    It takes the samples as independent, so it is too wide rather than too narrow for two
    outcomes on the same draws that mostly go together. No trials of either give (-1, 1).

    Source: Newcombe (1998), *Statistics in Medicine* 17, 873-890, method 10.

    >>> low, high = share_difference([48, 56], [80, 70])
    >>> print(round(low, 4), round(high, 4))
    0.0524 0.3339
    """
    if min(trials) == 0:
        return -1.0, 1.0
    (low_1, high_1), (low_2, high_2) = wilson(successes, trials, level=level)
    one, two = (k / n for k, n in zip(successes, trials, strict=True))
    down = math.hypot(two - low_2, high_1 - one)
    up = math.hypot(high_2 - two, one - low_1)
    return two - one - down, two - one + up


def quantile_interval(
    values: Float[np.ndarray, "draws"],
    probabilities: Sequence[float] = (0.1, 0.5, 0.9),
    *,
    level: float = 0.95,
) -> Float[np.ndarray, "probabilities 2"]:
    r"""Bootstrap percentile interval of each quantile, with infinitely many resamples.

    The quantile is the order statistic $x_{(k)}$, $k = \lceil nq \rceil$. In a resample it is
    at most $x_{(j)}$ with probability $P(\mathrm{Bin}(n, j/n) \ge k) = I_{j/n}(k, n-k+1)$,
    so the bootstrap distribution is known, and needs neither resampling nor a seed.

    Source: Maritz & Jarrett (1978), *JASA* 73, 194-196; Efron (1982), *The Jackknife, the
    Bootstrap and Other Resampling Plans*.

    >>> print(quantile_interval(np.arange(101.0), [0.5]))
    [[40. 60.]]
    """
    ordered = np.sort(np.asarray(values, dtype=float))
    n = ordered.size
    if n == 0 or not np.isfinite(ordered).all():
        raise QueryError("Quantiles need at least one value, and only finite ones.")
    from scipy.special import betaincinv  # a third of a second to import

    rank = np.clip(np.ceil(n * np.asarray(probabilities, dtype=float)), 1, n)[:, None]
    tails = np.array([(1 - level) / 2, (1 + level) / 2])
    position = np.ceil(n * betaincinv(rank, n - rank + 1, tails)).astype(int)
    return np.asarray(ordered[np.clip(position, 1, n) - 1])


def near(share: float, thresholds: Sequence[float], interval: Sequence[float]) -> tuple[float, ...]:
    """The thresholds that `interval` straddles, the nearest to `share` first.

    Empty when sampling error cannot carry the share past any of them.

    >>> near(0.91, [0.9, 0.67], wilson(91, 100)), near(0.8, [0.9, 0.67], wilson(800, 1000))
    ((0.9,), ())
    """
    low, high = interval
    inside = [threshold for threshold in thresholds if low < threshold < high]
    return tuple(sorted(inside, key=lambda threshold: abs(threshold - share)))


def normal_quantile(level: float) -> float:
    """The z for which a standard normal lies in (-z, z) with probability `level`."""
    if not 0 < level < 1:
        raise QueryError(f"A level of {level} makes no interval; it must lie between 0 and 1.")
    return NormalDist().inv_cdf((1 + level) / 2)
