"""Findings in a file: each stands at the line that an analyst has to change."""

from __future__ import annotations

import pytest

from foedus.scenario.library import names
from foedus.scenario.reader import examine, examine_text

FILE = """\
foedus: 1
title: A border
horizon: {evaluate: 5}
players:
  RU: {discount: delta}
  UA: {discount: 0.9}
state:
  phase: {levels: [armistice, war], endings: {ruin: {payoffs: {RU: -9, UA: -9}}}}
  control: {levels: 0..4}
parameters:
  delta: {range: [0.8, 0.95], why: usual}
  mu: {range: [0.1, 0.4], why: guess}
  beta: {range: [-0.5, 0.5], why: guess}
moves:
  - {player: RU, when: phase == armistice, actions: [hold, attack]}
  - {player: UA, when: phase == war, actions: [accept, fight]}
next:
  phase:
    - {when: RU == attack, to: war}
    - {when: UA == accept, to: armistice}
    - {when: phase == war, to: {ruin: 0.01}}
  control:
    - when: next(phase) == war
      up: mu*(1 + beta)
      down: mu*(1 - beta)
payoffs:
  RU: {land: control/4, war: -0.3*(phase == war)}
  UA: {land: -control/4, war: -0.3*(phase == war)}
starts:
  now: {phase: war, control: 2}
"""

CHANGES = [
    ("range: [-0.5, 0.5]", "range: [-0.5, 2]", "F901", "down: mu*(1 - beta)"),
    ("range: [0.1, 0.4]", "range: [0.1, 0.6]", "F902", "- when: next(phase) == war"),
    ("war: -0.3*(phase == war)}\n  UA", "war: -log(mu - 0.2)}\n  UA", "F905", "  RU: {land"),
    ("range: [0.8, 0.95]", "range: [0.8, 1.95]", "F906", "  RU: {discount: delta}"),
    ("[accept, fight]", "{accept: {when: control > 2}}", "F911", "  - {player: UA"),
    ("levels: [armistice, war]", "levels: [armistice, war, direct]", "F921", "  phase: {levels"),
    ("{ruin: 0.01}", "{war: 0.01}", "F922", "  phase: {levels"),
    ("phase == war, actions", "phase == war and phase == armistice, actions", "F923", "UA, when"),
    ("next(phase) == war", "next(phase) == ruin", "F925", "- when: next(phase) == ruin"),
    (
        "UA: {land: -control/4",
        "UA: {land: -control/4 * (RU == attack and UA == fight)",
        "F926",
        "UA: {land",
    ),
]


def test_a_sound_file_has_nothing_to_report() -> None:
    assert examine_text(FILE)[1] == ()


@pytest.mark.parametrize(("old", "new", "code", "line"), CHANGES, ids=[c[2] for c in CHANGES])
def test_what_a_change_breaks_is_reported_at_its_line(
    old: str, new: str, code: str, line: str
) -> None:
    assert FILE.count(old) == 1
    text = FILE.replace(old, new)
    lines = text.splitlines()
    found = [lines[d.line - 1] for d in examine_text(text)[1] if d.code == code]
    assert any(line in marked for marked in found)


@pytest.mark.parametrize("name", names())
def test_shipped_scenarios_have_no_findings(name: str) -> None:
    assert [d for d in examine(name)[1] if d.code.startswith("F9")] == []
