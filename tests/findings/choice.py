"""A scenario whose figures are known in closed form: one logit choice.

A chooser acts with probability L(precision * (theta - c + help)), where L is the logistic
function, theta and c are uniform on [0, 1], and help is 0 or, under the regime `help`, 1/2.
"""

from __future__ import annotations

import math

import numpy as np

from foedus.scenario.reader import examine_text
from foedus.scenario.scenario import Scenario

PRECISION = 4.0
CHOICE = """\
foedus: 1
title: A choice
period: year
horizon: {evaluate: 1, solve: 1}
precision: {value: 4, range: [2, 8], scale: log, why: tried}
margin: 0.05
players:
  A: {label: Chooser}
state:
  phase: {levels: [open, done]}
parameters:
  theta: {range: [0, 1], why: tried, means: worth of acting}
  c: {range: [0, 1], why: tried, means: cost of acting}
define:
  helped: 0
moves:
  - {player: A, when: phase == open, actions: [wait, act]}
next:
  phase:
    - {when: A == act, to: done}
payoffs:
  A: {worth: theta*(A == act), cost: -c*(A == act), help: helped*(A == act)}
starts:
  now: {phase: open}
regimes:
  none: {label: No help}
  help: {label: Help, edit: {define: {helped: 0.5}}}
variants:
  dear: {label: Acting is dear, edit: {payoffs: {A: {dear: -0.2*(A == act)}}}}
quantities:
  acts: {reach: phase == done, within: 1}
  worth: {value: A}
mechanisms:
  subsidy: {label: The subsidy, off: {helped: 0}}
counterfactuals:
  always: {label: Always acts, player: A, plays: [{when: phase == open, actions: act}]}
plausible:
  some: {says: It acts at times, date: 2024-01-01, holds: acts(none) >= 0.2}
holdouts:
  rare: {says: It does not act as a rule, holds: acts(none) <= 0.7}
claims:
  helps:
    {label: Help helps, by: somebody, says: Help makes acting likelier.,
     holds: acts(help) > acts(none), mechanisms: [subsidy], rivals: [acts]}
  acts:
    {label: Acts as a rule, by: somebody, says: It acts without help.,
     holds: acts(none) > 0.5, margin: 0, mechanisms: [subsidy]}
  forced:
    {by: somebody else, says: To be forced is worse., margin: 0,
     holds: "worth(none, under=always) < worth(none)"}
  region: {by: somebody else, says: Half of it., holds: share(acts(none) > 0.5) > 0.2}
  unheard: {by: somebody, says: It was never heard of., untestable: nothing here hears}
"""


def choice(text: str = CHOICE) -> Scenario:
    """The scenario, from its text."""
    scenario, diagnostics = examine_text(text, "choice")
    assert scenario is not None, diagnostics
    return scenario


def logistic(x: np.ndarray | float) -> np.ndarray:
    return 1 / (1 + np.exp(-np.asarray(x)))


def below(d: float) -> float:
    """P(theta - c < -d) for d from 0 to 1: a triangle."""
    return (1 - d) ** 2 / 2


LEAST = math.log(4) / PRECISION  # theta - c >= -LEAST makes P(acts) >= 0.2
MOST = math.log(7 / 3) / PRECISION  # theta - c <= MOST makes P(acts) <= 0.7
PLAUSIBLE = 1 - below(LEAST)  # share of the region
