"""Columns of draws, one number each for every draw: checked, and one draw chosen for an audit."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from foedus.errors import QueryError
from foedus.scenario.model import Rules
from foedus.scenario.suggestions import did_you_mean


def checked(parameters: Mapping[str, Any], rules: Sequence[Rules]) -> dict[str, np.ndarray]:
    """The columns as arrays.

    Raises `QueryError` for none at all, for names that no rules have, and for columns of
    different lengths.
    """
    if not parameters:
        raise QueryError("an evaluation needs a column of at least one parameter")
    known = {p.name: None for own in rules for p in own.parameters}
    known |= {own.precision.name: None for own in rules}
    unknown = [name for name in parameters if name not in known]
    if unknown:
        hint = did_you_mean(unknown[0], list(known), "parameters")
        raise QueryError(f"no parameter `{unknown[0]}`; {hint}")
    columns = {name: np.asarray(column, float) for name, column in parameters.items()}
    shapes = {column.shape for column in columns.values()}
    if len(shapes) > 1 or len(next(iter(shapes))) != 1:
        raise QueryError(f"columns have one number for each draw; these have shapes {shapes}")
    return columns


def audited(columns: Mapping[str, np.ndarray], count: int, regimes: int) -> tuple[int, int]:
    """The draw and the regime to audit: any will do, but the same for the same draws."""
    digest = hashlib.sha256()
    for name in sorted(columns):
        digest.update(columns[name].tobytes())
    number = int.from_bytes(digest.digest()[:8], "big")
    return (number // regimes) % count if count else 0, number % regimes
