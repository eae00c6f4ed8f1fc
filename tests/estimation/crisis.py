"""Crises of the signalling game in which several equilibria are played: a published design."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import norm

from foedus.estimation import SignallingModel
from foedus.estimation.signalling import all_equilibria, outcomes_of, threshold

CONSTANT = {"S_A": 0.0, "V_A": 1.0, "C_B": 0.0, "W_A": -1.9, "a": -1.2, "V_B": 1.0}
COUNTS = ["sq", "cd", "sf", "bd"]
DESIGN = SignallingModel(
    utilities={"V_A": "1", "W_A": "1", "W_B": "1 + x", "a": "1", "V_B": "1"}, counts=COUNTS
)


def truth(w_a: float, w_b: float) -> np.ndarray:
    """The coefficients of `DESIGN` that `several` plays by."""
    return np.array([1.0, w_a, w_b, 0.1, -1.2, 1.0])


def several(seed: int, games: int, months: int, w_a: float, w_b: float) -> pd.DataFrame:
    """The published design: which equilibrium is played goes by terciles of x."""
    rng = np.random.default_rng(seed)
    x = rng.random(games)
    forms = {name: np.full(games, value) for name, value in CONSTANT.items()}
    forms["W_A"], forms["W_B"] = np.full(games, w_a), w_b + 0.1 * x
    tercile = np.searchsorted(np.quantile(x, [1 / 3, 2 / 3]), x)
    every = all_equilibria(forms, 600)
    played = np.array([e[min(t, len(e) - 1)] for e, t in zip(every, tercile, strict=True)])
    likely = np.exp(
        np.stack(outcomes_of(forms, threshold(forms, norm.cdf(played)), played), axis=1)
    )
    drawn = rng.multinomial(months, likely / likely.sum(axis=1, keepdims=True))
    return pd.DataFrame(drawn, columns=COUNTS).assign(x=x)
