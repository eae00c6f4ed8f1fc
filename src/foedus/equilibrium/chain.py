"""The Markov chain that a stationary profile induces, and what playing it for ever is worth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy.sparse as sparse
import scipy.sparse.linalg as sparse_linalg
from jaxtyping import Float
from scipy.linalg import lapack

from foedus.equilibrium.evaluation import Shocks, evaluate_period
from foedus.game.game import Structure, Tables
from foedus.game.stages import Chance, Turn

DIRECT_LIMIT = 4000  # live states up to which a sparse factorisation stays cheap at any pattern
FILL_LIMIT, FEW = 1000, 16  # states above which factors fill up, if as many follow each on average
DENSE_SHARE = 0.2  # of entries that are not 0, above which a dense factorisation is faster


def reach_matrix(
    structure: Structure, tables: Tables, strategies: Sequence[Any], stage: int
) -> sparse.csr_array:
    """Probability of reaching each node of a stage from each live state, within one period.

    With `stage` equal to the number of stages: of reaching each state of the next period.
    """
    found = _reach(structure, tables, strategies, stage)
    return found if isinstance(found, sparse.csr_array) else sparse.csr_array(found)


def _reach(
    structure: Structure, tables: Tables, strategies: Sequence[Any], stage: int
) -> sparse.csr_array | np.ndarray:
    """`reach_matrix`, dense where every draw may lead anywhere."""
    matrix = None
    for position in range(stage):
        here = structure.stages[position]
        last = position + 1 == len(structure.stages)
        ahead = structure.states.n_states if last else structure.stages[position + 1].shape[0]
        weight = edge_probabilities(structure, tables, strategies, position)
        step: sparse.csr_array | np.ndarray
        if isinstance(here, Chance) and here.complete and here.shape[1] == ahead:
            step = weight
        else:
            step = edge_matrix(weight, here.successor, ahead)
            if not weight.all():
                step.eliminate_zeros()
        matrix = step if matrix is None else matrix @ step
    if matrix is None:
        return sparse.eye_array(structure.states.n_live, format="csr")
    return matrix


def edge_matrix(
    weight: Float[np.ndarray, "nodes *edges"], successor: np.ndarray, ahead: int
) -> sparse.csr_array:
    """Edges as a matrix from nodes to the `ahead` nodes they may lead to; its arrays are its own.

    Every node has as many edges as any other, so that nothing needs to be sorted or counted.
    """
    nodes = len(weight)
    edges = int(np.prod(weight.shape[1:]))
    first = np.arange(0, nodes * edges + 1, edges)
    content = (weight.ravel(), successor.ravel(), first)
    return sparse.csr_array(content, shape=(nodes, ahead), copy=True)


def edge_probabilities(
    structure: Structure, tables: Tables, strategies: Sequence[Any], position: int
) -> Float[np.ndarray, "nodes *edges"]:
    """How likely each edge of a stage is at its node; 0 on padding."""
    stage, strategy = structure.stages[position], strategies[position]
    if isinstance(stage, Chance):
        chances = np.asarray(tables.probability[position], float)
        return chances if stage.complete else np.where(stage.possible, chances, 0.0)
    if isinstance(stage, Turn):
        return np.asarray(strategy, float)
    joint = np.ones(stage.shape)
    for sigma in strategy:
        joint = joint * sigma
    return joint


def stationary_values(
    structure: Structure, tables: Tables, strategies: Sequence[Any], shocks: Shocks
) -> Float[np.ndarray, "players states"]:
    """Values of playing these strategies for ever.

    Solves $(I - δ_i P) V_i = r_i$ on the live states, by sparse factorisation where there
    are few and by BiCGSTAB, then repeated evaluation to the last digits, where there are many.
    """
    live = structure.states.n_live
    transitions = _reach(structure, tables, strategies, len(structure.stages))
    within = transitions[:, :live]
    if not isinstance(within, np.ndarray):
        within = sparse.csr_array(within)
    nothing = np.zeros((len(structure.players), structure.states.n_states))
    rewards, _ = evaluate_period(structure, tables, strategies, nothing, shocks)
    flow, discount = np.asarray(tables.flow, float), np.asarray(tables.discount, float)
    paid_at_end = transitions[:, live:] @ flow[:, live:].T
    values = np.array(flow)
    right = rewards[:, :live].T + discount * paid_at_end
    for share in np.unique(discount):
        alike = discount == share
        values[alike, :live] = _discounted(within, float(share), right[:, alike]).T
    return values


def _discounted(
    within: sparse.csr_array | np.ndarray,
    discount: float,
    right: Float[np.ndarray, "states players"],
) -> Float[np.ndarray, "states players"]:
    """Values of those who discount alike, one column each; NaN where there is no answer."""
    size = within.shape[0]
    filled = within.size if isinstance(within, np.ndarray) else within.nnz
    if size > DIRECT_LIMIT or (size > FILL_LIMIT and FEW * size < filled < DENSE_SHARE * size**2):
        rows = sparse.csr_array(within)
        return _iterated(sparse.csr_array(sparse.eye_array(size) - discount * rows), right)
    system: sparse.csc_array | np.ndarray
    if filled > DENSE_SHARE * size**2:
        full = within if isinstance(within, np.ndarray) else within.toarray()
        system = np.eye(size) - discount * full
        lower_upper, pivots, zero = lapack.dgetrf(system)

        def factors(given: np.ndarray) -> np.ndarray:
            return np.asarray(lapack.dgetrs(lower_upper, pivots, given)[0])

    else:
        system = sparse.csc_array(sparse.eye_array(size) - discount * within)
        try:
            zero, factors = 0, sparse_linalg.splu(system).solve
        except RuntimeError:
            zero = 1
    if zero:  # exactly singular: play never ends and nothing is discounted
        return np.full(right.shape, np.nan)
    solution: np.ndarray = factors(right)
    solution = solution + factors(right - system @ solution)
    singular = ~(np.abs(solution).max(axis=0) <= 1e13 * np.abs(right).max(axis=0))
    return np.where(singular, np.nan, solution)


def _iterated(
    system: sparse.csr_array, right: Float[np.ndarray, "states players"]
) -> Float[np.ndarray, "states players"]:
    columns = []
    for wanted in right.T:
        solution = np.zeros(len(wanted))
        for _ in range(20):
            gap = wanted - system @ solution
            if np.abs(gap).max() <= 1e-13 * max(1.0, np.abs(wanted).max(), np.abs(solution).max()):
                break
            change, _ = sparse_linalg.bicgstab(system, gap, rtol=1e-8, maxiter=2000)
            solution = solution + change
        columns.append(solution)
    return np.stack(columns, axis=1)
