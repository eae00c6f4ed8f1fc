"""The best split is the best of all, and its interval says where it could have been."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foedus.errors import QueryError
from foedus.numerics.splits import best_split


def gini(holds: np.ndarray) -> float:
    return holds.size * holds.mean() * (1 - holds.mean()) if holds.size else 0.0


@given(
    draws=st.lists(st.tuples(st.integers(0, 12), st.booleans()), min_size=2, max_size=40),
    seed=st.integers(0, 2**32),
)
def test_no_other_split_takes_away_more_impurity(draws: list[tuple[int, bool]], seed: int) -> None:
    values = np.array([value for value, _ in draws], dtype=float)
    holds = np.array([held for _, held in draws])
    split = best_split(values, holds, resamples=5)
    halves = [
        (gini(holds) - gini(holds[values < at]) - gini(holds[values > at]))
        for at in np.arange(0.5, 12)
    ]
    assert split.drop * gini(holds) == pytest.approx(max(halves), abs=1e-9)
    if math.isnan(split.at):
        assert split.share_below == split.share_above == holds.mean()
    else:
        assert split.share_below == holds[values < split.at].mean()
        assert split.share_above == holds[values > split.at].mean()
        order = np.random.default_rng(seed).permutation(values.size)
        assert best_split(values[order], holds[order], resamples=5) == split


def test_a_planted_threshold_is_found_inside_its_interval() -> None:
    random = np.random.default_rng(1)
    x = random.random(2000)
    split = best_split(x, random.random(2000) < np.where(x > 0.37, 0.9, 0.2))
    assert split.at == pytest.approx(0.37, abs=0.01)
    assert split.interval[0] <= 0.37 <= split.interval[1]
    assert split.interval[1] - split.interval[0] < 0.05
    assert (split.share_below, split.share_above) == (
        pytest.approx(0.2, abs=0.05),
        pytest.approx(0.9, abs=0.05),
    )
    assert split.flips


def test_a_shift_that_leaves_the_majority_alone_is_no_flip() -> None:
    random = np.random.default_rng(2)
    x = random.random(1000)
    split = best_split(x, random.random(1000) < np.where(x > 0.5, 0.95, 0.7))
    assert split.at == pytest.approx(0.5, abs=0.05)
    assert not split.flips


def test_where_nothing_acts_the_interval_spans_the_range() -> None:
    random = np.random.default_rng(3)
    split = best_split(random.random(1000), random.random(1000) < 0.5)
    assert split.interval[1] - split.interval[0] > 0.5
    assert split.drop < 0.02


def test_nothing_to_divide() -> None:
    for values, holds in ((np.ones(9), np.arange(9) > 4), (np.arange(9.0), np.ones(9, dtype=bool))):
        split = best_split(values, holds)
        assert math.isnan(split.at)
        assert split.drop == 0
        assert not split.flips


def test_what_cannot_be_split_is_refused() -> None:
    with pytest.raises(QueryError, match="True or False"):
        best_split(np.arange(3.0), np.arange(3.0))
    with pytest.raises(QueryError, match="at least one"):
        best_split(np.empty(0), np.empty(0, dtype=bool))
    with pytest.raises(QueryError, match="finite"):
        best_split(np.array([1.0, np.nan]), np.array([True, False]))
