"""Crisis signalling, Monte Carlo: how often a maximum is found, and how far it is from truth.

The design of Crisman-Cox and Gibilisco (2021): games with one covariate, and months observed of
each; in half of the cells every game has three equilibria, and terciles of the covariate say which
one is played. `print` is their constrained maximum likelihood over 1,000 data sets. Its errors are
over the data sets that it solved; `rmse, as many` is over as many of ours, the best determined
first (the smallest largest standard error, which needs no truth).

    OPENBLAS_NUM_THREADS=1 python -m benchmarks.crises [data sets]
"""

from __future__ import annotations

import sys
import time
from typing import Any

import numpy as np
from benchmarks.measuring import record
from tests.estimation.crisis import DESIGN, several, truth

from foedus.errors import FoedusError
from foedus.estimation import estimate

UNIQUE, MULTIPLE = (-1.8, -2.45), (-1.9, -2.9)
CELLS = (  # equilibria, games, months, and what is printed: share solved, rmse
    ("unique", UNIQUE, 25, 50, 0.640, 0.92),
    ("unique", UNIQUE, 100, 100, 0.854, 0.179),
    ("unique", UNIQUE, 200, 200, 0.786, 0.097),
    ("several", MULTIPLE, 25, 50, 0.566, 0.67),
    ("several", MULTIPLE, 100, 100, 0.657, 0.40),
    ("several", MULTIPLE, 200, 200, 0.925, 0.288),
)


def main(sets: int) -> None:
    rows = []
    for name, (w_a, w_b), games, months, solved, printed in CELLS:
        row = measured(w_a, w_b, games, months, sets, solved)
        rows.append(
            {
                "equilibria": name, "games": games, "months": months, **row,
                "print: solved": solved, "print: rmse": printed,
            }
        )  # fmt: skip
        print(rows[-1], flush=True)
    record("crises", rows)


def measured(
    w_a: float, w_b: float, games: int, months: int, sets: int, share: float
) -> dict[str, Any]:
    """What became of the data sets of one cell."""
    gaps, least = np.full(sets, np.nan), np.full(sets, np.inf)
    begun = time.process_time()
    for seed in range(sets):
        data = several(1000 + seed, games, months, w_a, w_b)
        try:
            fit = estimate(DESIGN, data, check=False)
        except FoedusError:
            continue
        gaps[seed] = np.linalg.norm(fit.point - truth(w_a, w_b))
        least[seed] = np.nan_to_num(fit.bse.to_numpy(), nan=np.inf).max()
    seconds = (time.process_time() - begun) / sets
    there = np.isfinite(gaps)
    kept = np.argsort(least)[: round(share * sets)]
    return {
        "data sets": sets,
        "solved": float(there.mean()),
        "rmse": float(np.sqrt((gaps[there] ** 2).mean())),
        "rmse, as many": float(np.sqrt(np.nanmean(gaps[kept] ** 2))),
        "median distance": float(np.median(gaps[there])),
        "cpu": seconds,
    }


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
