"""Sobol indices in closed form, and a ranking that does not depend on chance arrangements."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foedus.errors import QueryError
from foedus.numerics.designs import Design
from foedus.numerics.sensitivity import SobolIndices, rank_pivots, sobol_indices


def saltelli(n: int, columns: int, low: float = 0.0, high: float = 1.0) -> Design:
    return Design(
        kind="saltelli",
        n=n,
        seed=11,
        names=tuple(f"x{column}" for column in range(columns)),
        lows=(low,) * columns,
        highs=(high,) * columns,
        scales=("linear",) * columns,
    )


def indices_of(
    function: Callable[[np.ndarray], np.ndarray], design: Design, **settings: int
) -> SobolIndices:
    return sobol_indices(function(design.draws()), varied=int(design.varied.sum()), **settings)


def test_ishigami() -> None:
    """Ishigami & Homma (1990) with a = 7, b = 0.1; the variance parts are known integrals."""
    a, b = 7.0, 0.1
    alone = np.array([(1 + b * np.pi**4 / 5) ** 2 / 2, a**2 / 8, 0])
    together = b**2 * np.pi**8 * (1 / 18 - 1 / 50)
    variance = alone.sum() + together
    first, total = alone / variance, (alone + np.array([together, 0, together])) / variance

    def ishigami(x: np.ndarray) -> np.ndarray:
        return np.sin(x[:, 0]) * (1 + b * x[:, 2] ** 4) + a * np.sin(x[:, 1]) ** 2

    found = indices_of(ishigami, saltelli(2048, 3, -np.pi, np.pi))
    np.testing.assert_allclose(found.first, first, atol=0.01)
    np.testing.assert_allclose(found.total, total, atol=0.01)
    for estimate, interval in (
        (first, found.first_interval),
        (total, found.total_interval),
    ):
        assert (interval[:, 0] <= estimate).all()
        assert (estimate <= interval[:, 1]).all()


def test_a_linear_model_splits_its_variance_by_squared_slopes() -> None:
    slopes = np.array([3.0, -2.0, 1.0, 0.0])
    found = indices_of(lambda x: x @ slopes, saltelli(1024, 4))
    share = slopes**2 / np.sum(slopes**2)
    np.testing.assert_allclose(found.first, share, atol=0.01)
    np.testing.assert_allclose(found.total, share, atol=0.01)


def test_a_half_space() -> None:
    """y = 1 if x1 + x2 > 1: a third each alone, so two thirds each in total."""
    found = indices_of(lambda x: x[:, 0] + x[:, 1] > 1, saltelli(4096, 3), resamples=50)
    np.testing.assert_allclose(found.first, [1 / 3, 1 / 3, 0], atol=0.015)
    np.testing.assert_allclose(found.total, [2 / 3, 2 / 3, 0], atol=0.015)
    assert found.total[2] == 0


def test_intervals_cover_about_as_often_as_they_say() -> None:
    """200 independent designs of 100 random blocks, y = 2 x1 + x2: indices 0.8 and 0.2."""
    random = np.random.default_rng(12)
    covered = []
    for _ in range(200):
        a, b = random.random((2, 100, 2))
        rows = np.stack(
            [a, b, np.column_stack([b[:, 0], a[:, 1]]), np.column_stack([a[:, 0], b[:, 1]])]
        )
        y = (rows @ [2.0, 1.0]).T.ravel()
        found = sobol_indices(y, varied=2, resamples=200)
        intervals = np.concatenate([found.first_interval, found.total_interval])
        truth = np.array([0.8, 0.2, 0.8, 0.2])
        covered.append((intervals[:, 0] <= truth) & (truth <= intervals[:, 1]))
    assert (np.mean(covered, axis=0) > 0.89).all()
    assert (np.mean(covered, axis=0) < 0.99).all()


def test_blocks_with_an_unsolved_draw_are_left_out_whole() -> None:
    y = saltelli(64, 3).draws().sum(axis=1)
    damaged = y.copy()
    damaged[5 * 7 + 4] = np.nan
    without = np.delete(y.reshape(64, 5), 7, axis=0).ravel()
    found, expected = sobol_indices(damaged, varied=3), sobol_indices(without, varied=3)
    assert found.blocks == 63
    np.testing.assert_array_equal(found.total_interval, expected.total_interval)


def test_an_outcome_that_never_varies_has_no_indices() -> None:
    found = sobol_indices(np.full(50, 0.1), varied=3)
    assert not np.any([found.first, found.total])
    assert not np.any([found.first_interval, found.total_interval])


def test_outcomes_that_are_not_whole_blocks_are_refused() -> None:
    with pytest.raises(QueryError, match="blocks of 3"):
        sobol_indices(np.ones(51), varied=3)
    with pytest.raises(QueryError, match="two blocks"):
        sobol_indices(np.full(50, np.nan), varied=3)


def test_pivots_come_in_the_order_of_what_they_explain() -> None:
    x = np.random.default_rng(13).random((1000, 6))
    x[:, 3] = 0.7
    pivots = rank_pivots(x, 3 * x[:, 4] - x[:, 1] > 1, list("abcdef"))
    assert [pivot.name for pivot in pivots[:2]] == ["e", "b"]
    assert [pivot.column for pivot in pivots[:2]] == [4, 1]
    assert (pivots[0].direction > 0, pivots[1].direction < 0) == (True, True)
    assert all(not pivot.evidence for pivot in pivots[2:])
    assert "d" not in {pivot.name for pivot in pivots}


def test_only_total_effects_see_a_parameter_that_acts_in_company() -> None:
    """y = 1 if exactly one of x1, x2 is above a half: each alone explains nothing."""

    def exclusive(x: np.ndarray) -> np.ndarray:
        return (x[:, 0] > 0.5) ^ (x[:, 1] > 0.5)

    x = np.random.default_rng(14).random((1000, 3))
    assert all(not pivot.evidence for pivot in rank_pivots(x, exclusive(x), "abc"))
    indices = indices_of(exclusive, saltelli(512, 3))
    pivots = rank_pivots(x, exclusive(x), "abc", indices=indices)
    assert {pivot.name: pivot.evidence for pivot in pivots} == {
        "a": ("total",),
        "b": ("total",),
        "c": (),
    }
    assert pivots[0].score == pytest.approx(1, abs=0.1)


def test_outcomes_of_any_size_can_be_ranked() -> None:
    x = np.random.default_rng(15).random((500, 2))
    first, second = rank_pivots(x, 10 * x[:, 1] ** 2, ["a", "b"])
    assert first.name == "b"
    assert first.evidence == ("first-order", "rank")
    assert second.distance is None


def test_fewer_draws_than_parameters_still_give_a_ranking() -> None:
    x = np.random.default_rng(16).random((25, 30))
    assert rank_pivots(x, x[:, 7] > 0.5, [str(column) for column in range(30)])[0].name == "7"


def test_chance_rarely_passes_for_evidence() -> None:
    """Holm's correction: any false evidence in at most 5 % of rankings; 100 of 20 parameters."""
    random = np.random.default_rng(17)
    alarms = 0
    for _ in range(100):
        x, y = random.random((150, 20)), random.random(150) < 0.5
        alarms += any(pivot.evidence for pivot in rank_pivots(x, y, [""] * 20))
    assert alarms <= 10


