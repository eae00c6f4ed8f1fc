"""One entry for solving a game: compile, run, certify."""

from __future__ import annotations

import time
from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, overload

import jax
import numpy as np

from foedus.equilibrium.certificate import Certificate, certify
from foedus.equilibrium.logit import Logit
from foedus.equilibrium.methods import answer_by_method
from foedus.equilibrium.private.induction import refuse, solve_private
from foedus.equilibrium.result import Equilibrium, Statistics
from foedus.equilibrium.stochastic.nash import Nash, nash_equilibrium
from foedus.equilibrium.stochastic.newton import CORRECTIONS
from foedus.equilibrium.stochastic.simultaneous import METHOD as NEWTON_BY_STATE
from foedus.equilibrium.wiring import (
    outline,
    rounded_sizes,
)
from foedus.errors import GameError, SolveError
from foedus.game.game import Game
from foedus.game.trees.strategic import StrategicGame
from foedus.game.trees.tree import ExtensiveGame

if TYPE_CHECKING:
    from foedus.equilibrium.trees.result import TreeEquilibrium


@overload
def solve(game: Game, solver: Logit | Nash | None = None, *, throw: bool = True) -> Equilibrium: ...
@overload
def solve(
    game: ExtensiveGame | StrategicGame, solver: Logit | Nash | None = None, *, throw: bool = True
) -> TreeEquilibrium: ...
def solve(
    game: Game | ExtensiveGame | StrategicGame,
    solver: Logit | Nash | None = None,
    *,
    throw: bool = True,
) -> Equilibrium | TreeEquilibrium:
    """An equilibrium of the game, with its certificate.

    A finite horizon is solved by backward induction, a stationary game in which everybody moves at
    once by Newton's method on a system reduced state by state, any other as a fixed point.
    `solver` is `Logit()` by default, which takes the precision and convention that the
    game suggests; `Nash()` goes on to an equilibrium without noise, of such simultaneous games.
    A tree, or a table of strategies, is solved along its logit path: agent-logit play at a
    precision, or with `Nash()`, its default, a sequential equilibrium in most games.

    Raises `GameError` for what is no game, for settings that do not fit it and, unless `throw`
    is false, `SolveError` if the certificate does not pass. The error carries the last iterate.

    >>> from foedus.game.builders import stochastic_game
    >>> dilemma = [[[2.0, 0.0], [3.0, 1.0]], [[2.0, 3.0], [0.0, 1.0]]]
    >>> game = stochastic_game([dilemma], np.full((1, 2, 2, 1), 0.9), discount=1.0)
    >>> equilibrium = solve(game, Logit(precision=2.0))
    >>> equilibrium.strategies[0].round(3).tolist()
    [[0.119, 0.881], [0.119, 0.881]]
    """
    if isinstance(game, ExtensiveGame | StrategicGame):
        from foedus.equilibrium.trees.solving import solve_tree

        return solve_tree(game, solver, throw=throw)
    if isinstance(solver, Nash):
        refuse(_game(game), "Nash")
        return nash_equilibrium(game, solver, throw=throw)
    solver = _checked(game, solver)
    if game.information is not None:
        return solve_private(game, solver.settled(game), throw=throw)
    return _solve(game, solver, rounded_sizes(game.structure), throw=throw)


def solve_together(games: Sequence[Game], solver: Logit | None = None) -> tuple[Equilibrium, ...]:
    """An equilibrium of each game, where one compiled program serves all games of like stages.

    Meant for the regimes of a scenario: they differ in the number of nodes only, which is
    padded to the largest, so that the first answer does not wait for several compilations.
    What each game is worth does not depend on the others.

    Raises as `solve` does.
    """
    if any(game.information is not None for game in games):
        return tuple(solve(game, solver) for game in games)
    sizes: dict[Hashable, tuple[int, ...]] = {}
    for game in games:
        solver = _checked(game, solver)
        own, key = rounded_sizes(game.structure), _family(game)
        sizes[key] = tuple(map(max, own, sizes.get(key, own)))
    return tuple(
        _solve(game, solver or Logit(), sizes[_family(game)], throw=True) for game in games
    )


def _checked(game: object, solver: object) -> Logit:
    """The solver, `Logit()` by default. Raises `GameError` for what is no game or no solver."""
    _game(game)
    if solver is not None and not isinstance(solver, Logit):
        raise GameError(
            f"a solver is a Logit, as in Logit(precision=5.0), or Nash(), not {solver!r}"
        )
    return solver or Logit()


def _game(game: object) -> Game:
    if not isinstance(game, Game):
        raise GameError(
            f"solve takes a Game, not a {type(game).__name__}; compile the scenario first: "
            "fd.solve(fd.compile_scenario(scenario))"
        )
    return game


def _family(game: Game) -> Hashable:
    idle = tuple(payoff is None for payoff in game.tables.payoff)
    return (*outline(game.structure), idle)


def _solve(game: Game, solver: Logit, sizes: tuple[int, ...], *, throw: bool) -> Equilibrium:
    solver = solver.settled(game)
    precision = np.array(solver.precision)
    answer = answer_by_method(game, precision, solver, sizes)
    started = time.perf_counter()
    certificate = certify(
        game,
        answer.profile,
        precision=precision.tolist(),
        convention=solver.convention or "expected",
        values=answer.values,
        solved=answer.solved,
        selection=answer.selection,
        tried=answer.tried,
    )
    equilibrium = Equilibrium(
        game=game,
        solver=solver,
        profile=answer.profile,
        value_table=answer.values,
        certificate=certificate,
        precision=precision,
        stats=Statistics(
            method=answer.method,
            iterations=answer.iterations,
            residual=answer.residual,
            trace_seconds=answer.timing.trace,
            compile_seconds=answer.timing.compile,
            run_seconds=answer.timing.run,
            certify_seconds=time.perf_counter() - started,
        ),
    )
    if throw and not certificate.passed:
        raise _refusal(equilibrium, certificate)
    return equilibrium


def _refusal(equilibrium: Equilibrium, certificate: Certificate) -> SolveError:
    """The error for a certificate that does not pass: what was seen, and what usually helps."""
    hints = []
    leaves = jax.tree_util.tree_leaves(equilibrium.game.tables)
    if not all(np.isfinite(leaf).all() for leaf in leaves):
        hints.append("look for payoffs or probabilities that are not finite")
    elif not certificate.solved and equilibrium.stats.method == NEWTON_BY_STATE:
        assert isinstance(equilibrium.solver, Logit)
        if equilibrium.solver.max_iterations < CORRECTIONS:
            hints.append(f"more iterations: a max_iterations of {CORRECTIONS}")
        hints.append("a lower precision: `certificate.tried` says how far it went well")
        hints.append("trace(game, LogitPath(precision=...)), which shows where the branch turns")
    elif not certificate.solved and equilibrium.game.horizon is None:
        assert isinstance(equilibrium.solver, Logit)
        limit = equilibrium.solver.max_iterations
        hints.append(f"more iterations: a max_iterations above {limit}")
        hints.append("a lower precision first, to see where solutions stop")
        hints.append("a finite horizon, which always has a solution, and its first periods")
    elif not certificate.solved:
        hints.append("a lower precision, or moves in sequence instead of at once")
    hints.append("solve(..., throw=False) to look at the last iterate")
    found = ""
    if not certificate.solved and equilibrium.game.horizon is None:
        found = f"no fixed point reached after {equilibrium.stats.iterations} iterations; "
    return SolveError(
        f"{found}no certified equilibrium of {equilibrium.game.title or 'the game'}: {certificate}",
        last=equilibrium,
        certificate=certificate,
        hints=hints,
    )
