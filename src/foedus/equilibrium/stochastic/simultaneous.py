"""One stochastic game at one precision: which way to go, and what to say about it."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from foedus.equilibrium.stochastic.arrays import StochasticArrays, arrays_of, profile_of, stack
from foedus.equilibrium.stochastic.leaping import SHORTEST_CLIMB, leap_folds
from foedus.equilibrium.stochastic.newton import SHORTEST, Reached, raise_precision
from foedus.equilibrium.stochastic.response import LogitResponse
from foedus.equilibrium.stochastic.sparse import sparse_system
from foedus.equilibrium.stochastic.system import Point, System
from foedus.equilibrium.stochastic.turning import follow_turns
from foedus.game.game import Game
from foedus.game.profile import Profile

DENSE_UNKNOWNS = 3000  # states times players above which K is not written down


@dataclass(frozen=True, eq=False, kw_only=True)
class Found:
    """Where the search ended: `values` are (players, states), endings included."""

    method: str
    values: Float[np.ndarray, "players states"]
    profile: Profile
    solved: bool
    iterations: int
    residual: float
    seconds: float
    selection: str
    tried: tuple[str, ...]


def solve_simultaneous(
    game: Game,
    precision: Float[np.ndarray, "players"],
    *,
    shock: bool = False,
    tolerance: float = 1e-10,
    max_iterations: int = 40,
) -> Found:
    """The logit equilibrium of a game that `arrays_of` accepts, on its principal branch.

    Newton's method on the system reduced state by state; precision raised in steps where it does
    not get there at once; arc length where the branch turns back.
    """
    started = time.perf_counter()
    arrays = arrays_of(game)
    large = not isinstance(arrays.transitions, np.ndarray)
    response = LogitResponse(
        precision=precision[None], available=arrays.available[None], shock=shock
    )
    if large and arrays.n_states * arrays.n_players > DENSE_UNKNOWNS:
        system: System = sparse_system(arrays, precision, shock=shock)
    else:
        large = False
        system = System(stack([arrays]), response)
    reached = raise_precision(
        system,
        system.start(),
        tolerance=tolerance,
        max_corrections=max_iterations,
        shortest=SHORTEST_CLIMB if large else SHORTEST,
    )
    tried = [_climbed(reached)]
    selection = "principal branch from uniform play, uniqueness not shown"
    if reached.precisions[0] > 1:
        selection = (
            "principal branch from uniform play, unless a step in precision missed a turn; "
            "uniqueness not shown"
        )
    if large and not reached.solved[0] and reached.share[0] > 0:
        leapt = leap_folds(system, system, reached, tolerance=tolerance)
        reached = leapt.reached
        tried.append(
            f"play adapting at a higher precision where the branch turns back: {leapt.leaps} times,"
            f" up to {reached.share[0]:.3g} of the precision"
        )
        selection = (
            f"not the principal branch: {_times(leapt.leaps)} play left a branch that turns back "
            "for the next one it came to; others not ruled out"
        )
    point = Point(reached.point.action_values[0], reached.point.values[0])
    solved, share, rounds = bool(reached.solved[0]), float(reached.share[0]), int(reached.rounds[0])
    if not solved and share > 0 and not large:
        dense = system.arrays.select(0)
        turned = follow_turns(dense, precision, point, share, shock=shock)
        solved, rounds = turned.solved, rounds + turned.tries
        tried.append(f"arc length from there: {turned.tries} steps, {turned.folds} folds")
        if solved:
            point, share = turned.point, 1.0
            selection = (
                f"principal branch from uniform play through {turned.folds} folds, "
                "uniqueness not shown"
            )
    share = 1.0 if solved else share
    strategies = response.strategies(point.action_values[None], np.array([share]))[0]
    left = system.residual(point if large else _drawn(point), share)
    return Found(
        method="Newton, state by state",
        values=_values(game, arrays, point),
        profile=profile_of(arrays, strategies),
        solved=solved,
        iterations=rounds,
        residual=float(np.abs(left.vector).max() / max(1.0, np.abs(point.values).max())),
        seconds=time.perf_counter() - started,
        selection=selection if solved else "no equilibrium reached",
        tried=tuple(tried),
    )


def _climbed(reached: Reached) -> str:
    """What raising the precision did, in words."""
    rounds, precisions = int(reached.rounds[0]), int(reached.precisions[0])
    if reached.solved[0] and precisions == 1:
        return f"Newton's method at the full precision: {rounds} steps"
    ending = "" if reached.solved[0] else f"; the last one solved was {reached.share[0]:.3g} of it"
    return f"Newton's method at {precisions} precisions, up to the full one: {rounds} steps{ending}"


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"


def _values(game: Game, arrays: StochasticArrays, point: Point) -> np.ndarray:
    values = np.array(game.tables.flow, float)
    values[:, : arrays.n_states] = point.values.T
    return values


def _drawn(point: Point) -> Point:
    return Point(point.action_values[None], point.values[None])
