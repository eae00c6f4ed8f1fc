"""Nash equilibria of trees: all of small ones, each said to be what it is."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import numpy as np
import pytest

import foedus as fd
from foedus.equilibrium.trees.bimatrix import extreme_equilibria
from foedus.equilibrium.trees.gambit import gambit_equilibria
from foedus.equilibrium.trees.pure import pure_nash, pure_subgame_perfect
from foedus.equilibrium.trees.rationality import judge
from foedus.errors import GameError, SolveError
from foedus.game.trees import Growth
from foedus.game.trees.strategies import Plans
from foedus.testing.trees import random_tree

from . import textbook
from .gambit_oracle import extreme_count, pure_count


def test_the_crisis_has_its_bluff_and_a_nash_equilibrium_on_an_incredible_threat() -> None:
    found = fd.find_equilibria(textbook.crisis())
    (bluff,) = found.sequential
    assert bluff.strategy("weak: threat")["Threaten"] == pytest.approx(2 / 9)
    assert bluff.strategy("threatened")["Press"] == pytest.approx(10 / 13)
    assert list(bluff.beliefs("threatened").values()) == pytest.approx([3 / 4, 1 / 4])
    assert bluff.values == pytest.approx([20 / 13, 14 / 3])
    others = [item for item in found if item.concept != "sequential"]
    assert {tuple(item.values.round(9)) for item in others} == {(10.0, 0.0)}
    for item in others:
        assert item.rationality is not None
        assert item.rationality.refuted
        assert "last chance" in item.rationality.reason
    assert found.completeness.startswith("complete")
    assert fd.solve(textbook.crisis()).values == pytest.approx([20 / 13, 14 / 3])


def test_beer_or_quiche_has_both_poolings_with_duels_that_keep_them_up() -> None:
    found = fd.find_equilibria(textbook.beer_or_quiche())
    assert len(found) == 4
    assert len(found.pure) == 2
    assert len(found.sequential) == 4
    for meal, other in (("beer", "quiche"), ("quiche", "beer")):
        pooled = [item for item in found if item.strategy("strong")[meal] == 1.0]
        assert len(pooled) == 2
        duels = sorted(item.strategy(f"after {other}")["duel"] for item in pooled)
        assert duels == pytest.approx([0.5, 1.0])
    assert len(set(found.components)) == 2
    assert [item.certificate.passed for item in found] == [True] * 4


def test_selten_s_horse_has_one_equilibrium_that_no_beliefs_support() -> None:
    found = fd.find_equilibria(textbook.horse(), starts=25)
    by_values = {tuple(item.values.round(6).tolist()) for item in found.sequential}
    assert by_values == {(1.0, 1.0, 1.0)}
    incredible = [item for item in found if item.values[0] == pytest.approx(3.0)]
    assert [item.concept for item in incredible] == ["subgame perfect"]
    assert incredible[0].rationality is not None
    assert incredible[0].rationality.refuted
    assert "complete in pure strategies (2 of 8" in found.completeness


def test_the_nine_equilibria_of_2x2x2_are_found() -> None:
    found = fd.find_equilibria(textbook.three_by_two())
    assert len(found) == 9
    assert len(found.pure) == 4


# The stag hunt twice: four subgames of two equilibria each. Of the 16 ways to go on, (a, a) is one
# for 10, (b, b) for 16, (a, b) and (b, a) for 2 each.
@pytest.mark.parametrize(
    ("tree", "pure", "perfect"),
    [
        (textbook.centipede(4), 1, 1),
        (textbook.centipede(6), None, 1),
        (textbook.two_stages([[3, 0], [5, 1]], [[3, 5], [0, 1]]), 1, 1),
        (textbook.two_stages([[1, -1], [-1, 1]], [[-1, 1], [1, -1]]), 0, 0),
        (textbook.two_stages([[4, 0], [3, 2]], [[4, 3], [0, 2]]), None, 30),
        (textbook.chain_store(2), None, 1),
    ],
    ids=["centipede 4", "centipede 6", "dilemma", "pennies", "stag hunt", "chain store"],
)
def test_pure_equilibria_are_as_many_as_known(
    tree: fd.ExtensiveGame, pure: int | None, perfect: int
) -> None:
    plans = Plans(tree, 5000)
    found = pure_nash(plans)
    if max(plans.sizes) <= 40:
        assert len(found) == pure_count(tree)
    if pure is not None and tree.title.startswith("centipede"):
        assert {plan[0][0] for plan in found} == {0}  # taken at once in each
    answers = pure_subgame_perfect(tree)
    assert answers.complete
    assert len(answers.found) == perfect
    for plan in answers.found[:4]:
        play = [np.eye(len(one.actions))[plan[at]].tolist() for at, one in enumerate(tree.sets)]
        assert judge(tree, play).concept == "sequential"


@pytest.mark.parametrize("seed", range(8))
def test_extreme_equilibria_of_random_trees_are_as_many_as_gambit_s(seed: int) -> None:
    tree = random_tree(Random(200 + seed), players=2, depth=2)
    plans = Plans(tree, 100)
    paid = [[plans.payoffs((i, j)) for j in range(plans.sizes[1])] for i in range(plans.sizes[0])]
    found = extreme_equilibria(
        [[cell[0] for cell in row] for row in paid], [[cell[1] for cell in row] for row in paid]
    )
    assert found.complete
    assert len(found.pairs) == extreme_count(tree)
    assert len(pure_nash(plans)) == pure_count(tree)


def test_the_table_that_defeats_support_enumeration_has_its_equilibrium() -> None:
    rows = [[91, 50, 2], [6, 50, 11], [75, 9, 29]]
    columns = [[20, 26, 75], [28, 49, 99], [97, 73, 54]]
    exact = extreme_equilibria(
        [[Fraction(x) for x in row] for row in rows],
        [[Fraction(x) for x in row] for row in columns],
    )
    ((x, y),) = exact.pairs
    assert [float(v) for v in x] == pytest.approx([0.43878, 0, 0.56122], abs=1e-5)
    assert [float(v) for v in y] == pytest.approx([0.62791, 0, 0.37209], abs=1e-5)


def test_ties_make_a_continuum_whose_ends_are_listed() -> None:
    table = textbook.table('NFG 1 R "" { "A" "B" } { 2 2 } 1 1 1 0 1 1 0 0')
    found = fd.find_equilibria(table)
    assert len(found) == 4 - 1
    assert "all others are mixtures" in found.completeness
    assert len(set(found.components)) < len(found)


def test_beliefs_must_come_from_mistakes_that_are_consistent() -> None:
    # After "out", two sets in a row that nothing tells apart: B must believe what A believes. But
    # A goes only if l is likely, and B plays y only if r is.
    growth = Growth(["N", "A", "B"])
    growth.choose("N", ["out", "l", "r"], label="start")
    growth.end([5, 0, 0])
    for side in range(2):
        growth.choose("A", ["go", "stop"], of="A", label="A")
        growth.choose("B", ["x", "y"], of="B", label="B")
        growth.end([0, 1 - 4 * side, 1 - side])
        growth.end([0, 1 - 4 * side, side])
        growth.end([0, 0, 0])
    tree = growth.finish()
    out, first = (1.0, 0.0, 0.0), (1.0, 0.0)
    apart = judge(tree, [out, first, (0.0, 1.0)])
    assert apart.concept == "weak perfect Bayesian"
    together = judge(tree, [out, first, first])
    assert together.concept == "sequential"
    assert together.beliefs[1] == together.beliefs[2]
    assert together.beliefs[1][0] >= 3 / 4 - 1e-6


def test_play_that_is_no_equilibrium_is_said_to_be_none() -> None:
    tree = textbook.beer_or_quiche()
    found = judge(tree, [(), (1.0, 0.0), (1.0, 0.0), (0.0, 1.0), (0.0, 1.0)])
    assert found.concept == "none"
    assert "gains" in found.reason


def test_absent_minded_players_are_refused_and_forgetful_ones_named() -> None:
    with pytest.raises(GameError, match="absent-mindedness"):
        fd.find_equilibria(textbook.absent_minded())
    found = fd.find_equilibria(textbook.forgetful(), starts=20)
    assert all(item.certificate.player_regret is None for item in found)
    assert max(item.values[0] for item in found) == pytest.approx(2.0)


# Among them are trees in which play that is never reached mixes, so that beliefs there are exact
# only if the mistakes that lead there are weighed against each other.
@pytest.mark.parametrize("seed", [300, 301, 302, 1009, 1013, 1016, 1073, 1075, 1093, 1112])
def test_nash_play_of_random_trees_is_certified_and_sequential(seed: int) -> None:
    tree = random_tree(Random(seed), players=1 + seed % 3, depth=3 + seed % 2)
    found = fd.solve(tree)
    assert found.certificate.passed
    assert found.certificate.player_regret is not None
    assert found.certificate.player_regret < 1e-8
    assert found.certificate.agent_regret < 1e-8
    assert found.concept == "sequential"


def test_gambit_s_answers_are_certified_here_and_a_slow_solver_is_stopped() -> None:
    found = gambit_equilibria(textbook.crisis(), "lcp")
    assert [item.concept for item in found] == ["sequential"]
    assert found[0].values == pytest.approx([20 / 13, 14 / 3])
    with pytest.raises(SolveError, match="stopped after"):
        gambit_equilibria(textbook.crisis(), "lcp", seconds=0.01)
    with pytest.raises(GameError, match="no method 'magic'"):
        gambit_equilibria(textbook.crisis(), "magic")
