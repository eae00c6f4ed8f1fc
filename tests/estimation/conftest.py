"""Data drawn from known payoffs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tests.estimation.plain import egame12

LABELS = ["quiet", "gain", "war"]


def crises(n: int, *, seed: int = 0, private: bool = False) -> pd.DataFrame:
    """Crises in which trade and power sway the challenger and democracy holds the defender back."""
    rng = np.random.default_rng(seed)
    data = pd.DataFrame({"power": rng.normal(size=n), "democracy": rng.uniform(-1.5, 1.5, n)})
    data["trade"] = rng.normal(size=n)
    u11, u13 = 0.4 * data.trade, 0.8
    u14, u24 = 0.9 * data.power, 0.4 - 0.7 * data.democracy
    p = egame12(u11, u13, u14, u24, private=private)
    drawn = (rng.random(n)[:, None] > np.cumsum(p, axis=1)).sum(axis=1)
    data["y"] = np.array(LABELS)[drawn]
    data["a1"], data["a2"] = (drawn > 0) * 1.0, np.where(drawn == 0, np.nan, (drawn == 2) * 1.0)
    data["country"] = rng.integers(0, 40, n)
    return data


FORMULA = "y ~ 0 + trade | 1 | 0 + power | 1 + democracy"


@pytest.fixture(scope="session")
def played() -> pd.DataFrame:
    return crises(800)
