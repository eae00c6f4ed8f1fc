"""Claims looked at again over draws that are solved already: new ones, and narrower assumptions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from foedus.ensemble import Store
from foedus.errors import QueryError, ScenarioError
from foedus.findings.finding import plain
from foedus.findings.interim import Interim, interim
from foedus.findings.shifts import shift
from foedus.findings.verdict import Verdict
from foedus.scenario.diagnostics import render_all
from foedus.scenario.reader import examine_text
from foedus.scenario.scenario import Scenario
from foedus.scenario.writing import with_claim
from foedus.studio.child import Note
from foedus.studio.outline import Data, claim

NOTHING = "no draws of this scenario are solved yet: start an assessment first"


def kept_draws(payload: Data, note: Note) -> Data:
    """How many draws there are, and the verdict on every claim over them, without its pivots."""
    scenario = _sound(payload["text"])
    found = _interim(scenario, payload)
    if found is None:
        return {"drawn": 0, "plausible": 0, "claims": []}
    return {**counts(found), "claims": verdicts(scenario, found)}


def judged_text(payload: Data, note: Note) -> Data:
    """A claim as it would stand in the file, judged over the draws that are solved.

    `fields` are those of the claim. The file itself is not changed.
    """
    name = str(payload["claim"])
    text = with_claim(payload["text"], name, payload["fields"])
    scenario = _sound(text)
    asked = next(one for one in scenario.claims if one.name == name)
    found = _interim(scenario, payload)
    if found is None:
        raise QueryError(NOTHING)
    finding = found.finding(asked)
    if finding is None:
        reason = asked.untestable or (
            "this claim reads figures that the solved draws do not have; assess it to solve them"
        )
        return {**counts(found), "claim": claim(asked, scenario), "finding": None, "why": reason}
    return {
        **counts(found),
        "claim": claim(asked, scenario),
        "finding": finding.to_dict(),
        "text": text,
    }


def challenged(payload: Data, note: Note) -> Data:
    """Every verdict over the draws inside narrower ranges, beside that over all of them."""
    scenario = _sound(payload["text"])
    found = _interim(scenario, payload)
    if found is None:
        raise QueryError(NOTHING)
    ranges = {
        str(name): (float(ends[0]), float(ends[1])) for name, ends in payload["ranges"].items()
    }
    rows = found.within(ranges)
    answers = []
    for one in scenario.claims:
        before, after = found.verdict(one), found.verdict(one, rows)
        if before is None or after is None:
            continue
        moved = shift(before, after)
        answers.append(
            {
                "name": one.name,
                "label": one.label or one.name,
                "before": _verdict(before),
                "after": _verdict(after),
                "kind": moved.kind,
                "steps": moved.steps,
                "beyond_error": moved.beyond_error,
            }
        )
    return {**counts(found), "inside": len(rows), "claims": answers}


def drawn_figures(payload: Data, note: Note) -> Data:
    """The figures of a finished assessment, or of one claim in it, as the briefing has them."""
    from foedus.figures.catalogue import drawn, of_claim
    from foedus.figures.estimated import estimated
    from foedus.figures.facts import facts
    from foedus.figures.theme import dark
    from foedus.figures.verdict_board import verdict_board
    from foedus.findings.reading import read_findings

    with Store(Path(payload["store"]), readonly=True) as store:
        scenario, findings = read_findings(store, str(payload["run"]))
    width = int(payload.get("width", 680))
    name = payload.get("claim")
    if name is not None and name not in {one.claim.name for one in findings.claims}:
        raise QueryError(f"run {payload['run']} has not assessed claim `{name}`")
    made = (
        (
            verdict_board(findings, width=width),
            facts(findings, width=width),
            estimated(scenario, findings, width=width),
        )
        if name is None
        else of_claim(findings, name, width=width)
    )
    return {
        "figures": [
            {**one.to_dict(), "dark": dark(one.spec), "csv": one.csv()} for one in drawn(made)
        ]
    }


def verdicts(scenario: Scenario, found: Interim) -> list[Data]:
    """The verdict on every claim that these draws answer."""
    answers = []
    for one in scenario.claims:
        verdict = found.verdict(one)
        if verdict is not None:
            answers.append({"name": one.name, "verdict": _verdict(verdict)})
    return answers


def counts(found: Interim) -> Data:
    """How many draws these are."""
    return {
        "drawn": found.drawn,
        "solved": len(found.evidence.solved),
        "plausible": len(found.rows),
    }


def _verdict(verdict: Verdict) -> Data:
    data: Data = plain(verdict)
    return {key: data[key] for key in ("word", "share", "interval", "draws", "holds", "effect")}


def _interim(scenario: Scenario, payload: Data) -> Interim | None:
    path = Path(payload["store"])
    if not path.exists():
        return None
    with Store(path) as store:
        return interim(
            scenario,
            store,
            draws=int(payload["draws"]),
            seed=int(payload.get("seed", 7)),
            checks=int(payload.get("checks", 64)),
        )


def _sound(text: str) -> Scenario:
    scenario, diagnostics = examine_text(text)
    if scenario is None:
        errors: list[Any] = [one for one in diagnostics if one.severity == "error"]
        raise ScenarioError(render_all(errors[:3], text.splitlines()), errors)
    return scenario
