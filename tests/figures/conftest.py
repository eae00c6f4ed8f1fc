"""Findings and portraits to draw, made once."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "findings"))

from choice import CHOICE, choice
from rivalry import RIVALRY, rivalry

from foedus.findings.assess import assess
from foedus.findings.portrait import Portrait
from foedus.findings.portray import portray
from foedus.findings.result import Findings
from foedus.scenario.scenario import Scenario

LONG = "An extremely long label that goes on, and on, " * 7
HOSTILE = (
    '<script>alert("x")</script> & ]]> \u202egnikcab\u202c \u05e9\u05dc\u05d5\u05dd \U0001f680 '
    "\u0645\u0631\u062d\u0628\u0627 " + LONG
)


@pytest.fixture(scope="session")
def findings() -> Findings:
    """A scenario with rivals, a claim about the region and one that cannot be tested."""
    return assess(choice(), draws=128, checks=24)


@pytest.fixture(scope="session")
def claimless() -> Findings:
    """The same without claims."""
    return assess(choice(CHOICE[: CHOICE.index("claims:")]), draws=32, checks=0, quick=True)


@pytest.fixture(scope="session")
def rivals() -> Scenario:
    """A scenario with endings, a number, two starts and two regimes."""
    return rivalry()


@pytest.fixture(scope="session")
def rivalry_findings(rivals: Scenario) -> Findings:
    return assess(rivals, draws=24, checks=0, quick=True)


@pytest.fixture(scope="session")
def portrait(rivals: Scenario, rivalry_findings: Findings) -> Portrait:
    return portray(rivals, rivalry_findings, draws=24)


@pytest.fixture(scope="session")
def alone() -> tuple[Scenario, Findings, Portrait]:
    """One player, one regime, one draw, no claims, no facts, no ladder."""
    text = RIVALRY[: RIVALRY.index("quantities:")]
    text = text.replace("  guarded: {label: B is guarded, edit: {define: {guard: 0.5}}}\n", "")
    text = text.replace("  B: {label: Player B, discount: 0.8}\n", "")
    text = text.replace("  - {player: B, when: A == attack, actions: [resist, yield]}\n", "")
    text = text.replace("A == attack and B == resist", "A == attack").replace(", B: 0.5", "")
    text = text[: text.index("  B: {gain")] + text[text.index("starts:") :]
    scenario = rivalry(text)
    findings = assess(scenario, draws=1, checks=0, quick=True)
    return scenario, findings, portray(scenario, findings, draws=1)


@pytest.fixture(scope="session")
def hostile(findings: Findings) -> Findings:
    """Findings whose words are meant to break a page."""
    claims = []
    for one in findings.claims:
        claim = replace(one.claim, label=HOSTILE, says=HOSTILE, unit="<b>unit</b>")
        claims.append(replace(one, finding=replace(one.finding, claim=claim)))
    parameters = tuple(replace(p, means=HOSTILE, unit=HOSTILE) for p in findings.samples.parameters)
    samples = replace(findings.samples, parameters=parameters)
    facts = tuple(replace(f, fact=replace(f.fact, label=HOSTILE)) for f in findings.filters)
    return replace(findings, title=HOSTILE, claims=tuple(claims), samples=samples, filters=facts)


@pytest.fixture(scope="session")
def hostile_portrait(portrait: Portrait) -> Portrait:
    """A portrait whose words are meant to break a page."""
    return replace(
        portrait,
        regimes=tuple(replace(one, label=HOSTILE) for one in portrait.regimes),
        starts=tuple(replace(one, label=HOSTILE) for one in portrait.starts),
        players=tuple(replace(one, label=HOSTILE) for one in portrait.players),
        factors=tuple(
            replace(f, label=HOSTILE, level_labels=(HOSTILE,) * len(f.levels))
            for f in portrait.factors
        ),
        moves=tuple(
            replace(m, actions=tuple(replace(a, label=HOSTILE) for a in m.actions))
            for m in portrait.moves
        ),
    )


@pytest.fixture(scope="session")
def nobody(portrait: Portrait) -> Portrait:
    """A portrait of no draws at all."""
    return replace(
        portrait,
        rows=np.array([], int),
        levels=portrait.levels[:0],
        reached=portrait.reached[:0],
        values=portrait.values[:0],
    )
