"""Large games with sparse transitions: the same answers without the matrix."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sparse

from foedus.equilibrium.stochastic.arrays import StochasticArrays
from foedus.equilibrium.stochastic.batch import solve_batch
from foedus.equilibrium.stochastic.newton import raise_precision
from foedus.equilibrium.stochastic.sparse import sparse_system


def sparse_game(n_states: int, successors: int, *, ring: bool, seed: int = 0) -> StochasticArrays:
    """Two players with two and three actions; next states near by on a ring, or anywhere."""
    rng = np.random.default_rng(seed)
    rows = n_states * 6
    if ring:
        near = np.arange(n_states).repeat(6)[:, None] + np.arange(successors) - successors // 2
        ahead = near % n_states
    else:
        ahead = rng.integers(0, n_states, size=(rows, successors))
    weight = rng.exponential(size=ahead.shape)
    weight /= weight.sum(axis=1, keepdims=True)
    lines = np.repeat(np.arange(rows), successors)
    return StochasticArrays(
        payoffs=rng.random((n_states, 2, 2, 3)),
        transitions=sparse.csr_array(
            (weight.ravel(), (lines, ahead.ravel())), shape=(rows, n_states)
        ),
        discount=np.array([0.95, 0.9]),
        available=np.arange(3) < np.array([[2], [3]]) + np.zeros((n_states, 1, 1)),
        members=(0, 1),
        n_stages=2,
    )


@pytest.mark.parametrize("ring", [True, False])
@pytest.mark.parametrize("shock", [True, False])
def test_sparse_and_dense_agree(ring: bool, shock: bool) -> None:
    arrays = sparse_game(60, 4, ring=ring)
    precision = np.array([3.0, 5.0])
    system = sparse_system(arrays, precision, shock=shock)
    reached = raise_precision(system, system.start())
    assert reached.solved.all()
    table = arrays.transitions.toarray().reshape(60, 2, 3, 60)
    known = solve_batch(
        [replace(arrays, transitions=table)], precision, convention="shock" if shock else "expected"
    )
    np.testing.assert_allclose(reached.point.values, known.values, atol=1e-10)


def test_thousands_of_states() -> None:
    system = sparse_system(sparse_game(4000, 5, ring=True), np.array([3.0, 3.0]), shock=False)
    reached = raise_precision(system, system.start())
    assert reached.solved.all()
    left = system.residual(
        type(reached.point)(reached.point.action_values[0], reached.point.values[0]), 1.0
    )
    assert np.abs(left.vector).max() < 1e-9
