"""`solve` on trees: logit play at a precision, or Nash play at the end of the logit path."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

from foedus.equilibrium.logit import Logit
from foedus.equilibrium.stochastic.nash import Nash
from foedus.equilibrium.trees.arrays import TreeArrays
from foedus.equilibrium.trees.evidence import certify_tree
from foedus.equilibrium.trees.finish import beliefs_of, exact_play, gains
from foedus.equilibrium.trees.following import SHARPEST, Course, Walk
from foedus.equilibrium.trees.logit import (
    play_out_draws,
    require_small,
    require_solvable,
    solve_logit,
)
from foedus.equilibrium.trees.mistakes import Beliefs
from foedus.equilibrium.trees.rationality import judge
from foedus.equilibrium.trees.result import TreeEquilibrium
from foedus.equilibrium.trees.subgames import Solved, solve_subgames
from foedus.equilibrium.trees.system import log_response, play_out
from foedus.errors import GameError, SolveError
from foedus.game.trees.strategic import StrategicGame
from foedus.game.trees.tree import ExtensiveGame


def as_tree(game: ExtensiveGame | StrategicGame) -> ExtensiveGame:
    """A tree as it is; a table of strategies as the tree in which all choose unseen."""
    return game.as_tree() if isinstance(game, StrategicGame) else game


def solve_tree(
    game: ExtensiveGame | StrategicGame,
    solver: Logit | Nash | None = None,
    *,
    throw: bool = True,
) -> TreeEquilibrium:
    """An equilibrium of a tree: `Logit(precision)`, or `Nash()`, which is the default.

    Raises `GameError` and `SolveError` as `foedus.solve` does.

    >>> from foedus.game.trees import parse_game
    >>> entry = parse_game('''EFG 2 R "entry" { "Entrant" "Incumbent" }
    ... p "" 1 1 "" { "enter" "stay out" } 0
    ... p "" 2 1 "reply" { "fight" "share" } 0
    ... t "" 1 "" { -1 -1 }
    ... t "" 2 "" { 1 1 }
    ... t "" 3 "" { 0 2 }''')
    >>> found = solve_tree(entry)
    >>> found.concept, found.strategy("reply")
    ('sequential', {'fight': 0.0, 'share': 1.0})
    """
    tree = as_tree(game)
    if isinstance(solver, Logit):
        return solve_logit(tree, solver, throw=throw)
    if solver is not None and not isinstance(solver, Nash):
        raise GameError(
            f"a solver is a Logit, as in Logit(precision=5.0), or Nash(), not {solver!r}"
        )
    return _solve_nash(tree, solver or Nash(), throw=throw)


def _solve_nash(game: ExtensiveGame, solver: Nash, *, throw: bool) -> TreeEquilibrium:
    require_solvable(game)
    started = time.perf_counter()
    run = _Limits(solver)
    rows, _, distinct = solve_subgames(game, run.solve)
    held = None if run.beliefs is None or distinct > 1 else run.beliefs
    equilibrium = nash_play(
        game,
        [np.asarray(row) if row is not None else None for row in rows],
        solver,
        beliefs=held,
        found_by=run.words(distinct),
        tried=tuple(run.tried),
        started=started,
    )
    if throw and not equilibrium.certificate.passed:
        raise SolveError(
            f"no Nash equilibrium of {game.title or 'the tree'} was reached: "
            f"{equilibrium.certificate}",
            last=equilibrium,
            certificate=equilibrium.certificate,
            hints=(
                "Logit at a finite precision, which needs no exact supports",
                "find_equilibria, which looks at all supports of small games",
            ),
        )
    return equilibrium


def nash_play(
    game: ExtensiveGame,
    rows: Sequence[np.ndarray | None],
    solver: Nash,
    *,
    found_by: str,
    beliefs: Beliefs | None = None,
    selection: str = "",
    tried: tuple[str, ...] = (),
    started: float | None = None,
) -> TreeEquilibrium:
    """Play by information set, certified as Nash play and judged for what kind it is."""
    play = tuple(
        tuple(map(float, one.probabilities))
        if one.probabilities is not None
        else tuple(np.asarray(row).tolist())
        for one, row in zip(game.sets, rows, strict=True)
    )
    rationality = judge(game, play, beliefs=beliefs)
    certificate = certify_tree(
        game,
        play,
        beliefs=rationality.beliefs,
        tolerance=max(1e-9, 10 * solver.tolerance),
        selection=selection or found_by,
        tried=tried,
    )
    return TreeEquilibrium(
        game=game,
        solver=solver,
        play=play,
        certificate=certificate,
        precision=np.full(len(game.players), np.inf),
        rationality=rationality,
        found_by=found_by,
        seconds=0.0 if started is None else time.perf_counter() - started,
    )


class _Limits:
    """Solves subgames by the ends of their logit paths."""

    def __init__(self, solver: Nash) -> None:
        self.solver = solver
        self.tried: list[str] = []
        self.folds = self.crossings = self.paths = 0
        self.beliefs: Beliefs | None = None

    def solve(self, arrays: TreeArrays) -> Solved:
        if not len(arrays.sets):
            return np.zeros(arrays.n_choices), play_out_draws(arrays)
        if len(arrays.sets) == 1 and (arrays.set_of >= 0).sum() == 1:
            uniform = log_response(arrays, np.zeros(arrays.n_choices))
            earned = play_out(arrays, uniform).action_values
            # Of best actions that are equally good, logit play takes each as often.
            best = earned >= earned.max() - 1e-12 * max(1.0, float(np.abs(earned).max()))
            row = best / best.sum()
            return row, _values(arrays, row)
        require_small(arrays)
        course = Course(arrays, np.ones(arrays.payoffs.shape[1]))
        walk = Walk(course, float(np.log1p(SHARPEST)))
        walk.go(self.solver.max_steps)
        self.paths += 1
        self.folds += len(walk.folds)
        self.crossings += len(walk.bifurcations)
        last = walk.points[-1].log_play
        self.tried.append(f"a logit path of {len(walk.points)} points: {walk.status}")
        found = min(
            [*exact_play(arrays, last), np.exp(last)],
            key=lambda row: _worse(gains(arrays, row, last)),
        )
        self.beliefs = _by_set(arrays, beliefs_of(arrays, found, last)[0])
        return found, _values(arrays, found)

    def words(self, distinct: int) -> str:
        if not self.paths:
            return "backward induction"
        words = "end of the logit path"
        if distinct > 1:
            words += f" in each of {distinct} different subgames"
        if self.folds:
            words += f", {self.folds} folds"
        if self.crossings:
            words += f", {self.crossings} bifurcations passed straight through"
        return f"{words}; others not ruled out"


def _by_set(arrays: TreeArrays, belief: np.ndarray) -> Beliefs:
    held: list[tuple[float, ...]] = [()] * (max(arrays.sets) + 1)
    for place, at in enumerate(arrays.sets):
        shares = belief[np.flatnonzero(arrays.set_of == place)]
        held[at] = tuple((shares / shares.sum()).tolist())
    return tuple(held)


def _values(arrays: TreeArrays, row: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore"):
        return np.asarray(play_out(arrays, np.maximum(np.log(row), -1e4)).values[0])


def _worse(gain: tuple[float, float]) -> tuple[bool, float]:
    """Where play leads nobody may gain; elsewhere, beliefs are known to the path's precision."""
    return gain[0] > 1e-9, gain[1]
