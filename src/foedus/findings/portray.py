"""A portrait of play under each regime: computed through the run store, or read from it.

In the store it is a run of kind `portrait`. Its description names the `scenario` (digest of the
whole file), the `samples`, and the `rows` of the base sample that are followed; its chunks hold
`levels`, `reached`, `values` and `solved`, see `CourseWork`; the artefact `central play` has
what is known at the central draw. Names and labels come from the scenario.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np

from foedus.ensemble import (
    Executor,
    InProcess,
    Label,
    Plan,
    Progress,
    Store,
    results,
    run,
    versions,
)
from foedus.ensemble.text import parsed
from foedus.errors import QueryError
from foedus.findings.courses import CourseTask, horizon, named_players, shapes_of
from foedus.findings.finding import plain
from foedus.findings.kept import CHUNK
from foedus.findings.portrait import (
    Central,
    MovePlayed,
    Named,
    Portrait,
    Revealed,
    factors_of,
    reaches_of,
    starts_of,
)
from foedus.findings.rebuilding import rebuilt
from foedus.findings.result import Findings
from foedus.findings.samples import DRAWS
from foedus.scenario.scenario import Scenario

KIND = "portrait"
CENTRE = "central play"  # the artefact with what is known at the central draw


def portray(
    scenario: Scenario,
    findings: Findings,
    *,
    draws: int = 128,
    store: Path | Store | None = None,
    executor: Executor = InProcess(),  # noqa: B008  it is frozen
    progress: Callable[[str, Progress], None] = lambda doing, progress: None,
    command: str = "",
) -> Portrait:
    """What play looks like under each regime, over draws of an assessment and at the centre.

    The first `draws` of the plausible draws are solved again and followed period by period;
    where no draw is plausible, the first that could be solved. Chunks are kept in the
    `store`, so that a portrait that was stopped goes on where it was, and one that is
    complete is only read.

    Raises `QueryError` for fewer than one draw and where the scenario declares no start that
    all regimes have, `SolveError` where the central draw has no certified equilibrium,
    `RunInterrupted` on Ctrl-C, `EnsembleError` and `StoreError` as `assess` does.
    """
    if draws < 1:
        raise QueryError(f"a portrait needs at least one draw; found {draws}")
    if not starts_of(scenario):
        raise QueryError("no start is declared under every regime, so play begins nowhere")
    rows = findings.plausible_rows[:draws]
    if not len(rows):
        rows = findings.base.rows[findings.base.solved][:draws]
    task = CourseTask(
        text=scenario.text,
        regimes=findings.regimes,
        quantities=findings.quantities,
        samples=findings.samples,
        rows=tuple(int(row) for row in rows),
    )
    plan = _plan(scenario, findings, task)
    with ExitStack() as opened:
        if not isinstance(store, Store):
            folder = opened.enter_context(tempfile.TemporaryDirectory())
            store = opened.enter_context(Store(store or Path(folder) / "runs.sqlite"))
        label = Label(
            kind=KIND,
            title=scenario.title,
            source=scenario.text,
            command=command,
            versions=versions(),
        )
        run(
            plan,
            task,
            store=store,
            label=label,
            executor=executor,
            progress=lambda now: progress("play by period", now),
        )
        if CENTRE not in store.artefacts(plan.run_id):
            progress("the central draw", Progress(done=0, total=1, seconds=0.0, remaining=None))
            store.put_artefact(plan.run_id, CENTRE, _centre(scenario))
        return _read(scenario, findings, plan, store)


def read_portrait(store: Store, scenario: Scenario, findings: Findings) -> Portrait | None:
    """The newest portrait of these findings in the store, solving nothing; None without one."""
    sample = findings.samples.identity(DRAWS)
    for kept in store.runs():
        if kept.label.kind != KIND or kept.finished is None:
            continue
        fields = parsed(kept.identity)
        about = fields["description"]
        mine = about["scenario"] == scenario.digest and about["samples"] == plain(sample)
        counting = set(about["rows"]) <= set(findings.plausible_rows.tolist())
        if mine and (counting or not len(findings.plausible_rows)):
            plan = Plan(**{**fields, "axes": dict(fields["axes"])})
            if CENTRE in store.artefacts(kept.id):
                return _read(scenario, findings, plan, store)
    return None


def _plan(scenario: Scenario, findings: Findings, task: CourseTask) -> Plan:
    starts = starts_of(scenario)
    description = {
        "what": KIND,
        "scenario": scenario.digest,
        "samples": findings.samples.identity(DRAWS),
        "rows": list(task.rows),
        "regimes": list(task.regimes),
        "quantities": list(task.quantities),
        "starts": [start.name for start in starts],
        "shapes": shapes_of(factors_of(scenario), reaches_of(scenario, starts)),
        "versions": versions(),
    }
    return Plan(description=description, draws=len(task.rows), chunk_size=CHUNK)


def _centre(scenario: Scenario) -> dict[str, Any]:
    """What is known at the central draw, as plain data."""
    from foedus.findings.centre_play import central_play

    rules = {regime.name: scenario.rules(regime.name) for regime in scenario.regimes}
    central, moves, revealed = central_play(
        rules,
        factors_of(scenario),
        starts_of(scenario),
        named_players(rules),
        periods=horizon(next(iter(rules.values()))),
    )
    return {"central": plain(central), "moves": plain(moves), "revealed": plain(revealed)}


def _read(scenario: Scenario, findings: Findings, plan: Plan, store: Store) -> Portrait:
    parts = [result.arrays for _, result in results(plan, store)]
    arrays: Mapping[str, np.ndarray] = {
        name: np.concatenate([part[name] for part in parts])
        for name in ("levels", "reached", "values", "solved")
    }
    good = arrays["solved"].astype(bool)
    rules = {regime.name: scenario.rules(regime.name) for regime in scenario.regimes}
    starts = starts_of(scenario)
    found = store.artefacts(plan.run_id)[CENTRE]
    return Portrait(
        run=plan.run_id,
        scenario=scenario.name,
        period=scenario.period,
        regimes=tuple(Named(name=r.name, label=r.label or r.name) for r in scenario.regimes),
        starts=starts,
        players=named_players(rules),
        factors=factors_of(scenario),
        reaches=reaches_of(scenario, starts),
        central=tuple(rebuilt(Central, one) for one in found["central"]),
        moves=tuple(rebuilt(MovePlayed, one) for one in found["moves"]),
        revealed=tuple(rebuilt(Revealed, one) for one in found["revealed"]),
        plausible=bool(len(findings.plausible_rows)),
        rows=np.array(plan.description["rows"])[good],
        **{name: arrays[name][good].astype(float) for name in ("levels", "reached", "values")},
    )
