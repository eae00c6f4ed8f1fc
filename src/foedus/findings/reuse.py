"""Chunks of draws that other runs have computed already."""

from __future__ import annotations

from contextlib import suppress

from foedus.ensemble import Plan, Store, encode
from foedus.ensemble.text import canonical, parsed
from foedus.errors import StoreError


def adopt(plan: Plan, store: Store, *, kind: str) -> None:
    """Copy into the plan's run what other runs of this kind have: same sample, setting, draws.

    The run must have been begun. What a chunk depends on of its plan is the description, of
    which only its own sample and setting count; see `Keeper`.
    """
    kept = store.stored(plan.run_id)
    wanted = {_chunk_key(plan, index): index for index in range(plan.n_chunks) if index not in kept}
    for other in store.runs():
        if not wanted:
            return
        if other.label.kind != kind or other.id == plan.run_id:
            continue
        theirs = _plan_of(other.identity)
        for index in sorted(store.stored(other.id)):
            key = _chunk_key(theirs, index)
            if key not in wanted:
                continue
            with suppress(StoreError):  # damaged: it is computed instead
                data = encode(store.result(other.id, index))
                store.put(plan, wanted.pop(key), data, seconds=0.0, worker=f"run {other.id}")


def _plan_of(identity: str) -> Plan:
    """The plan that has this identity."""
    fields = parsed(identity)
    return Plan(**{**fields, "axes": dict(fields["axes"])})


def _chunk_key(plan: Plan, index: int) -> str:
    """All that the numbers in a chunk depend on: of the plan, only its own sample and setting."""
    chunk = plan.chunk(index)
    own = {axis: plan.description[f"{axis}s"][label] for axis, label in chunk.cell.items()}
    rest = {k: v for k, v in plan.description.items() if k not in ("samples", "settings")}
    return canonical([rest, own, chunk.cell, chunk.draws.start, chunk.draws.stop])
