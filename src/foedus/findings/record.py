"""The entry of an assessment in the run store, beside the runs that hold its draws.

An assessment is a run of kind `assess` with one chunk. Its description says what the answer
depends on: `scenario` (digest of the whole file), `claims` (the ones asked for), `samples`,
`settings`, `regimes`, `quantities`, `parameters` (names), and `runs`, the ids of the runs of
kind `draws` that hold the numbers. The first of those runs is the base sample: its chunks
hold `parameters` (draws, parameters), `values` (regimes, quantities, draws) and `solved`
(draws,). The assessment's own chunk holds `plausible` (draws,), and its artefact `findings`
is `Findings.to_dict()`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from foedus.ensemble import Label, Plan, Result, Store, encode

KIND = "assess"


def keep(
    store: Store,
    description: Mapping[str, Any],
    label: Label,
    *,
    plausible: np.ndarray,
    findings: Mapping[str, Any],
) -> str:
    """Enter an assessment, or renew its entry. Returns the run's id."""
    plan = Plan(description={"what": KIND, **description}, draws=1, chunk_size=1)
    store.begin(plan, label)
    if not store.keeps(plan.run_id, 0):
        data = encode(Result({"plausible": plausible}))
        store.put(plan, 0, data, seconds=float(findings["seconds"]), worker="here")
    store.finish(plan.run_id)
    store.put_artefact(plan.run_id, "findings", findings)
    return plan.run_id


def run_id(description: Mapping[str, Any]) -> str:
    """The id that `keep` gives an assessment of this description."""
    return Plan(description={"what": KIND, **description}, draws=1, chunk_size=1).run_id
