"""What later rules can still tell apart: the test by which nodes of a stage are merged.

Two situations are alike when everything that is still to be evaluated (later
conditions, payoffs and transitions) comes out the same for all parameter values
and all later moves. For each such formula the *residue* of a situation is the
list of values of its largest subformulas that are already known, with whatever
a known zero, a known condition or a known operand makes irrelevant left out.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from foedus.compiler.arithmetic import ArrayAlgebra, Columns, Lookup
from foedus.scenario.formulas import (
    Formula,
    Number,
    Operation,
    ParameterValue,
    Reading,
    Test,
    evaluate,
)

_NEUTRAL = {"multiply": 1.0, "add": 0.0, "and": 1.0, "or": 0.0}


class Residue:
    """Collects, formula by formula, the columns that make up situations' residues."""

    def __init__(self, lookup: Lookup, columns: Columns, settled: frozenset[str]) -> None:
        self.columns = columns
        self.settled = settled
        self.algebra = ArrayAlgebra(lookup, columns, {})
        self.rows = len(next(iter(columns.values())))
        self.collected: list[np.ndarray] = []
        self._known: dict[int, bool] = {}
        self._values: dict[int, np.ndarray] = {}
        self._full: set[int] = set()

    def add(self, formula: Formula, relevant: np.ndarray | None = None) -> None:
        """Takes in what `formula` still reads, in the situations where it is relevant."""
        self._visit(formula, relevant)

    def add_column(self, codes: np.ndarray, relevant: np.ndarray | None = None) -> None:
        """Takes in a column of codes as it is."""
        self.collected.append(codes if relevant is None else np.where(relevant, codes, -1))

    def known(self, node: Formula) -> bool:
        """Whether the node is settled: no parameter and no variable that is still open."""
        answer = self._known.get(id(node))
        if answer is None:
            match node:
                case Number():
                    answer = True
                case ParameterValue():
                    answer = False
                case Reading() | Test():
                    answer = node.variable in self.settled
                case Operation():
                    answer = all(map(self.known, node.operands))
            self._known[id(node)] = answer
        return answer

    def value(self, node: Formula) -> np.ndarray:
        """A settled node's value in every situation."""
        value = evaluate(node, self.algebra, self._values)
        return np.broadcast_to(value, (self.rows,))

    def _emit(self, node: Formula, relevant: np.ndarray | None) -> None:
        if isinstance(node, Number) or id(node) in self._full:
            return
        if relevant is None:
            self._full.add(id(node))
            self.collected.append(self.value(node))
        elif relevant.any():
            self.collected.append(np.where(relevant, self.value(node), 0.0))

    def _visit(self, node: Formula, relevant: np.ndarray | None) -> None:
        if self.known(node):
            self._emit(node, relevant)
            return
        match node:
            case Reading() | Test() if node.variable in self.columns:
                # Chosen in some situations and open in others.
                self.add_column(self.columns[node.variable], relevant)
            case Operation(operator="if", operands=(condition, then, otherwise)) if self.known(
                condition
            ):
                self._emit(condition, relevant)
                truth = self.value(condition) != 0
                self._visit(then, _both(relevant, truth))
                self._visit(otherwise, _both(relevant, ~truth))
            case Operation(operator="multiply" | "and" | "or" | "add" as operator):
                self._visit_chain(operator, list(_chain(node, operator)), relevant)
            case Operation():
                for operand in node.operands:
                    self._visit(operand, relevant)

    def _visit_chain(
        self, operator: str, operands: list[Formula], relevant: np.ndarray | None
    ) -> None:
        known = [o for o in operands if self.known(o)]
        if known:
            total = np.full(self.rows, _NEUTRAL[operator])
            for operand in known:
                value = self.value(operand)
                match operator:
                    case "multiply":
                        total = total * value
                    case "add":
                        total = total + value
                    case "and":
                        total = np.minimum(total, value != 0)
                    case "or":
                        total = np.maximum(total, value != 0)
            self.collected.append(total if relevant is None else np.where(relevant, total, 0.0))
            match operator:
                case "multiply" | "and":
                    relevant = _both(relevant, total != 0)
                case "or":
                    relevant = _both(relevant, total == 0)
        for operand in operands:
            if not self.known(operand):
                self._visit(operand, relevant)


def _both(relevant: np.ndarray | None, more: np.ndarray) -> np.ndarray:
    return more if relevant is None else relevant & more


def _chain(node: Formula, operator: str) -> Iterable[Formula]:
    if isinstance(node, Operation) and node.operator == operator:
        for operand in node.operands:
            yield from _chain(operand, operator)
    else:
        yield node


def alike(columns: Iterable[np.ndarray], rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Groups rows that agree in every column: (first row of each group, group of each row).

    Groups are numbered by their first row. Rows are sorted by a 64-bit hash of
    their columns and the grouping is then checked column by column; if two
    different rows ever share a hash, the columns themselves are sorted instead.
    """
    stacked = [np.asarray(c, dtype=np.float64) + 0.0 for c in columns]
    mixed = np.zeros(rows, dtype=np.uint64)
    with np.errstate(over="ignore"):
        for column in stacked:
            mixed ^= column.view(np.uint64)
            # The numbers of a scenario differ in their leading bits: spread these downwards.
            mixed *= np.uint64(0x9E3779B97F4A7C15)
            mixed ^= mixed >> np.uint64(32)
    _, first, group = np.unique(mixed, return_index=True, return_inverse=True)
    representative = first[group]
    if not all(np.array_equal(c, c[representative]) for c in stacked):
        table = np.stack(stacked, axis=1)
        _, first, group = np.unique(table, axis=0, return_index=True, return_inverse=True)
    order = np.argsort(first, kind="stable")
    rank = np.empty(len(order), dtype=np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    return first[order], rank[group.reshape(-1)]
