"""The flagship scenario: what its rules imply whatever the numbers are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

import foedus as fd

REGIMES = ("none", "pact", "pact_with_troops", "membership")
TEXT = (files("foedus.scenario") / "library" / "us-ukraine-pact.yaml").read_text("utf-8")


@cache
def equilibrium(regime: str) -> fd.Equilibrium:
    return fd.solve(fd.compile_scenario(fd.read("us-ukraine-pact"), regime=regime))


def by_label(solved: fd.Equilibrium) -> Mapping[str, np.ndarray]:
    """Values at the first period, by the state's label."""
    states = solved.game.structure.states
    return {states.label(s): solved.values[s] for s in range(states.n_states)}


def test_it_has_29_parameters_and_none_of_them_is_claimed_to_be_known() -> None:
    rules = fd.read("us-ukraine-pact").rules(regime="none", variant=None)
    assert len(rules.parameters) == 29
    assert all(parameter.low < parameter.high for parameter in rules.parameters)
    assert all(parameter.why for parameter in rules.parameters)


@pytest.mark.parametrize(
    ("regime", "n_states"),
    [
        # phases x control x arms x integration x alignment, per treaty status, and the catastrophe
        ("none", 3 * 5 * 3 * 3 * 2 + 1),
        ("pact", 2 * (3 * 5 * 3 * 3 * 2) + 1),
        # the dormant treaty wakes up with the first armistice
        ("pact_with_troops", 2 * (3 * 5 * 3 * 3 * 2) + 2 * 5 * 3 * 3 * 2 + 1),
        # members have a treaty in force
        ("membership", 3 * 5 * 3 * 4 * 2 + 3 * 5 * 3 * 3 * 2 + 1),
    ],
)
def test_the_states_of_a_regime_are_those_that_play_can_reach(regime: str, n_states: int) -> None:
    assert equilibrium(regime).game.structure.states.n_states == n_states


@pytest.mark.parametrize("regime", REGIMES[1:])
def test_play_after_the_treaty_is_void_is_play_without_an_agreement(regime: str) -> None:
    without, other = by_label(equilibrium("none")), by_label(equilibrium(regime))
    assert set(without) < set(other)
    for label, values in without.items():
        np.testing.assert_allclose(other[label], values, rtol=0, atol=1e-10, err_msg=label)


@pytest.mark.parametrize(
    ("regime", "toothless"),
    [
        ("pact", {"A_B": 0.0, "f_k": 1.0}),
        ("pact_with_troops", {"A_T": 0.0, "f_k": 1.0}),
        ("membership", {"alpha": 0.0, "f_k": 1.0}),
    ],
)
def test_a_treaty_that_costs_nothing_and_speeds_nothing_is_no_agreement(
    regime: str, toothless: Mapping[str, float]
) -> None:
    for start in ("war", "armistice"):
        values = []
        for name in ("none", regime):
            solved = fd.solve(equilibrium(name).game.at(**toothless))
            values.append(solved.game.structure.starts[start] @ solved.values)
        np.testing.assert_allclose(values[0], values[1], rtol=0, atol=1e-10)


def test_what_only_a_treaty_brings_does_not_matter_without_one() -> None:
    game = equilibrium("none").game
    changed = game.at(A_B=0.5, A_T=3.0, A_M=8.0, e_B=0.0, e_M=0.6, alpha=0.8)
    np.testing.assert_array_equal(fd.solve(changed).values, equilibrium("none").values)


def test_names_of_players_do_not_matter(tmp_path: Path) -> None:
    blind = TEXT
    # Later names for earlier players, so that no order by name can be at work either.
    for name, letter in {"RU": "D", "UA": "C", "US": "B", "EU": "A", "EF": "E"}.items():
        blind = re.sub(rf"\b{name}\b", letter, blind)
    path = tmp_path / "blind.yaml"
    path.write_text(blind, "utf-8")
    solved = fd.solve(fd.compile_scenario(fd.read(path), regime="membership"))
    assert solved.game.players == ("D", "C", "B", "A")
    np.testing.assert_array_equal(solved.values, equilibrium("membership").values)


def test_exact_outcomes_agree_with_simulated_ones() -> None:
    """Within three standard errors of the mean over 200,000 simulated decades."""
    solved = equilibrium("membership")
    paths = fd.simulate(solved, paths=200_000, seed=13, start="war")
    factors = solved.game.structure.states.factors
    levels = {name: paths.levels(name) for name in factors}
    phases = solved.game.structure.states.levels[factors.index("phase")]
    phase = {name: levels["phase"] == phases.index(name) for name in phases}
    fights = phase["war"] | phase["direct"]
    going_on = ~phase["catastrophe"][:, -1]
    simulated = {
        "war_years": fights[:, :-1].sum(axis=1),
        "direct_clash": phase["direct"].any(axis=1),
        "catastrophe_10": phase["catastrophe"].any(axis=1),
        "ceasefire_2": phase["armistice"][:, :3].any(axis=1),
        "relapses": (phase["armistice"][:, :-1] & phase["war"][:, 1:]).sum(axis=1),
        "integration_10": levels["integration"][going_on, -1],
        "control_10": levels["control"][going_on, -1],
        "arms_high": levels["arms"][:, -1] == 2,
    }
    asked = fd.read("us-ukraine-pact").rules("membership").quantities
    exact = fd.report(solved, [q for q in asked if q.name in simulated])
    assert set(exact) == set(simulated)
    for name, values in simulated.items():
        error = values.std() / np.sqrt(len(values))
        assert abs(values.mean() - exact[name]) < 3 * error, name


def test_the_parts_of_a_payoff_add_up_to_its_value() -> None:
    solved = equilibrium("pact")
    asked = fd.read("us-ukraine-pact").rules("pact").quantities
    values = fd.report(solved, [q for q in asked if q.kind == "value"])
    start = solved.game.structure.starts["war"] @ solved.values
    for player, value in zip(solved.game.players, start, strict=True):
        assert values[f"value_{player}_war"] == pytest.approx(value, abs=1e-10)


def test_risks_grow_with_time_and_along_the_ladder() -> None:
    for regime in REGIMES:
        asked = [
            quantity
            for quantity in fd.read("us-ukraine-pact").rules(regime).quantities
            if quantity.kind == "reach"
        ]
        risk = fd.report(equilibrium(regime), asked)
        assert risk["renewed_war"] <= risk["renewed_war_10"]
        assert risk["ceasefire_2"] <= risk["ceasefire_10"]
        assert risk["direct_clash_2"] <= risk["direct_clash"]
        # Catastrophe comes from direct combat only, and after it.
        assert risk["catastrophe_10"] < risk["direct_clash"]
        assert risk["catastrophe_armistice"] < risk["direct_clash_armistice"]


def test_membership_is_reached_only_where_it_is_offered() -> None:
    for regime in REGIMES:
        states = equilibrium(regime).game.structure.states
        integration = states.codes[: states.n_live, states.factors.index("integration")]
        assert (integration.max() == 3) == (regime == "membership")
