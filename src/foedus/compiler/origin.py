"""What a compiled game remembers of its scenario: names, conditions, payoff parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from foedus.compiler.arithmetic import Lookup
from foedus.compiler.frame import Frame, Key
from foedus.compiler.numbers import FrameNumbers, frame_numbers
from foedus.compiler.states import frame_over
from foedus.compiler.structure import make_structure
from foedus.errors import QueryError
from foedus.game.game import Structure
from foedus.game.measure import Measure, Watched
from foedus.game.stages import Stage
from foedus.scenario.expressions import ExpressionError, Scope, read_formula
from foedus.scenario.formulas import Formula
from foedus.scenario.model import Rules


@dataclass(frozen=True, eq=False, kw_only=True)
class CompiledScenario:
    """Implements `measure.Origin`."""

    rules: Rules
    lookup: Lookup
    frame: Frame
    structure: Structure
    numbers: FrameNumbers
    _watched: dict[tuple[str, ...], Watched] = field(default_factory=dict, repr=False)

    def watch(self, conditions: Mapping[str, Any]) -> Watched:
        """A structure on which each condition (text, or a formula) is a measure."""
        formulas = {name: self.read(condition) for name, condition in conditions.items()}
        # Formulas are told apart by identity, and live as long as the entry does.
        key = tuple(
            f"{name}={condition if isinstance(condition, str) else id(condition)}"
            for name, condition in conditions.items()
        )
        if key not in self._watched:
            self._watched[key] = self._refine(formulas)
        return self._watched[key]

    def read(self, condition: Any) -> Formula:
        """The formula of a condition written in the scenario's own words."""
        if not isinstance(condition, str):
            formula: Formula = condition
            return formula
        try:
            return read_formula(condition, Scope.of(self.rules))
        except ExpressionError as error:
            raise QueryError(str(error)) from None

    def parts(self) -> Sequence[Key]:
        """(player, part) of every payoff part; endings are parts too."""
        endings = [(p, e.name) for e in self.rules.endings for p in e.payoffs]
        return [*((part.player, part.name) for part in self.rules.parts), *endings]

    def part_measures(self, values: Mapping[str, Any], xp: Any = np) -> Mapping[Key, Measure]:
        """Each payoff part as a measure on the game's own structure."""
        return self.numbers.part_measures(values, xp)

    def situation(self, stage: int, node: int) -> Mapping[str, str]:
        """Factor levels and the moves made so far at a node: names of levels by variable.

        A node may stand for several situations that no later rule tells apart;
        this is the first of them.
        """
        columns = self.frame.layers[stage].columns
        names = {v.name: v.levels for v in (*self.rules.factors, *self.rules.moves)}
        return {
            name: levels[code]
            for name, levels in names.items()
            if name in columns and (code := int(columns[name][node])) >= 0
        }

    def _refine(self, formulas: Mapping[str, Formula]) -> Watched:
        n_live = self.frame.n_live
        frame = frame_over(self.rules, self.lookup, self.frame.states[:n_live], formulas)
        structure, frame = make_structure(self.rules, frame)
        return Watched(
            structure=structure,
            lift=_lift(self.structure.stages, structure.stages, n_live),
            source=frame_numbers(self.rules, self.lookup, frame),
        )


def _lift(coarse: Sequence[Stage], fine: Sequence[Stage], n_live: int) -> tuple[np.ndarray, ...]:
    """The original node of every refined node, found by walking both structures side by side."""
    lift = [np.arange(n_live, dtype=np.int32)]
    for before, after in zip(coarse[:-1], fine[:-1], strict=True):
        origin = np.zeros(int(after.successor.max(initial=0)) + 1, dtype=np.int32)
        occupied = after.occupied
        origin[after.successor[occupied]] = before.successor[lift[-1]][occupied]
        lift.append(origin)
    return tuple(lift) if coarse else ()