@given(seed=st.integers(0, 2**32))
def test_the_ranking_does_not_depend_on_row_order(seed: int) -> None:
    random = np.random.default_rng(seed)
    x = np.round(random.random((60, 4)), 1)
    y = x[:, 0] + 0.5 * x[:, 2] + 0.2 * random.random(60) > 0.8
    order = random.permutation(60)
    first, second = rank_pivots(x, y, "abcd"), rank_pivots(x[order], y[order], "abcd")
    assert first == second


def test_names_and_indices_must_fit_the_sample() -> None:
    x = np.random.default_rng(18).random((50, 3))
    with pytest.raises(QueryError, match="2 names for 3"):
        rank_pivots(x, x[:, 0], ["a", "b"])
    indices = indices_of(lambda x: x[:, 0], saltelli(8, 2))
    with pytest.raises(QueryError, match="total effects of 2"):
        rank_pivots(x, x[:, 0], "abc", indices=indices)


def test_sizes_tell_the_direction_of_what_hardly_varies() -> None:
    """Five of 200 draws fail; the sizes behind them rise in a parameter all the way."""
    x = np.random.default_rng(5).random((200, 2))
    sizes = x[:, 0] - np.sort(x[:, 0])[5] + 1e-9
    [rising, _] = rank_pivots(x, sizes > 0, ["x", "y"], sizes=sizes)
    assert rising.name == "x"
    assert rising.direction > 0.99
    [plain, _] = rank_pivots(x, sizes > 0, ["x", "y"])
    assert 0 < plain.direction < 0.5
