"""A finding gathers its evidence, says it in one sentence, and is plain data."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foedus.findings.ablation import ablation
from foedus.findings.finding import Finding, judge
from foedus.findings.shifts import compare, shift
from foedus.findings.verdict import weigh
from foedus.scenario.formulas import Number, ParameterValue
from foedus.scenario.statements import Comparison, Statistic
from foedus.testing.claims import comparison, toy_claim
from foedus.testing.draws import toy_draws, toy_figure


def finding(level: float, **formulas: object) -> Finding:
    """That x exceeds a level, on 1024 draws."""
    draws = toy_draws(1024, {"a": lambda x, y, z: x, **formulas})  # type: ignore[arg-type]
    return judge(toy_claim(comparison("a", ">", Number(level)), unit="points"), draws)


@pytest.mark.parametrize(
    ("level", "beginning"),
    [
        (0.05, "Holds nearly throughout: in about 95 % of the 1024 draws that count"),
        (0.2, "Tends to hold: in about 80 %"),
        (0.5, "Is contested: in about 50 %"),
        (0.8, "Tends not to hold: in about 20 %"),
        (0.95, "Fails nearly throughout: in about 5 %"),
        (-1.0, "Holds nearly throughout: in all of the 1024 draws that count"),
        (2.0, "Fails nearly throughout: in none of the 1024 draws that count"),
    ],
)
def test_verbs_by_strength_of_evidence(level: float, beginning: str) -> None:
    assert finding(level).sentence.startswith(beginning)


def test_the_sentence_says_what_it_turns_on() -> None:
    assert finding(0.4).sentence == (
        "Is contested: in about 60 % of the 1024 draws that count; "
        "the median effect is 0.1 points, and -0.3 to 0.5 in the middle 80 % of draws; "
        "it turns on x (holds in 0 % below 0.4, 100 % above)."
    )


def test_the_sentence_says_that_nothing_turns_it() -> None:
    assert finding(-1.0).sentence.endswith(
        "; nothing in the region turns it, and its size depends on x."
    )


def test_the_sentence_says_when_nothing_single_decides() -> None:
    noise = np.random.default_rng(0).random(1024)
    draws = toy_draws(1024, {"a": lambda x, y, z: noise})
    found = judge(toy_claim(comparison("a", ">", Number(0.5))), draws)
    assert found.sentence.endswith("; no single assumption decides it.")


def test_what_is_true_by_construction_says_so() -> None:
    claim = toy_claim(comparison("a", ">", Number(0.0)))
    on, off = toy_draws(64, {"a": lambda x, y, z: x}), toy_draws(64, {"a": lambda x, y, z: 0.0})
    found = judge(claim, on)
    assert found.by_construction is None
    found = replace(found, construction=ablation(claim, on, {"premium": off}))
    assert found.by_construction is True
    assert found.sentence.endswith("; it is true by construction through premium.")


def test_claims_without_a_verdict() -> None:
    claim = toy_claim(None, untestable="no actor in the game can do this.")
    found = judge(claim, toy_draws(64, {}))
    assert found.sentence == "Cannot be tested here: no actor in the game can do this."
    few = judge(
        toy_claim(comparison("a", ">", Number(0.0))), toy_draws(8, {"a": lambda x, y, z: x})
    )
    assert few.sentence == "Too few draws to say: 8 count."
    unknown = toy_draws(64, {"a": lambda x, y, z: np.where(x < 0.25, x, np.nan)})
    rarely = judge(toy_claim(comparison("a", ">", Number(0.0))), unknown)
    assert rarely.sentence == (
        "Cannot be said: the question arises in only 16 of the 64 draws that count."
    )
    for each in (found, few, rarely):
        assert each.deciding.pivots == ()
        json.dumps(each.to_dict(), allow_nan=False)


def test_a_claim_about_the_region_in_words() -> None:
    draws = toy_draws(256, {"a": lambda x, y, z: x})
    rising = Statistic(name="correlation", of=toy_figure("a"), by=ParameterValue("x"))
    found = judge(toy_claim(Comparison(rising, ">", Number(0.5))), draws)
    assert found.sentence == (
        "Holds nearly throughout: it holds over the 256 draws that count, "
        "and it holds in all of 400 resamples of them."
    )


def test_plain_data_keep_the_contract() -> None:
    data = finding(0.4, b=lambda x, y, z: np.nan).to_dict()
    again = json.loads(json.dumps(data, allow_nan=False))
    assert again == data
    assert {"id", "verdict", "share", "interval", "effect", "pivots", "by_construction"} <= set(
        data
    )
    assert data["verdict"] == "contested"
    assert data["pivots"][0]["parameter"] == "x"
    assert data["pivots"][0]["split"]["at"] == pytest.approx(0.4, abs=0.001)


@settings(max_examples=6)
@given(st.integers(0, 100))
def test_the_order_of_draws_does_not_matter(seed: int) -> None:
    draws = toy_draws(64, {"a": lambda x, y, z: x * y})
    claim = toy_claim(comparison("a", ">", Number(0.3)))
    mixed = draws.take(np.random.default_rng(seed).permutation(64))
    assert judge(claim, draws).to_dict() == judge(claim, mixed).to_dict()


def test_shifts_count_words_and_know_sampling_error() -> None:
    base = finding(0.5)
    verdicts = {level: finding(level).verdict for level in (0.45, 0.2, 0.02, 0.8)}
    kinds = {level: compare(base, verdict) for level, verdict in verdicts.items()}
    assert [shift.kind for shift in kinds.values()] == ["same", "one step", "moved", "one step"]
    assert [shift.steps for shift in kinds.values()] == [0, 1, 2, -1]
    assert kinds[0.2].beyond_error
    assert kinds[0.2].change == pytest.approx(0.3, abs=0.002)
    few = weigh(toy_claim(None), toy_draws(64, {}))
    assert shift(base.verdict, few).kind == "not comparable"
    assert not shift(base.verdict, few).beyond_error
