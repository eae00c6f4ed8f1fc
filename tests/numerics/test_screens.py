"""Screens against closed forms, SciPy's own tests and a second method; row order never matters."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from foedus.errors import QueryError
from foedus.numerics.screens import (
    Screen,
    first_order,
    partial_rank_correlation,
    rank_correlation,
    regional_distance,
)

Method = Callable[[np.ndarray, np.ndarray], Screen]
SCREENS: tuple[Method, ...] = (
    first_order,
    rank_correlation,
    partial_rank_correlation,
    regional_distance,
)


def sample(n: int, columns: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random((n, columns))


def test_first_order_of_a_half_space_is_a_third_each() -> None:
    """y = 1 if x1 + x2 > 1: E[y | x1] = x1, of variance 1/12; y's own variance is 1/4."""
    x = sample(20_000, 3)
    found = first_order(x, x[:, 0] + x[:, 1] > 1)
    np.testing.assert_allclose(found.statistic, [1 / 3, 1 / 3, 0], atol=0.012)
    assert found.p_value[:2].max() < 1e-12


def test_first_order_sees_what_is_not_monotone() -> None:
    """y = x1^2 on [-1, 1] and independent noise of equal variance 4/45."""
    x = 2 * sample(20_000, 2) - 1
    noise = np.sqrt(4 / 45) * np.random.default_rng(9).standard_normal(20_000)
    found = first_order(x, x[:, 0] ** 2 + noise)
    np.testing.assert_allclose(found.statistic, [0.5, 0], atol=0.015)
    assert abs(rank_correlation(x, x[:, 0] ** 2 + noise).statistic[0]) < 0.03


def test_first_order_of_few_levels_is_the_analysis_of_variance() -> None:
    random = np.random.default_rng(4)
    level = random.integers(3, size=400).astype(float)
    y = np.array([0.0, 1.0, 0.3])[level.astype(int)] + random.standard_normal(400)
    found = first_order(level[:, None], y)
    one_way = stats.f_oneway(*(y[level == value] for value in range(3)))
    assert found.p_value[0] == pytest.approx(one_way.pvalue, rel=1e-9)


def test_first_order_has_no_upward_bias_where_nothing_acts() -> None:
    """400 idle parameters: the mean index is 0 up to its error, sqrt(2b)/n/sqrt(400) = 0.001."""
    x = sample(200, 400)
    y = np.random.default_rng(5).standard_normal(200)
    assert abs(first_order(x, y).statistic.mean()) < 0.005


@pytest.mark.parametrize("method", SCREENS)
def test_one_idle_parameter_in_twenty_passes_at_five_percent(method: Method) -> None:
    x = sample(500, 400, seed=6)
    y = np.random.default_rng(7).random(500) < 0.4
    assert 0.02 < np.mean(method(x, y).p_value < 0.05) < 0.08


def test_rank_correlation_is_spearmans_with_ties() -> None:
    x = np.round(sample(60, 2) * 8)
    y = np.round(x[:, 0] + 4 * sample(60, 1, seed=1)[:, 0])
    found = rank_correlation(x, y)
    for column in range(2):
        expected = stats.spearmanr(x[:, column], y)
        assert found.statistic[column] == pytest.approx(expected.statistic, abs=1e-12)
        assert found.p_value[column] == pytest.approx(expected.pvalue, rel=1e-9)


def test_partial_rank_correlation_is_the_correlation_of_residuals() -> None:
    """The definition, computed the long way: regress both sides on the other parameters."""
    x = sample(80, 4)
    x[:, 1] += x[:, 0]
    y = x[:, 0] - 2 * x[:, 2] + 0.5 * sample(80, 1, seed=2)[:, 0]
    found = partial_rank_correlation(x, y)
    ranks, rank_y = stats.rankdata(x, axis=0), stats.rankdata(y)
    for column in range(4):
        others = np.column_stack([np.ones(80), np.delete(ranks, column, axis=1)])
        left = [
            side - others @ np.linalg.lstsq(others, side)[0] for side in (ranks[:, column], rank_y)
        ]
        assert found.statistic[column] == pytest.approx(np.corrcoef(left)[0, 1], abs=1e-10)


