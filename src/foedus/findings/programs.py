"""The compiled programs of a batch: backward to the equilibrium, then forward along journeys."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from foedus.equilibrium.lanes import Backward, backward_lanes
from foedus.numerics.programs import QUICK_COMPILE, Program
from foedus.outcomes.lanes import Arrivals, travel


def play(
    stages: Any,
    tables: Any,
    inflow: Any,
    journeys: Any,
    pool: Any,
    precision: Any,
    witness: Any,
    apart: Any,
    *,
    horizon: int,
    kept: int,
    shock: bool,
    hard: bool,
) -> tuple[Backward, tuple[Arrivals, ...]]:
    """Backward to the equilibrium, then forward along every journey."""
    solved = backward_lanes(
        stages,
        tables,
        pool,
        precision,
        witness,
        apart,
        horizon=horizon,
        kept=kept,
        shock=shock,
        hard=hard,
    )
    seen = tuple(
        travel(inflow, tables.probability, solved.strategies, pool, journey, apart)
        for journey in journeys
    )
    return replace(solved, strategies=()), seen


# One thread for each batch: sums come out the same however many batches run at once.
ONE_THREAD = {"xla_cpu_multi_thread_eigen": False}
PLAY = Program(play, options=ONE_THREAD)
PLAY_QUICKLY_COMPILED = Program(play, options=QUICK_COMPILE | ONE_THREAD)
SMALL = 10_000  # edges below which compiling well takes longer than it saves in 1,000 draws
