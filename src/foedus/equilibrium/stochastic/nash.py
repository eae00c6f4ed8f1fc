"""Nash equilibrium as a solver: the logit path up to high precision, then exact supports."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from foedus.equilibrium.certificate import certify
from foedus.equilibrium.result import Equilibrium, Statistics
from foedus.equilibrium.stochastic.arrays import StochasticArrays, arrays_of, profile_of
from foedus.equilibrium.stochastic.finish import Finish, finish
from foedus.equilibrium.stochastic.logit_path import LogitPath
from foedus.equilibrium.stochastic.path import trace
from foedus.equilibrium.stochastic.search import random_finishes
from foedus.errors import GameError, SolveError
from foedus.game.game import Game


@dataclass(frozen=True, kw_only=True)
class Nash:
    """Nobody gains by any deviation: the end of the logit path, on exact supports.

    - `tolerance`: of the largest gain of any deviation, in units of the player's spread of
        payoffs, beyond what rounding allows.
    - `max_steps`: of the logit path.
    - `starts`: random starts, where the path does not lead to an equilibrium; 0: none.
    - `seed`: of those.
    """

    tolerance: float = 1e-11
    max_steps: int = 5000
    starts: int = 50
    seed: int = 0

    @property
    def convention(self) -> str:
        """Values are expected payoffs; there are no shocks to count."""
        return "expected"

    def __post_init__(self) -> None:
        if not 0 < self.tolerance < 1:
            raise GameError(f"tolerance must lie between 0 and 1, not {self.tolerance}")
        if self.max_steps < 1:
            raise GameError(f"max_steps must be at least 1, not {self.max_steps}")
        if self.starts < 0:
            raise GameError(f"starts cannot be below 0, and is {self.starts}")


def nash_equilibrium(game: Game, solver: Nash | None = None, *, throw: bool = True) -> Equilibrium:
    """A Nash equilibrium in Markov strategies, with a certificate that nobody gains.

    For stationary games whose only decision is one simultaneous move in each state. Raises
    `GameError` for other games and, unless `throw` is false, `SolveError` where no equilibrium
    was found; the error carries the best play found.

    Matching pennies for ever, where matching pays the first player double:

    >>> from foedus.game.builders import stochastic_game
    >>> match = [[2.0, 0.0], [0.0, 1.0]]
    >>> game = stochastic_game([[match, [[0, 1], [1, 0]]]], np.ones((1, 2, 2, 1)), 0.9)
    >>> nash_equilibrium(game).strategies[0].round(4).tolist()
    [[0.5, 0.5], [0.3333, 0.6667]]
    """
    solver = solver or Nash()
    started = time.perf_counter()
    arrays = arrays_of(game)
    principal = principal_finish(game, arrays, solver)
    found, selection, tried = principal.finish, principal.selection, principal.tried
    if not found.within(solver.tolerance) and solver.starts:
        tried = (*tried, f"up to {solver.starts} random starts (seed {solver.seed})")
        for words, other in random_finishes(
            game, arrays, solver.starts, solver.seed, solver.tolerance
        ):
            if other.gain < found.gain:
                found, selection = other, f"from random start {words}; others not ruled out"
            if found.within(solver.tolerance):
                break
    seconds = time.perf_counter() - started
    equilibrium = as_equilibrium(
        game,
        arrays,
        found,
        solver,
        selection=selection,
        tried=tried,
        iterations=principal.steps,
        seconds=seconds,
    )
    if throw and not equilibrium.certificate.passed:
        raise _refusal(equilibrium, solver)
    return equilibrium


@dataclass(frozen=True, eq=False, kw_only=True)
class Principal:
    """Where the logit path from uniform play leads, in words too."""

    finish: Finish
    steps: int
    selection: str
    tried: tuple[str, ...]


def principal_finish(game: Game, arrays: StochasticArrays, solver: Nash) -> Principal:
    """The end of the logit path from uniform play, on exact supports if they can be found."""
    path = trace(game, LogitPath(max_steps=solver.max_steps))
    return Principal(
        finish=finish(arrays, path.final, tolerance=solver.tolerance),
        steps=path.tries,
        selection=f"{path.selection}; others not ruled out",
        tried=(f"a logit path of {len(path)} points in {path.tries} tries", *path.log),
    )


def as_equilibrium(
    game: Game,
    arrays: StochasticArrays,
    found: Finish,
    solver: Nash,
    *,
    selection: str,
    tried: tuple[str, ...],
    iterations: int,
    seconds: float,
) -> Equilibrium:
    """Play that was found, certified by code that found nothing."""
    profile = profile_of(arrays, found.strategies)
    started = time.perf_counter()
    certificate = certify(
        game, profile, tolerance=10 * solver.tolerance, selection=selection, tried=tried
    )
    return Equilibrium(
        game=game,
        solver=solver,
        profile=profile,
        value_table=np.array(certificate.values),
        certificate=certificate,
        precision=np.full(len(game.players), np.inf),
        stats=Statistics(
            method="logit path, then exact supports",
            iterations=iterations,
            residual=found.gain,
            trace_seconds=0.0,
            compile_seconds=0.0,
            run_seconds=seconds,
            certify_seconds=time.perf_counter() - started,
        ),
    )


def _refusal(equilibrium: Equilibrium, solver: Nash) -> SolveError:
    title = equilibrium.game.title or "the game"
    return SolveError(
        f"no Nash equilibrium of {title} was found: {equilibrium.certificate}",
        last=equilibrium,
        certificate=equilibrium.certificate,
        hints=(
            f"more random starts than {solver.starts}: Nash(starts=...)",
            "find_equilibria, which searches longer",
            "Logit at a finite precision, which needs no exact supports",
        ),
    )