def test_partial_rank_correlation_clears_a_bystander() -> None:
    random = np.random.default_rng(8)
    acts = random.standard_normal(1000)
    bystander = acts + 0.5 * random.standard_normal(1000)
    x = np.column_stack([acts, bystander])
    y = acts + 0.5 * random.standard_normal(1000)
    assert rank_correlation(x, y).p_value[1] < 1e-12
    assert partial_rank_correlation(x, y).p_value[1] > 0.01


def test_partial_rank_correlation_of_an_exact_ranking_is_one() -> None:
    x = sample(200, 3)
    found = partial_rank_correlation(x, np.exp(x[:, 1]))
    np.testing.assert_allclose(found.statistic, [0, 1, 0], atol=1e-6)


def test_partial_rank_correlation_says_when_it_cannot_tell() -> None:
    x = sample(50, 2)
    for given_x in (x[:3], np.column_stack([x, x[:, 0]])):
        assert np.isnan(partial_rank_correlation(given_x, given_x[:, 1]).statistic).all()
    constant = np.column_stack([x, np.ones(50)])
    np.testing.assert_array_equal(
        np.isnan(partial_rank_correlation(constant, x[:, 1]).statistic), [False, False, True]
    )


def test_regional_distance_is_kolmogorov_and_smirnovs() -> None:
    x = np.column_stack([sample(900, 1)[:, 0], np.round(sample(900, 1, seed=1)[:, 0] * 5)])
    holds = sample(900, 1, seed=2)[:, 0] < 0.3 + 0.1 * x[:, 0]
    found = regional_distance(x, holds)
    for column in range(2):
        expected = stats.ks_2samp(x[holds, column], x[~holds, column], method="asymp")
        assert found.statistic[column] == pytest.approx(expected.statistic, abs=1e-12)
        assert found.p_value[column] == pytest.approx(expected.pvalue, abs=0.05)


def test_regional_distance_of_a_threshold_is_one() -> None:
    x = sample(300, 2)
    assert regional_distance(x, x[:, 1] > 0.8).statistic[1] == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("method", SCREENS)
def test_an_outcome_that_never_varies_gives_no_evidence(method: Method) -> None:
    found = method(sample(100, 3), np.ones(100))
    np.testing.assert_array_equal(found.statistic, 0)
    assert (found.p_value == 1).all()
    if method is not regional_distance:
        np.testing.assert_array_equal(method(sample(100, 3), np.full(100, 0.1)).statistic, 0)


@pytest.mark.parametrize("method", SCREENS)
@given(seed=st.integers(0, 2**32), n=st.integers(20, 80), levels=st.sampled_from([3, 10, 10**6]))
def test_row_order_changes_nothing(method: Method, seed: int, n: int, levels: int) -> None:
    random = np.random.default_rng(seed)
    x = np.round(random.random((n, 3)) * levels)
    y = (x[:, 0] > levels / 2) ^ (random.random(n) < 0.2)
    order = random.permutation(n)
    first, second = method(x, y), method(x[order], y[order])
    np.testing.assert_array_equal(first.statistic, second.statistic)
    np.testing.assert_array_equal(first.p_value, second.p_value)


@pytest.mark.parametrize("method", SCREENS[1:])
@given(seed=st.integers(0, 2**32))
def test_rank_screens_do_not_see_the_scale_of_a_parameter(method: Method, seed: int) -> None:
    x = sample(50, 3, seed=seed)
    y = x[:, 0] + x[:, 1] > 1
    np.testing.assert_allclose(
        method(x, y).statistic, method(np.exp(5 * x), y).statistic, atol=1e-12
    )


def test_what_cannot_be_screened_is_refused() -> None:
    x = sample(10, 2)
    with pytest.raises(QueryError, match="go together"):
        first_order(x, np.ones(9))
    with pytest.raises(QueryError, match="not solved"):
        first_order(x, np.full(10, np.nan))
    with pytest.raises(QueryError, match="0 or 1"):
        regional_distance(x, np.arange(10.0))
