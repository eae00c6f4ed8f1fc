"""The draws after a joint move as one table: what they pay, and where they lead."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sparse

from foedus.game.game import Structure, Tables
from foedus.game.stages import Chance

DENSE_ENTRIES = 2**22  # of the transition table; a larger one is kept sparse if most of it is 0
DENSE_SHARE = 0.1  # of entries that are not 0, from which on dense arithmetic is faster


def drawn(
    structure: Structure, tables: Tables, joint: np.ndarray
) -> tuple[np.ndarray, np.ndarray | sparse.csr_array]:
    """What the draws after the joint moves pay, (players, joint), and where they lead."""
    count = len(joint)
    paid = np.zeros((len(structure.players), structure.states.n_states))
    rows: np.ndarray | sparse.csr_array | None = None
    for position in range(len(structure.stages) - 1, 0, -1):
        stage = structure.stages[position]
        assert isinstance(stage, Chance)
        probability, own = np.asarray(tables.probability[position], float), tables.payoff[position]
        width = paid.shape[1]
        step: np.ndarray | sparse.csr_array
        if stage.complete and stage.shape[1] == width:
            step = probability
        else:
            probability = np.where(stage.possible, probability, 0.0)
            step = _matrix(probability, stage.successor, width, count)
        if own is None:
            paid = (step @ paid.T).T
        else:
            following = np.take(paid, stage.successor, axis=1)
            following = following + np.where(stage.possible, np.asarray(own, float), 0.0)
            paid = np.einsum("no,pno->pn", probability, following)
        rows = step if rows is None else step @ rows
    if rows is None:
        rows = _matrix(np.ones((count, 1)), joint[:, None], structure.states.n_states, count)
    elif len(joint) != rows.shape[0] or (joint != np.arange(len(joint))).any():
        rows = rows[joint]
    return np.take(paid, joint, axis=1), rows


def _matrix(
    probability: np.ndarray, successor: np.ndarray, width: int, rows: int
) -> np.ndarray | sparse.csr_array:
    """Row n leads to column `successor[n, o]` with `probability[n, o]`.

    Dense where a table of `rows` rows is small or mostly filled.
    """
    nodes = len(probability)
    filled = np.count_nonzero(probability) / max(1, nodes * width)
    if rows * width <= DENSE_ENTRIES or filled >= DENSE_SHARE:
        flat = successor + width * np.arange(nodes)[:, None]
        return np.bincount(flat.ravel(), probability.ravel(), nodes * width).reshape(nodes, width)
    lines = np.repeat(np.arange(nodes), probability.shape[1])
    matrix = sparse.csr_array(
        (probability.ravel(), (lines, successor.ravel())), shape=(nodes, width)
    )
    matrix.eliminate_zeros()
    return matrix
