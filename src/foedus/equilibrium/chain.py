"""The Markov chain that a stationary profile induces, and what playing it for ever is worth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy.sparse as sparse
import scipy.sparse.linalg as sparse_linalg
from jaxtyping import Float

from foedus.equilibrium.evaluation import Shocks, evaluate_period
from foedus.game.game import Structure, Tables
from foedus.game.stages import Chance, Turn

DIRECT_LIMIT = 4000  # live states up to which a sparse factorisation stays cheap at any pattern


def reach_matrix(
    structure: Structure, tables: Tables, strategies: Sequence[Any], stage: int
) -> sparse.csr_array:
    """Probability of reaching each node of a stage from each live state, within one period.

    With `stage` equal to the number of stages: of reaching each state of the next period.
    """
    matrix = sparse.eye_array(structure.states.n_live, format="csr")
    for position in range(stage):
        last = position + 1 == len(structure.stages)
        ahead = structure.states.n_states if last else structure.stages[position + 1].shape[0]
        weight = edge_probabilities(structure, tables, strategies, position)
        nodes = np.repeat(np.arange(len(weight)), int(np.prod(weight.shape[1:])))
        successor = structure.stages[position].successor
        step = sparse.csr_array(
            (weight.ravel(), (nodes, successor.ravel())), shape=(len(weight), ahead)
        )
        step.eliminate_zeros()
        matrix = matrix @ step
    return sparse.csr_array(matrix)


def edge_probabilities(
    structure: Structure, tables: Tables, strategies: Sequence[Any], position: int
) -> Float[np.ndarray, "nodes *edges"]:
    """How likely each edge of a stage is at its node; 0 on padding."""
    stage, strategy = structure.stages[position], strategies[position]
    if isinstance(stage, Chance):
        chances = np.asarray(tables.probability[position], float)
        return np.where(stage.possible, chances, 0.0)
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
    transitions = reach_matrix(structure, tables, strategies, len(structure.stages))
    within = sparse.csr_array(transitions[:, :live])
    nothing = np.zeros((len(structure.players), structure.states.n_states))
    rewards, _ = evaluate_period(structure, tables, strategies, nothing, shocks)
    flow, discount = np.asarray(tables.flow, float), np.asarray(tables.discount, float)
    paid_at_end = transitions[:, live:] @ flow[:, live:].T
    values = np.array(flow)
    for player in range(len(structure.players)):
        right = rewards[player, :live] + discount[player] * paid_at_end[:, player]
        values[player, :live] = _discounted(within, float(discount[player]), right)
    return values


def _discounted(within: sparse.csr_array, discount: float, right: np.ndarray) -> np.ndarray:
    size = within.shape[0]
    system = sparse.csc_array(sparse.eye_array(size) - discount * within)
    if size <= DIRECT_LIMIT:
        try:
            factors = sparse_linalg.splu(system)
        except RuntimeError:  # exactly singular: play never ends and nothing is discounted
            return np.full(size, np.nan)
        solution: np.ndarray = factors.solve(right)
        solution += factors.solve(right - system @ solution)
        singular = np.abs(solution).max() > 1e13 * np.abs(right).max()
        return np.full(size, np.nan) if singular else solution
    system = sparse.csr_array(system)
    solution = np.zeros(size)
    for _ in range(20):
        gap = right - system @ solution
        if np.abs(gap).max() <= 1e-13 * max(1.0, np.abs(right).max(), np.abs(solution).max()):
            break
        change, _ = sparse_linalg.bicgstab(system, gap, rtol=1e-8, maxiter=2000)
        solution = solution + change
    return solution
