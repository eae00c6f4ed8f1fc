"""The flagship's claims: all of the article's, attributed, with rivals, judged by the engine."""

from __future__ import annotations

import re

import pytest

import foedus as fd

ARTICLE = range(1, 29)


@pytest.fixture(scope="module")
def scenario() -> fd.Scenario:
    return fd.read("us-ukraine-pact")


def test_every_claim_of_the_article_is_there_and_has_an_author(scenario: fd.Scenario) -> None:
    numbers = {int(m[0]) for c in scenario.claims if (m := re.match(r"\d+", c.name))}
    assert numbers == set(ARTICLE)
    assert all(claim.by and claim.says and claim.label != claim.name for claim in scenario.claims)


def test_what_cannot_be_tested_says_why(scenario: fd.Scenario) -> None:
    untested = [claim for claim in scenario.claims if claim.holds is None]
    assert {claim.name for claim in untested} == {"25", "26"}
    assert all(len(claim.untestable) > 50 for claim in untested)


def test_rivals_stand_beside_what_they_contest(scenario: fd.Scenario) -> None:
    claims = {claim.name: claim for claim in scenario.claims}
    rivals = [name for name in claims if name.startswith("R")]
    assert len(rivals) == 5
    for name, claim in claims.items():
        assert all(name in claims[rival].rivals for rival in claim.rivals)
    assert all(claims[name].by != "the article" for name in rivals)


def test_facts_are_dated_and_only_those_before_the_agreement_filter(scenario: fd.Scenario) -> None:
    assert all(fact.date <= "2024-06-13" and fact.source for fact in scenario.plausible)
    assert all(fact.date > "2024-06-13" and fact.source for fact in scenario.holdouts)


def test_the_engine_finds_what_is_true_by_construction(scenario: fd.Scenario) -> None:
    """The pact speeds integration because the rules say so; that nobody intervenes is a result."""
    findings = fd.assess(scenario, draws=32, checks=32, quick=True, claims=["6a", "17a", "17b"])
    found = {one.claim.name: one.finding for one in findings.claims}
    assert found["17a"].by_construction
    assert found["17b"].by_construction
    assert not found["6a"].by_construction
    assert findings.audit.checks > 0
    assert findings.audit.difference < 1e-9
    assert findings.audit.residual < 1e-9
