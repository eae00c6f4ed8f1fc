"""Logit play of a tree at a given precision, subgame by subgame."""

from __future__ import annotations

import time

import numpy as np

from foedus.equilibrium.logit import Logit, precision_by_player
from foedus.equilibrium.trees.arrays import TreeArrays
from foedus.equilibrium.trees.evidence import certify_tree
from foedus.equilibrium.trees.following import Course, Walk
from foedus.equilibrium.trees.result import TreeEquilibrium
from foedus.equilibrium.trees.subgames import Solved, solve_subgames
from foedus.equilibrium.trees.system import log_response, play_out
from foedus.errors import GameError, SolveError
from foedus.game.trees.shape import recall_of
from foedus.game.trees.tree import ExtensiveGame

MAX_STEPS = 5000  # of one path
MOST_CHOICES = 1500  # of one subgame, where systems are dense


def solve_logit(
    game: ExtensiveGame, solver: Logit | None = None, *, throw: bool = True
) -> TreeEquilibrium:
    """Agent-logit play at a precision: in every subgame, the branch that begins at uniform play.

    Raises `GameError` for settings that do not fit and trees it cannot solve, `SolveError` where
    the certificate does not pass.
    """
    solver = solver or Logit()
    if solver.convention == "shock":
        raise GameError("trees are solved with expected values; convention='shock' is not for them")
    precision = precision_by_player(game, solver.precision, "expected")
    require_solvable(game)
    started = time.perf_counter()
    run = _Subgames(precision)
    rows, values, distinct = solve_subgames(game, run.solve)
    log_play = [
        np.log(np.maximum([float(c) for c in one.probabilities], 1e-300)).tolist()
        if one.probabilities is not None
        else np.asarray(row).tolist()
        for one, row in zip(game.sets, rows, strict=True)
    ]
    play = tuple(tuple(np.exp(row).tolist()) for row in log_play)
    certificate = certify_tree(
        game,
        play,
        log_play=log_play,
        precision=precision.tolist(),
        values=values.tolist(),
        solved=not run.failed,
        selection=run.selection(distinct),
        tried=tuple(run.failed) or (f"{run.points} points on {run.paths} paths",),
    )
    equilibrium = TreeEquilibrium(
        game=game,
        solver=solver,
        play=play,
        certificate=certificate,
        precision=precision,
        rationality=None,
        found_by=f"logit paths in {distinct} different subgames",
        seconds=time.perf_counter() - started,
    )
    if throw and not certificate.passed:
        raise SolveError(
            f"no certified equilibrium of {game.title or 'the tree'}: {certificate}",
            last=equilibrium,
            certificate=certificate,
            hints=("a lower precision", "trace(tree), to see where its path leads"),
        )
    return equilibrium


def require_solvable(game: ExtensiveGame) -> None:
    """Raises `GameError` for a tree without decisions or with absent-minded players."""
    if not any(True for _ in game.decisions):
        raise GameError("nobody chooses anything in this tree")
    recall = recall_of(game)
    if recall.absent:
        raise GameError(
            f"{recall.words(game)}: one play passes the set twice, so its agent has no beliefs by "
            "Bayes' rule; give the two nodes sets of their own"
        )


def require_small(arrays: TreeArrays) -> None:
    """Raises `GameError` where a dense system would not fit."""
    cells = len(arrays.parent) * arrays.payoffs.shape[1] * arrays.n_choices
    if arrays.n_choices > MOST_CHOICES or cells > 2**28:
        raise GameError(
            f"a part of the tree without subgames has {arrays.n_choices:,} choices at "
            f"{len(arrays.sets):,} information sets; foedus solves up to {MOST_CHOICES:,} at once"
        )


class _Subgames:
    """Solves subgames one after another, and keeps count."""

    def __init__(self, precision: np.ndarray) -> None:
        self.precision = precision
        self.paths = self.points = self.folds = self.crossings = 0
        self.failed: list[str] = []

    def solve(self, arrays: TreeArrays) -> Solved:
        nothing = np.zeros(arrays.n_choices)
        if not len(arrays.sets):
            return nothing, play_out_draws(arrays)
        if len(arrays.sets) == 1 and (arrays.set_of >= 0).sum() == 1:
            # One choice at one node: its answer is at hand.
            earned = play_out(arrays, log_response(arrays, nothing)).action_values
            row = log_response(arrays, self.precision[arrays.mover] * earned)
            return row, play_out(arrays, row).values[0]
        if not self.precision.any():
            row = log_response(arrays, nothing)
            return row, play_out(arrays, row).values[0]
        require_small(arrays)
        walk = follow(arrays, self.precision)
        self.paths += 1
        self.points += len(walk.points)
        self.folds += len(walk.folds)
        self.crossings += len(walk.bifurcations)
        if not walk.complete:
            self.failed.append(walk.status)
        row = walk.points[-1].log_play
        return row, play_out(arrays, row).values[0]

    def selection(self, distinct: int) -> str:
        if not self.paths:
            return "unique: everybody knows all that was done before"
        words = "principal branch in every subgame" if distinct > 1 else "principal branch"
        if self.folds:
            words += f", {self.folds} folds"
        if self.crossings:
            words += f", {self.crossings} bifurcations passed straight through"
        return f"{words}; uniqueness not shown"


def follow(arrays: TreeArrays, precision: np.ndarray, max_steps: int = MAX_STEPS) -> Walk:
    """The path to a precision, in whose proportions it goes up."""
    course = Course(arrays, precision / precision.max())
    walk = Walk(course, course.coordinate(float(precision.max())))
    walk.go(max_steps)
    return walk


def play_out_draws(arrays: TreeArrays) -> np.ndarray:
    """What a part in which only nature moves is worth."""
    weight, values = np.exp(arrays.chance), arrays.payoffs.copy()
    for level in arrays.levels[:0:-1]:
        np.add.at(values, arrays.parent[level], weight[level, None] * values[level])
    return np.asarray(values[0])
