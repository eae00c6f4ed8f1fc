"""Logit play of trees: closed forms, Gambit's agent quantal response, paths and what they pass."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from scipy.special import expit

import foedus as fd
from foedus.equilibrium.trees.arrays import tree_arrays
from foedus.equilibrium.trees.following import Course
from foedus.errors import GameError, QueryError
from foedus.game.trees import Growth
from foedus.testing.trees import random_tree

from . import textbook
from .gambit_oracle import agent_logit


def test_backward_induction_has_its_closed_form() -> None:
    growth = Growth(["Attacker", "Defender"])
    growth.choose("Attacker", ["attack", "stay"])
    growth.choose("Defender", ["defend", "yield"], label="reply")
    growth.end([-1, "-1/2"])
    growth.end([1, -1])
    growth.end([0, 0])
    for precision, defends, attacks in ((1.0, 0.62246, 0.43907), (5.0, 0.92414, 0.01418)):
        found = fd.solve(growth.finish(), fd.Logit(precision=precision))
        defended = expit(precision * 0.5)
        assert found.strategy("reply")["defend"] == pytest.approx(defended, abs=1e-15)
        assert found.strategy(0)["attack"] == pytest.approx(
            expit(precision * (1 - 2 * defended)), abs=1e-15
        )
        assert round(found.strategy("reply")["defend"], 5) == defends
        assert round(found.strategy(0)["attack"], 5) == attacks
        assert found.certificate.selection.startswith("unique")


def test_players_may_differ_in_precision() -> None:
    hunt = textbook.table('NFG 1 R "" { "A" "B" } { 2 2 } 1 0 0 0 0 1 0 1')
    found = fd.solve(hunt, fd.Logit(precision={"A": 2.0, "B": 0.0}))
    assert found.play[1] == pytest.approx((0.5, 0.5))
    assert found.play[0][0] == pytest.approx(expit(2.0 * 0.5))


@pytest.mark.parametrize("seed", range(6))
def test_derivatives_of_the_equations_are_exact(seed: int) -> None:
    tree = random_tree(Random(seed), players=2 + seed % 2)
    course = Course(tree_arrays(tree), np.linspace(0.5, 1.0, len(tree.players)))
    rng = np.random.default_rng(seed)
    z = np.append(rng.normal(size=course.arrays.n_choices), 1.2)
    _, matrix = course.linearise(z)
    steps = np.eye(len(z)) * 1e-6
    numeric = np.stack(
        [(course.residual(z + h) - course.residual(z - h)) / 2e-6 for h in steps], axis=1
    )
    assert np.abs(matrix - numeric).max() < 1e-8


@pytest.mark.parametrize("seed", range(8))
def test_random_trees_agree_with_gambit_at_three_precisions(seed: int) -> None:
    tree = random_tree(Random(100 + seed), players=2 + seed % 2, depth=3)
    for precision in (0.1, 0.5, 2.0):
        ours = fd.solve(tree, fd.Logit(precision=precision))
        theirs = agent_logit(tree, precision)
        for at in tree.decisions:
            assert ours.play[at] == pytest.approx(theirs[at], abs=1e-7)


def test_a_certificate_has_both_regrets_and_they_differ_off_the_path() -> None:
    tree = textbook.horse()
    incredible = [(0.0, 1.0), (1.0, 0.0), (1.0, 0.0)]
    from foedus.equilibrium.trees.evidence import certify_tree

    found = certify_tree(tree, incredible)
    assert found.passed
    assert found.player_regret == 0.0
    assert found.agent_regret == pytest.approx(3.0)
    assert found.deviations[0].information_set == "two"
    assert found.deviations[0].reached == 0.0


def test_a_certificate_fails_for_other_play_and_other_values() -> None:
    from foedus.equilibrium.trees.evidence import certify_tree

    tree = textbook.crisis()
    found = fd.solve(tree, fd.Logit(precision=1.0))
    changed = [list(row) for row in found.play]
    changed[1] = [changed[1][0] - 1e-4, changed[1][1] + 1e-4]
    assert not certify_tree(tree, changed, precision=[1.0, 1.0]).passed
    off = [value + 1e-3 for value in found.values]
    assert not certify_tree(tree, found.play, precision=[1.0, 1.0], values=off).passed
    with pytest.raises(GameError, match="play at 'threatened'"):
        certify_tree(tree, [*found.play[:2], (1.0,), *found.play[3:]])


def test_play_has_its_digits_at_any_precision() -> None:
    for precision in (10.0, 1e3, 1e5):
        found = fd.solve(textbook.crisis(), fd.Logit(precision=precision))
        assert found.certificate.passed
        assert found.certificate.residual is not None
        assert found.certificate.residual < 1e-9
        sexes = textbook.table('NFG 1 R "" { "A" "B" } { 2 2 } 2 1 0 0 0 0 1 2')
        assert fd.solve(sexes, fd.Logit(precision=precision)).certificate.passed


def test_the_path_leads_from_uniform_play_and_names_what_crosses_it() -> None:
    sexes = textbook.table('NFG 1 R "" { "A" "B" } { 2 2 } 2 1 0 0 0 0 1 2')
    path = fd.trace(sexes)
    assert path.play[0].tolist() == [0.5] * 4
    assert path.complete
    (crossing,) = path.bifurcations
    # By symmetry p = expit(λ (3 p - 2 ...)); branches cross where the slope of both replies is 1.
    p = crossing.play[0]
    assert crossing.precision * 3 * p * (1 - p) == pytest.approx(1.0, abs=1e-3)
    assert np.sign(crossing.direction[0]) == np.sign(crossing.direction[2])
    for point in range(0, len(path), 9):
        assert path.at(point).certificate.passed


def test_a_branch_leaves_the_straight_way_at_a_bifurcation() -> None:
    sexes = textbook.table('NFG 1 R "" { "A" "B" } { 2 2 } 2 1 0 0 0 0 1 2')
    ends = {
        tuple(fd.trace(sexes, fd.LogitPath(branch=seed)).play[-1].round(6)) for seed in range(4)
    }
    assert ends == {(1.0, 0.0, 1.0, 0.0), (0.0, 1.0, 0.0, 1.0)}


def test_the_path_of_2x2x2_passes_its_bifurcation_at_0_597() -> None:
    path = fd.trace(textbook.three_by_two())
    assert [round(one.precision, 3) for one in path.bifurcations] == [0.596]
    assert path.certify().passed


def test_a_path_stops_at_a_precision_and_reads_as_a_table() -> None:
    path = fd.trace(textbook.crisis(), fd.LogitPath(precision=2.0))
    assert path.precision[-1] == pytest.approx(2.0)
    same = fd.solve(textbook.crisis(), fd.Logit(precision=2.0))
    frame = path.to_dataframe()
    last = frame[("Challenger", "threatened", "Press")].iloc[-1]
    assert last == pytest.approx(same.strategy("threatened")["Press"], abs=1e-9)


def test_alike_subgames_are_solved_once() -> None:
    rng = np.random.default_rng(3)
    payoffs = rng.normal(size=(2, 2, 2, 2)).round(2)
    chances = np.full((2, 2, 2, 2), 0.5)
    game = fd.stochastic_game(payoffs, chances, 1.0, horizon=4)
    tree = fd.unroll(game)
    assert len(tree.nodes) == 8191
    found = fd.solve(tree, fd.Logit(precision=2.0))
    assert int(found.found_by.split()[3]) < 60
    values = fd.solve(game, fd.Logit(precision=2.0)).values[0]
    assert found.values == pytest.approx(values, abs=1e-12)


def test_memory_is_looked_at() -> None:
    with pytest.raises(GameError, match="absent-mindedness of Driver at 'crossing'"):
        fd.solve(textbook.absent_minded(), fd.Logit(precision=1.0))
    found = fd.solve(textbook.forgetful(), fd.Logit(precision=1.0))
    assert found.certificate.player_regret is None
    assert found.certificate.recall == "imperfect recall of P at 'second'"
    assert "imperfect recall" in str(found.certificate)


def test_settings_that_do_not_fit_are_refused() -> None:
    tree = textbook.crisis()
    with pytest.raises(GameError, match="suggests no precision"):
        fd.solve(tree, fd.Logit())
    with pytest.raises(GameError, match="expected values"):
        fd.solve(tree, fd.Logit(precision=1.0, convention="shock"))
    with pytest.raises(GameError, match="no length"):
        fd.trace(tree, fd.LogitPath(precision=0.0))
    with pytest.raises(GameError, match="a LogitPath"):
        fd.trace(tree, fd.Tracing())  # type: ignore[call-overload]
    with pytest.raises(QueryError, match="no information set is called 'war'"):
        fd.solve(tree).strategy("war")
