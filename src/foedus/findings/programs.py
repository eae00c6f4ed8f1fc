"""The compiled program of a batch: backward to the equilibrium, then forward from the starts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import jax

from foedus.equilibrium.lanes import Backward, backward_lanes
from foedus.numerics.programs import QUICK_COMPILE, Program
from foedus.outcomes.first_period import at_nodes
from foedus.outcomes.lanes import Arrivals, travel


@jax.tree_util.register_dataclass
@dataclass(frozen=True, eq=False, kw_only=True)
class Played:
    """The equilibria, what the journey saw if there is one, and play at the nodes that the
    first period may come to."""

    backward: Backward
    arrivals: Arrivals | None
    first: tuple[Any, ...]


def play(
    stages: Any,
    tables: Any,
    inflow: Any,
    journey: Any,
    first: Any,
    pool: Any,
    precision: Any,
    witness: Any,
    apart: Any,
    *,
    horizon: int,
    kept: int,
    shock: bool,
    hard: bool,
) -> Played:
    """Backward to the equilibrium, then forward along the journey."""
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
    strategies = solved.strategies
    return Played(
        backward=replace(solved, strategies=()),
        arrivals=None
        if journey is None
        else travel(inflow, tables.probability, strategies, pool, journey, apart),
        first=at_nodes(strategies, first),
    )


# One thread for each batch: sums come out the same however many batches run at once.
ONE_THREAD = {"xla_cpu_multi_thread_eigen": False}
PLAY = Program(play, options=ONE_THREAD)
PLAY_QUICKLY_COMPILED = Program(play, options=QUICK_COMPILE | ONE_THREAD)
SMALL = 10_000  # edges below which compiling well takes longer than it saves in 1,000 draws
