"""Lumping: what is told apart stays apart, what is not becomes one, and strategies carry over."""

from __future__ import annotations

import numpy as np

from foedus.game.game import StateSpace, Structure
from foedus.game.lumping import lump
from foedus.game.pooled import ONE, ZERO, PooledMeasure, PooledTables
from foedus.game.stages import Chance, Turn

HALF, COST = 2, 3  # rows of the pool


def structure() -> Structure:
    """One state; four actions lead to four nodes, each of which leads back."""
    return Structure(
        players=("A",),
        player_labels=("A",),
        states=StateSpace(
            factors=("x",), levels=(("here",),), codes=np.zeros((1, 1), np.int16), n_live=1
        ),
        stages=(
            Turn(
                name="A",
                mover=np.zeros(1, np.int32),
                action=np.arange(4, dtype=np.int32)[None],
                action_names=("a", "b", "c", "d"),
                available=np.ones((1, 4), bool),
                successor=np.arange(4, dtype=np.int32)[None],
            ),
            Chance(
                name="luck",
                successor=np.zeros((4, 2), np.int32),
                possible=np.array([[True, True]] * 3 + [[True, False]]),
            ),
        ),
        horizon=2,
        starts={},
    )


def tables(paid: list[int]) -> PooledTables:
    return PooledTables(
        discount=np.array([HALF]),
        flow=np.zeros((1, 1), np.int32),
        terminal=np.zeros((1, 1), np.int32),
        payoff=({}, {0: np.array([paid, [ZERO] * 4])}),
        probability=(None, np.array([[HALF, HALF, HALF, ONE], [HALF, HALF, HALF, ZERO]])),
    )


def test_nodes_that_pay_alike_are_one() -> None:
    found = lump(structure(), tables([COST, COST, ZERO, COST]), {})
    assert found.node[1].tolist() == [0, 0, 1, 2]
    assert found.structure.stages[0].successor.tolist() == [[0, 0, 1, 2]]
    assert found.structure.stages[1].shape == (3, 2)
    assert found.tables.payoff[1][0].tolist() == [[COST, ZERO, COST], [ZERO] * 3]
    chances = np.asarray(found.tables.probability[1])
    assert chances.tolist() == [[HALF, HALF, ONE], [HALF, HALF, ZERO]]


def test_what_is_counted_keeps_nodes_apart() -> None:
    count = np.array([[ZERO, ONE, ZERO, ZERO], [ZERO] * 4])
    counted = {"b": PooledMeasure(flow=np.zeros(1, np.int32), stages=(None, count))}
    found = lump(structure(), tables([COST, COST, ZERO, COST]), counted)
    assert found.node[1].tolist() == [0, 1, 2, 3]
    assert np.asarray(found.measures["b"].stages[1]).tolist() == count.tolist()


def test_states_are_never_lumped() -> None:
    found = lump(structure(), tables([ZERO] * 4), {})
    assert [node.tolist() for node in found.node] == [[0], [0, 0, 0, 1]]
    assert found.structure.states.n_states == 1
