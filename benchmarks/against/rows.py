"""The rows of the comparison: what is solved, and how much faster it has to be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, kw_only=True)
class Row:
    """Games of one shape (states, players, actions of each), all solved to one precision.

    - `kind`: `one` (one by one), `batch` (all in one call) or `nash`.
    - `bar`: how many times fewer processor seconds are asked for; None: at most `limit` seconds.
    - `repeats`: of the timed call, after the first; the median counts.
    """

    name: str
    title: str
    kind: str
    shape: tuple[int, int, int]
    seeds: Sequence[int]
    precision: float
    repeats: int
    bar: int | None = None
    limit: float | None = None


ROWS = (
    Row(
        name="one",
        title="one logit equilibrium at precision 3, (64,2,4)",
        kind="one",
        shape=(64, 2, 4),
        seeds=(42, 1, 2),
        precision=3.0,
        repeats=15,
        bar=500,
    ),
    Row(
        name="batch-3",
        title="1,000 draws of (16,2,3) at precision 3",
        kind="batch",
        shape=(16, 2, 3),
        seeds=range(1000),
        precision=3.0,
        repeats=5,
        bar=250,
    ),
    Row(
        name="batch-10",
        title="1,000 draws of (16,2,3) at precision 10",
        kind="batch",
        shape=(16, 2, 3),
        seeds=range(1000),
        precision=10.0,
        repeats=3,
        bar=30,
    ),
    Row(
        name="nash-64",
        title="path to Nash, (64,2,4), seed 42",
        kind="nash",
        shape=(64, 2, 4),
        seeds=(42,),
        precision=np.inf,
        repeats=3,
        bar=15,
    ),
    Row(
        name="nash-256",
        title="path to Nash, (256,2,2)",
        kind="nash",
        shape=(256, 2, 2),
        seeds=(1,),
        precision=np.inf,
        repeats=3,
        bar=40,
    ),
    Row(
        name="large",
        title="one logit equilibrium at precision 3, (800,2,2)",
        kind="one",
        shape=(800, 2, 2),
        seeds=(1,),
        precision=3.0,
        repeats=3,
        limit=3.0,
    ),
)
