"""Sign changes are found to the tolerance asked for, and their absence is said."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foedus.errors import QueryError
from foedus.numerics.switching import switch


@given(roots=st.lists(st.integers(1, 99), min_size=1, max_size=4, unique=True))
def test_all_roots_of_a_polynomial_are_found(roots: list[int]) -> None:
    """Roots are a hundredth apart at least, points of the scan half of that."""
    truth = np.sort(roots) / 100 + 1e-4
    found = switch(lambda x: np.prod(x[:, None] - truth, axis=1), 0, 1, points=201)
    np.testing.assert_allclose(found.at, truth, atol=1e-9)
    assert found.starts_positive == (len(roots) % 2 == 0)
    assert found.rises.tolist() == [(k + found.starts_positive) % 2 == 0 for k in range(len(roots))]
    assert (found.lows <= truth).all()
    assert (truth <= found.highs).all()


@pytest.mark.parametrize("outcome", [lambda x: x >= 0.3, lambda x: np.where(x >= 0.3, 5.0, -1e-9)])
def test_a_jump_is_found_like_a_root(outcome: object) -> None:
    found = switch(outcome, 0, 1)
    assert found.at == pytest.approx(0.3, abs=1e-9)
    assert (found.never, found.rises.tolist()) == (False, [True])


def test_a_log_range_is_scanned_evenly_in_logarithms() -> None:
    """Three roots within the lowest hundredth of the range."""
    found = switch(lambda x: np.sin(np.pi * np.log10(x)), 1e-4 * 2, 5, scale="log")
    np.testing.assert_allclose(found.at, [1e-3, 1e-2, 0.1, 1], rtol=1e-8)


def test_what_never_changes_sign_is_said_with_its_side() -> None:
    for function, positive in (
        (np.exp, True),
        (lambda x: -np.exp(x), False),
        (lambda x: 0 * x, True),
    ):
        found = switch(function, -1, 1)
        assert (found.never, found.starts_positive) == (True, positive)


def test_every_halving_is_one_call_for_all_changes_together() -> None:
    calls = []

    def function(x: np.ndarray) -> np.ndarray:
        calls.append(x.size)
        return np.sin(x)

    found = switch(function, 1, 20, tolerance=1e-6)
    np.testing.assert_allclose(found.at, np.pi * np.arange(1, 7), atol=20e-6)
    assert calls[0] == 33
    assert set(calls[1:]) == {6}
    assert len(calls) == 1 + math.ceil(math.log2(1 / 32 / 1e-6))


def test_gaps_are_bridged_and_counted() -> None:
    """The scan meets 0.3, where nothing is known; the change is elsewhere."""
    found = switch(lambda x: np.where((x > 0.2) & (x < 0.4), np.nan, x - 0.6), 0, 1, points=11)
    assert found.at == pytest.approx(0.6, abs=1e-9)
    assert found.unknown == 1


def test_a_change_inside_a_gap_keeps_its_bracket_open() -> None:
    found = switch(lambda x: np.where(np.abs(x - 0.5) < 0.19, np.nan, x - 0.5), 0, 1, points=11)
    assert (found.lows[0], found.highs[0]) == (pytest.approx(0.3), pytest.approx(0.7))
    assert found.unknown == 4


def test_infinities_have_a_sign() -> None:
    found = switch(lambda x: np.where(x > 0.25, np.inf, -np.inf), 0, 1)
    assert found.at == pytest.approx(0.25, abs=1e-9)


def test_questions_without_sense_are_refused() -> None:
    with pytest.raises(QueryError, match="empty"):
        switch(np.sin, 1, 1)
    with pytest.raises(QueryError, match="above 0"):
        switch(np.sin, 0, 1, scale="log")
    with pytest.raises(QueryError, match="NaN at every point"):
        switch(lambda x: x * np.nan, 0, 1)
    with pytest.raises(QueryError, match="double precision"):
        switch(np.sin, 1, 5, tolerance=0)
    with pytest.raises(QueryError, match="shape"):
        switch(lambda x: 1.0, 0, 1)
