"""PRIM finds planted boxes and agrees with a plain second version; row order never matters."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from foedus.errors import QueryError
from foedus.numerics.boxes import Box, Sample, limits, peel, readable_box


def cube(x: np.ndarray, holds: np.ndarray) -> Sample:
    return Sample(x, holds, np.zeros(x.shape[1]), np.ones(x.shape[1]))


def planted(n: int, columns: int, noise: float = 0.0, seed: int = 0) -> Sample:
    """Holds where x2 > 0.7 and x0 < 0.5, but for a share of `noise` draws turned round."""
    random = np.random.default_rng(seed)
    x = random.random((n, columns))
    return cube(x, ((x[:, 2] > 0.7) & (x[:, 0] < 0.5)) ^ (random.random(n) < noise))


def members(sample: Sample, box: Box) -> np.ndarray:
    inside = (sample.parameters >= box.lows) & (sample.parameters <= box.highs)
    return inside.all(axis=1)


def test_a_planted_box_is_recovered() -> None:
    sample = planted(2000, 8)
    box = readable_box(sample, peel(sample))
    assert np.flatnonzero(box.restricted).tolist() == [0, 2]
    assert (box.highs[0], box.lows[2]) == (
        pytest.approx(0.5, abs=0.03),
        pytest.approx(0.7, abs=0.03),
    )
    assert min(box.coverage, box.density) > 0.9


def test_a_planted_box_is_recovered_from_noise() -> None:
    """With a tenth turned round, 0.9 of the box holds: 0.135 of all; outside 0.085 of all does."""
    sample = planted(4000, 8, noise=0.1)
    box = readable_box(sample, peel(sample))
    assert np.flatnonzero(box.restricted).tolist() == [0, 2]
    assert (box.highs[0], box.lows[2]) == (
        pytest.approx(0.5, abs=0.05),
        pytest.approx(0.7, abs=0.05),
    )
    assert box.density == pytest.approx(0.9, abs=0.05)
    assert box.coverage == pytest.approx(0.135 / 0.22, abs=0.05)


def test_a_box_may_be_closed_on_both_sides() -> None:
    x = np.random.default_rng(1).random((3000, 4))
    sample = cube(x, np.abs(x[:, 1] - 0.5) < 0.2)
    [limit] = limits(sample, readable_box(sample, peel(sample)), "abcd")
    assert (limit.name, limit.from_start, limit.to_end) == ("b", False, False)
    assert (limit.low, limit.high) == (pytest.approx(0.3, abs=0.03), pytest.approx(0.7, abs=0.03))


def test_what_a_box_reports_is_what_a_recount_finds() -> None:
    sample = planted(500, 5, noise=0.1)
    for box in peel(sample):
        inside = members(sample, box)
        assert box.mass == inside.mean()
        assert box.density == sample.holds[inside].mean()
        assert box.coverage == (sample.holds & inside).sum() / sample.holds.sum()


def test_boxes_shrink_by_about_a_twentieth_and_end_at_the_smallest_mass() -> None:
    sample = planted(2000, 5, noise=0.2)
    trajectory = peel(sample)
    masses = np.array([box.mass for box in trajectory])
    assert masses[0] == 1
    np.testing.assert_allclose(masses[1:] / masses[:-1], 0.95, atol=0.006)
    assert 0.05 <= masses[-1] < 0.0527
    for outer, inner in pairwise(trajectory):
        assert not (members(sample, inner) & ~members(sample, outer)).any()


def plain_trajectory(x: np.ndarray, holds: np.ndarray) -> list[frozenset[int]]:
    """The same peeling in loops over rows: the draws inside each box."""
    inside = set(range(len(x)))
    found = [frozenset(inside)]
    while 0 < sum(holds[row] for row in inside) < len(inside):
        best, kept_by_best = -np.inf, None
        count = min(max(round(0.05 * len(inside)), 1), len(inside) - 1)
        density = sum(holds[row] for row in inside) / len(inside)
        for column in range(x.shape[1]):
            for sign in (1, -1):
                ordered = sorted(sign * x[row, column] for row in inside)
                kept = {row for row in inside if sign * x[row, column] > ordered[count - 1]}
                if len(kept) < max(0.05 * len(x), 1):
                    continue
                gain = (sum(holds[row] for row in kept) / len(kept) - density) / (
                    len(inside) - len(kept)
                )
                if gain > best:
                    best, kept_by_best = gain, kept
        if kept_by_best is None:
            break
        inside = kept_by_best
        found.append(frozenset(inside))
    return found


@given(seed=st.integers(0, 2**32), levels=st.sampled_from([2, 5, 10**6]))
def test_peeling_agrees_with_a_plain_second_version(seed: int, levels: int) -> None:
    random = np.random.default_rng(seed)
    x = np.round(random.random((60, 3)) * levels) / levels
    holds = (x[:, 0] > 0.4) ^ (random.random(60) < 0.2)
    sample = cube(x, holds)
    found = [frozenset(np.flatnonzero(members(sample, box)).tolist()) for box in peel(sample)]
    assert found == plain_trajectory(x, holds)


@given(seed=st.integers(0, 2**32), levels=st.sampled_from([3, 10**6]))
def test_row_order_changes_nothing(seed: int, levels: int) -> None:
    random = np.random.default_rng(seed)
    x = np.round(random.random((80, 3)) * levels) / levels
    holds = (x[:, 0] > 0.4) ^ (random.random(80) < 0.2)
    order = random.permutation(80)
    boxes = [readable_box(s, peel(s)) for s in (cube(x, holds), cube(x[order], holds[order]))]
    first, second = (limits(cube(x, holds), box, "abc") for box in boxes)
    assert first == second
    assert boxes[0].merit == boxes[1].merit


def test_few_levels_part_halfway_between() -> None:
    level = np.repeat(np.arange(4.0), 25)[:, None]
    sample = Sample(level, level[:, 0] >= 2, np.array([0.0]), np.array([3.0]))
    [limit] = limits(sample, readable_box(sample, peel(sample)), ["stance"])
    assert (limit.low, limit.high, limit.to_end) == (1.5, 3.0, True)


def test_neighbouring_floating_point_numbers_can_be_parted() -> None:
    for low in (1.0, np.nextafter(1.0, 0.0)):
        values = np.repeat([low, np.nextafter(low, 2.0)], 50)[:, None]
        for holds in (values[:, 0] > low, values[:, 0] <= low):
            sample = Sample(values, holds, np.array([0.0]), np.array([2.0]))
            assert peel(sample)[-1].merit == 1


def test_a_parameter_that_adds_next_to_nothing_stays_out() -> None:
    """A fiftieth of the planted box fails where x1 > 0.98; its limit would add 2 % of merit."""
    x = np.random.default_rng(6).random((4000, 3))
    sample = cube(x, (x[:, 0] > 0.5) & (x[:, 1] < 0.98))
    refined = sample.box(np.array([0.5, 0.0, 0.0]), np.array([1.0, 0.98, 1.0]))
    assert refined.merit == 1
    assert refined.p_values[1] < 0.001
    box = readable_box(sample, [*peel(sample), refined])
    assert np.flatnonzero(box.restricted).tolist() == [0]


def test_a_restriction_that_rests_on_one_draw_stays_out() -> None:
    """Nine of ten draws above a half hold, and the tenth happens to have the lowest x1."""
    x = np.column_stack([np.linspace(0, 1, 20), np.linspace(0.9, 0.1, 20)])
    x[10, 1] = 0.0
    sample = cube(x, (x[:, 0] > 0.5) & (x[:, 1] > 0))
    refined = sample.box(np.array([0.5, 0.05]), np.ones(2))
    assert refined.merit == 1
    assert refined.p_values[1] == pytest.approx(0.9**9)
    kept = readable_box(sample, [refined])
    assert np.flatnonzero(kept.restricted).tolist() == [0]
    assert kept.merit == 0.9


def test_quasi_p_values_are_binomial_tests() -> None:
    sample = planted(300, 3, noise=0.1)
    box = sample.box(np.array([0.0, 0.0, 0.7]), np.array([0.5, 1.0, 1.0]))
    assert np.isnan(box.p_values[1])
    inside = members(sample, box)
    for column, relaxed in (
        (0, sample.parameters[:, 2] >= 0.7),
        (2, sample.parameters[:, 0] <= 0.5),
    ):
        expected = stats.binomtest(
            int(sample.holds[inside].sum()),
            int(inside.sum()),
            float(sample.holds[relaxed].mean()),
            alternative="greater",
        )
        assert box.p_values[column] == pytest.approx(expected.pvalue, rel=1e-9)


def test_a_readable_box_restricts_three_parameters_at_most() -> None:
    x = np.random.default_rng(3).random((4000, 6))
    sample = cube(x, (x[:, :5] < 0.8).all(axis=1))
    trajectory = peel(sample)
    assert trajectory[-1].restricted.sum() == 5
    assert readable_box(sample, trajectory).restricted.sum() == 3
    assert readable_box(sample, trajectory, most=1).restricted.sum() == 1


def test_only_the_columns_asked_for_are_cut() -> None:
    sample = planted(500, 4)
    assert not peel(sample, among=[0, 1])[-1].restricted[2:].any()
    assert len(peel(sample, among=[])) == 1


@pytest.mark.parametrize("always", [True, False])
def test_an_outcome_that_never_varies_has_no_box_but_the_whole(always: bool) -> None:
    sample = cube(np.random.default_rng(0).random((50, 2)), np.full(50, always))
    [box] = peel(sample)
    assert readable_box(sample, [box]) is box
    assert (box.coverage, box.density, box.mass) == (1.0, float(always), 1.0)
    assert limits(sample, box, "ab") == ()


def test_an_outcome_of_pure_chance_gets_no_restrictions_worth_the_name() -> None:
    random = np.random.default_rng(5)
    sample = cube(random.random((1000, 4)), random.random(1000) < 0.5)
    assert readable_box(sample, peel(sample)).merit < 0.55


def test_what_is_no_sample_is_refused() -> None:
    x = np.random.default_rng(0).random((5, 2))
    with pytest.raises(QueryError, match="True or False"):
        cube(x, np.ones(4, dtype=bool))
    with pytest.raises(QueryError, match="range of each"):
        Sample(x, np.ones(5, dtype=bool), np.zeros(3), np.ones(3))
    with pytest.raises(QueryError, match="outside its range"):
        cube(x + 1, np.ones(5, dtype=bool))
