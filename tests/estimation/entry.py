"""Games of entry and exit: who is in the market pays to enter and shares the demand."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd

from foedus.estimation import DynamicGame


def entry_game(firms: int, demand: np.ndarray, discount: float) -> DynamicGame:
    """u_i = θ_FC,i + θ_RS s - θ_RN log(1 + rivals in) - θ_EC (1 - in before), if in; else 0."""
    actions = list(product([0, 1], repeat=firms))
    sizes, count = len(demand), len(demand) * 2**firms
    features = np.zeros((firms, count, *(2,) * firms, firms + 3))
    transitions = np.zeros((count, *(2,) * firms, count))
    for s in range(sizes):
        for before, lagged in enumerate(actions):
            x = s * 2**firms + before
            for now, taken in enumerate(actions):
                for later in range(sizes):
                    transitions[(x, *taken, later * 2**firms + now)] = demand[s, later]
                for i in range(firms):
                    if taken[i]:
                        own = [float(i == j) for j in range(firms)]
                        shared = [s + 1, -np.log(sum(taken)), -(1 - lagged[i])]
                        features[(i, x, *taken)] = own + shared
    return DynamicGame(
        features=features,
        offset=np.zeros(features.shape[:-1]),
        transitions=transitions,
        discount=np.full(firms, discount),
    )


def entry_states(firms: int, sizes: int) -> pd.DataFrame:
    """The states in the order of `entry_game`: market size, then who was in, the last fastest."""
    rows = [(s + 1, *lag) for s in range(sizes) for lag in product([0, 1], repeat=firms)]
    return pd.DataFrame(rows, columns=["pop", *(f"lactive{i + 1}" for i in range(firms))])


def entry_names(firms: int) -> list[str]:
    return [*(f"FC_{i + 1}" for i in range(firms)), "RS", "RN", "EC"]


def duopoly_2008(*, free: bool = False) -> DynamicGame:
    """Pesendorfer and Schmidt-Dengler's two firms: states are who was in, 00 01 10 11.

    A firm that is in gets 1.2, and 2.4 less beside the other; `free` makes these two parameters.
    """
    features, transitions = np.zeros((2, 4, 2, 2, 2)), np.zeros((4, 2, 2, 4))
    offset = np.zeros((2, 4, 2, 2))
    for x, before in enumerate(product([0, 1], repeat=2)):
        for taken in product([0, 1], repeat=2):
            transitions[(x, *taken, 2 * taken[0] + taken[1])] = 1.0
            for i in range(2):
                if taken[i]:
                    features[(i, x, *taken)] = [1.0, float(taken[1 - i])]
                    offset[(i, x, *taken)] = -0.2 * (1 - before[i])
                else:
                    offset[(i, x, *taken)] = 0.1 * before[i]
    fixed = DynamicGame(
        features=features, offset=offset, transitions=transitions, discount=np.full(2, 0.9),
        shocks="normal",
    )  # fmt: skip
    if free:
        return fixed
    return replace(
        fixed, features=features[..., :0], offset=offset + features @ np.array([1.2, -2.4])
    )
