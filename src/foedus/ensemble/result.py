"""What comes back from a chunk: named arrays, and a record of every draw that failed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A draw without a result: which one, the class of its error, why, and its inputs.

    `draw` is None when the chunk as a whole has no result.
    """

    draw: int | None
    error: str
    message: str
    inputs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Result:
    """The arrays of a chunk by name (None for an array that has no value) and its failures."""

    arrays: Mapping[str, np.ndarray[Any, Any] | None]
    failures: tuple[Failure, ...] = ()
