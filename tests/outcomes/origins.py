"""An origin that knows a few conditions by name, and splits nodes for no good reason."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np

from foedus.game.game import Tables
from foedus.game.measure import Watched
from foedus.outcomes.conditions import lift_measure


class TwinOrigin:
    """Implements `measure.Origin`: every node after the first stage becomes two alike."""

    def __init__(self, structure, tables, conditions, part_measures=None):
        self.structure, self.coarse = structure, tables
        self.conditions, self.named_parts = conditions, part_measures or {}
        self.lift = tuple(
            np.repeat(np.arange(len(stage.successor), dtype=np.int32), 1 if k == 0 else 2)
            for k, stage in enumerate(structure.stages)
        )

    def watch(self, conditions):
        last = len(self.structure.stages) - 1
        stages = []
        for k, stage in enumerate(self.structure.stages):
            after = stage.successor[self.lift[k]]
            if k < last:  # one twin or the other, in turn
                after = 2 * after + np.arange(after.size).reshape(after.shape) % 2
            stages.append(_split(stage, self.lift[k], after.astype(np.int32)))
        known = {name: self.conditions[condition] for name, condition in conditions.items()}
        return Watched(
            structure=replace(self.structure, stages=tuple(stages)),
            lift=self.lift,
            source=_TwinNumbers(self.coarse, known, self.lift),
        )

    def parts(self):
        return list(self.named_parts)

    def part_measures(self, values, xp=np):
        return self.named_parts


class _TwinNumbers:
    def __init__(self, coarse, known, lift):
        self.coarse, self.known, self.lift = coarse, known, lift

    def tables(self, values, xp=np):
        payoff = zip(self.coarse.payoff, self.lift, strict=True)
        chances = zip(self.coarse.probability, self.lift, strict=True)
        return Tables(
            discount=self.coarse.discount,
            flow=self.coarse.flow,
            terminal=self.coarse.terminal,
            payoff=tuple(p[:, nodes] for p, nodes in payoff),
            probability=tuple(None if p is None else p[nodes] for p, nodes in chances),
        )

    def measures(self, values, xp=np):
        return {name: lift_measure(measure, self.lift) for name, measure in self.known.items()}


def _split(stage, nodes, successor):
    """The stage at split nodes."""
    repeated = {}
    for field in fields(stage):
        value = getattr(stage, field.name)
        if isinstance(value, np.ndarray):
            repeated[field.name] = value[nodes]
        elif field.name in ("action", "available"):
            repeated[field.name] = tuple(part[nodes] for part in value)
    return replace(stage, **{**repeated, "successor": successor})
