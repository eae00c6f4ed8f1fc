"""Unrolled games: as large as said, with the rules' information, worth what the game is worth."""

from __future__ import annotations

import numpy as np
import pytest

import foedus as fd
from foedus.errors import GameError, QueryError
from foedus.game.trees.shape import recall_of
from foedus.game.trees.unroll import count_nodes

RNG = np.random.default_rng(5)


def _game(periods: int | None, discount: float = 0.9) -> fd.Game:
    payoffs = RNG.integers(-5, 6, size=(2, 2, 2, 3)).astype(float)
    chances = np.concatenate([np.full((2, 2, 3, 1), 0.3), np.full((2, 2, 3, 1), 0.6)], axis=-1)
    return fd.stochastic_game(
        payoffs,
        chances,
        discount,
        horizon=periods,
        states=["calm", "tense"],
        actions=[["a", "b"], ["x", "y", "z"]],
        terminal=[[1.0, 2.0], [3.0, 4.0]] if periods else None,
    )


@pytest.mark.parametrize("periods", [1, 2])
def test_a_tree_is_as_large_as_said_beforehand(periods: int) -> None:
    game = _game(periods)
    tree = fd.unroll(game)
    begin = next(iter(game.structure.starts.values()))
    assert len(tree.nodes) == count_nodes(game, begin, periods)
    assert recall_of(tree).perfect
    with pytest.raises(GameError, match=rf"would have {len(tree.nodes):,} nodes; the limit is 9"):
        fd.unroll(game, most_nodes=9)


def test_nash_play_of_the_tree_pays_what_the_game_pays_with_any_discount() -> None:
    game = _game(2)
    tree = fd.unroll(game)
    sharp = fd.solve(game, fd.Logit(precision=400.0))
    assert fd.solve(tree, fd.Logit(precision=400.0)).values == pytest.approx(
        sharp.values[0], abs=0.05
    )


def test_logit_play_is_the_same_without_discounting() -> None:
    game = _game(2, discount=1.0)
    tree = fd.unroll(game)
    for precision in (0.3, 2.0):
        values = fd.solve(game, fd.Logit(precision=precision)).values[0]
        assert fd.solve(tree, fd.Logit(precision=precision)).values == pytest.approx(
            values, abs=1e-12
        )


def test_moves_at_once_are_hidden_and_named() -> None:
    tree = fd.unroll(_game(1))
    second = [at for at in tree.decisions if tree.sets[at].player == 1]
    assert len(second) == 1
    assert len(tree.members[second[0]]) == 2
    assert tree.sets[second[0]].actions == ("x", "y", "z")
    assert tree.sets[second[0]].label == "player 1, period 1, history 1"
    draw = next(one for one in tree.sets if one.player is None)
    assert draw.probabilities is not None
    assert [str(chance) for chance in draw.probabilities] == ["3/10", "3/5", "1/10"]
    assert draw.actions[:2] == ("state=calm", "state=tense")


def test_a_stationary_game_needs_a_number_of_periods() -> None:
    with pytest.raises(GameError, match="no last period"):
        fd.unroll(_game(None))
    assert len(fd.unroll(_game(None), periods=1).nodes) > 1
    with pytest.raises(GameError, match="1 to 2 periods, not 3"):
        fd.unroll(_game(2), periods=3)
    with pytest.raises(QueryError, match="no start 'war'; there are calm"):
        fd.unroll(_game(2), start="war")
