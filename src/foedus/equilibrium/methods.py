"""The three ways to an equilibrium, read off the game, and what each brought back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from foedus.equilibrium.backward import backward_induction
from foedus.equilibrium.block import BlockSolution
from foedus.equilibrium.logit import Logit
from foedus.equilibrium.stationary import Search, Settings, stationary_equilibrium
from foedus.equilibrium.stochastic.arrays import obstacle
from foedus.equilibrium.stochastic.simultaneous import solve_simultaneous
from foedus.equilibrium.wiring import Wiring, pad_tables, unpad_profile, unpad_values, wire
from foedus.game.game import Game, Structure, Tables
from foedus.game.profile import Profile
from foedus.game.stages import Block
from foedus.numerics.programs import QUICK_COMPILE, Program, Timing

_BACKWARD = Program(backward_induction)
_BACKWARD_WITH_BLOCKS = Program(backward_induction, options=QUICK_COMPILE)
_STATIONARY = Program(stationary_equilibrium, options=QUICK_COMPILE)


@dataclass(frozen=True, eq=False, kw_only=True)
class Answer:
    """What a method returned, on the game's own nodes and states."""

    method: str
    values: np.ndarray
    profile: Profile
    solved: bool
    iterations: int
    residual: float
    timing: Timing
    selection: str
    tried: tuple[str, ...]


def answer_by_method(
    game: Game, precision: np.ndarray, solver: Logit, sizes: Sequence[int]
) -> Answer:
    """What the method that fits the game finds, padded to `sizes` where it compiles a program."""
    if obstacle(game) is None:
        return _solve_simultaneous(game, precision, solver)
    wiring = wire(game.structure, sizes)
    tables = pad_tables(game.structure, wiring, game.tables)
    method = _solve_stationary if game.horizon is None else _solve_finite
    return method(game.structure, wiring, tables, precision, solver)


def _solve_simultaneous(game: Game, precision: np.ndarray, solver: Logit) -> Answer:
    found = solve_simultaneous(
        game,
        precision,
        shock=solver.convention == "shock",
        tolerance=solver.tolerance,
        max_iterations=solver.max_iterations,
    )
    return Answer(
        method=found.method,
        values=found.values[None],
        profile=found.profile,
        solved=found.solved,
        iterations=found.iterations,
        residual=found.residual,
        timing=Timing(trace=0.0, compile=0.0, run=found.seconds),
        selection=found.selection,
        tried=found.tried,
    )


def _solve_finite(
    structure: Structure, wiring: Wiring, tables: Tables, precision: np.ndarray, solver: Logit
) -> Answer:
    program = _BACKWARD_WITH_BLOCKS if _guesses(structure) else _BACKWARD
    (values, strategies, solutions), timing = program(
        wiring, tables, precision, horizon=structure.horizon, shock=solver.convention == "shock"
    )
    failed = _unsolved_nodes(structure, solutions)
    if not _guesses(structure):
        selection = "unique: sequential moves, finite horizon"
    else:
        selection = "principal branch at every node, from uniform play; uniqueness not shown"
    return Answer(
        method="backward induction",
        values=unpad_values(structure, np.asarray(values)),
        profile=unpad_profile(structure, strategies),
        solved=failed == 0,
        iterations=structure.horizon or 0,
        residual=0.0,
        timing=timing,
        selection=selection,
        tried=("backward induction", *_tried_blocks(failed)),
    )


def _solve_stationary(
    structure: Structure, wiring: Wiring, tables: Tables, precision: np.ndarray, solver: Logit
) -> Answer:
    settings = Settings(
        shock=solver.convention == "shock",
        tolerance=solver.tolerance,
        max_iterations=solver.max_iterations,
    )
    found, timing = _STATIONARY(wiring, tables, precision, settings=settings)
    values, strategies, solutions, search = found
    failed = _unsolved_nodes(structure, solutions)
    attempts, fraction = int(search.attempts), float(search.fraction)
    start = "values of zero" if attempts == 1 else "a fixed point at lower precision"
    selection = f"fixed point reached from {start}, uniqueness not shown"
    return Answer(
        method="fixed point (Anderson, Newton)",
        values=unpad_values(structure, np.asarray(values))[None],
        profile=unpad_profile(structure, strategies),
        solved=bool(search.converged) and failed == 0,
        iterations=int(search.iterations),
        residual=float(search.residual),
        timing=timing,
        selection=selection if bool(search.converged) else "no fixed point reached",
        tried=(
            _tried_search(search, attempts, fraction),
            *_tried_blocks(failed),
        ),
    )


def _tried_search(search: Search, attempts: int, fraction: float) -> str:
    if attempts == 1:
        return "Anderson acceleration and Newton's method at the full precision"
    ending = "" if bool(search.converged) else f"; the last one solved was {fraction:.3g} of it"
    return f"Newton's method at {attempts} precisions, up to the full one{ending}"


def _guesses(structure: Structure) -> bool:
    """Whether anybody moves without seeing somebody who moves at the same stage."""
    return any(
        isinstance(stage, Block)
        and not all(stage.sees[j][i] for j in range(len(stage.movers)) for i in range(j))
        for stage in structure.stages
    )


def _unsolved_nodes(structure: Structure, solutions: tuple[BlockSolution | None, ...]) -> int:
    return sum(
        int((~np.asarray(solution.converged)[..., : stage.shape[0]]).sum())
        for stage, solution in zip(structure.stages, solutions, strict=True)
        if solution is not None
    )


def _tried_blocks(failed: int) -> tuple[str, ...]:
    if not failed:
        return ()
    return (f"{failed} nodes with hidden moves where the path from uniform play was lost",)
