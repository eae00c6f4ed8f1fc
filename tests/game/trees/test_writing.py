"""Written games read back as they were, and as Gambit and OpenSpiel read them."""

from __future__ import annotations

import io
import warnings
from fractions import Fraction
from pathlib import Path
from random import Random

import pytest

import foedus as fd
from foedus.errors import GameError
from foedus.game.trees import ExtensiveGame, Growth, StrategicGame, game_text, parse_game
from foedus.game.trees.strategies import strategic_form
from foedus.testing.trees import random_tree

AWKWARD = [Fraction(1, 3), Fraction(-7, 2**40), Fraction(10**12 + 1, 10**11), Fraction(0)]


def _gambit(text: str) -> object:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pygambit
    read = pygambit.read_efg if text.startswith("EFG") else pygambit.read_nfg
    return read(io.StringIO(text))


@pytest.mark.parametrize("seed", range(10))
def test_a_round_trip_changes_nothing(seed: int) -> None:
    tree = random_tree(Random(seed), players=1 + seed % 3)
    again = parse_game(game_text(tree))
    assert isinstance(again, ExtensiveGame)
    assert [again.collected[leaf] for leaf in again.leaves] == [
        tree.collected[leaf] for leaf in tree.leaves
    ]
    assert [one.probabilities for one in again.sets] == [one.probabilities for one in tree.sets]
    assert [one.actions for one in again.sets] == [one.actions for one in tree.sets]
    assert again.members == tree.members
    assert parse_game(game_text(again)) == again


@pytest.mark.parametrize("seed", range(5))
def test_gambit_and_openspiel_read_what_is_written(seed: int) -> None:
    import pyspiel

    tree = random_tree(Random(seed), players=2, inner=True)
    text = game_text(tree)
    game = _gambit(text)
    assert len(game.players) == 2  # type: ignore[attr-defined]
    spiel = pyspiel.load_efg_game(text)
    assert spiel.num_players() == 2
    paid = {tuple(map(float, tree.collected[leaf])) for leaf in tree.leaves}
    assert spiel.max_utility() == max(max(row) for row in paid)
    assert spiel.min_utility() == min(min(row) for row in paid)


def test_awkward_numbers_survive_both_peers() -> None:
    import pyspiel

    growth = Growth(["A", "B"])
    growth.draw(["x", "y"], [Fraction(1, 3), Fraction(2, 3)])
    growth.choose("A", ["u", 'the "bold" one'])
    growth.end(AWKWARD[:2])
    growth.end(AWKWARD[2:])
    growth.end([1, 2])
    text = game_text(growth.finish(title='a "quoted" \\ title'))
    assert "the 'bold' one" in text
    game = parse_game(text)
    assert isinstance(game, ExtensiveGame)
    assert list(game.collected[2]) == AWKWARD[:2]
    state = pyspiel.load_efg_game(text).new_initial_state()
    state.apply_action(0)
    state.apply_action(1)
    assert state.returns() == [float(AWKWARD[2]), 0.0]
    assert len(_gambit(text).players) == 2  # type: ignore[attr-defined]


def test_labels_that_gambit_refuses_are_left_out() -> None:
    text = 'EFG 2 R "x" { "A" }\np "n" 1 1 "s" { "u" "d" } 0\np "n" 1 2 "s" { "u" "d" } 0\n'
    ends = 't "n" 1 "o" { 1 }\nt "m" 2 "o" { 2 }\nt "" 1\n'
    written = game_text(parse_game(text + ends))
    assert '"s"' not in written
    assert '"n"' not in written
    assert '"m"' in written
    assert written.count('"o"') == 2  # the outcome that stands twice keeps its name
    assert len(_gambit(written).players) == 1  # type: ignore[attr-defined]


def test_a_table_is_written_as_both_read_it() -> None:
    import pyspiel

    table = parse_game(
        'NFG 1 R "x" { "A" "B" } { { "u" "d" } { "l" "r" "m" } } 1 1/3 2 3 4 5 6 7 8 9 10 0.5'
    )
    assert isinstance(table, StrategicGame)
    text = game_text(table)
    again = parse_game(text)
    assert isinstance(again, StrategicGame)
    assert again.payoffs == table.payoffs
    game = pyspiel.load_nfg_game(text)
    assert game.row_utilities()[1].tolist() == [2.0, 6.0, 10.0]
    assert len(_gambit(text).players) == 2  # type: ignore[attr-defined]


@pytest.mark.parametrize("seed", range(5))
def test_the_table_of_a_tree_pays_what_its_plans_earn(seed: int) -> None:
    tree = random_tree(Random(seed), players=2)
    table = strategic_form(tree)
    game = _gambit(game_text(tree))
    assert [len(game.get_strategies(p)) for p in game.players] == [  # type: ignore[attr-defined]
        len(own) for own in table.strategies
    ]


def test_unfit_games_and_endings_are_refused(tmp_path: Path) -> None:
    tree = random_tree(Random(0), players=2)
    with pytest.raises(GameError, match=r"ending in \.efg"):
        fd.write_game(tree, tmp_path / "x.nfg")
    with pytest.raises(GameError, match="not a dict"):
        fd.write_game({}, tmp_path / "x.efg")  # type: ignore[arg-type]
    with pytest.raises(GameError, match="cannot be written"):
        fd.write_game(tree, tmp_path / "no" / "x.efg")
    fd.write_game(tree, tmp_path / "x.efg")
    assert fd.read_game(tmp_path / "x.efg") == parse_game(game_text(tree))
