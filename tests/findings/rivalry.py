"""A small scenario with endings, a number, two starts, two regimes and passages to reach."""

from __future__ import annotations

from foedus.scenario.reader import examine_text
from foedus.scenario.scenario import Scenario

RIVALRY = """\
foedus: 1
title: A rivalry
period: year
horizon: {evaluate: 4, solve: 6}
precision: {range: [1, 4], value: 2, why: tried}
margin: 0.01
players:
  A: {label: Player A, discount: delta}
  B: {label: Player B, discount: 0.8}
state:
  phase:
    label: Where things stand
    levels: {peace: there is peace, war: there is war}
    endings: {settled: {label: A settlement, payoffs: {A: 1, B: 0.5}}}
  strength: {levels: 0..2, label: Strength of A}
parameters:
  cost: {range: [0.2, 1], why: drawn, unit: stake per year}
  prize: {range: [0.5, 2], why: drawn}
  delta: {range: [0.5, 0.9], why: drawn}
  luck: {range: [0.1, 0.6], why: drawn}
define:
  guard: 0
moves:
  - {player: A, actions: {wait: waits, attack: attacks, offer: {label: offers, when: phase == war}}}
  - {player: B, when: A == attack, actions: [resist, yield]}
next:
  phase:
    - {when: A == offer, to: {settled: luck}}
    - {when: A == attack and B == resist, to: war}
    - {when: phase == war, to: {peace: 0.25}}
  strength:
    - {when: A == attack, up: luck, down: 0.2}
payoffs:
  A: {gain: prize*strength/2, war: -cost*(phase == war), effort: -(0.1 + guard)*(A == attack)}
  B: {gain: -prize*strength/2*(B == yield), war: -cost*(phase == war)}
starts:
  calm: {label: In peace, phase: peace, strength: 0}
  tense: {phase: war, strength: {0: 0.5, 2: 0.5}}
regimes:
  none: {label: As it is}
  guarded: {label: B is guarded, edit: {define: {guard: 0.5}}}
quantities:
  war_2: {reach: phase == war, within: 2, start: calm}
  war_4: {label: War within four years, reach: phase == war, within: 4, start: calm}
  settled: {label: A settlement, reach: phase == settled, within: 4, start: tense}
  worth_A: {value: A, start: calm}
  strength_4: {mean: strength, at: 4, start: calm}
claims:
  deters:
    {label: The guard deters, by: somebody, says: The guard keeps the peace.,
     holds: war_4(guarded) < war_4(none)}
"""


def rivalry(text: str = RIVALRY) -> Scenario:
    """The scenario, from its text."""
    scenario, diagnostics = examine_text(text, "rivalry")
    assert scenario is not None, diagnostics
    return scenario


def endless() -> Scenario:
    """The same without a last period: solved draw by draw."""
    return rivalry(RIVALRY.replace("{evaluate: 4, solve: 6}", "{evaluate: 4, stationary: true}"))
