"""How published models answer to their parameters: monotone where their sources say so."""

from __future__ import annotations

import numpy as np
import pytest

import foedus as fd

CASES = [
    # model, regime, quantity, parameter, from, to, sign, precision
    ("zagare2000-rudimentary-deterrence", None, "demand", "p_hard", 0.05, 0.95, -1, 5.0),
    ("fearon1995-bargaining", None, "war", "b", 0.25, 0.6, 1, 40.0),
    ("fearon1995-bargaining", None, "war", "c_A", 0.02, 0.2, -1, 40.0),
    ("fearon1995-two-types", None, "risky", "q", 0.05, 0.95, 1, 20.0),
    ("powell2006-preventive-war", None, "war", "shift", 0.01, 0.3, 1, 10.0),
    ("benson2022-alliance-window", "gradual", "attack", "shift", 0.01, 0.3, 1, 10.0),
    ("benson2022-alliance-window", "gradual", "attack", "alpha", 0.05, 1.0, 1, 10.0),
    ("benson2014-moral-hazard", None, "help", "breach", 0.01, 0.6, 1, 10.0),
    ("fearon1994-audience-costs", None, "firm", "rate", 0.01, 0.2, 1, 10.0),
    ("slantchev2005-military-threats", None, "fights", "m", 0.05, 0.8, 1, 10.0),
    ("salehyan2010-delegation", None, "delegates", "slack", 0.0, 0.8, -1, 10.0),
]


@pytest.mark.parametrize(
    ("model", "regime", "quantity", "parameter", "low", "high", "sign", "precision"), CASES
)
def test_comparative_statics(
    model: str,
    regime: str | None,
    quantity: str,
    parameter: str,
    low: float,
    high: float,
    sign: int,
    precision: float,
) -> None:
    scenario = fd.read(model)
    game = fd.compile_scenario(scenario, regime=regime)
    (asked,) = [q for q in scenario.rules(regime).quantities if q.name == quantity]
    found = []
    for value in np.linspace(low, high, 5):
        solved = fd.solve(game.at(**{parameter: float(value)}), fd.Logit(precision=precision))
        found.append(fd.report(solved, [asked])[quantity])
    assert (sign * np.diff(found) > -1e-9).all()
    assert sign * (found[-1] - found[0]) > 0.01
