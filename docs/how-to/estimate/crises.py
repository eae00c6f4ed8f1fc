"""Crises drawn from payoffs that are known, so that estimates can be compared with the truth."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd


def crises(rows: int = 1200, seed: int = 2024) -> pd.DataFrame:
    """One crisis a row: what was at stake, how far away, whether allied, and how it ended."""
    rng = np.random.default_rng(seed)
    stakes, distance = rng.normal(size=rows), rng.exponential(size=rows)
    ally = rng.integers(0, 2, rows)
    gain, cost, resolve = 0.8 + 0.6 * stakes, 0.7 + 0.5 * distance, -0.6 + 1.1 * ally
    fights = 1 / (1 + np.exp(-resolve))
    attacks = 1 / (1 + np.exp(-((1 - fights) * gain - fights * cost)))
    attacked, fought = rng.random(rows) < attacks, rng.random(rows) < fights
    data = pd.DataFrame(
        {
            "region": rng.integers(1, 31, rows),
            "stakes": stakes.round(4),
            "distance": distance.round(4),
            "ally": ally,
            "outcome": np.select([~attacked, ~fought], ["quiet", "concession"], "war"),
        }
    )
    data.loc[rng.choice(rows, 15, replace=False), "distance"] = np.nan
    return data


if __name__ == "__main__":
    crises().to_csv(Path(sys.argv[1] if len(sys.argv) > 1 else "crises.csv"), index=False)
