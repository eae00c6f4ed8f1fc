"""Answers of `solve` kept in the run store; a fault of the store costs a warning, nothing else."""

from __future__ import annotations

import json
import math
import os
import shlex
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from foedus.ensemble import Label, Plan, Result, Store, default_store, encode, versions
from foedus.errors import EnsembleError, StoreError

if TYPE_CHECKING:
    from foedus.cli.solving import Settings
    from foedus.scenario.model import Quantity
    from foedus.scenario.scenario import Scenario

Answer = dict[str, Any]
WORKER = "foedus solve"


class Shelf:
    """Where one scenario's answers are kept and found again, by everything they depend on.

    A store that cannot be read or written is warned of, once.
    """

    def __init__(self, path: Path | None, scenario: Scenario, settings: Settings) -> None:
        self.path = path
        self._scenario = scenario
        self._settings = settings
        self._warned = False

    def plan(self, regimes: Sequence[str], quantities: Sequence[Quantity], start: str) -> Plan:
        """What an answer depends on: the scenario, the question, the settings, the versions."""
        settings = self._settings
        description = {
            "scenario": self._scenario.digest,
            "regimes": list(regimes),
            "quantities": [quantity.name for quantity in quantities],
            "parameters": [parameter.name for parameter in self._scenario.parameters],
            "start": start,
            "variant": settings.variant,
            "precision": settings.precision,
            "convention": settings.convention,
            "set": dict(settings.values),
            "versions": versions(),
        }
        return Plan(description={"kind": "solve", **description}, draws=1)

    def find(self, plan: Plan) -> Answer | None:
        """The kept answer, or None if there is none or it cannot be read."""
        if self.path is None or not self.path.exists():
            return None
        try:
            with Store(self.path, readonly=True) as store:
                if not store.keeps(plan.run_id, 0):
                    return None
                return written(store.result(plan.run_id, 0))
        except (StoreError, EnsembleError) as fault:
            self._warn("this is solved again", fault)
            return None

    def keep(self, plan: Plan, answer: Answer) -> None:
        """Keep an answer, instead of one that was there."""
        label = Label(
            kind="solve",
            title=self._scenario.title,
            source=self._scenario.text,
            command=shlex.join(["foedus", *sys.argv[1:]]),
            versions=versions(),
        )
        try:
            with Store(self.path or default_store(os.environ)) as store:
                with suppress(StoreError):  # there is none to remove
                    store.remove(plan.run_id)
                store.begin(plan, label)
                store.put(plan, 0, encode(_result(plan, answer)), seconds=0.0, worker=WORKER)
                store.finish(plan.run_id)
        except StoreError as fault:
            self._warn("the answer is not kept", fault)

    def _warn(self, outcome: str, fault: Exception) -> None:
        if not self._warned:
            click.echo(f"foedus: {outcome}: {str(fault).splitlines()[0]}", err=True)
        self._warned = True


def written(result: Result) -> Answer:
    """The answer in a kept result of `solve`. Raises `EnsembleError` if it holds none."""
    text = result.arrays.get("answer")
    if text is None:
        raise EnsembleError("this result holds no answer of `foedus solve`")
    answer: Answer = json.loads(text.tobytes())
    return answer


def _result(plan: Plan, answer: Answer) -> Result:
    """The answer word for word, which the store's hash protects, and its figures as an array."""
    import numpy as np

    values = [
        [regime["quantities"].get(name, math.nan) for name in plan.description["quantities"]]
        for regime in answer["regimes"].values()
    ]
    return Result(
        {
            "answer": np.frombuffer(json.dumps(answer).encode(), np.uint8),
            # As an assessment keeps its draws: (draws, parameters), (regimes, quantities, draws).
            "parameters": np.array([list(answer["parameters"].values())], dtype=float),
            "values": np.array(values, dtype=float)[:, :, None],
        }
    )
