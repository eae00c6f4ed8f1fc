"""What `stochastic_game` builds, and what it refuses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from foedus.equilibrium.logit import Logit
from foedus.equilibrium.solve import solve
from foedus.errors import GameError
from foedus.game.builders import stochastic_game

PAYOFFS = np.arange(16.0).reshape(2, 2, 2, 2)
TRANSITIONS = np.full((2, 2, 2, 2), 0.5)


def changed(array: np.ndarray, at: tuple[int, ...], value: float) -> np.ndarray:
    copy = np.array(array)
    copy[at] = value
    return copy


@pytest.mark.parametrize(
    ("payoffs", "transitions", "settings", "words"),
    [
        (changed(PAYOFFS, (1, 0, 1, 1), np.nan), TRANSITIONS, {}, r"payoffs of state 1 has nan at"),
        (
            PAYOFFS,
            changed(TRANSITIONS, (1, 0, 1, 0), np.inf),
            {},
            r"transitions of state 1 has inf",
        ),
        (
            PAYOFFS,
            changed(TRANSITIONS, (1, 0, 1, 0), 0.6),
            {},
            r"joint action \(0, 1\) add up to 1.1",
        ),
        (PAYOFFS, changed(TRANSITIONS, (0, 0, 1, 0), -0.1), {}, "below 0"),
        (PAYOFFS, TRANSITIONS[:1], {}, "payoffs have 2 states, transitions 1"),
        (PAYOFFS, TRANSITIONS[:, :1], {}, r"expected \(2, 2, 2\)"),
        (PAYOFFS[:, :1], TRANSITIONS, {}, "as many action axes as players"),
        ([], [], {}, "at least one state"),
        ([np.zeros((2, 0, 2))], [np.zeros((0, 2, 1))], {}, "player 0 has no action in state 0"),
        (PAYOFFS, TRANSITIONS, {"discount": 1.0}, "players can keep play from ending"),
        (PAYOFFS, TRANSITIONS, {"discount": (0.9, 1.2)}, "between 0 and 1"),
        (PAYOFFS, TRANSITIONS, {"discount": (0.9, 0.9, 0.9)}, "2 players"),
        (PAYOFFS, TRANSITIONS, {"precision": -1.0}, "below 0"),
        (PAYOFFS, TRANSITIONS, {"horizon": 0}, "at least one period"),
        (PAYOFFS, TRANSITIONS, {"players": ("A", "A")}, "2 different names"),
        (PAYOFFS, TRANSITIONS, {"actions": (("x",), ("x", "y"))}, "actions name"),
        (PAYOFFS, TRANSITIONS, {"terminal": np.zeros(3)}, "terminal has shape"),
        (PAYOFFS, TRANSITIONS, {"terminal": np.zeros((2, 2))}, "an infinite horizon has none"),
        (PAYOFFS, TRANSITIONS, {"horizon": 2.5}, "whole number of periods"),
        (PAYOFFS, TRANSITIONS, {"horizon": True}, "whole number of periods"),
        (PAYOFFS, TRANSITIONS, {"actions": ("xy", "xy")}, "a sequence of names for each player"),
        (PAYOFFS, TRANSITIONS, {"precision": {"A": 1.0}}, "precision is given for A"),
    ],
)
def test_mistakes_are_named_with_their_place(
    payoffs: Any, transitions: Any, settings: dict[str, Any], words: str
) -> None:
    with pytest.raises(GameError, match=words):
        stochastic_game(payoffs, transitions, **{"discount": 0.9, **settings})


def test_what_is_missing_from_a_row_ends_play() -> None:
    """1 a period, kept up with probability 0.75: 4 in all, undiscounted, exactly."""
    game = stochastic_game(np.ones((1, 1, 1)), np.full((1, 1, 1), 0.75), discount=1.0)
    assert [game.structure.states.label(s) for s in range(2)] == ["state=0", "ended"]
    assert solve(game, Logit(precision=1.0)).values[:, 0] == pytest.approx([4.0, 0.0], abs=1e-14)


def test_action_sets_may_differ_by_state() -> None:
    """In state 0 player 0 has three actions and player 1 none to choose; in state 1 the reverse."""
    payoffs = [np.zeros((2, 3, 1)), np.zeros((2, 1, 2))]
    transitions = [np.full((3, 1, 2), 0.5), np.full((1, 2, 2), 0.5)]
    game = stochastic_game(payoffs, transitions, discount=0.9)
    play = solve(game, Logit(precision=1.0)).strategies
    np.testing.assert_allclose(play[0], [[1 / 3, 1 / 3, 1 / 3], [1, 0, 0]], atol=1e-15)
    np.testing.assert_allclose(play[1], [[1, 0, 0], [1 / 2, 1 / 2, 0]], atol=1e-15)


def test_terminal_values_count_after_the_last_period() -> None:
    game = stochastic_game(
        np.zeros((2, 1, 1)),
        np.array([[[0.0, 1.0]], [[0.0, 1.0]]]),
        discount=0.5,
        horizon=3,
        terminal=np.array([[0.0], [8.0]]),
    )
    values = solve(game, Logit(precision=1.0)).value_table[:, 0]
    assert values.tolist() == [[1.0, 1.0], [2.0, 2.0], [4.0, 4.0], [0.0, 8.0]]


def test_precision_by_name_is_in_the_order_of_players() -> None:
    game = stochastic_game(
        PAYOFFS, TRANSITIONS, 0.9, players=("A", "B"), precision={"B": 2.0, "A": 1.0}
    )
    assert game.precision is not None
    assert game.precision.tolist() == [1.0, 2.0]
