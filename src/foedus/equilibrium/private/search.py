"""Several equilibria of a game with private types and one period, from many sides."""

from __future__ import annotations

import time

import numpy as np

from foedus.equilibrium.logit import Logit
from foedus.equilibrium.private.fixed import Unknowns, fixed_point, near, random_guess
from foedus.equilibrium.private.induction import Answer, equilibrium_of, prepared
from foedus.equilibrium.result import Equilibrium
from foedus.errors import GameError
from foedus.game.game import Game

SAME = 1e-6  # largest difference of y between two findings of one equilibrium, relative to its size


def private_equilibria(
    game: Game, solver: Logit, *, starts: int, seed: int
) -> tuple[tuple[Equilibrium, ...], tuple[str, ...], tuple[int, int]]:
    """Different equilibria, what led to each, and how many searches were made and how many ended.

    Newton's method from random play, besides the path from uniform play. Raises `GameError` for
    games of more than one period, whose later periods would each have a choice of their own.
    """
    if game.horizon != 1:
        raise GameError(
            "the search for several equilibria with private types is for games of one period; "
            "solve longer ones at several precisions instead"
        )
    solver = solver.settled(game)
    game, sight, period = prepared(game, solver)
    unknowns = Unknowns(period)
    following = np.array(game.tables.flow, float)
    live = game.structure.states.n_live
    following[:, :live] = np.asarray(game.tables.terminal, float)[:, :live]
    rng = np.random.default_rng(seed)
    items: list[Equilibrium] = []
    ways: list[str] = []
    known: list[np.ndarray] = []
    ended = 0
    for attempt in range(starts + 1):
        started = time.perf_counter()
        if attempt == 0:
            found, way = fixed_point(period, following), "the path from uniform play"
        else:
            guess = random_guess(period, following, rng)
            found, way = near(period, following, guess), f"random start {attempt - 1}"
        if not found.solved.all():
            continue
        ended += 1
        x = unknowns.read(found.guess)
        scale = 1.0 + float(np.abs(x).max(initial=0.0))
        if any(np.abs(x - other).max(initial=0.0) <= SAME * scale for other in known):
            continue
        known.append(x)
        answer = Answer(
            periods=(found,),
            values=np.stack([found.swept.values, following]),
            solved=True,
            selection="one of those found by a search",
            tried=(way,),
        )
        item = equilibrium_of(game, solver, sight, answer, started, throw=False)
        if item.certificate.passed:
            items.append(item)
            ways.append(way)
    return tuple(items), tuple(ways), (starts + 1, ended)
