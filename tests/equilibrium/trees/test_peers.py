"""Games that the peers write are read and solved: poker with three cards, and Gambit's own text."""

from __future__ import annotations

from random import Random

import pytest

import foedus as fd
from foedus.game.trees import ExtensiveGame, game_text, parse_game
from foedus.testing.trees import random_tree

from .gambit_oracle import gambit_game


def _kuhn() -> ExtensiveGame:
    """Kuhn's poker as OpenSpiel exports it, with probabilities of sixteen digits."""
    import pyspiel
    from open_spiel.python.algorithms.gambit import export_gambit

    found = parse_game(export_gambit(pyspiel.load_game("kuhn_poker")))
    assert isinstance(found, ExtensiveGame)
    return found


def test_kuhn_s_poker_is_worth_minus_one_eighteenth() -> None:
    kuhn = _kuhn()
    found = fd.solve(kuhn)
    assert found.values == pytest.approx([-1 / 18, 1 / 18], abs=1e-9)
    assert found.concept == "sequential"
    assert found.certificate.player_regret == pytest.approx(0.0, abs=1e-9)


def test_what_gambit_writes_is_the_same_game() -> None:
    for seed in range(5):
        tree = random_tree(Random(seed), inner=True)
        text = gambit_game(tree).to_efg()
        again = parse_game(text)
        assert isinstance(again, ExtensiveGame)
        assert [again.collected[leaf] for leaf in again.leaves] == [
            tree.collected[leaf] for leaf in tree.leaves
        ]
        assert again.members == tree.members
        assert parse_game(game_text(again)).players == tree.players
