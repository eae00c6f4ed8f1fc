"""Intervals of shares and quantiles against published tables and real resampling."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from foedus.errors import QueryError
from foedus.numerics.shares import (
    near,
    normal_quantile,
    quantile_interval,
    share_difference,
    wilson,
)


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_intervals_are_those_of_newcombe(
    successes: int, trials: int, low: float, high: float
) -> None:
    """Newcombe (1998), *Statistics in Medicine* 17, table I, method 3; four digits."""
    np.testing.assert_allclose(wilson(successes, trials), [low, high], atol=5e-5)


@given(trials=st.integers(1, 10**6), part=st.floats(0, 1), level=st.floats(0.5, 0.999))
def test_wilson_ends_solve_their_equation(trials: int, part: float, level: float) -> None:
    successes = round(part * trials)
    share, z = successes / trials, normal_quantile(level)
    low, high = wilson(successes, trials, level=level)
    assert 0 <= low <= share <= high <= 1
    for end in (low, high):
        assert abs(share - end) == pytest.approx(z * np.sqrt(end * (1 - end) / trials), abs=1e-9)


def test_wilson_takes_arrays_and_knows_nothing_without_trials() -> None:
    both = wilson(np.array([[3, 0]]), np.array([[10, 0]]))
    assert both.shape == (1, 2, 2)
    np.testing.assert_array_equal(both[0, 0], wilson(3, 10))
    np.testing.assert_array_equal(both[0, 1], [0, 1])


def test_impossible_counts_are_refused() -> None:
    with pytest.raises(QueryError):
        wilson(11, 10)
    with pytest.raises(QueryError):
        quantile_interval(np.array([]))
    with pytest.raises(QueryError):
        normal_quantile(1.0)


@pytest.mark.parametrize("probability", [0.1, 0.5, 0.9])
def test_quantile_intervals_are_the_limit_of_resampling(probability: float) -> None:
    """20,000 seeded resamples of the order statistic, percentiles of the positions."""
    random = np.random.default_rng(2)
    n = 60
    ordered = np.arange(float(n))
    position = int(np.ceil(n * probability)) - 1
    again = np.sort(random.integers(n, size=(20_000, n)), axis=1)[:, position]
    by_resampling = np.quantile(again, [0.025, 0.975], method="inverted_cdf")
    exact = quantile_interval(random.permutation(ordered), [probability])[0]
    # One position is the resampling's own error where a probability lies on a step.
    assert np.abs(exact - by_resampling).max() <= 1


@given(n=st.integers(1, 300), probability=st.floats(0.01, 0.99))
def test_quantile_intervals_end_where_the_binomial_says(n: int, probability: float) -> None:
    """The end is the first position j with P(Bin(n, j/n) >= k) of 0.025 or 0.975 at least."""
    rank = max(math.ceil(n * probability), 1)
    ends = quantile_interval(np.arange(1.0, n + 1), [probability])[0]
    for end, tail in zip(ends, (0.025, 0.975), strict=True):
        at, before = stats.binom.sf(rank - 1, n, np.array([end, end - 1]) / n)
        assert before < tail + 1e-9
        assert at > tail - 1e-9


def test_median_intervals_cover_as_often_as_they_say() -> None:
    samples = np.random.default_rng(3).exponential(size=(1000, 80))
    intervals = np.array([quantile_interval(sample, [0.5])[0] for sample in samples])
    covered = (intervals[:, 0] <= np.log(2)) & (np.log(2) <= intervals[:, 1])
    assert 0.92 < covered.mean() < 0.98


def test_only_thresholds_inside_the_interval_are_near() -> None:
    assert near(0.5, [0.1, 0.45, 0.52, 0.6], [0.4, 0.6]) == (0.52, 0.45)
    assert near(0.95, [0.9], [0.9, 0.99]) == ()


def test_the_difference_of_shares_in_the_published_examples() -> None:
    """Newcombe (1998), *Statistics in Medicine* 17, table II: five of its examples."""
    published = {
        (56, 70, 48, 80): (0.0524, 0.3339),
        (9, 10, 3, 10): (0.1705, 0.8090),
        (5, 56, 0, 29): (-0.0381, 0.1926),
        (0, 10, 0, 10): (-0.2775, 0.2775),
        (10, 10, 0, 10): (0.6075, 1.0),
    }
    for (k_2, n_2, k_1, n_1), expected in published.items():
        found = share_difference([k_1, k_2], [n_1, n_2])
        assert found == pytest.approx(expected, abs=5e-5)
        low, high = share_difference([k_2, k_1], [n_2, n_1])
        assert (-high, -low) == pytest.approx(found)


def test_the_difference_to_nothing_is_anything() -> None:
    assert share_difference([0, 3], [0, 9]) == (-1.0, 1.0)
