"""Solved draws in the run store: planned, computed where they are missing, read back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from jaxtyping import Bool, Float, Int

from foedus.ensemble import (
    Executor,
    FailureRecord,
    Label,
    Plan,
    Progress,
    Store,
    results,
    run,
)
from foedus.ensemble.text import parsed
from foedus.errors import EnsembleError
from foedus.findings.fingerprint import fingerprint
from foedus.findings.reuse import adopt
from foedus.findings.session import OneSession
from foedus.findings.settings import Setting
from foedus.findings.work import Task
from foedus.scenario.scenario import Scenario

CHUNK = 64
KIND = "draws"  # of the runs that hold solved draws


@dataclass(frozen=True, eq=False, kw_only=True)
class Solved:
    """A sample solved in one setting, all its points together.

    - `rows` (points,): their places in the sample, ascending.
    - `values` (regimes, quantities, points), `solved` (points,), `audit` (checks, 5): see `Work`.
    - `derivatives` (regimes, quantities, parameters): of the central point, where they exist.
    - `selection`: of the central point, by regime.
    """

    rows: Int[np.ndarray, "points"]
    parameters: Float[np.ndarray, "points parameters"]
    values: Float[np.ndarray, "regimes quantities points"]
    solved: Bool[np.ndarray, "points"]
    audit: Float[np.ndarray, "checks 5"]
    derivatives: Float[np.ndarray, "regimes quantities parameters"] | None = None
    selection: Mapping[str, str] = field(default_factory=dict)
    failures: tuple[FailureRecord, ...] = ()


@dataclass(eq=False, kw_only=True)
class Keeper:
    """Computes samples in settings through the store. A context: its workers end with it.

    - `computed`, `reused`: chunks so far; `runs`: the ids of the runs, in order.
    - `lacking`: why runs lack chunks, in words.
    """

    scenario: Scenario
    task: Task
    store: Store
    executor: Executor
    versions: Mapping[str, str]
    command: str = ""
    progress: Callable[[str, Progress], None]
    computed: int = 0
    reused: int = 0
    runs: list[str] = field(default_factory=list)
    lacking: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._workers = OneSession(self.executor)
        self._prints: dict[str, str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: Any) -> None:
        self._workers.close(*error)

    def solve(
        self, samples: Sequence[str], settings: Sequence[Setting], n: int, *, doing: str
    ) -> dict[tuple[str, str], Solved]:
        """The first `n` points of each sample in each setting, by sample and label.

        What the store has is read, from whatever run; the rest is computed. A chunk that
        could not be computed in spite of all is missing, and noted in `lacking`.
        """
        if not samples or not settings:
            return {}
        plan = self._plan(samples, settings, n)
        label = Label(
            kind=KIND,
            title=f"{self.scenario.title}: {doing}",
            source=self.scenario.text,
            command=self.command,
            versions=self.versions,
        )
        self.store.begin(plan, label)
        adopt(plan, self.store, kind=KIND)
        try:
            report = run(
                plan,
                self.task,
                store=self.store,
                label=label,
                executor=self._workers,
                progress=lambda progress: self.progress(doing, progress),
            )
            self.computed += report.computed
            self.reused += report.reused
        except EnsembleError as error:
            if not self.store.stored(plan.run_id):
                raise
            self.lacking.append(str(error))
        self.runs.append(plan.run_id)
        return kept(plan, self.store)

    def found(
        self, samples: Sequence[str], settings: Sequence[Setting], n: int
    ) -> dict[tuple[str, str], Solved]:
        """What the store has of this, from whatever run, by sample and label; nothing is computed.

        The store is not changed, unless other runs have what this one lacks.
        """
        if not samples or not settings:
            return {}
        plan = self._plan(samples, settings, n)
        known = any(run.id == plan.run_id for run in self.store.runs())
        if not known:
            label = Label(kind=KIND, title=self.scenario.title, source=self.scenario.text)
            self.store.begin(plan, label)
            adopt(plan, self.store, kind=KIND)
            if not self.store.stored(plan.run_id):
                self.store.remove(plan.run_id)
                return {}
        return kept(plan, self.store)

    def _plan(self, samples: Sequence[str], settings: Sequence[Setting], n: int) -> Plan:
        description = {
            "what": KIND,
            "samples": {sample: self.task.samples.identity(sample) for sample in samples},
            "settings": {setting.label: self._fingerprint(setting) for setting in settings},
            "regimes": self.task.regimes,
            "quantities": self.task.quantities,
            "versions": self.versions,
        }
        return Plan(
            description=description,
            draws=n,
            chunk_size=CHUNK,
            axes={"sample": samples, "setting": [setting.label for setting in settings]},
        )

    def _fingerprint(self, setting: Setting) -> list[Any]:
        """All that the numbers of a setting depend on, besides the points."""
        if setting.label not in self._prints:
            rules, reference = setting.rules(self.scenario), setting.reference(self.scenario)
            self._prints[setting.label] = "".join(
                fingerprint(some, self.task.quantities) for some in (rules, reference) if some
            )
        return [self._prints[setting.label], setting.precision, setting.convention]


def kept(plan: Plan, store: Store) -> dict[tuple[str, str], Solved]:
    """The kept chunks of a run by sample and setting, their draws side by side."""
    found: dict[tuple[str, str], list[tuple[range, Mapping[str, Any]]]] = {}
    for chunk, result in results(plan, store):
        cell = chunk.cell["sample"], chunk.cell["setting"]
        found.setdefault(cell, []).append((chunk.draws, result.arrays))
    failures = store.failures(plan.run_id)
    return {cell: _joined(cell, parts, failures) for cell, parts in found.items()}


def _joined(
    cell: tuple[str, str],
    parts: Sequence[tuple[range, Mapping[str, Any]]],
    failures: Sequence[FailureRecord],
) -> Solved:
    """The chunks of one cell, which come in order of their draws."""

    def joined(name: str, axis: int = 0) -> np.ndarray:
        return np.concatenate([arrays[name] for _, arrays in parts], axis=axis)

    first = parts[0][1]
    words = first.get("selection")
    return Solved(
        rows=np.concatenate([np.arange(draws.start, draws.stop) for draws, _ in parts]),
        parameters=joined("parameters"),
        values=joined("values", 2),
        solved=joined("solved"),
        audit=joined("audit"),
        derivatives=first.get("derivatives"),
        selection={} if words is None else parsed(words.tobytes().decode()),
        failures=tuple(
            record
            for record in failures
            if (record.cell["sample"], record.cell["setting"]) == cell
            and record.failure.draw is not None
        ),
    )
