"""Questions in a scenario's own words: exact answers against simulated histories."""

from functools import cache

import numpy as np
import pytest

import foedus as fd
from foedus.errors import QueryError
from foedus.outcomes import (
    action_rate,
    first_passage,
    mean,
    occupancy,
    payoffs,
    reach,
    report,
    simulate,
    switches,
)
from foedus.scenario.reader import examine_text

CRISES = """
foedus: 1
title: Crises between two neighbours
horizon: {evaluate: 6, solve: 9}
precision: 2
players:
  A: {label: First, discount: 0.9}
  B: {label: Second, discount: 0.8}
state:
  phase:
    levels: [calm, crisis]
    endings: {war: {label: War, payoffs: {A: -4, B: -6}}}
  arms: {levels: 0..2}
parameters:
  risk: {range: [0.1, 0.5], why: nobody knows}
define:
  clash: A == push and B == resist
moves:
  - {player: A, actions: [hold, push]}
  - {player: B, when: A == push, actions: [yield, resist]}
next:
  phase:
    - {when: clash, to: {war: risk, crisis: 0.5}}
    - {when: A == push, to: crisis}
    - {when: phase == crisis, to: {calm: 0.6}}
  arms:
    - {when: next(phase) == crisis, up: 0.5}
payoffs:
  A: {gains: 2*(A == push and B == yield), fear: -0.5*(next(phase) == crisis)}
  B: {losses: -2*(A == push and B == yield), arms: -0.2*arms}
terminal: {A: level(phase), B: arms}
starts:
  calm: {phase: calm, arms: {0: 0.5, 1: 0.5}}
  crisis: {phase: crisis, arms: 1}
quantities:
  war: {reach: phase == war}
  clashes: {occupancy: clash}
  cost: {value: B, part: losses}
"""


@cache
def solved():
    scenario, diagnostics = examine_text(CRISES)
    assert scenario is not None, diagnostics
    return fd.solve(fd.compile_scenario(scenario))


@cache
def played():
    return simulate(solved(), paths=20_000, seed=6, start="crisis")


def agrees(sample, exact):
    """The sample mean lies within three standard errors of the exact value."""
    error = sample.std(ddof=1) / np.sqrt(len(sample))
    assert abs(sample.mean() - exact) <= 3 * error


def chose(move, action):
    return played().actions[move] == played().action_names[move].index(action)


def level(factor, name):
    space = solved().game.structure.states
    names = space.levels[space.factors.index(factor)]
    return played().levels(factor) == names.index(name)


def test_reach_of_a_state_and_of_a_move():
    at_war, clash = level("phase", "war"), chose("A", "push") & chose("B", "resist")
    agrees(at_war.any(axis=1), reach(solved(), "phase == war", start="crisis"))
    agrees(clash[:, :4].any(axis=1), reach(solved(), "clash", within=4, start="crisis"))


def test_reach_of_an_ending_or_a_move():
    either = level("phase", "war")[:, :7].any(axis=1) | chose("B", "yield").any(axis=1)
    agrees(either, reach(solved(), "phase == war or B == yield", start="crisis"))


def test_first_passage_of_a_condition_on_what_follows():
    """`next(phase) == war` in period n is `phase == war` at n + 1."""
    by_state = first_passage(solved(), "phase == war", start="crisis").probability
    by_move = first_passage(solved(), "next(phase) == war", start="crisis").probability
    np.testing.assert_allclose(by_move[1:], by_state[1:], rtol=1e-12)
    agrees(level("phase", "war")[:, 3] & ~level("phase", "war")[:, 2], by_state[3].item())


def test_counts_in_words():
    calm, crisis = level("phase", "calm"), level("phase", "crisis")
    agrees((calm[:, :-1] & crisis[:, 1:]).sum(axis=1), switches(
        solved(), "phase == calm", "phase == crisis", start="crisis"
    ))  # fmt: skip
    both = calm[:, :-1] & chose("A", "push")
    exact = occupancy(solved(), "phase == calm and A == push", start="crisis")
    agrees(both.sum(axis=1), exact)
    rate = action_rate(solved(), "A == push", given="phase == calm", start="crisis")
    in_calm = occupancy(solved(), "phase == calm", start="crisis")
    assert rate == pytest.approx(exact / in_calm, rel=1e-12)
    pushes = occupancy(solved(), "A == push", start="crisis")
    played_on = occupancy(solved(), "phase != war", start="crisis")
    share = action_rate(solved(), "A == push", start="crisis")
    assert share == pytest.approx(pushes / played_on, rel=1e-12)


def test_a_mean_is_over_play_that_goes_on():
    arms, alive = played().levels("arms")[:, 5], ~level("phase", "war")[:, 5]
    agrees(arms[alive], mean(solved(), "arms", at=5, start="crisis"))


@pytest.mark.parametrize("start", ["calm", "crisis"])
def test_named_parts_add_up_to_the_value(start):
    """Parts, the ending's payoff and terminal values together are what the solver reports."""
    table = payoffs(solved(), start=start)
    assert set(table) == {"gains", "fear", "losses", "arms", "war", "terminal"}
    begin = solved().game.structure.starts[start]
    values = solved().certificate.values[0] @ begin
    np.testing.assert_allclose(table.sum(axis=1), values, rtol=0, atol=1e-10)


def test_the_scenario_s_own_quantities():
    quantities = solved().game.origin.rules.quantities
    found = report(solved(), quantities)
    assert found == pytest.approx(
        {
            "war": reach(solved(), "phase == war"),
            "clashes": occupancy(solved(), "clash"),
            "cost": payoffs(solved()).loc["B", "losses"],
        },
        rel=1e-12,
    )


def test_words_that_cannot_be_read_are_refused():
    with pytest.raises(QueryError, match="weather"):
        reach(solved(), "weather == bad")
