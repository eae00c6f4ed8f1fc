"""A table of situations after a step, and where each row came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from foedus.compiler.arithmetic import Columns
from foedus.compiler.terms import Pool, select
from foedus.game.stages import Stage

# Marks situations whose play has ended; a column beside those of the variables.
ENDED = "(ended)"


@dataclass(frozen=True, eq=False, kw_only=True)
class Expansion:
    """`slots[r]` is row r's place in the flattened stage; `parents[r]` the node it comes from.

    The stage's successors are not known yet and stand as zeros.
    """

    stage: Stage
    columns: Mapping[str, np.ndarray]
    parents: np.ndarray
    slots: np.ndarray
    probability: Pool | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        return self.stage.shape


def grow(
    columns: Columns, occupied: np.ndarray
) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]:
    """(columns, parents, slots) of the rows that stand in the occupied slots."""
    slots = np.flatnonzero(occupied)
    parents = slots // max(int(np.prod(occupied.shape[1:])), 1)
    return select(columns, parents), parents, slots


def record(columns: dict[str, np.ndarray], variable: str, chosen: np.ndarray) -> None:
    """Writes what was chosen; where nobody chose, an earlier entry of the move stands."""
    before = columns.get(variable)
    now = chosen if before is None else np.where(chosen < 0, before, chosen)
    columns[variable] = now.astype(np.int16)
