"""The ultimatum game: estimates from games played out by their own rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import fixed_quad
from scipy.optimize import brentq
from scipy.special import expit
from scipy.stats import logistic

from foedus.errors import DataError, QueryError
from foedus.estimation import Fit, UltimatumModel, estimate
from foedus.estimation.ultimatum_play import best_offer, expected_play

MODEL = UltimatumModel(
    proposer="1 + x", receiver="1 + z", offer="offer", accept="accept", prize=15.0
)
TRUTH = [2.0, 1.0, 4.0, -0.8, np.log(0.8), np.log(1.2)]


def played(n: int, seed: int = 0) -> pd.DataFrame:
    """Every proposer solves for its best offer by root finding; every receiver compares."""
    rng = np.random.default_rng(seed)
    x, z = rng.normal(size=(2, n))
    r1 = TRUTH[0] + TRUTH[1] * x + logistic.rvs(scale=0.8, size=n, random_state=rng)
    mean = TRUTH[2] + TRUTH[3] * z
    r2 = mean + logistic.rvs(scale=1.2, size=n, random_state=rng)

    def slope(y: float, i: int) -> float:
        accepts = logistic.cdf((y - mean[i]) / 1.2)
        density = logistic.pdf((y - mean[i]) / 1.2) / 1.2
        return density * (15.0 - y - r1[i]) - accepts

    offers = np.array(
        [
            0.0
            if slope(0.0, i) <= 0
            else 15.0
            if slope(15.0, i) >= 0
            else brentq(slope, 0, 15, (i,))
            for i in range(n)
        ]
    )
    return pd.DataFrame({"offer": offers, "accept": (offers >= r2) * 1.0, "x": x, "z": z})


def test_games_played_out_are_recovered() -> None:
    fit = estimate(MODEL, played(900), starts=3)
    assert (np.abs(fit.point - TRUTH) < 3.5 * fit.bse).all()
    assert len(fit.optima) == 1
    likely = fit.predict()
    np.testing.assert_allclose(likely.sum(axis=1), 1.0)


def test_offers_that_cannot_be_are_refused() -> None:
    data = played(30)
    data.loc[2, "offer"] = 20.0
    data.loc[4, "accept"] = 0.5
    with pytest.raises(DataError) as caught:
        estimate(MODEL, data)
    assert "offers above 15 (line 3)" in str(caught.value)
    assert "answers are 0 or 1 (line 5)" in str(caught.value)


def test_the_best_offer_is_what_root_finding_gives() -> None:
    for reservation in (-3.0, 2.0, 6.0, 12.0):

        def slope(y: float, r: float = reservation) -> float:
            return 15.0 - y - 1.2 * (1.0 + np.exp((y - 4.0) / 1.2)) - r

        wanted = brentq(slope, -40, 15) if slope(15) < 0 else 15.0
        assert best_offer(reservation, 4.0, 1.2, 15.0) == pytest.approx(max(wanted, 0.0), abs=1e-9)


@pytest.mark.parametrize(
    ("proposer", "receiver", "own", "other"),
    [(2.0, 4.0, 0.8, 1.2), (13.0, 4.0, 1.0, 1.0), (-2.0, 12.0, 3.0, 0.3), (2.0, 4.0, 0.05, 2.0),
     (6.0, 7.0, 4.0, 0.05)],
)  # fmt: skip
def test_expected_play_is_the_integral(
    proposer: float, receiver: float, own: float, other: float
) -> None:
    """P(offer > y) is the chance that the reservation value is below the threshold at y."""
    found = expected_play(np.array([proposer]), np.array([receiver]), (own, other), 15.0)

    def beyond(y: Any) -> Any:
        threshold = 15.0 - y - other * (1.0 + np.exp(np.minimum((y - receiver) / other, 600.0)))
        return expit((threshold - proposer) / own)

    edges = np.linspace(0, 15, 1501)

    def integral(f: Callable[[Any], Any]) -> float:
        return sum(fixed_quad(f, a, b, n=6)[0] for a, b in pairwise(edges))

    assert found.offer[0] == pytest.approx(integral(beyond), abs=1e-6)
    square = integral(lambda y: 2 * y * beyond(y))
    assert found.variance[0] == pytest.approx(square - found.offer[0] ** 2, abs=1e-5)
    # By parts: E F(y) = F(0) + ∫ f(y) P(offer > y) dy
    density = integral(lambda y: logistic.pdf(y, receiver, other) * beyond(y))
    accepted = float(expit(-receiver / other)) + density
    assert found.acceptance[0] == pytest.approx(accepted, abs=3e-6)
    assert found.nothing[0] == pytest.approx(1 - beyond(0.0), abs=1e-12)
    assert found.everything[0] == pytest.approx(beyond(15.0), abs=1e-12)


def test_expected_play_is_that_of_simulated_play() -> None:
    data = played(4000, seed=3)
    found = expected_play(2.0 + data.x.to_numpy(), 4.0 - 0.8 * data.z.to_numpy(), (0.8, 1.2), 15.0)
    error = np.sqrt(found.variance.mean() / len(data))
    assert abs(data.offer.mean() - found.offer.mean()) < 3 * error
    spread = np.sqrt((found.acceptance * (1 - found.acceptance)).mean() / len(data))
    assert abs(data.accept.mean() - found.acceptance.mean()) < 3 * spread
    none = np.sqrt((found.nothing * (1 - found.nothing)).sum())
    assert abs((data.offer <= 0).sum() - found.nothing.sum()) < 3 * max(none, 1.0)


@pytest.fixture(scope="module")
def fit() -> Fit:
    fitted: Fit = estimate(MODEL, played(700, seed=5), starts=1)
    return fitted


def test_offers_and_acceptance_are_predicted_against_covariates(fit: Fit) -> None:
    found = fit.effects({"x": [-1.0, 0.0, 1.0]}, draws=300)
    wide = found.wide()
    assert list(wide.columns) == ["offer", "acceptance"]
    assert list(wide["offer"]) == sorted(wide["offer"], reverse=True)  # a better outside option
    z, point = played(700, seed=5).z.mean(), fit.point
    at = expected_play(
        point[0] + point[1] * np.array([-1.0, 0.0, 1.0]), point[2] + point[3] * z,
        (np.exp(point[4]), np.exp(point[5])), 15.0,
    )  # fmt: skip
    np.testing.assert_allclose(wide["offer"], at.offer, atol=1e-12)
    np.testing.assert_allclose(wide["acceptance"], at.acceptance, atol=1e-12)
    assert (found.table["lower"] < found.table["expected"]).all()
    offers, acceptance = found.apart()
    assert (offers.most, acceptance.most) == ({"offer": 15.0}, {"acceptance": 1.0})
    after = fit.counterfactual({"x": 1.0}, draws=50)
    assert after.loc["offer", "difference"] < 0


def test_offers_and_answers_are_as_expected_where_the_model_is_true(fit: Fit) -> None:
    found = fit.offers()
    table = found.table
    assert table["observations"].sum() == 700
    assert (np.abs(table["observed"] - table["predicted"]) < 3.5 * table["error"]).all()
    assert 0.1 < found.r2 < 1
    assert (found.ends["expected"] >= 0).all()
    expected = np.sqrt(found.ends["expected"]).clip(lower=1.0)
    assert (np.abs(found.ends["observed"] - found.ends["expected"]) < 3.5 * expected).all()
    answers = fit.goodness()
    assert answers.sets == (("reject", "accept"),)
    gap = answers.outcomes["observed"] - answers.outcomes["expected"]
    assert np.abs(gap).max() < 3.5 * np.sqrt(answers.outcomes["expected"].min())
    silent = estimate(replace(MODEL, accept=None), played(200, seed=5), starts=1)
    with pytest.raises(QueryError, match="uses no answers"):
        silent.goodness()
    assert len(silent.offers().table) == 10


def test_games_drawn_from_a_fit_are_its_own(fit: Fit) -> None:
    """Their means are those expected, and refits to them spread as the standard errors say."""
    drawn = pd.concat([fit.simulate(seed=seed) for seed in range(20)])
    wanted = fit.offers().table["predicted"].mean()
    error = drawn["offer"].std() / np.sqrt(len(drawn))
    assert abs(drawn["offer"].mean() - wanted) < 3 * error
    (acceptance,) = fit.counterfactual({"x": fit.simulate()["x"]}, draws=2).loc[
        ["acceptance"], "before"
    ]
    spread = np.sqrt(acceptance * (1 - acceptance) / len(drawn))
    assert abs(drawn["accept"].mean() - acceptance) < 3 * spread
    found = fit.bootstrap(60, kind="parametric", seed=1)
    assert found.failed.sum() == 0
    assert (np.abs(np.log(found.bse / fit.bse)) < 3.5 / np.sqrt(2 * 60)).all()
