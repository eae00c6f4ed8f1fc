"""Action names by player or by state, and what is wrong with them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from foedus.errors import GameError
from foedus.game.builders import stochastic_game
from foedus.game.stages import Block

PAYOFFS = [np.zeros((2, 2, 2)), np.zeros((2, 1, 2))]
ROWS = [np.full((2, 2, 2), 0.5), np.full((1, 2, 2), 0.5)]


def test_names_by_state_are_kept_with_the_state() -> None:
    """The same word is the same action wherever it stands; a lone action is no choice."""
    game = stochastic_game(
        PAYOFFS, ROWS, 0.9, actions=[[["a", "b"], ["x", "y"]], [["c"], ["y", "z"]]]
    )
    block = game.structure.stages[0]
    assert isinstance(block, Block)
    assert block.action_names == (("a", "b"), ("x", "y", "z"))
    assert block.action[0].tolist() == [[0, 1], [-1, -1]]
    assert block.action[1].tolist() == [[0, 1], [1, 2]]


@pytest.mark.parametrize(
    ("actions", "words"),
    [
        ([[["a", "b"], ["x", "y"]]], "named for 1 states; the game has 2"),
        ([[["a", "b"]], [["c"], ["y", "z"]]], "actions of state 0 are named for 1 players"),
        ([[["a"], ["x", "y"]], [["c"], ["y", "z"]]], "actions of player 0 in state 0 are"),
        ([[["a", "a"], ["x", "y"]], [["c"], ["y", "z"]]], "in state 0: a stands there more than"),
        ([["a", "a"], ["x", "y"]], "actions of player 0: a stands there more than once"),
    ],
)
def test_names_that_do_not_fit_are_refused(actions: Any, words: str) -> None:
    with pytest.raises(GameError, match=words):
        stochastic_game(PAYOFFS, ROWS, 0.9, actions=actions)


def test_a_number_is_no_list_of_states() -> None:
    with pytest.raises(GameError, match="one array per state"):
        stochastic_game(3.0, ROWS, 0.9)
