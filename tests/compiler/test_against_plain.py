"""Compiled games give what the rules, read one situation at a time, give."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

import foedus as fd
from foedus.compiler.compile import compile_rules
from foedus.scenario.model import Horizon
from foedus.testing import scenarios

from .plain import PlainGame
from .sweep import values


def compare(scenario, regime, variant=None, precision=3.0):
    rules = scenario.rules(regime=regime, variant=variant)
    periods = min(rules.horizon.solve, 3)
    rules = replace(rules, horizon=Horizon(solve=periods, evaluate=1))
    game = compile_rules(rules)
    plain = PlainGame(rules, game.values, precision).solve(periods)
    states = game.structure.states
    for state, found in enumerate(values(game, precision)):
        expected = plain(0, tuple(int(c) for c in states.codes[state]))
        np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-10)


@given(text=scenarios(simultaneous=False))
@settings(max_examples=15)
def test_random_scenarios(text, tmp_path_factory):
    """Every reachable state of a random scenario is worth what plain recursion says."""
    path = tmp_path_factory.mktemp("random") / "random.yaml"
    path.write_text(text)
    scenario = fd.read(path)
    for regime in scenario.regimes:
        compare(scenario, regime.name)


@pytest.mark.parametrize("name", ["extended-deterrence", "brinkmanship"])
def test_library(name):
    """Small library scenarios, whole."""
    scenario = fd.read(name)
    for regime in scenario.regimes:
        compare(scenario, regime.name)
