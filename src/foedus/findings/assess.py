"""An assessment: draws solved, facts applied, claims judged, and everything looked at again."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from foedus.ensemble import Executor, InProcess, Label, Progress, Store, versions
from foedus.errors import QueryError
from foedus.findings import record
from foedus.findings.assessed import Assessed, Audit, FactFound
from foedus.findings.centre import slopes
from foedus.findings.evidence import EQUILIBRIUM_PLAY, Reproduced, plausible, reproduced
from foedus.findings.gathering import Gathering
from foedus.findings.judging import judged, looked_at_again, refiltered, telling, turns
from foedus.findings.kept import Keeper, Solved
from foedus.findings.order import Order, chosen, order
from foedus.findings.result import Findings
from foedus.findings.samples import Samples, region
from foedus.scenario.scenario import Scenario


def assess(
    scenario: Scenario,
    *,
    draws: int = 1000,
    seed: int = 7,
    design: Literal["sobol", "latin"] = "sobol",
    claims: Sequence[str] | None = None,
    checks: int = 64,
    quick: bool = False,
    total_effects: int = 0,
    store: Path | Store | None = None,
    executor: Executor = InProcess(),  # noqa: B008  it is frozen
    progress: Callable[[str, Progress], None] = lambda doing, progress: None,
    command: str = "",
) -> Findings:
    """Test the scenario's claims over the whole region of its assumptions.

    Every regime is solved on the same `draws` of the parameters. Draws that reproduce all
    facts under `plausible` count; each claim's verdict is by the share of them in which it
    holds (see `weigh`). Then each verdict is looked at again

    - over all draws, and with the hold-outs as filters too;
    - on the first `checks` draws: at both ends of the range of precision, with best replies
      where play is sequential and finite, under the other convention, under every variant,
      and without each mechanism that the claim names; 0 leaves these out;
    - at the central draw: exact slopes of its size, and where it turns as one of its first
      pivots moves from end to end of its range.

    `quick` leaves out what has to be compiled first: best replies, the other convention, the
    variants, slopes and turning points.

    A claim that reads counterfactual play, or play without a mechanism, is judged on four
    times as many draws as `checks`, or 64 if that is more, at most all. `total_effects`
    blocks of a Saltelli design add Sobol total effects to the pivots; a block has a draw for
    each parameter that varies, and two.

    `claims` are the names of those to assess, all by default. `store` keeps all draws, in a
    temporary file by default: an assessment that was stopped goes on where it was, one that
    differs in claims or facts only solves nothing again, and a longer one solves what is new.
    `progress` is called with what is being done, and how far that is, in chunks of 64 draws.

    Raises `QueryError` for arguments that make no sense, `RunInterrupted` on Ctrl-C, `SolveError`
    where not one draw can be solved, and `EnsembleError` or `StoreError` where draws can be
    neither computed nor kept. Elsewhere a draw that cannot be solved is counted and recorded,
    and the others go on.
    """
    begun = time.monotonic()
    if draws < 1 or checks < 0 or total_effects < 0:
        raise QueryError(
            "an assessment needs at least one draw, and no fewer than 0 checks and blocks for "
            f"total effects; found {draws}, {checks} and {total_effects}"
        )
    samples = Samples(
        parameters=region(scenario), kind=design, seed=seed, n=draws, blocks=total_effects
    )
    asked = order(scenario, chosen(scenario, claims), samples, checks=checks, quick=quick)
    with ExitStack() as opened:
        if not isinstance(store, Store):
            folder = opened.enter_context(tempfile.TemporaryDirectory())
            store = opened.enter_context(Store(store or Path(folder) / "runs.sqlite"))
        keeper = Keeper(
            scenario=scenario,
            task=asked.task(scenario),
            store=store,
            executor=executor,
            versions=versions(),
            command=command,
            progress=progress,
        )
        return _entered(_found(scenario, asked, opened.enter_context(keeper)), keeper, asked, begun)


def _found(scenario: Scenario, asked: Order, keeper: Keeper) -> Findings:
    """All steps in order; the base sample comes first, and what looks at it again last."""
    gathering, seed = Gathering(asked, keeper), asked.samples.seed
    evidence = gathering.base()
    facts = reproduced(evidence, scenario.plausible)
    holdouts = reproduced(evidence, scenario.holdouts)
    rows = evidence.solved[plausible(evidence.solved, facts)]
    strict = rows[plausible(rows, holdouts)] if holdouts else None
    saltelli = gathering.total_effects()
    found = [judged(claim, evidence, rows, saltelli, seed=seed) for claim in asked.claims]
    lines = gathering.lines(name for finding in found for name in telling(finding))
    centre = gathering.centre()
    again = gathering.checks()
    assessed = []
    for finding in found:
        claim = finding.claim
        shifts, construction = looked_at_again(claim, evidence, again, rows, seed=seed)
        assessed.append(
            Assessed(
                finding=replace(finding, construction=construction),
                shifts={**refiltered(finding, evidence, strict, seed=seed), **shifts},
                slopes=() if centre is None else slopes(claim, centre),
                turns=turns(finding, lines),
            )
        )
    return Findings(
        scenario=scenario.name,
        title=scenario.title,
        digest=scenario.digest,
        design=asked.samples.kind,
        seed=seed,
        draws=asked.samples.n,
        solved=len(evidence.solved),
        plausible=len(rows),
        filters=tuple(_fact_found(fact, evidence.solved) for fact in facts),
        holdouts=tuple(_fact_found(fact, rows) for fact in holdouts),
        claims=tuple(assessed),
        settings=tuple(setting.label for setting in (*asked.plays, *again)),
        checks=asked.checks,
        selection={} if centre is None else centre.by_play[EQUILIBRIUM_PLAY].selection,
        audit=_audit(gathering.solved),
        failures=tuple(record for solved in gathering.solved for record in solved.failures),
        runs=tuple(keeper.runs),
        computed=keeper.computed,
        reused=keeper.reused,
        lacking=tuple(keeper.lacking),
        samples=asked.samples,
        regimes=asked.regimes,
        quantities=asked.quantities,
        evidence=evidence,
        plausible_rows=rows,
    )


def _entered(findings: Findings, keeper: Keeper, asked: Order, begun: float) -> Findings:
    """The findings as the store enters them, with the run's id."""
    scenario = keeper.scenario
    description: dict[str, Any] = {
        **asked.description(scenario),
        "settings": list(findings.settings),
        "runs": list(findings.runs),
        "versions": dict(keeper.versions),
    }
    run = record.run_id(description)
    findings = replace(findings, run=run, seconds=time.monotonic() - begun)
    label = Label(
        kind=record.KIND,
        title=scenario.title,
        source=scenario.text,
        command=keeper.command,
        versions=keeper.versions,
    )
    counts = np.isin(findings.base.rows, findings.plausible_rows)
    record.keep(keeper.store, description, label, plausible=counts, findings=findings.to_dict())
    return findings


def _fact_found(fact: Reproduced, rows: np.ndarray) -> FactFound:
    """How often these draws reproduce a fact."""
    known = np.isin(fact.rows, rows) & fact.known
    return FactFound(
        fact=fact.fact, reproduced=int((fact.holds & known).sum()), known=int(known.sum())
    )


def _audit(solved: Sequence[Solved]) -> Audit:
    """All that was checked by other code, in one line."""
    checks = np.concatenate([one.audit for one in solved])
    worst = checks[:, 2:].max(axis=0).tolist() if len(checks) else [0.0, 0.0, 0.0]
    return Audit(checks=len(checks), residual=worst[0], regret=worst[1], difference=worst[2])
