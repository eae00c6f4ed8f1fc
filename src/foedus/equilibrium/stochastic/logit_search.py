"""The logit equilibria of one precision that a search of given length finds.

The principal one first, then Newton's method on equations that are deflated at all known
solutions, from random starts. Ordinary games have an odd number of them.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from foedus.equilibrium.certificate import certify
from foedus.equilibrium.logit import Logit
from foedus.equilibrium.result import Equilibrium, Statistics
from foedus.equilibrium.stochastic.arrays import StochasticArrays, arrays_of, profile_of
from foedus.equilibrium.stochastic.climb import Climb
from foedus.equilibrium.stochastic.deflation import deflated
from foedus.equilibrium.stochastic.response import LogitResponse
from foedus.equilibrium.stochastic.search import random_play
from foedus.equilibrium.stochastic.system import Point
from foedus.errors import GameError
from foedus.game.game import Game

SAME = 1e-6  # largest difference of strategies between two findings of one equilibrium


@dataclass(frozen=True, eq=False, kw_only=True)
class LogitSearch:
    """What a search met. `negative`: whether the index of each equilibrium is -1.

    `ways`: what led to each; `searches`: how many were made, and how many ended in one.
    """

    items: tuple[Equilibrium, ...]
    ways: tuple[str, ...]
    negative: tuple[bool, ...]
    searches: tuple[int, int]


def logit_equilibria(game: Game, solver: Logit, *, starts: int, seed: int) -> LogitSearch:
    """Different logit equilibria of the game, each certified.

    Raises `GameError` for games in which not everybody moves at once, and for those that are too
    large for dense linear algebra.
    """
    arrays = arrays_of(game)
    if not isinstance(arrays.transitions, np.ndarray):
        raise GameError(
            "the search for several logit equilibria needs a game small enough for "
            "dense linear algebra; solve it at several precisions instead"
        )
    solver = solver.settled(game)
    response = LogitResponse(
        precision=np.array(solver.precision, float),
        available=arrays.available,
        shock=solver.convention == "shock",
    )
    climb = Climb(arrays, response)
    rng = np.random.default_rng(seed)
    points: list[Point] = []
    ways: list[str] = []
    played: list[np.ndarray] = []
    start, way = climb.system.start(), "Newton's method from uniform play"
    ended = 0
    for attempt in range(starts + 1):
        point = deflated(climb, start, 1.0, points) if points else climb.correct(start, 1.0)
        start = climb.system.evaluated(random_play(arrays, rng, pure=attempt % 2 == 1))
        if point is not None:
            ended += 1
            strategies = response.strategies(point.action_values, 1.0)
            if all(np.abs(strategies - known).max() > SAME for known in played):
                points.append(point)
                ways.append(way)
                played.append(strategies)
        way = f"random start {attempt}, away from what is known"
    items, kept = [], []
    for at, (point, strategies) in enumerate(zip(points, played, strict=True)):
        item = _equilibrium(game, arrays, solver, point, strategies, ways[at])
        if item.certificate.passed:
            items.append(item)
            kept.append(at)
    upright = _sign(climb, climb.system.start(), 1e-6)
    return LogitSearch(
        items=tuple(items),
        ways=tuple(ways[at] for at in kept),
        negative=tuple(_sign(climb, points[at], 1.0) != upright for at in kept),
        searches=(starts + 1, ended),
    )


def _sign(climb: Climb, point: Point, t: float) -> float:
    return float(climb.system.linearise(point, t).determinant()[0])


def _equilibrium(
    game: Game,
    arrays: StochasticArrays,
    solver: Logit,
    point: Point,
    strategies: np.ndarray,
    way: str,
) -> Equilibrium:
    started = time.perf_counter()
    profile = profile_of(arrays, strategies)
    values = np.array(game.tables.flow, float)
    values[:, : arrays.n_states] = point.values.T
    precision = np.array(solver.precision, float)
    certificate = certify(
        game,
        profile,
        precision=precision.tolist(),
        convention=solver.convention or "expected",
        values=values[None],
        selection="one of those found by a search",
        tried=(way,),
    )
    return Equilibrium(
        game=game,
        solver=solver,
        profile=profile,
        value_table=values[None],
        certificate=certificate,
        precision=precision,
        stats=Statistics(
            method="Newton's method, deflated",
            iterations=0,
            residual=0.0 if certificate.residual is None else certificate.residual,
            trace_seconds=0.0,
            compile_seconds=0.0,
            run_seconds=0.0,
            certify_seconds=time.perf_counter() - started,
        ),
    )
