r"""Designs of formulas that are only a constant, numbers and labels: most formulas, read at once.

A number is its own column; labels have a column for each but the first, in sorted order, named
`x[T.level]`, next to a constant. Formulas that say more go to formulaic, which gives the same
columns for these, some fifty times slower.
"""

from __future__ import annotations

from dataclasses import dataclass

import formulaic
import numpy as np
import pandas as pd

from foedus.errors import DataError


@dataclass(frozen=True, kw_only=True)
class PlainTerms:
    """Terms in order: a column's name with its levels, or with None for a number; "1" is 1."""

    terms: tuple[tuple[str, tuple[str, ...] | None], ...]

    @property
    def column_names(self) -> tuple[str, ...]:
        """As formulaic names them."""
        names: list[str] = []
        for name, levels in self.terms:
            if levels is not None:
                names += [f"{name}[T.{level}]" for level in levels[1:]]
            else:
                names.append("Intercept" if name == "1" else name)
        return tuple(names)

    def matrix(self, frame: pd.DataFrame) -> np.ndarray:
        """(rows, columns); NaN where a value is missing.

        Raises `DataError` for levels that the fitted rows did not have and for labels in place
        of numbers, and `KeyError` for a column that is not there.
        """
        design = np.empty((len(frame), len(self.column_names)))
        at = 0
        for name, levels in self.terms:
            if name == "1":
                design[:, at] = 1.0
                at += 1
            elif levels is None:
                design[:, at] = _numbers(frame[name], name)
                at += 1
            else:
                width = len(levels) - 1
                _indicate(design[:, at : at + width], frame[name], name, levels)
                at += width
        return design


def plain_terms(formula: formulaic.Formula, frame: pd.DataFrame) -> PlainTerms | None:
    """The terms of a formula over this table, or None where formulaic has to read it."""
    found: list[tuple[str, tuple[str, ...] | None]] = []
    for term in formula:
        (factor, *more) = term.factors
        name, method = str(factor.expr), str(factor.eval_method.value)
        if more or (method == "literal") != (name == "1") or method == "python":
            return None
        if name == "1":
            found.append((name, None))
            continue
        if name not in frame.columns:
            return None
        column = frame[name]
        if isinstance(column.dtype, np.dtype) and column.dtype.kind in "fiu":
            found.append((name, None))
        elif column.dtype.kind == "O":
            levels = column.unique()
            if not all(isinstance(level, str) for level in levels):
                return None
            found.append((name, tuple(sorted(levels))))
        else:
            return None
    labelled = any(levels is not None for _, levels in found)
    names = [name for name, _ in found]
    if len(set(names)) < len(names) or (labelled and "1" not in names):
        return None
    return PlainTerms(terms=tuple(found))


def _numbers(column: pd.Series, name: str) -> np.ndarray:
    try:
        return column.to_numpy(dtype=float, na_value=np.nan)
    except (TypeError, ValueError):
        raise DataError(f"`{name}` was a number where the model was fitted") from None


def _indicate(design: np.ndarray, column: pd.Series, name: str, levels: tuple[str, ...]) -> None:
    codes, found = pd.factorize(column)
    place = {level: k for k, level in enumerate(levels)}
    new = [str(level) for level in found if level not in place]
    if new:
        raise DataError(f"`{name}` meets new levels: {', '.join(new)}")
    index = np.array([place[level] for level in found] + [-1])[codes]
    design[:] = index[:, None] == np.arange(1, len(levels))
    design[index < 0] = np.nan
