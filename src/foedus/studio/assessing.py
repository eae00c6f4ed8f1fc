"""The process of one assessment: it solves, tells how far it is, and is ended to stop it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from foedus.ensemble import InProcess, Progress, Store
from foedus.ensemble.executors import cores
from foedus.errors import FoedusError
from foedus.findings.assess import assess
from foedus.findings.interim import interim
from foedus.scenario.reader import examine_text
from foedus.studio.child import Note
from foedus.studio.outline import Data
from foedus.studio.reconsider import counts, verdicts

EVERY = 2.0  # seconds between partial verdicts, at least
SHARE = 0.1  # of the time, at most, that partial verdicts take


def assessed(payload: Data, note: Note) -> Data:
    """An assessment to its end: the findings. Partial verdicts go ahead as notes."""
    scenario, _ = examine_text(payload["text"], payload.get("name", "scenario"))
    if scenario is None:
        raise FoedusError("the scenario has errors; see the editor")
    store = Path(payload["store"])
    asked = {name: payload[name] for name in ("draws", "seed", "checks")}
    last, cost = 0.0, 0.0

    def progress(doing: str, at: Progress) -> None:
        nonlocal last, cost
        note({"doing": doing, "done": at.done, "total": at.total, "remaining": at.remaining})
        now = time.monotonic()
        if doing != "draws" or at.done == 0 or now - last < max(EVERY, cost / SHARE):
            return
        with Store(store) as reader:
            so_far = interim(scenario, reader, **asked)
        if so_far is not None:
            note({"partial": {**counts(so_far), "claims": verdicts(scenario, so_far)}})
        last = time.monotonic()
        cost = last - now

    findings = assess(
        scenario,
        quick=bool(payload.get("quick")),
        claims=payload.get("claims"),
        store=store,
        executor=InProcess(threads=cores()),
        progress=progress,
        command=_command(payload),
        **asked,
    )
    found: Data = findings.to_dict()
    return {"findings": found}


def _command(payload: Data) -> str:
    quick = " --quick" if payload.get("quick") else ""
    return (
        f"foedus assess {payload.get('name', 'scenario')} --draws {payload['draws']} "
        f"--seed {payload['seed']} --checks {payload['checks']}{quick}"
    )


TASKS: dict[str, Any] = {"assess": assessed}
