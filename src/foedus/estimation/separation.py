r"""Separation: directions along which the likelihood rises for ever, found by linear programmes.

At a node where action a was taken in row n rather than b, the utility difference is linear in
the mover's own coefficients, $d_n = z_n'\delta$. If some $\delta \ne 0$ has $d_n \ge 0$ in every
row and $> 0$ in one, estimates run off to infinity (Albert and Anderson 1984). At nodes whose
actions all end the game the check is exact; above them later play is taken at its observed
frequencies, so that what is found there is a warning.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.optimize
import scipy.special

from foedus.estimation.jets import Jet, Number, variables
from foedus.estimation.likelihood import Likelihood, TreeRows
from foedus.estimation.tree import CHANCE, Node, Tree

SAMPLE = 400  # rows tried first: where these overlap, all do
NEWTON = 25  # steps towards weights that prove an overlap
CERTAIN = 0.99  # below 1, so that rounding cannot make a weight positive
DEPENDENT = 1e-12  # of the largest eigenvalue: columns that say what others say
ROUNDING = 1e-10  # of all weights: below it, their sum of rows is 0
RUNAWAY = 200.0  # of a coefficient of a column scaled to 1: further out lies separation


@dataclass(frozen=True, kw_only=True)
class Separated:
    """One separated choice: whose, where, by what, and whether for certain."""

    player: str
    node: str
    columns: tuple[str, ...]
    complete: bool
    exact: bool

    def __str__(self) -> str:
        kind = "perfectly" if self.complete else "in part"
        given = "" if self.exact else ", given later play as observed on average"
        return (
            f"{', '.join(self.columns)} predict {kind} what {self.player} does at `{self.node}`"
            f"{given}: the estimate is infinite"
        )


def separated(likelihood: Likelihood) -> tuple[Separated, ...]:
    """All separated choices of a tree."""
    rows = likelihood.rows
    if not isinstance(rows, TreeRows) or len(set(rows.outcome_of)) < len(rows.outcome_of):
        return ()
    tree = rows.payoffs.tree
    counts = rows.counts * (likelihood.weights > 0)[:, None]
    reached = _frequencies(tree, rows, counts)
    found = []
    for position, node in enumerate(tree.nodes):
        if node.player == CHANCE:
            continue
        sides = _sides(likelihood, rows, node, position, counts, reached)
        if sides is None:
            continue
        pieces, columns = sides
        direction = _direction(pieces)
        if direction is None:
            continue
        ahead = np.concatenate(pieces) @ direction
        named = [columns[i] for i in np.flatnonzero(np.abs(direction) > 1e-7)]
        found.append(
            Separated(
                player=tree.players[node.player],
                node=node.name if node.name not in tree.players else "/".join(node.actions),
                columns=tuple(named),
                complete=bool((ahead > 1e-9).all()),
                exact=all(child < 0 for child in node.children),
            )
        )
    return tuple(found)


def _frequencies(tree: Tree, rows: TreeRows, counts: np.ndarray) -> np.ndarray:
    """How often each ending occurred, never quite 0."""
    frequency = np.zeros(len(tree.terminals))
    for terminal, outcome in enumerate(rows.outcome_of):
        frequency[terminal] = counts[:, outcome].sum() + 0.5
    return frequency


def _sides(
    likelihood: Likelihood,
    rows: TreeRows,
    node: Node,
    position: int,
    counts: np.ndarray,
    frequency: np.ndarray,
) -> tuple[list[np.ndarray], list[str]] | None:
    """The rows z_n of every choice made here, and the names of its columns."""
    tree = rows.payoffs.tree
    below = [sorted(tree.below(child)) for child in node.children]
    zero = np.zeros((len(likelihood.forms), 1))
    utilities, _ = rows.payoffs.at(likelihood.named(variables(zero)))
    values: list[Number] = []
    for terminals in below:
        share = frequency[terminals] / frequency[terminals].sum()
        total: Number = 0.0
        for terminal, weight in zip(terminals, share, strict=True):
            total = total + utilities.get((node.player, terminal), 0.0) * float(weight)
        values.append(total)
    if any(isinstance(v, Jet) and any(np.any(h) for h in v.hessian.values()) for v in values):
        return None
    moved = sorted({f for v in values if isinstance(v, Jet) for f in v.gradient})
    if not moved:
        return None
    columns = [
        f"{likelihood.forms[f].name}:{c}" for f in moved for c in likelihood.forms[f].columns
    ]
    pieces: list[np.ndarray] = []
    taken = [
        np.flatnonzero(sum(counts[:, rows.outcome_of[t]] for t in terminals) > 0)
        for terminals in below
    ]
    for a, chosen in enumerate(taken):
        pieces += [
            _difference(likelihood, values[a] - values[b], moved, chosen)
            for b in range(len(values))
            if b != a and len(chosen)
        ]
    return (pieces, columns) if pieces else None


def _difference(
    likelihood: Likelihood, difference: Number, moved: Sequence[int], chosen: np.ndarray
) -> np.ndarray:
    gradient = difference.gradient if isinstance(difference, Jet) else {}
    return np.concatenate(
        [
            float(np.reshape(gradient.get(f, 0.0), -1)[0]) * likelihood.forms[f].design[chosen]
            for f in moved
        ],
        axis=1,
    )


def _direction(pieces: list[np.ndarray]) -> np.ndarray | None:
    """A direction with z'δ >= 0 everywhere and > 0 somewhere, if there is one.

    A linear programme decides where a quick proof that there is none has not been found. Rows of
    every choice are tried first, a few of each: where these overlap, all do.
    """
    matrix = np.concatenate(pieces)
    scale = np.abs(matrix).max(axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    if overlapping(matrix / scale):
        return None
    if len(matrix) > SAMPLE * len(pieces):
        rng = np.random.default_rng(0)
        few = [
            piece[rng.choice(len(piece), SAMPLE, replace=False)] if len(piece) > SAMPLE else piece
            for piece in pieces
        ]
        sample = np.concatenate(few) / scale
        if np.linalg.matrix_rank(sample) == sample.shape[1] and _solved(sample) is None:
            return None
    found = _solved(matrix / scale)
    return None if found is None else found / scale


def overlapping(matrix: np.ndarray) -> bool:
    r"""Whether weights prove that nothing is separated; False where they were not found.

    If positive weights $\lambda$ have $Z' \lambda = 0$, then $Z \delta \ge 0$ is 0 in every row:
    its weighted sum would be positive otherwise (Gordan 1873). Weights are sought on the way to
    the maximum of the logit $\sum_n \log \Lambda(z_n' \delta)$, whose score is $Z'w$ with
    $w = \Lambda(-Z\delta)$; $\lambda_n = w_n (1 - z_n'a)$ with $a = (Z'WZ)^{+} Z'w$ has
    $Z'\lambda = 0$, and is positive once every $z_n'a < 1$.
    """
    delta = np.zeros(matrix.shape[1])
    for _ in range(NEWTON):
        weights = scipy.special.expit(-(matrix @ delta))
        score = matrix.T @ weights
        gram = matrix.T @ (matrix * weights[:, None])
        within = matrix @ _least(gram, score)
        if within.max() < CERTAIN:
            left = matrix.T @ (weights * (1.0 - within))
            return bool(np.abs(left).max() <= ROUNDING * weights.sum())
        bend = matrix.T @ (matrix * (weights * (1.0 - weights))[:, None])
        delta = delta + _least(bend, score)
        if not np.abs(delta).max() < RUNAWAY:
            return False
    return False


def _least(gram: np.ndarray, right: np.ndarray) -> np.ndarray:
    """The shortest solution of a symmetric system that may be singular."""
    values, vectors = np.linalg.eigh(gram)
    kept = values > DEPENDENT * values[-1]
    inner = vectors[:, kept].T @ right
    shortest: np.ndarray = vectors[:, kept] @ (inner / values[kept])
    return shortest


def _solved(matrix: np.ndarray) -> np.ndarray | None:
    answer = scipy.optimize.linprog(
        -matrix.sum(axis=0), A_ub=-matrix, b_ub=np.zeros(len(matrix)), bounds=(-1.0, 1.0),
        method="highs",
    )  # fmt: skip
    if answer.status != 0 or -answer.fun <= 1e-7 * max(
        1.0, float(np.abs(matrix).sum(axis=0).max())
    ):
        return None
    direction: np.ndarray = np.where(np.abs(answer.x) > 1e-9, answer.x, 0.0)
    return direction
