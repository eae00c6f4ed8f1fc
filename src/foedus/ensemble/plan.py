"""What a run computes: its identity, and its chunks in an order that samples evenly."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from foedus.ensemble.text import canonical, parsed
from foedus.errors import EnsembleError


@dataclass(frozen=True, kw_only=True)
class Chunk:
    """The draws that are computed in one go, in one cell of the plan's axes.

    - `index`: its place in the plan, which is its identity.
    - `cell`: one label per axis, such as `{"regime": "pact"}`.
    - `draws`: the indices of its draws. What a draw means is the business of the work.
    """

    index: int
    cell: Mapping[str, str]
    draws: range

    def __str__(self) -> str:
        where = "".join(f", {axis} {label}" for axis, label in self.cell.items())
        return f"chunk {self.index} (draws {self.draws[0]} to {self.draws[-1]}{where})"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """`draws` draws in every cell of `axes`, computed `chunk_size` at a time.

    - `description`: everything else the numbers depend on, as JSON: digests of inputs,
      seeds, settings, versions.
    - `axes`: the labels of each axis, such as `{"regime": ["none", "pact"]}`.

    A chunk's result must be a function of the plan and the chunk alone. Then any worker may
    compute it, in any order, and a run that was stopped goes on where it was. All fields
    count towards the identity, the chunk size too: another batch may round differently.

    Raises `EnsembleError` if there is nothing to compute or the description is not JSON.

    >>> plan = Plan(description={"seed": 1}, draws=100, chunk_size=64, axes={"side": ["a", "b"]})
    >>> plan.run_id
    '073999ff4140'
    >>> print(*plan.chunks(), sep="; ")  # doctest: +ELLIPSIS
    chunk 0 (draws 0 to 63, side a); chunk 1 (draws 0 to 63, side b); chunk 2 (draws 64 to 99...
    """

    description: Mapping[str, Any]
    draws: int
    chunk_size: int = 64
    axes: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.draws < 1 or self.chunk_size < 1:
            raise EnsembleError(
                f"a run needs at least one draw and a chunk size of at least one; "
                f"found {self.draws} draws in chunks of {self.chunk_size}"
            )
        for axis, labels in self.axes.items():
            if not labels or len(set(labels)) < len(labels):
                raise EnsembleError(f"axis {axis!r} needs distinct labels; found {list(labels)}")
        # Copies: the caller's objects may change later, and the identity must not.
        object.__setattr__(self, "description", parsed(canonical(self.description)))
        object.__setattr__(self, "axes", {axis: tuple(s) for axis, s in self.axes.items()})

    @property
    def identity(self) -> str:
        """All fields as canonical JSON; axes in their order, since that orders the chunks."""
        axes = [[axis, list(labels)] for axis, labels in self.axes.items()]
        fields = {"draws": self.draws, "chunk_size": self.chunk_size, "axes": axes}
        return canonical({"description": self.description, **fields})

    @property
    def run_id(self) -> str:
        """The first 12 hexadecimal digits of the SHA-256 of the identity."""
        return hashlib.sha256(self.identity.encode()).hexdigest()[:12]

    @property
    def n_cells(self) -> int:
        """How many combinations of labels the axes have."""
        return math.prod(len(labels) for labels in self.axes.values())

    @property
    def n_chunks(self) -> int:
        """How many chunks the whole run has."""
        return -(-self.draws // self.chunk_size) * self.n_cells

    def chunk(self, index: int) -> Chunk:
        """The chunk with this index. Cells vary fastest, the last axis fastest of all."""
        block, place = divmod(index, self.n_cells)
        cell: dict[str, str] = {}
        for axis, labels in reversed(tuple(self.axes.items())):
            place, label = divmod(place, len(labels))
            cell[axis] = labels[label]
        first = block * self.chunk_size
        draws = range(first, min(first + self.chunk_size, self.draws))
        return Chunk(index=index, cell=dict(reversed(cell.items())), draws=draws)

    def chunks(self) -> Iterator[Chunk]:
        """All chunks, by index."""
        return (self.chunk(index) for index in range(self.n_chunks))

    def order(self) -> Iterator[int]:
        """The indices of all chunks in the order in which to compute them.

        Blocks of draws come in bit-reversed order, and every block in all cells before the
        next. So a run stopped anywhere has sampled all cells equally (but for one block)
        and the draws evenly, even when the draws are a sorted grid.

        >>> list(Plan(description={}, draws=8, chunk_size=1).order())
        [0, 4, 2, 6, 1, 5, 3, 7]
        """
        n_blocks = self.n_chunks // self.n_cells
        width = (n_blocks - 1).bit_length()
        for block in sorted(range(n_blocks), key=lambda k: int(f"{k:0{width}b}"[::-1], 2)):
            yield from range(block * self.n_cells, (block + 1) * self.n_cells)
