"""One stochastic game at one precision: which way to go, and what to say about it."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float

from foedus.equilibrium.stochastic.arrays import StochasticArrays, arrays_of, profile_of, stack
from foedus.equilibrium.stochastic.leaping import SHORTEST_CLIMB, leap_folds
from foedus.equilibrium.stochastic.newton import Reached, raise_precision
from foedus.equilibrium.stochastic.response import LogitResponse
from foedus.equilibrium.stochastic.sparse import sparse_system
from foedus.equilibrium.stochastic.system import Point, System
from foedus.equilibrium.stochastic.turning import follow_turns
from foedus.game.game import Game
from foedus.game.profile import Profile

METHOD = "Newton, state by state"
NOTHING = "no equilibrium reached"
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
    """A logit equilibrium of a game that `arrays_of` accepts, mostly on its principal branch.

    Newton's method on the system reduced state by state; precision raised in steps where it does
    not get there at once; arc length where the branch turns back, or, in large games, play that
    adapts until it rests on another branch.
    """
    started = time.perf_counter()
    arrays = arrays_of(game)
    response = LogitResponse(precision=precision, available=arrays.available, shock=shock)
    if _is_large(arrays):
        system: System = sparse_system(arrays, precision, shock=shock)
        risen = _rise_large(system, tolerance, max_iterations)
    else:
        dense = stack([arrays]).select(0)
        system = System(dense, response)
        risen = _rise(dense, response, tolerance, max_iterations)
    share = 1.0 if risen.solved else risen.share
    left = system.residual(risen.point, share)
    return Found(
        method=METHOD,
        values=_values(game, arrays, risen.point),
        profile=profile_of(arrays, response.strategies(risen.point.action_values, share)),
        solved=risen.solved,
        iterations=risen.rounds,
        residual=float(np.abs(left.vector).max() / max(1.0, np.abs(risen.point.values).max())),
        seconds=time.perf_counter() - started,
        selection=risen.selection if risen.solved else NOTHING,
        tried=risen.tried,
    )


def _is_large(arrays: StochasticArrays) -> bool:
    """Whether the linear systems are too large to be written down, and sparse."""
    sparse = not isinstance(arrays.transitions, np.ndarray)
    return sparse and arrays.n_states * arrays.n_players > DENSE_UNKNOWNS


@dataclass(frozen=True, eq=False, kw_only=True)
class _Risen:
    """Where precision could be raised to: `share` of it, at `point`."""

    point: Point
    solved: bool
    share: float
    rounds: int
    selection: str
    tried: tuple[str, ...]


def _rise(
    arrays: StochasticArrays, response: LogitResponse, tolerance: float, max_iterations: int
) -> _Risen:
    """Up the principal branch, and around its folds."""
    batch = System(stack([arrays]), response.batched())
    reached = raise_precision(
        batch, batch.start(), tolerance=tolerance, max_corrections=max_iterations
    )
    risen = _as_risen(reached, _branch(reached), (_climbed(reached),))
    if risen.solved or risen.share == 0:
        return risen
    turned = follow_turns(
        arrays, response.precision, risen.point, risen.share, shock=response.shock
    )
    words = f"arc length from there: {turned.tries} steps, {turned.folds} folds"
    return replace(
        risen,
        point=turned.point if turned.solved else risen.point,
        solved=turned.solved,
        rounds=risen.rounds + turned.tries,
        selection=(
            f"principal branch from uniform play through {turned.folds} folds, unless a step "
            "before them missed a turn; uniqueness not shown"
        ),
        tried=(*risen.tried, words),
    )


def _rise_large(system: System, tolerance: float, max_iterations: int) -> _Risen:
    """Up the principal branch, and from its folds on to whatever branch play comes to."""
    reached = raise_precision(
        system,
        system.start(),
        tolerance=tolerance,
        max_corrections=max_iterations,
        shortest=SHORTEST_CLIMB,
    )
    risen = _as_risen(reached, _branch(reached), (_climbed(reached),))
    if risen.solved or risen.share == 0:
        return risen
    leapt = leap_folds(system, system, reached, tolerance=tolerance)
    times = "once" if leapt.leaps == 1 else f"{leapt.leaps} times"
    words = f"play adapting beyond the folds of its branch: {times}"
    if not leapt.reached.solved[0]:
        words += f"; the last precision solved was {leapt.reached.share[0]:.3g} of the full one"
    selection = (
        f"not the principal branch: {times} play left a branch that turns back for the next one "
        "it came to; others not ruled out"
    )
    return _as_risen(leapt.reached, selection, (*risen.tried, words))


def _as_risen(reached: Reached, selection: str, tried: tuple[str, ...]) -> _Risen:
    return _Risen(
        point=Point(reached.point.action_values[0], reached.point.values[0]),
        solved=bool(reached.solved[0]),
        share=float(reached.share[0]),
        rounds=int(reached.rounds[0]),
        selection=selection,
        tried=tried,
    )


def _branch(reached: Reached) -> str:
    """Which equilibrium this is, in words."""
    if reached.precisions[0] > 1:
        return (
            "principal branch from uniform play, unless a step in precision missed a turn; "
            "uniqueness not shown"
        )
    return (
        "Newton's method from uniform play, which need not end on the principal branch "
        "(`trace` follows that); uniqueness not shown"
    )


def _climbed(reached: Reached) -> str:
    """What raising the precision did, in words."""
    rounds, precisions = int(reached.rounds[0]), int(reached.precisions[0])
    if reached.solved[0] and precisions == 1:
        return f"Newton's method at the full precision: {rounds} steps"
    ending = "" if reached.solved[0] else f"; the last one solved was {reached.share[0]:.3g} of it"
    return f"Newton's method at {precisions} precisions, up to the full one: {rounds} steps{ending}"


def _values(game: Game, arrays: StochasticArrays, point: Point) -> np.ndarray:
    values = np.array(game.tables.flow, float)
    values[:, : arrays.n_states] = point.values.T
    return values
