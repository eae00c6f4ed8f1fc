"""A finished assessment out of the run store, whole, with nothing solved again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from foedus.ensemble import Failure, FailureRecord, Plan, Run, Store
from foedus.ensemble.text import parsed
from foedus.errors import QueryError, StoreError
from foedus.findings import record
from foedus.findings.ablation import Construction
from foedus.findings.assessed import Assessed, Audit, FactFound
from foedus.findings.centre import LocalSlope, Turn
from foedus.findings.deciding import Deciding
from foedus.findings.evidence import EQUILIBRIUM_PLAY, Evidence
from foedus.findings.finding import Finding
from foedus.findings.judging import ALL_DRAWS, WITH_HOLDOUTS
from foedus.findings.kept import Solved, kept
from foedus.findings.order import order
from foedus.findings.rebuilding import rebuilt
from foedus.findings.result import Findings
from foedus.findings.samples import DRAWS, Samples, region
from foedus.findings.settings import BASE
from foedus.findings.shifts import Shift
from foedus.findings.verdict import Verdict
from foedus.scenario.model import Claim, Fact
from foedus.scenario.reader import examine_text
from foedus.scenario.scenario import Scenario


def scenario_of(store: Store, run: Run, name: str) -> Scenario:
    """The scenario that a run was made from, as it was, under this name.

    Raises `StoreError` where this version of foedus finds errors in its text.
    """
    scenario, diagnostics = examine_text(run.label.source, name)
    if scenario is None:
        raise StoreError(
            f"the scenario of run {run.id} has errors to this version of foedus: {diagnostics[0]}",
            path=store.path,
            hints=["assess the scenario again"],
        )
    return scenario


def read_findings(store: Store, start: str) -> tuple[Scenario, Findings]:
    """The assessment whose run id begins with `start`, and the scenario it is about.

    They are what `assess` returned: the same draws, verdicts and evidence.

    Raises `StoreError` for no such run, several, or what is missing or damaged, and
    `QueryError` for a run that is no finished assessment.
    """
    run = store.run(start)
    data = store.artefacts(run.id).get("findings")
    if run.label.kind != record.KIND or data is None:
        raise QueryError(
            f"run {run.id} ({run.label.kind}) is no finished assessment; `foedus runs` lists them"
        )
    scenario = scenario_of(store, run, data["scenario"])
    about = parsed(run.identity)["description"]
    counts = store.result(run.id, 0).arrays["plausible"]
    evidence = _evidence(store, scenario, data, about)
    rows = evidence.by_play[EQUILIBRIUM_PLAY].rows
    if counts is None or len(counts) != rows.size:
        lacking = f"run {data['runs'][0]}, the draws of run {run.id}, is not complete"
        raise StoreError(lacking, path=store.path)
    return scenario, _findings(scenario, data, about, evidence, rows[counts])


def latest(store: Store, scenario: Scenario) -> Run | None:
    """The newest finished assessment of all claims of this scenario; None if there is none."""
    for run in store.runs():
        if run.label.kind != record.KIND or run.finished is None:
            continue
        about = parsed(run.identity)["description"]
        everything = [claim.name for claim in scenario.claims]
        if about["scenario"] == scenario.digest and about["claims"] == everything:
            return run
    return None


def _findings(
    scenario: Scenario,
    data: Mapping[str, Any],
    about: Mapping[str, Any],
    evidence: Evidence,
    plausible_rows: np.ndarray,
) -> Findings:
    claims = {claim.name: claim for claim in scenario.claims}
    same = ("title", "design", "seed", "draws", "solved", "plausible", "checks", "selection")
    return Findings(
        **{name: data[name] for name in (*same, "scenario", "digest", "run", "seconds")},
        filters=_facts(scenario.plausible, data["filters"]),
        holdouts=_facts(scenario.holdouts, data["holdouts"]),
        claims=tuple(_assessed(claims[one["id"]], one, data["settings"]) for one in data["claims"]),
        settings=tuple(data["settings"]),
        audit=rebuilt(Audit, data["audit"]),
        failures=tuple(_failure(one) for one in data["failures"]),
        runs=tuple(data["runs"]),
        computed=0,
        reused=0,
        lacking=tuple(data["lacking"]),
        samples=evidence.samples,
        regimes=evidence.regimes,
        quantities=evidence.quantities,
        evidence=evidence,
        plausible_rows=plausible_rows,
    )


def _assessed(claim: Claim, data: Mapping[str, Any], settings: Sequence[str]) -> Assessed:
    construction = data["construction"]
    finding = Finding(
        claim=claim,
        verdict=rebuilt(Verdict, {**data, "word": data["verdict"]}),
        deciding=rebuilt(Deciding, {**data["deciding"], "pivots": data["pivots"]}),
        construction=None if construction is None else rebuilt(Construction, construction),
    )
    return Assessed(
        finding=finding,
        shifts={
            name: rebuilt(Shift, data["robustness"][name])
            for name in dict.fromkeys((ALL_DRAWS, WITH_HOLDOUTS, *settings))
            if name in data["robustness"]
        },
        slopes=tuple(rebuilt(LocalSlope, one) for one in data["slopes"]),
        turns=tuple(rebuilt(Turn, one) for one in data["turns"]),
    )


def _facts(facts: Sequence[Fact], data: Sequence[Mapping[str, Any]]) -> tuple[FactFound, ...]:
    return tuple(
        FactFound(fact=fact, reproduced=one["reproduced"], known=one["known"])
        for fact, one in zip(facts, data, strict=True)
    )


def _failure(data: Mapping[str, Any]) -> FailureRecord:
    """A failure as the findings tell of it; they do not say in which chunk it came up."""
    return FailureRecord(
        chunk=-1,
        cell={"sample": data["sample"], "setting": data["setting"]},
        failure=Failure(
            draw=data["draw"],
            error=data["error"],
            message=data["message"],
            inputs=data["parameters"],
        ),
    )


def _evidence(
    store: Store, scenario: Scenario, data: Mapping[str, Any], about: Mapping[str, Any]
) -> Evidence:
    """The base sample, and what claims and facts read besides it, out of the runs behind."""
    samples = Samples(
        parameters=region(scenario),
        kind=data["design"],
        seed=data["seed"],
        n=data["draws"],
        blocks=about["blocks"],
    )
    claims = tuple(claim for claim in scenario.claims if claim.name in about["claims"])
    asked = order(scenario, claims, samples, checks=data["checks"], quick=about["quick"])
    first, *others = data["runs"]
    found = {EQUILIBRIUM_PLAY: _solved(store, first)[DRAWS, BASE.label]}
    wanted = {(DRAWS, one.label): (one.without, one.under) for one in asked.plays}
    for run_id in others if wanted else ():
        if set(parsed(store.run(run_id).identity)["axes"][0][1]) != {DRAWS}:
            continue
        cells = _solved(store, run_id)
        found |= {wanted[cell]: cells[cell] for cell in wanted if cell in cells}
        if len(found) > len(wanted):
            break
    return Evidence(
        samples=samples,
        regimes=tuple(about["regimes"]),
        quantities=tuple(about["quantities"]),
        precision=scenario.precision.value,
        by_play=found,
    )


def _solved(store: Store, run_id: str) -> dict[tuple[str, str], Solved]:
    """The samples that a run of draws keeps. Raises `StoreError` if it keeps none."""
    fields = parsed(store.run(run_id).identity)
    plan = Plan(**{**fields, "axes": dict(fields["axes"])})
    found = kept(plan, store)
    if not found:
        raise StoreError(f"run {run_id} keeps no draws", path=store.path)
    return found
