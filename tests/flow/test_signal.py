"""What a security agreement signals: the module for two claims of the flagship."""

from __future__ import annotations

import pytest

import foedus as fd

NAME = "us-ukraine-signal"


def found(regime: str, **values: float) -> dict[str, float]:
    scenario = fd.read(NAME)
    solved = fd.solve(fd.compile_scenario(scenario, regime=regime).at(**values))
    assert solved.certificate.passed
    return dict(fd.report(solved, scenario.rules(regime).quantities))


def test_the_flagship_points_to_it() -> None:
    claims = {claim.name: claim for claim in fd.read("us-ukraine-pact").claims}
    assert NAME in claims["26"].untestable
    assert NAME in claims["1a"].note
    assert {"1", "26"} <= {claim.name for claim in fd.read(NAME).claims}


def test_cheap_talk_changes_no_belief() -> None:
    for q in (0.2, 0.6):
        play = found("cheap_talk", q=q)
        for name in ("resolved_if_nothing", "resolved_if_pact", "resolved_if_troops"):
            assert play[name] == pytest.approx(q, abs=1e-9)


def test_beliefs_average_to_the_prior() -> None:
    play = found("costly", q=0.3)
    scenario = fd.read(NAME)
    solved = fd.solve(fd.compile_scenario(scenario, regime="costly").at(q=0.3))
    chances = [fd.action_rate(solved, f"US == {name}") for name in ("nothing", "pact", "troops")]
    posteriors = [play[f"resolved_if_{name}"] for name in ("nothing", "pact", "troops")]
    assert sum(c * p for c, p in zip(chances, posteriors, strict=True)) == pytest.approx(0.3)


def test_what_an_agreement_says_turns_on_what_else_could_be_signed() -> None:
    """At the central values it speaks for resolve alone, and against it beside troops."""
    assert found("no_troops")["resolved_if_pact"] > 0.4
    assert found("costly")["resolved_if_pact"] < 0.1
    assert found("costly")["resolved_if_troops"] > 0.4
