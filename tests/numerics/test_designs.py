"""Designs: chunks agree bit for bit, points keep to their ranges, every kind has its structure."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foedus.errors import QueryError
from foedus.numerics.designs import Design, Kind, from_unit

KINDS: tuple[Kind, ...] = ("sobol", "latin", "saltelli", "one-at-a-time")


def mixed(kind: Kind, n: int, seed: int = 0) -> Design:
    """A linear, a constant and a log parameter."""
    return Design(
        kind=kind,
        n=n,
        seed=seed,
        names=("sigma", "known", "rho"),
        lows=(-1.0, 3.0, 0.01),
        highs=(2.0, 3.0, 50.0),
        scales=("linear", "linear", "log"),
    )


def unit(kind: Kind, n: int, columns: int, seed: int = 0) -> Design:
    return Design(
        kind=kind,
        n=n,
        seed=seed,
        names=tuple(f"x{column}" for column in range(columns)),
        lows=(0.0,) * columns,
        highs=(1.0,) * columns,
        scales=("linear",) * columns,
    )


@given(
    kind=st.sampled_from(KINDS),
    n=st.integers(2, 30),
    seed=st.integers(0, 2**63),
    cuts=st.lists(st.floats(0, 1), max_size=4),
)
def test_any_chunks_in_any_order_agree_bit_for_bit(
    kind: Kind, n: int, seed: int, cuts: list[float]
) -> None:
    design = mixed(kind, n, seed)
    whole = design.draws()
    assert whole.shape == (design.rows, 3)
    edges = [0, *sorted(round(cut * design.rows) for cut in cuts), design.rows]
    chunks = [design.draws(a, b) for a, b in reversed(list(pairwise(edges)))]
    assert np.array_equal(np.concatenate(chunks[::-1]), whole)


def test_one_draw_alone_has_the_bits_it_has_among_thousands() -> None:
    design = mixed("sobol", 5000)
    whole = design.draws()
    for row in (0, 1, 2, 1023, 4999):
        assert np.array_equal(design.draws(row, row + 1)[0], whole[row])


def test_a_longer_sobol_design_begins_with_the_shorter_one() -> None:
    assert np.array_equal(mixed("sobol", 1000).draws(0, 77), mixed("sobol", 77).draws())


@pytest.mark.parametrize("kind", ["sobol", "latin", "saltelli"])
def test_seeds_give_different_points(kind: Kind) -> None:
    first, second = mixed(kind, 8, seed=1).draws(), mixed(kind, 8, seed=2).draws()
    assert not np.any(first[:, [0, 2]] == second[:, [0, 2]])


def test_every_power_of_two_of_sobol_points_has_one_in_each_slice() -> None:
    """The defining balance of a (t, d)-sequence in base 2, which scrambling keeps."""
    points = unit("sobol", 256, 12, seed=5).draws()
    for size in (8, 64, 256):
        slices = np.sort(np.floor(points[:size] * size).astype(int), axis=0)
        assert np.array_equal(slices, np.repeat(np.arange(size)[:, None], 12, axis=1))


def test_a_latin_hypercube_has_one_point_in_each_slice() -> None:
    slices = np.sort(np.floor(unit("latin", 37, 5).draws() * 37).astype(int), axis=0)
    assert np.array_equal(slices, np.repeat(np.arange(37)[:, None], 5, axis=1))


def test_saltelli_blocks_swap_one_column_at_a_time() -> None:
    design = mixed("saltelli", 16)
    blocks = design.draws().reshape(16, 4, 3)
    a, b, with_sigma, with_rho = blocks.transpose(1, 0, 2)
    assert np.array_equal(with_sigma, np.column_stack([b[:, 0], a[:, 1:]]))
    assert np.array_equal(with_rho, np.column_stack([a[:, :2], b[:, 2]]))
    assert not np.any(a[:, [0, 2]] == b[:, [0, 2]])


def test_one_at_a_time_moves_one_parameter_from_end_to_end() -> None:
    design = mixed("one-at-a-time", 3)
    centre = [0.5, 3.0, np.sqrt(0.01 * 50)]
    expected = np.array([centre] * 7)
    expected[1:4, 0] = [-1.0, 0.5, 2.0]
    expected[4:7, 2] = [0.01, centre[2], 50.0]
    np.testing.assert_allclose(design.draws(), expected, rtol=1e-14)
    assert design.draws()[4, 2] == 0.01
    assert design.draws()[6, 2] == 50.0


def test_given_central_values_replace_the_middles() -> None:
    ranges = {"names": ("a", "b"), "lows": (0.0, 0.0), "highs": (1.0, 1.0)}
    design = Design(kind="one-at-a-time", n=2, scales=("linear",) * 2, central=(0.2, 0.9), **ranges)
    assert design.draws().tolist() == [[0.2, 0.9], [0, 0.9], [1, 0.9], [0.2, 0], [0.2, 1]]


def test_a_log_scale_is_uniform_in_logarithms() -> None:
    drawn = mixed("sobol", 1024).draws()[:, 2]
    assert np.sum(drawn < np.sqrt(0.01 * 50)) == 512


def test_parameters_without_range_are_constant_columns() -> None:
    for kind in KINDS:
        constant = Design(
            kind=kind, n=3, names=("c",), lows=(2.5,), highs=(2.5,), scales=("linear",)
        )
        assert np.all(constant.draws() == 2.5)


numbers = st.floats(allow_nan=False, allow_infinity=False)
positive = st.floats(5e-324, 1.7e308)


@given(ends=st.tuples(numbers, numbers), inside=st.lists(st.floats(0, 1), min_size=1))
def test_linear_points_stay_in_the_closed_range(
    ends: tuple[float, float], inside: list[float]
) -> None:
    low, high = sorted(ends)
    values = from_unit(np.array([0.0, *inside, 1.0]), low, high, False)
    assert (values >= low).all()
    assert (values <= high).all()
    assert (values[0], values[-1]) == (low, high)


@given(ends=st.tuples(positive, positive), inside=st.lists(st.floats(0, 1), min_size=1))
def test_log_points_stay_in_the_closed_range(
    ends: tuple[float, float], inside: list[float]
) -> None:
    low, high = sorted(ends)
    values = from_unit(np.array([0.0, *inside, 1.0]), low, high, True)
    assert (values >= low).all()
    assert (values <= high).all()
    assert (values[0], values[-1]) == (low, high)


def test_everything_wrong_with_a_design_is_said_at_once() -> None:
    with pytest.raises(QueryError) as caught:
        Design(
            n=0,
            seed=-1,
            names=("a", "b", "c"),
            lows=(1.0, 0.0, 0.0),
            highs=(0.0, 1.0, 1.0),
            scales=("linear", "log", "linear"),
            central=(0.5, 0.5, 2.0),
        )
    message = str(caught.value)
    for part in ("n is 0", "seed is -1", "a: the range", "b: a log scale", "c: the central value"):
        assert part in message


def test_rows_outside_the_design_are_refused() -> None:
    with pytest.raises(QueryError, match="4 rows"):
        mixed("sobol", 4).draws(2, 5)
