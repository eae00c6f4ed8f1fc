"""Every scenario of the library reads, compiles, solves, and says what its source says."""

from __future__ import annotations

from importlib.resources import files
from math import exp

import pytest

import foedus as fd
from foedus.scenario.library import names

FLAGSHIP = "us-ukraine-pact"
FOLDER = files("foedus.scenario") / "library"
NAMES = sorted(
    p.name.removesuffix(".yaml")
    for folder in (FOLDER, FOLDER / "canon")
    for p in folder.iterdir()
    if p.name.endswith(".yaml")
)


def games() -> list[object]:
    """Every scenario under every regime and variant; most variants of the flagship are slow."""
    cases = []
    for name in NAMES:
        scenario = fd.read(name)
        for regime in (r.name for r in scenario.regimes):
            for variant in (None, *(v.name for v in scenario.variants)):
                slow = (name == FLAGSHIP and variant is not None) and (
                    (regime, variant) != ("pact", "us_before_ua")
                )
                case = pytest.param(
                    name,
                    regime,
                    variant,
                    id="-".join([name, regime, variant or "as written"]),
                    marks=[pytest.mark.slow] if slow else [],
                )
                cases.append(case)
    return cases


def found(
    name: str,
    *,
    regime: str | None = None,
    variant: str | None = None,
    precision: float | None = None,
    convention: str = "expected",
    **values: float,
) -> dict[str, float]:
    """The quantities of a scenario at these parameter values."""
    scenario = fd.read(name)
    game = fd.compile_scenario(scenario, regime=regime, variant=variant).at(**values)
    solved = fd.solve(game, fd.Logit(precision=precision, convention=convention))
    assert solved.certificate.passed
    return fd.report(solved, scenario.rules(regime, variant).quantities)


def test_the_library_has_what_its_folders_hold() -> None:
    assert tuple(NAMES) == names()


@pytest.mark.parametrize("name", NAMES)
def test_a_library_scenario_has_no_errors_and_no_warnings(name: str) -> None:
    _, diagnostics = fd.examine(name)
    assert diagnostics == ()


@pytest.mark.parametrize(("name", "regime", "variant"), games())
def test_a_library_scenario_solves_with_a_certificate(
    name: str, regime: str, variant: str | None
) -> None:
    game = fd.compile_scenario(fd.read(name), regime=regime, variant=variant)
    assert fd.solve(game).certificate.passed


def logistic(x: float) -> float:
    return 1 / (1 + exp(-x))


@pytest.mark.parametrize(
    ("precision", "defence", "attack"), [(1.0, 0.62246, 0.43907), (5.0, 0.92414, 0.01418)]
)
def test_extended_deterrence_is_the_strategic_logit(
    precision: float, defence: float, attack: float
) -> None:
    """Signorino (1999): each choice is logistic in the difference that it makes."""
    play = found("extended-deterrence", precision=precision)
    assert round(play["defence"], 5) == defence
    assert round(play["attack"], 5) == attack
    p = logistic(precision * 0.5)
    assert play["defence"] == pytest.approx(p, abs=1e-12)
    assert play["attack"] == pytest.approx(logistic(precision * (1 - 2 * p)), abs=1e-12)


def test_brinkmanship_goes_to_the_side_with_greater_resolve() -> None:
    """The challenger would run risks up to 10/110, the defender up to 5/105; a step adds 2 %."""
    play = found("brinkmanship")
    assert play["challenge"] == pytest.approx(1, abs=1e-9)
    assert play["resistance"] == pytest.approx(0, abs=1e-9)
    assert play["disaster"] == pytest.approx(0.02, abs=1e-9)
    assert play["value_C"] == pytest.approx(7.8, abs=1e-9)
    assert play["value_D"] == pytest.approx(-2.0, abs=1e-9)


def test_brinkmanship_is_not_begun_by_the_side_with_less_resolve() -> None:
    assert found("brinkmanship", regime="defender_resolved")["challenge"] < 1e-6


def test_brinkmanship_is_not_begun_where_a_single_step_risks_too_much() -> None:
    limit = 10 / 110
    assert found("brinkmanship", f=limit - 0.005, precision=30.0)["challenge"] > 1 - 1e-6
    assert found("brinkmanship", f=limit + 0.005, precision=30.0)["challenge"] < 1e-6


SHARES = ("in_peace", "in_crisis", "in_war")


@pytest.mark.parametrize(
    ("regime", "shares"),
    [
        ("unaccountable", (0.6840, 0.2706, 0.0455)),
        ("accountable", (0.7310, 0.2178, 0.0512)),
        ("very_accountable", (0.8786, 0.0483, 0.0731)),
    ],
)
def test_audience_costs_have_the_long_run_of_the_dynamic_game(
    regime: str, shares: tuple[float, float, float]
) -> None:
    """Long-run shares of peace, crisis and war, to the digits of an independent computation."""
    play = found("audience-costs-dynamic", regime=regime, precision=1.0, convention="shock")
    assert [round(play[name], 4) for name in SHARES] == list(shares)


def test_audience_costs_of_three_have_two_equilibria_and_one_of_them_is_found() -> None:
    play = found("audience-costs-dynamic", precision=1.0, convention="shock", alpha=-3.0)
    shares = tuple(round(play[name], 4) for name in SHARES)
    assert shares in {(0.8738, 0.0513, 0.0749), (0.7689, 0.1754, 0.0557)}


@pytest.mark.parametrize(
    ("speed", "threshold"), [(1.0, 0.05), (0.4, 0.125), (0.2, 0.25), (0.1, 0.5)]
)
@pytest.mark.parametrize("precision", [5.0, 20.0])
def test_the_alliance_window_turns_to_war_at_the_threshold(
    speed: float, threshold: float, precision: float
) -> None:
    """There the declining side is indifferent, so it attacks half the time at any precision."""

    def attack(shift: float) -> float:
        return found("alliance-window", precision=precision, alpha=speed, shift=shift)["attack"]

    assert attack(threshold) == pytest.approx(0.5, abs=1e-8)
    assert attack(0.9 * threshold) < 0.49
    assert attack(1.1 * threshold) > 0.51


def test_an_alliance_that_takes_effect_at_once_is_the_power_shift_without_delay() -> None:
    play = found("alliance-window", regime="immediate", shift=0.05)
    assert play["attack"] == pytest.approx(0.5, abs=1e-8)


def test_an_ally_with_more_to_lose_by_staying_out_fights_more_often() -> None:
    assert (
        found("baltic-tripwire", trip=1.0)["fights"] > found("baltic-tripwire", trip=0.0)["fights"]
    )


def test_with_no_brigades_the_cost_of_staying_out_is_never_paid() -> None:
    """At a start without brigades and with none to send, `trip` multiplies zero."""
    few, many = (found("baltic-tripwire", regime="no_forces", trip=trip) for trip in (0.0, 1.0))
    assert few["seizure"] == many["seizure"]


def test_whether_preparations_are_seen_changes_play() -> None:
    hidden, seen = (found("baltic-tripwire", variant=v) for v in (None, "open_preparation"))
    assert abs(hidden["prepares"] - seen["prepares"]) > 1e-3
