"""Arrays that are no game are refused, each with the place of the mistake."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sparse

from foedus.equilibrium.stochastic.arrays import StochasticArrays, stack
from foedus.equilibrium.stochastic.batch import solve_batch
from foedus.equilibrium.stochastic.checking import check_arrays
from foedus.errors import GameError


def game() -> StochasticArrays:
    """Two states, two players with two and three actions."""
    rng = np.random.default_rng(0)
    weight = rng.exponential(size=(2, 2, 3, 2))
    return StochasticArrays(
        payoffs=rng.random((2, 2, 2, 3)),
        transitions=weight / weight.sum(axis=-1, keepdims=True),
        discount=np.array([0.9, 0.8]),
        available=np.broadcast_to(np.arange(3) < np.array([[2], [3]]), (2, 2, 3)),
        members=(0, 1),
        n_stages=2,
    )


def changed(part: str, at: tuple[int, ...], value: float) -> StochasticArrays:
    arrays = game()
    copy = np.array(getattr(arrays, part))
    copy[at] = value
    return replace(arrays, **{part: copy})


MISTAKES = [
    (changed("payoffs", (1, 0, 1, 2), np.nan), r"payoffs are not finite: state 1, player 0, at"),
    (changed("transitions", (0, 1, 2, 0), np.inf), r"not finite: state 0, at \(1, 2, 0\)"),
    (changed("transitions", (0, 1, 2, 0), -0.1), r"negative or not finite: state 0"),
    (changed("transitions", (1, 0, 1, 1), 0.999), r"add up to more than 1: state 1, at \(1,\)"),
    (changed("discount", (1,), 1.5), r"discount of player 1 is 1.5"),
    (changed("discount", (0,), np.nan), r"discount of player 0 is nan"),
    (changed("discount", (0,), 1.0), r"play never ends"),
    (changed("available", (1, 0), False), r"there is no action: state 1, player 0"),
    (replace(game(), payoffs=np.zeros((2, 3, 2, 3))), r"payoffs have shape \(2, 3, 2, 3\)"),
    (replace(game(), transitions=np.zeros((2, 2, 3, 3))), r"transitions have shape"),
    (replace(game(), available=np.ones((2, 2, 2), bool)), r"available has shape"),
]


@pytest.mark.parametrize(("arrays", "words"), MISTAKES)
def test_mistakes_are_named_with_their_place(arrays: StochasticArrays, words: str) -> None:
    for handed in (arrays, [arrays]):
        with pytest.raises(GameError, match=words):
            solve_batch(handed, 1.0)


def test_the_draw_is_named_too() -> None:
    batch = stack([game(), game()])
    payoffs = batch.payoffs.copy()
    payoffs[1, 0, 1, 0, 0] = np.nan
    with pytest.raises(GameError, match="draw 1, state 0, player 1"):
        solve_batch(replace(batch, payoffs=payoffs), 1.0)
    discount = np.array([[0.9, 0.9], [0.9, -0.1]])
    with pytest.raises(GameError, match=r"discount of player 1 in draw 1 is -0\.1"):
        solve_batch(replace(batch, discount=discount), 1.0)


def test_sparse_transitions_are_checked() -> None:
    arrays = game()
    table = np.asarray(arrays.transitions).reshape(12, 2)
    check_arrays(replace(arrays, transitions=sparse.csr_array(table)))
    for factor in (np.nan, 1.1, -1.0):
        with pytest.raises(GameError, match="transitions"):
            check_arrays(replace(arrays, transitions=sparse.csr_array(factor * table)))


def test_a_discount_of_1_is_fine_where_play_ends() -> None:
    arrays = game()
    ending = replace(arrays, transitions=0.9 * np.asarray(arrays.transitions), discount=np.ones(2))
    assert solve_batch(ending, 1.0).passed.all()
