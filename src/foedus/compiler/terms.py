"""Tables of numbers as formulas evaluated on few contexts and spread over many rows.

A formula reads a handful of variables, so over the 100,000 edges of a game it
takes a few dozen values. A `Term` keeps the distinct contexts and, for each
row, which one applies; evaluating it for new parameters costs the contexts only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from foedus.compiler.arithmetic import ArrayAlgebra, Columns, Lookup
from foedus.scenario.formulas import Formula, evaluate, variables


@dataclass(frozen=True, eq=False, kw_only=True)
class Term:
    """`formula` on its distinct `contexts`; `index[row]` says which one a row has."""

    formula: Formula
    contexts: Columns
    index: np.ndarray | None  # None: one value for every row
    lookup: Lookup

    def values(self, parameters: Mapping[str, Any], xp: Any = np) -> Any:
        """The value in each context, (..., contexts); draws of parameters lead."""
        count = len(next(iter(self.contexts.values()))) if self.contexts else 1
        algebra = ArrayAlgebra(self.lookup, self.contexts, parameters, xp)
        value = xp.asarray(evaluate(self.formula, algebra), dtype=float)
        return xp.broadcast_to(value, (*value.shape[:-1], count))

    def spread(self, parameters: Mapping[str, Any], shape: tuple[int, ...], xp: Any = np) -> Any:
        """The value in each row, (..., *shape)."""
        values = self.values(parameters, xp)
        lead = values.shape[:-1]
        if self.index is None:
            return xp.broadcast_to(values.reshape(*lead, *[1] * len(shape)), (*lead, *shape))
        return values[..., self.index].reshape(*lead, *shape)


def make_term(formula: Formula, lookup: Lookup, columns: Columns, rows: int) -> Term:
    """The term of a formula over rows with these columns."""
    names = sorted(variables(formula))
    if not names:
        return Term(formula=formula, contexts={}, index=None, lookup=lookup)
    mixed = np.zeros(rows, dtype=np.int64)
    for name in names:
        mixed = mixed * (lookup.size(name) + 1) + (columns[name] + 1)
    _, first, index = np.unique(mixed, return_index=True, return_inverse=True)
    contexts = {name: columns[name][first] for name in names}
    return Term(
        formula=formula, contexts=contexts, index=index.reshape(-1).astype(np.int32), lookup=lookup
    )


@dataclass(frozen=True, eq=False, kw_only=True)
class Pool:
    """A table gathered from several terms: entry 0 is 0.0, then the terms' contexts in order."""

    terms: tuple[Term, ...]
    index: np.ndarray  # of the table's shape, into the pool

    def table(self, parameters: Mapping[str, Any], xp: Any = np, lead: tuple[int, ...] = ()) -> Any:
        """The table's values, (*lead, rows, columns)."""
        pieces = [xp.zeros((*lead, 1))]
        for term in self.terms:
            values = term.values(parameters, xp)
            pieces.append(xp.broadcast_to(values, (*lead, values.shape[-1])))
        return xp.concatenate(pieces, axis=-1)[..., self.index]


class PoolBuilder:
    """Fills a table of rows x columns piece by piece."""

    def __init__(self, rows: int, width: int) -> None:
        self.index = np.zeros((rows, width), dtype=np.int32)
        self.terms: list[Term] = []
        self._size = 1

    def put(self, rows: np.ndarray, column: int, term: Term) -> None:
        """Says that these rows of a column hold the values of `term` (built for those rows)."""
        count = len(next(iter(term.contexts.values()))) if term.contexts else 1
        self.index[rows, column] = self._size + (0 if term.index is None else term.index)
        self.terms.append(term)
        self._size += count

    def done(self) -> Pool:
        return Pool(terms=tuple(self.terms), index=self.index)


def select(columns: Columns, rows: np.ndarray) -> dict[str, np.ndarray]:
    """The same columns at some of the rows."""
    return {name: column[rows] for name, column in columns.items()}
