"""True by construction, resting on a mechanism, or neither: known from how the toys are made."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from foedus.findings.ablation import Construction, ablation
from foedus.scenario.formulas import Number, ParameterValue
from foedus.scenario.model import Claim
from foedus.scenario.statements import All, Comparison, Statistic
from foedus.testing.claims import comparison, toy_claim
from foedus.testing.draws import toy_draws, toy_figure

BETTER = toy_claim(comparison("with", ">", "without"), margin=0.01)


def ablated(claim: Claim, on: Any, off: Any, **more: Any) -> Construction:
    """With regime values `on` where the mechanism is on, `off` where it is off; 0 without."""
    draws = [
        toy_draws(512, {"with": formula, "without": lambda x, y, z: 0.0, **more})
        for formula in (on, off)
    ]
    return ablation(claim, draws[0], {"premium": draws[1]})


def kind(construction: Construction) -> str:
    [entry] = construction.ablations
    return entry.kind


def test_a_premium_that_is_never_negative_makes_its_effect_by_construction() -> None:
    found = ablated(BETTER, lambda x, y, z: x, lambda x, y, z: 0.0)
    assert kind(found) == "true by construction"
    assert found.by_construction
    assert found.draws == 512
    assert found.reversible == pytest.approx(3.84 / 515.84, rel=0.01)  # Wilson's with none of 512
    [entry] = found.ablations
    assert (entry.on.word, entry.off.word) == ("supported", "contradicted")


def test_a_premium_that_may_be_negative_does_not() -> None:
    found = ablated(BETTER, lambda x, y, z: x - 0.2, lambda x, y, z: 0.0)
    assert kind(found) == "rests on it"
    assert not found.by_construction


def test_a_premium_that_is_hardly_ever_negative_nearly_does() -> None:
    found = ablated(BETTER, lambda x, y, z: x - 0.02, lambda x, y, z: 0.0)
    assert kind(found) == "nearly by construction"
    assert not found.by_construction


def test_the_rival_of_a_claim_by_construction_is_false_by_construction() -> None:
    worse = toy_claim(comparison("with", "<", "without"), margin=0.01)
    found = ablated(worse, lambda x, y, z: x, lambda x, y, z: 0.0)
    assert kind(found) == "false by construction"
    assert not found.by_construction


def test_what_holds_without_the_mechanism_does_not_rest_on_it() -> None:
    found = ablated(BETTER, lambda x, y, z: x + 0.1, lambda x, y, z: y + 0.1)
    assert kind(found) == "does not rest on it"
    assert not found.by_construction


def test_a_word_lost_by_one_draw_is_no_loss() -> None:
    """0.905 and 0.895 are supported and leaning, and sampling error explains it."""
    found = ablated(BETTER, lambda x, y, z: x - 0.085, lambda x, y, z: x - 0.095)
    [entry] = found.ablations
    assert (entry.on.word, entry.off.word) == ("supported", "leaning")
    assert entry.kind == "does not rest on it"


def test_what_fails_without_the_mechanism_but_could_be_reversed_rests_on_it() -> None:
    found = ablated(BETTER, lambda x, y, z: x + 0.1, lambda x, y, z: x - 0.7)
    assert kind(found) == "rests on it"


def test_a_mechanism_may_hold_a_claim_back() -> None:
    found = ablated(BETTER, lambda x, y, z: x - 0.7, lambda x, y, z: x)
    assert kind(found) == "held back by it"


def test_an_equality_is_true_by_construction_where_both_sides_are_one_number() -> None:
    same = toy_claim(comparison("with", "==", "without"), margin=0.05)
    found = ablation(
        same, toy_draws(64, {"with": lambda x, y, z: x, "without": lambda x, y, z: x}), {}
    )
    assert found.identical
    assert found.by_construction
    close = toy_draws(64, {"with": lambda x, y, z: x, "without": lambda x, y, z: x + 0.01})
    found = ablation(same, close, {})
    assert not found.identical
    assert not found.by_construction


def test_a_difference_between_identical_sides_is_not_true_by_construction() -> None:
    same = toy_draws(64, {"with": lambda x, y, z: x, "without": lambda x, y, z: x})
    found = ablation(BETTER, same, {})
    assert found.identical
    assert not found.by_construction


def test_no_obligation_and_a_penalty_that_is_only_in_one_regime() -> None:
    """`pact == none < troops`: the penalty alone makes the inequality, in every draw."""
    claim = toy_claim(
        All((comparison("pact", "==", "without"), comparison("without", "<", "with"))), margin=0.01
    )
    pact = {"pact": lambda x, y, z: 0.005 * y}
    found = ablated(claim, lambda x, y, z: 0.1 + x, lambda x, y, z: 0.0, **pact)
    assert kind(found) == "true by construction"
    pact = {"pact": lambda x, y, z: 0.02 * y}
    found = ablated(claim, lambda x, y, z: 0.1 + x, lambda x, y, z: 0.0, **pact)
    assert not found.by_construction


def test_a_claim_about_the_region_by_construction() -> None:
    """The correlation with x is there because x is in the payoff, and gone without."""
    rising = Statistic(name="correlation", of=toy_figure("with"), by=ParameterValue("x"))
    claim = toy_claim(Comparison(rising, ">", Number(0.0)), margin=0.05)
    assert kind(ablated(claim, lambda x, y, z: x, lambda x, y, z: 0.0)) == "true by construction"
    assert kind(ablated(claim, lambda x, y, z: x, lambda x, y, z: x + y)) == "does not rest on it"


def test_too_few_draws_are_not_comparable() -> None:
    few = toy_draws(8, {"with": lambda x, y, z: x, "without": lambda x, y, z: 0.0})
    assert kind(ablation(BETTER, few, {"premium": few})) == "not comparable"


def test_at_least_holds_without_the_mechanism_for_want_of_any_difference() -> None:
    """That is no support: the mechanism can only push one way, and else there is nothing."""
    at_least = toy_claim(comparison("with", ">=", "without"), margin=0.01)
    found = ablated(at_least, lambda x, y, z: x, lambda x, y, z: 0.0)
    assert kind(found) == "true by construction"
    found = ablated(at_least, lambda x, y, z: x, lambda x, y, z: y)
    assert kind(found) == "does not rest on it"


def test_an_equality_within_the_margin_is_not_made_by_what_drives_the_sides_apart() -> None:
    same = toy_claim(comparison("with", "==", "without"), margin=0.05)
    found = ablated(same, lambda x, y, z: 0.04 * x, lambda x, y, z: 0.0)
    assert kind(found) == "does not rest on it"
    assert not found.by_construction


def test_what_conditions_on_the_mechanism_cannot_be_asked_without_it() -> None:
    found = ablated(BETTER, lambda x, y, z: x, lambda x, y, z: np.nan)
    assert kind(found) == "cannot be asked without it"


def test_draws_that_fail_do_not_count() -> None:
    draws = toy_draws(512, {"with": lambda x, y, z: x - 0.2, "without": lambda x, y, z: 0.0})
    off = toy_draws(512, {"with": lambda x, y, z: 0.0, "without": lambda x, y, z: 0.0})
    draws.solved[draws.parameter("x") < 0.25] = False
    assert kind(ablation(BETTER, draws, {"premium": off})) == "true by construction"
    assert np.sum(draws.solved) == 384
