"""The ultimatum game: estimates from games played out by their own rules."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import brentq
from scipy.stats import logistic

from foedus.errors import DataError
from foedus.estimation import UltimatumModel, estimate

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
