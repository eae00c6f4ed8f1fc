"""Statistics of counted samples are those of the samples written out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr

from foedus.numerics.resamples import mean, quantile, rank_correlation, resample_counts

values = st.lists(st.sampled_from([0.0, 0.5, 1.0, 1.5, 7.0]), min_size=3, max_size=9)


@given(values, st.floats(0, 1), st.integers(0, 99))
def test_the_same_as_of_the_sample_written_out(
    numbers: list[float], probability: float, seed: int
) -> None:
    one = np.array(numbers)
    other = np.random.default_rng(seed).permutation(one)
    [counts] = resample_counts(one.size, 5, seed)
    for row in counts:
        x, y = np.repeat(one, row), np.repeat(other, row)
        assert mean(one, row[None])[0] == pytest.approx(x.mean())
        assert quantile(one, row[None], probability)[0] == pytest.approx(
            np.quantile(x, probability)
        )
        if np.ptp(x) > 0 and np.ptp(y) > 0:
            expected = spearmanr(x, y).statistic
            assert rank_correlation(one, other, row[None])[0] == pytest.approx(expected, abs=1e-12)


def test_a_resample_has_as_many_draws_in_any_portion() -> None:
    portions = list(resample_counts(3_000_000, 3, seed=1))
    assert [len(portion) for portion in portions] == [1, 1, 1]
    assert all(portion.sum() == 3_000_000 for portion in portions)


def test_without_draws_nothing_is_known() -> None:
    nothing = np.empty(0)
    counts = np.empty((2, 0), dtype=int)
    assert np.isnan(mean(nothing, counts)).all()
    assert np.isnan(quantile(nothing, counts, 0.5)).all()
    assert np.isnan(rank_correlation(nothing, nothing, counts)).all()
