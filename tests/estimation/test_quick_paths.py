"""What is done quickly on most calls gives what is done slowly: designs, overlap, tails."""

from __future__ import annotations

import formulaic
import numpy as np
import pandas as pd
import pytest
import scipy.special
from hypothesis import given, settings
from hypothesis import strategies as st

from foedus.errors import DataError
from foedus.estimation.jets import (
    log_logistic,
    log_logistic_both,
    log_normal_cdf,
    log_normal_cdf_both,
    variables,
)
from foedus.estimation.plain_terms import plain_terms
from foedus.estimation.separation import _solved, overlapping

DATA = pd.DataFrame(
    {
        "x": [0.5, -1.0, 2.0, 3.5, 0.0, 1.0],
        "n": [3, 1, 2, 2, 5, 4],
        "g": ["south", "north", "east", "north", "south", "east"],
        "h": ["b", "a", "b", "a", "a", "b"],
        "flag": [True, False, True, True, False, False],
    }
)


@pytest.mark.parametrize(
    "text", ["1", "x", "0 + x", "n + x", "1 + g", "g + x", "x + g + h + n", "0 + n + x", "h"]
)
def test_plain_designs_are_formulaics(text: str) -> None:
    formula = formulaic.Formula(text)
    found = plain_terms(formula, DATA)
    assert found is not None
    wanted = formulaic.model_matrix(formula, DATA)
    assert list(found.column_names) == list(wanted.model_spec.column_names)
    np.testing.assert_array_equal(found.matrix(DATA), np.asarray(wanted, dtype=float))
    other = DATA.iloc[[1, 1, 4]]
    np.testing.assert_array_equal(
        found.matrix(other), np.asarray(wanted.model_spec.get_model_matrix(other), dtype=float)
    )


@pytest.mark.parametrize("text", ["0 + g", "x:n", "log(n)", "C(n)", "x*g", "flag", "poly(x, 2)"])
def test_other_formulas_are_left_to_formulaic(text: str) -> None:
    assert plain_terms(formulaic.Formula(text), DATA) is None


def test_what_was_not_fitted_is_refused_and_missing_stays_missing() -> None:
    found = plain_terms(formulaic.Formula("x + g"), DATA)
    assert found is not None
    with pytest.raises(DataError, match="west"):
        found.matrix(DATA.assign(g="west"))
    with pytest.raises(DataError, match="`x` was a number"):
        found.matrix(DATA.assign(x="high"))
    holes = found.matrix(pd.DataFrame({"x": [1.0, np.nan], "g": [None, "east"]}))
    gone = [[False, False, True, True], [False, True, False, False]]
    np.testing.assert_array_equal(np.isnan(holes), gone)


@settings(max_examples=150, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    rows=st.integers(3, 40),
    columns=st.integers(1, 4),
    pushed=st.booleans(),
    doubled=st.booleans(),
)
def test_what_is_proved_to_overlap_is_not_separated(
    seed: int, rows: int, columns: int, pushed: bool, doubled: bool
) -> None:
    """The linear programme is the other method; where it finds a direction there is no proof."""
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(rows, columns))
    if pushed:  # one column never negative: separated for certain
        z[:, 0] = np.abs(z[:, 0]) * rng.integers(0, 2, rows)
        z[0, 0] = 1.0
    if doubled:
        z = np.column_stack([z, -2.0 * z[:, -1]])
    z /= np.abs(z).max(axis=0)
    direction = _solved(z)
    proved = overlapping(z)
    assert not (proved and direction is not None)
    if pushed:
        assert direction is not None
    elif rows > 12 * columns:
        assert proved


def test_both_tails_at_once_are_those_of_scipy() -> None:
    x = np.concatenate([np.linspace(-60, 60, 241), [-400.0, 400.0, 1e-300, 0.0, -0.0]])
    (jet,) = variables(x[None])
    pairs = ((log_normal_cdf_both, log_normal_cdf), (log_logistic_both, log_logistic))
    for both, one in pairs:
        for found, wanted in zip(both(jet), (one(jet), one(-jet)), strict=True):
            np.testing.assert_allclose(found.value, wanted.value, rtol=1e-13, atol=1e-300)
            np.testing.assert_allclose(found.gradient[0], wanted.gradient[0], rtol=1e-11)
            np.testing.assert_allclose(
                found.hessian[0, 0], wanted.hessian[0, 0], rtol=1e-9, atol=1e-11
            )
        here, there = both(x)
        np.testing.assert_allclose(here, one(x), rtol=1e-13, atol=1e-300)
        np.testing.assert_allclose(there, one(-x), rtol=1e-13, atol=1e-300)
    np.testing.assert_allclose(log_normal_cdf_both(x)[0], scipy.special.log_ndtr(x), rtol=1e-13)
