"""Profile likelihoods against closed forms, direct grids, and a likelihood with two maxima."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import brentq, minimize_scalar
from scipy.special import expit
from scipy.stats import chi2

from foedus.errors import QueryError
from foedus.estimation import TreeModel, estimate, read_tree
from foedus.estimation.estimate import make_fit
from foedus.estimation.fit import Fit
from foedus.estimation.formulas import Designs
from foedus.estimation.jets import Number
from foedus.estimation.likelihood import Form, Likelihood
from foedus.estimation.model import Model, Prepared
from foedus.estimation.search import search
from foedus.estimation.table import Missing, Table

CHOICE = read_tree({"player": "A", "actions": {"wait": "quiet", "go": "gone"}})


def logit(formula: str, data: pd.DataFrame) -> Fit:
    model = TreeModel(
        game=CHOICE, outcome="y", utilities={"A.gone": formula}, distribution="gumbel"
    )
    fit: Fit = estimate(model, data)
    return fit


def test_a_share_has_the_interval_of_its_closed_form() -> None:
    """With a constant alone the profile is the binomial log-likelihood itself."""
    fit = logit("1", pd.DataFrame({"y": ["gone"] * 7 + ["quiet"] * 13}))

    def deviance(b: float) -> float:
        height = 7 * np.log(expit(b)) + 13 * np.log(expit(-b))
        return 2 * (7 * np.log(0.35) + 13 * np.log(0.65) - height)

    found = fit.profile("A.gone:Intercept")
    np.testing.assert_allclose(found.deviance, [deviance(b) for b in found.values], atol=1e-9)
    centre, cut = np.log(0.35 / 0.65), chi2.ppf(0.95, 1)
    ends = (
        brentq(lambda b: deviance(b) - cut, centre - 9, centre),
        brentq(lambda b: deviance(b) - cut, centre, centre + 9),
    )
    np.testing.assert_allclose(found.conf_int(), ends, atol=1e-7)
    assert found.notes == ()
    assert found.better is None


def test_two_coefficients_match_a_direct_grid() -> None:
    rng = np.random.default_rng(3)
    x = rng.normal(size=40)
    y = rng.random(40) < expit(0.3 + 0.9 * x)
    fit = logit("1 + x", pd.DataFrame({"x": x, "y": np.where(y, "gone", "quiet")}))

    def height(slope: float) -> float:
        def minus(constant: float) -> float:
            eta = constant + slope * x
            return float(np.logaddexp(0, np.where(y, -eta, eta)).sum())

        return -minimize_scalar(minus, bracket=(-2, 2), tol=1e-12).fun

    found = fit.profile("A.gone:x")
    np.testing.assert_allclose(found.llf, [height(v) for v in found.values], atol=1e-8)
    cut = chi2.ppf(0.9, 1)
    for end in found.conf_int(0.1):
        assert 2 * (fit.llf - height(end)) == pytest.approx(cut, abs=1e-7)
    table = fit.profile_conf_int(0.1)
    assert tuple(table.loc["A.gone:x"]) == pytest.approx(found.conf_int(0.1), abs=1e-7)
    # A profile is skewed where the normal approximation is not.
    middle = table.loc["A.gone:x"].mean()
    assert middle > fit.params["A.gone:x"]


def test_a_separated_coefficient_has_an_open_interval() -> None:
    data = pd.DataFrame({"x": [0.0] * 10 + [1.0] * 10, "y": ["gone", "quiet"] * 5 + ["gone"] * 10})
    model = TreeModel(
        game=CHOICE, outcome="y", utilities={"A.gone": "1 + x"}, distribution="gumbel"
    )
    fit = estimate(model, data, check=False, starts=1)
    found = fit.profile("A.gone:x", alpha=0.05)
    assert any("open above" in note for note in found.notes)
    low, high = found.conf_int()
    assert np.isfinite(low)
    assert high == np.inf


def test_what_cannot_be_profiled_is_refused() -> None:
    fit = logit("1", pd.DataFrame({"y": ["gone"] * 7 + ["quiet"] * 13}))
    with pytest.raises(QueryError, match=r"A\.gone:Intercept"):
        fit.profile("A.gone:Intercep")
    with pytest.raises(QueryError, match=r"alpha from 0\.01"):
        fit.profile("A.gone:Intercept").conf_int(0.001)


class OfHills(Model):
    """Its likelihood is made by hand."""

    def prepare(
        self, table: Table, *, weights: str | None, cluster: str | None, missing: str
    ) -> Prepared:
        raise NotImplementedError


@dataclass(frozen=True)
class TwoHills:
    """log(exp(-(x + 2)²) + 3 exp(-(x - 2)²)) - (z - x)²: the lower hill is a local maximum."""

    outcomes: tuple[str, ...] = ("only",)

    def log_probabilities(self, forms: Mapping[str, Number], rows: slice) -> list[Number]:
        return [self.contribution(forms, rows)]

    def contribution(self, forms: Mapping[str, Number], rows: slice) -> Number:
        from foedus.estimation.jets import log_sum_exp

        x, z = forms["x"], forms["z"]
        low, high = (x + 2.0) * (x + 2.0) * -1.0, (x - 2.0) * (x - 2.0) * -1.0 + np.log(3.0)
        return log_sum_exp([low, high]) - (z - x) * (z - x)

    def take(self, chosen: np.ndarray) -> TwoHills:
        return self


def test_a_profile_finds_the_higher_hill() -> None:
    one = np.ones((1, 1))
    likelihood = Likelihood(
        rows=TwoHills(),
        forms=tuple(Form(name=n, design=one, columns=("1",)) for n in ("x", "z")),
        weights=np.ones(1),
    )
    prepared = Prepared(
        likelihood=likelihood,
        designs=Designs(formulas={}, specs={}),
        table=Table.of(pd.DataFrame({"a": [1]})),
        missing=Missing(rows=0, used=1, by_column={}, lines=()),
        clusters=None,
        title="two hills",
    )
    tried = search(likelihood, starts=1, seed=0, first=np.array([-2.0, -2.0]))
    fit = make_fit(OfHills(), prepared, tried, (), penalty=None, cov_type="nonrobust")
    assert fit.point[0] == pytest.approx(-2.0, abs=1e-3)
    found = fit.profile("x:1", alpha=0.0001)
    assert found.better is not None
    assert found.better.point == pytest.approx([2.0, 2.0], abs=1e-3)
    assert any("not monotone above" in note for note in found.notes)
    assert any("not the maximum" in note for note in found.notes)
    with pytest.raises(QueryError, match=r"better\.point"):
        found.conf_int()
    again = search(likelihood, starts=1, seed=0, first=found.better.point)
    best = make_fit(OfHills(), prepared, again, (), penalty=None, cov_type="nonrobust")
    assert replace(best, notes=()).profile("x:1").better is None
