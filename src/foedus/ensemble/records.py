"""What the store says about a run: what it is, where it came from, how far it got."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from foedus.ensemble.result import Failure
from foedus.ensemble.text import parsed

# The columns that `run_of` reads.
RUNS = """SELECT id, identity, kind, title, source, command, versions, started, finished, n_chunks,
    (SELECT count(*) FROM chunks WHERE run = id),
    (SELECT count(*) FROM failures WHERE run = id),
    (SELECT coalesce(sum(length(result)), 0) FROM chunks WHERE run = id)
    FROM runs"""


@dataclass(frozen=True, kw_only=True)
class Label:
    """What people should find beside a run. None of it is part of the run's identity.

    - `kind`: what was done, such as `assess`; `title`: a line for lists.
    - `source`: the verbatim text that the run was made from.
    - `command`: the command line; `versions`: of the programs, by name.
    """

    kind: str
    title: str
    source: str = ""
    command: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Run:
    """A kept run. Times are ISO 8601 in UTC; `finished` is None until all chunks are there."""

    id: str
    identity: str  # `Plan.identity`
    label: Label
    started: str
    finished: str | None
    n_chunks: int
    n_done: int
    n_failures: int
    n_bytes: int


@dataclass(frozen=True, kw_only=True)
class FailureRecord:
    """A failure with the chunk and the cell in which it came up."""

    chunk: int
    cell: Mapping[str, str]
    failure: Failure


def run_of(row: tuple[Any, ...]) -> Run:
    """The run that a row of `RUNS` describes."""
    id_, identity, kind, title, source, command, versions, started, finished, *counts = row
    n_chunks, n_done, n_failures, n_bytes = counts
    return Run(
        id=id_,
        identity=identity,
        label=Label(
            kind=kind, title=title, source=source, command=command, versions=parsed(versions)
        ),
        started=started,
        finished=finished,
        n_chunks=n_chunks,
        n_done=n_done,
        n_failures=n_failures,
        n_bytes=n_bytes,
    )


def failure_of(row: tuple[Any, ...]) -> FailureRecord:
    """The failure in a row (chunk, draw, cell, error, message, inputs)."""
    chunk, draw, cell, error, message, inputs = row
    failure = Failure(draw=draw, error=error, message=message, inputs=parsed(inputs))
    return FailureRecord(chunk=chunk, cell=parsed(cell), failure=failure)
