"""Small scenarios of one logit choice, and briefings of them: usual, hostile, empty, large."""

from __future__ import annotations

from pathlib import Path

from foedus.briefing.material import Material
from foedus.ensemble import Store
from foedus.findings.assess import assess
from foedus.findings.reading import read_findings
from foedus.scenario.reader import examine_text
from foedus.scenario.scenario import Scenario

RULES = """\
foedus: 1
title: {title}
summary: {summary}
period: year
horizon: {{evaluate: 1, solve: 1}}
precision: {{value: 4, range: [2, 8], scale: log, why: tried}}
margin: 0.05
players:
  A: {{label: {label}}}
state:
  phase: {{levels: [open, done]}}
parameters:
  theta: {{range: [0, 1], why: {why}, means: {means}, source: Somebody2024}}
  c: {{range: [0, 1], why: tried, means: cost of acting}}
define:
  helped: 0
moves:
  - {{player: A, when: phase == open, actions: [wait, act]}}
next:
  phase:
    - {{when: A == act, to: done}}
payoffs:
  A: {{worth: theta*(A == act), cost: -c*(A == act), help: helped*(A == act)}}
starts:
  now: {{phase: open}}
quantities:
  acts: {{reach: phase == done, within: 1, label: {label}}}
  worth: {{value: A}}
"""
REGIMES = """\
regimes:
  none: {{label: No help}}
  help: {{label: {label}, means: {means}, edit: {{define: {{helped: 0.5}}}}}}
mechanisms:
  subsidy: {{label: The subsidy, off: {{helped: 0}}}}
counterfactuals:
  always: {{label: Always acts, player: A, plays: [{{when: phase == open, actions: act}}]}}
sources:
  Somebody2024: {source}
notes: {notes}
tags: {tags}
plausible:
  some: {{says: It acts at times, date: 2024-01-01, holds: acts(none) >= 0.2}}
holdouts:
  rare: {{says: It does not act as a rule, holds: acts(none) <= 0.7}}
"""
CLAIMS = """\
claims:
  helps:
    {{label: {label}, by: {by}, where: {where}, says: {says}, concept: {concept}, note: {note},
     holds: acts(help) > acts(none), mechanisms: [subsidy], rivals: [acts]}}
  acts:
    {{label: Acts as a rule, by: {by}, says: It acts without help.,
     holds: acts(none) > 0.5, margin: 0, mechanisms: [subsidy]}}
  forced:
    {{by: somebody else, says: To be forced is worse., margin: 0,
     holds: "worth(none, under=always) < worth(none)"}}
  region: {{by: somebody else, says: Half of it., holds: share(acts(none) > 0.5) > 0.2}}
  unheard: {{by: {by}, says: It was never heard of., untestable: {untestable}}}
"""
USUAL = {
    "title": "A choice",
    "summary": "Somebody may act or wait.",
    "label": "Help helps",
    "why": "It is disputed.",
    "means": "worth of acting",
    "source": "A paper of 2024",
    "notes": "'What is **meant**.'",
    "tags": "[help-or-not, choice]",
    "by": "somebody",
    "where": "page 3",
    "says": "Help makes acting likelier.",
    "concept": "Assistance",
    "note": "Only of this kind of help.",
    "untestable": "nothing here hears",
}
SCRIPT = "</title><script>document.title='owned'</script><img src=x onerror=alert(1)>"
TURNED = "\u202egnirts desrever \u2067\u05d0\u05d1\u05d2"
LONG = "Donaudampfschifffahrtsgesellschaft" * 9
EMOJI = "🧪🤝 👩‍👩‍👧‍👦 ✍🏽"
WORST = {
    **dict.fromkeys(USUAL, f'"{SCRIPT} {TURNED} {EMOJI} {LONG}"'),
    "title": f'"{SCRIPT} {TURNED} {LONG[:300]}"',
    "tags": f'["{SCRIPT}", "{TURNED}", "{EMOJI}", "ok"]',
    "notes": f'"{SCRIPT} **{TURNED}** <!--publication:top-->\\n\\n- {LONG}"',
}


def text(words: dict[str, str], *, regimes: bool = True, claims: str | None = CLAIMS) -> str:
    """A scenario with these words in it."""
    parts = [RULES, *([REGIMES] if regimes else []), *([claims] if claims else [])]
    return "".join(parts).format(**words)


def many(number: int) -> str:
    """That many claims, which hold in ever fewer draws."""
    claims = [
        f"  n{place:02}: {{{{by: author {place % 3}, says: More than {place / number:.3f}., "
        f"label: Claim {place}, holds: acts(none) > {place / number:.3f}, margin: 0}}}}"
        for place in range(number)
    ]
    return "\n".join(["claims:", *claims, ""])


def read(written: str, name: str = "choice") -> Scenario:
    """The scenario in a text."""
    scenario, diagnostics = examine_text(written, name)
    assert scenario is not None, diagnostics
    return scenario


def material(written: str, place: Path, *, draws: int = 64, name: str = "choice") -> Material:
    """The scenario assessed, kept in a store in this folder, and read back."""
    with Store(place / "runs.sqlite") as store:
        found = assess(read(written, name), draws=draws, checks=8, quick=True, store=store)
        scenario, findings = read_findings(store, found.run)
        return Material(scenario=scenario, findings=findings, run=store.run(found.run))
