"""Large games with sparse transitions: the same answers without the matrix."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sparse

from foedus.equilibrium.logit import Logit
from foedus.equilibrium.solve import solve
from foedus.equilibrium.stochastic import flattened, leaping, simultaneous
from foedus.equilibrium.stochastic.arrays import StochasticArrays
from foedus.equilibrium.stochastic.batch import solve_batch
from foedus.equilibrium.stochastic.certificates import certify_batch
from foedus.equilibrium.stochastic.leaping import SHORTEST_CLIMB, leap_folds
from foedus.equilibrium.stochastic.newton import raise_precision
from foedus.equilibrium.stochastic.sparse import sparse_system
from foedus.errors import SolveError
from foedus.game.builders import stochastic_game
from foedus.game.game import Game


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


def test_folds_of_large_games_are_leapt() -> None:
    """At precision 10 the branch from uniform play turns back; the answer lies on another."""
    arrays = sparse_game(250, 5, ring=False)
    precision = np.array([10.0, 10.0])
    system = sparse_system(arrays, precision, shock=False)
    reached = raise_precision(system, system.start(), shortest=SHORTEST_CLIMB)
    assert not reached.solved[0]
    assert 0.1 < reached.share[0] < 1.0
    leapt = leap_folds(system, system, reached)
    assert leapt.leaps >= 1
    assert leapt.reached.solved[0]
    point = leapt.reached.point
    play = system.response.strategies(point.action_values)  # type: ignore[attr-defined]
    table = arrays.transitions.toarray().reshape(1, 250, 2, 3, 250)
    certificates = certify_batch(
        replace(stack_of(arrays), transitions=table),
        play,
        precision=precision[None],
        values=point.values,
        solved=leapt.reached.solved,
    )
    assert certificates.passed.all()


def stack_of(arrays: StochasticArrays) -> StochasticArrays:
    """With an axis of one draw, but for the transitions."""
    return replace(
        arrays,
        payoffs=arrays.payoffs[None],
        discount=arrays.discount[None],
        available=arrays.available[None],
    )


def large_game(n_states: int) -> Game:
    """Five next states of each, for the solver's own choice of the sparse route."""
    rng = np.random.default_rng(0)
    ahead = np.zeros((n_states, 2, 3, n_states))
    columns = rng.integers(0, n_states, size=(n_states, 2, 3, 5))
    np.put_along_axis(ahead, columns, rng.exponential(size=columns.shape), axis=-1)
    ahead /= ahead.sum(axis=-1, keepdims=True)
    return stochastic_game(rng.random((n_states, 2, 2, 3)), ahead, (0.95, 0.9))


def test_a_large_game_that_is_not_solved_says_what_to_try(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the limits of a small game, so that the route for large ones is taken."""
    monkeypatch.setattr(flattened, "DENSE_ENTRIES", 1000)
    monkeypatch.setattr(simultaneous, "DENSE_UNKNOWNS", 100)
    game = large_game(250)
    found = solve(game, Logit(precision=10.0))
    assert found.certificate.passed
    assert "not the principal branch" in found.certificate.selection
    monkeypatch.setattr(leaping, "LEAPS", 0)
    with pytest.raises(SolveError, match="did not reach a fixed point") as refusal:
        solve(game, Logit(precision=10.0))
    assert "a lower precision" in str(refusal.value)
    assert "of the full one" in refusal.value.certificate.tried[-1]
