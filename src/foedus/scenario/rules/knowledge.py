"""What the checks of one file share: the effort that is left, and what is known already.

Regimes and variants of a file share most of their formulas, as the very same
objects. What is known of a formula is remembered by its identity.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from functools import reduce
from typing import NamedTuple

from foedus.scenario.formulas import Formula, Operation, ParameterValue, Reading, Test, nodes

MOST_STEPS = 20_000  # of one search, a step being a variable assigned
MOST_NODES = 40_000  # evaluated for one bound

TruthTable = dict[tuple[int, tuple[int | None, ...]], tuple[bool, bool]]


@dataclass
class Budget:
    """How many steps a search may take, out of a common pool if there is one.

    Steps are counted, not timed, so that answers repeat.
    """

    left: int
    pool: Budget | None = None

    def spend(self, steps: int = 1) -> bool:
        """Take some steps; False when nothing is left."""
        self.left -= steps
        if self.pool is not None and not self.pool.spend(steps):
            self.left = -1
        return self.left >= 0

    @property
    def exhausted(self) -> bool:
        """Whether nothing is left to spend, here or in the pool."""
        return self.left <= 0 or (self.pool is not None and self.pool.exhausted)


class Knowledge:
    """Remembers what formulas read, what conditions come to, and what has been proved."""

    def __init__(self) -> None:
        self.proved: dict[Hashable, bool] = {}
        self._searching = Budget(100_000)
        self._proving = Budget(60_000)
        self._known: dict[int, _Reads] = {}
        self._sums: dict[tuple[int, ...], tuple[tuple[Formula, ...], Formula]] = {}
        self._truth: dict[Hashable, TruthTable] = {}

    def search(self) -> Budget:
        """The budget of one search."""
        return Budget(MOST_STEPS, self._searching)

    def proving(self) -> Budget:
        """The budget of deciding one bound, a step being a node of a formula evaluated."""
        return Budget(MOST_NODES, self._proving)

    def variables(self, formula: Formula) -> tuple[str, ...]:
        """Names of the variables that the formula reads, in alphabetical order."""
        return self._reads(formula).variables

    def parameters(self, formula: Formula) -> tuple[str, ...]:
        """Names of the parameters that the formula reads, in alphabetical order."""
        return self._reads(formula).parameters

    def size(self, formula: Formula) -> int:
        """How many nodes the formula has."""
        return self._reads(formula).size

    def sum_of(self, formulas: tuple[Formula, ...]) -> Formula:
        """The sum of the formulas: one object for the same formulas."""
        key = tuple(map(id, formulas))
        if key not in self._sums:
            total = reduce(lambda a, b: Operation("add", (a, b)), formulas)
            self._sums[key] = formulas, total
        return self._sums[key][1]

    def truth_table(self, frame: Hashable) -> TruthTable:
        """What conditions come to, by formula and codes, among rules with the same variables."""
        return self._truth.setdefault(frame, {})

    def _reads(self, formula: Formula) -> _Reads:
        answer = self._known.get(id(formula))
        if answer is None:
            variables: set[str] = set()
            parameters: set[str] = set()
            size = 0
            for node in nodes(formula):
                size += 1
                if isinstance(node, Reading | Test):
                    variables.add(node.variable)
                elif isinstance(node, ParameterValue):
                    parameters.add(node.name)
            answer = _Reads(formula, tuple(sorted(variables)), tuple(sorted(parameters)), size)
            self._known[id(formula)] = answer
        return answer


class _Reads(NamedTuple):
    """What a formula reads. Keeping the formula keeps its identity its own."""

    formula: Formula
    variables: tuple[str, ...]
    parameters: tuple[str, ...]
    size: int
