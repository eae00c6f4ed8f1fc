"""Kept runs in one SQLite file: every finished chunk with its hash, safe against a kill."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from foedus.ensemble.codec import decode
from foedus.ensemble.database import Database
from foedus.ensemble.faults import damaged
from foedus.ensemble.plan import Chunk, Plan
from foedus.ensemble.records import RUNS, FailureRecord, Label, Run, failure_of, run_of
from foedus.ensemble.result import Failure, Result
from foedus.ensemble.text import canonical, parsed
from foedus.errors import StoreError

T = TypeVar("T")


class Store:
    """The run store at `path`, made on first use. Several processes may use it at once.

    With `readonly` nothing can be written and a missing store is not made. Every method
    raises `StoreError` if the file is damaged, cannot be written or has no room; what was
    put before is then still there.

    >>> import numpy as np
    >>> from tempfile import TemporaryDirectory
    >>> from foedus.ensemble.codec import encode
    >>> plan = Plan(description={"seed": 1}, draws=2)
    >>> with TemporaryDirectory() as place, Store(Path(place) / "runs.sqlite") as store:
    ...     store.begin(plan, Label(kind="demo", title="Two draws"))
    ...     result = encode(Result({"x": np.array([0.5, 1.5])}))
    ...     _ = store.put(plan, 0, result, seconds=0.1, worker="here")
    ...     store.finish(plan.run_id)
    ...     store.result(plan.run_id, 0).arrays
    {'x': array([0.5, 1.5])}
    """

    def __init__(self, path: Path, *, readonly: bool = False) -> None:
        self.path = path
        self._database = Database(path, readonly=readonly)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def begin(self, plan: Plan, label: Label) -> None:
        """Enter the run of this plan, unless it is there already."""
        columns = "id, identity, kind, title, source, command, versions, n_chunks, started"
        with self._database.transaction():
            self._database.rows(
                f"INSERT OR IGNORE INTO runs ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                plan.run_id,
                plan.identity,
                label.kind,
                label.title,
                label.source,
                label.command,
                canonical(label.versions),
                plan.n_chunks,
                _now(),
            )
            if self.run(plan.run_id).identity != plan.identity:
                raise self._error(
                    f"run {plan.run_id} is kept with another description",
                    "remove that run: its entry is damaged, or two descriptions share an id",
                )

    def runs(self) -> tuple[Run, ...]:
        """All runs, the newest first."""
        rows = self._database.rows(f"{RUNS} ORDER BY started DESC, rowid DESC")
        return tuple(self._legible(run_of, row) for row in rows)

    def run(self, start: str) -> Run:
        """The one run whose id begins with `start`. Raises `StoreError` if none or several do."""
        rows = self._database.rows(
            f"{RUNS} WHERE substr(id, 1, ?) = ? ORDER BY id", len(start), start
        )
        if len(rows) == 1:
            return self._legible(run_of, rows[0])
        if not rows:
            raise self._error(f"there is no run {start!r} in {self.path}")
        found = ", ".join(row[0] for row in rows[:5])
        raise self._error(f"{len(rows)} runs begin with {start!r}: {found}")

    def finish(self, run_id: str) -> None:
        """Note that the run is complete. Raises `StoreError` if a chunk is missing."""
        with self._database.transaction():
            run = self.run(run_id)
            if run.n_done < run.n_chunks:
                raise self._error(f"run {run_id} has {run.n_done} of {run.n_chunks} chunks")
            self._database.rows(
                "UPDATE runs SET finished = ? WHERE id = ? AND finished IS NULL", _now(), run_id
            )

    def remove(self, run_id: str) -> None:
        """Remove the run with everything kept for it, and give its room back to the disk."""
        with self._database.transaction():
            self._database.rows("DELETE FROM runs WHERE id = ?", self.run(run_id).id)
        self._database.rows("PRAGMA wal_checkpoint(TRUNCATE)")

    def prune(self, keep: int) -> tuple[str, ...]:
        """Remove all but the `keep` newest runs. Returns the ids of those removed."""
        old = tuple(run.id for run in self.runs()[keep:])
        for run_id in old:
            self.remove(run_id)
        return old

    def stored(self, run_id: str) -> frozenset[int]:
        """The indices of the chunks that are kept."""
        return frozenset(
            row[0] for row in self._database.rows("SELECT chunk FROM chunks WHERE run = ?", run_id)
        )

    def keeps(self, run_id: str, index: int) -> bool:
        """Whether this chunk is kept."""
        query = "SELECT 1 FROM chunks WHERE run = ? AND chunk = ?"
        return bool(self._database.rows(query, run_id, index))

    def put(self, plan: Plan, index: int, result: bytes, *, seconds: float, worker: str) -> bool:
        """Keep an encoded result and its failures, all or nothing; True if it was not there yet.

        Raises `StoreError` if the chunk is kept already with other bytes: then the work is
        not a function of plan and chunk, and neither result can be trusted.
        """
        chunk, sha256 = plan.chunk(index), _digest(result)
        failures = decode(result).failures
        with self._database.transaction():
            known = self._database.rows(
                "SELECT sha256 FROM chunks WHERE run = ? AND chunk = ?", plan.run_id, index
            )
            if known and known[0][0] != sha256:
                raise self._error(
                    f"{chunk} of run {plan.run_id} was computed twice with different results "
                    f"(SHA-256 {known[0][0][:12]} is kept, {sha256[:12]} is new)",
                    "look for what else the result depends on: another machine or version, "
                    "the number of threads, an unseeded generator",
                )
            if known:
                return False
            self._insist(plan.run_id)
            self._database.rows(
                "INSERT INTO chunks (run, chunk, sha256, seconds, worker, result) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                *(plan.run_id, index, sha256, seconds, worker, result),
            )
            self._note(plan.run_id, chunk, failures)
        return True

    def result(self, run_id: str, index: int) -> Result:
        """The kept result of a chunk. Raises `StoreError` if it is missing or damaged."""
        kept = self._read(run_id, index)
        if kept is None:
            raise self._error(f"chunk {index} of run {run_id} is not in {self.path}")
        result, intact = kept
        if not intact:
            raise self._error(
                f"chunk {index} of run {run_id} is damaged in {self.path}",
                "repeat the run: only what is damaged is computed again",
            )
        return decode(result)

    def drop_damaged(self, run_id: str) -> tuple[int, ...]:
        """Drop the chunks that are not what was put, and return their indices."""
        dropped = tuple(self._damaged(run_id))
        with self._database.transaction():
            for index in dropped:
                for table in ("chunks", "failures"):
                    self._database.rows(
                        f"DELETE FROM {table} WHERE run = ? AND chunk = ?", run_id, index
                    )
            if dropped:
                self._database.rows("UPDATE runs SET finished = NULL WHERE id = ?", run_id)
        return dropped

    def check(self) -> tuple[str, ...]:
        """Everything that is wrong with the file, one sentence each. Changes nothing."""
        problems = []
        try:
            rows = self._database.rows("PRAGMA integrity_check")
            problems += [f"the file: {row[0]}" for row in rows if row[0] != "ok"]
            for run in self.runs():
                problems += [f"run {run.id}: chunk {i} is damaged" for i in self._damaged(run.id)]
        except StoreError as fault:
            if not fault.damaged:
                raise
            problems.append(str(fault))
        return tuple(problems)

    def put_failed(self, plan: Plan, index: int, failure: Failure) -> None:
        """Note why a chunk as a whole has no result. Putting its result removes the note."""
        with self._database.transaction():
            self._insist(plan.run_id)
            self._note(plan.run_id, plan.chunk(index), [failure])

    def failures(self, run_id: str) -> tuple[FailureRecord, ...]:
        """The failures of a run, by chunk and draw."""
        rows = self._database.rows(
            "SELECT chunk, draw, cell, error, message, inputs FROM failures "
            "WHERE run = ? ORDER BY chunk, draw",
            run_id,
        )
        return tuple(self._legible(failure_of, row) for row in rows)

    def put_artefact(self, run_id: str, name: str, content: Any) -> None:
        """Keep something small and JSON-like beside the run, instead of what had that name."""
        text = canonical(content)
        with self._database.transaction():
            self._insist(run_id)
            self._database.rows(
                "INSERT OR REPLACE INTO artefacts (run, name, content) VALUES (?, ?, ?)",
                *(run_id, name, text),
            )

    def artefact(self, run_id: str, name: str) -> Any:
        """What is kept beside the run under this name; None if there is nothing."""
        query = "SELECT content FROM artefacts WHERE run = ? AND name = ?"
        rows = self._database.rows(query, run_id, name)
        return self._legible(parsed, rows[0][0]) if rows else None

    def artefacts(self, run_id: str) -> dict[str, Any]:
        """What is kept beside the run, by name."""
        rows = self._database.rows(
            "SELECT name, content FROM artefacts WHERE run = ? ORDER BY name", run_id
        )
        return {name: self._legible(parsed, content) for name, content in rows}

    def _note(self, run_id: str, chunk: Chunk, failures: Sequence[Failure]) -> None:
        self._database.rows("DELETE FROM failures WHERE run = ? AND chunk = ?", run_id, chunk.index)
        for failure in failures:
            self._database.rows(
                "INSERT INTO failures (run, chunk, draw, cell, error, message, inputs) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                *(run_id, chunk.index, failure.draw, canonical(chunk.cell)),
                *(failure.error, failure.message, canonical(failure.inputs)),
            )

    def _read(self, run_id: str, index: int) -> tuple[bytes, bool] | None:
        """The bytes of a chunk and whether they are what was put; None if it is not kept."""
        rows = self._database.rows(
            # A damaged row may have lost its type.
            "SELECT CAST(result AS BLOB), sha256 FROM chunks WHERE run = ? AND chunk = ?",
            *(run_id, index),
        )
        if not rows:
            return None
        result, sha256 = rows[0]
        return result, result is not None and _digest(result) == sha256

    def _damaged(self, run_id: str) -> Iterator[int]:
        for index in sorted(self.stored(run_id)):
            # Another process may have dropped it in the meantime.
            kept = self._read(run_id, index)
            if kept is not None and not kept[1]:
                yield index

    def _legible(self, read: Callable[[Any], T], kept: Any) -> T:
        try:
            return read(kept)
        except (ValueError, TypeError) as fault:
            raise damaged(self.path, f"an entry cannot be read: {fault}") from fault

    def _insist(self, run_id: str) -> None:
        if not self._database.rows("SELECT 1 FROM runs WHERE id = ?", run_id):
            raise self._error(f"run {run_id} is not, or no longer, in {self.path}")

    def _error(self, message: str, *hints: str) -> StoreError:
        return StoreError(message, path=self.path, hints=hints)


def _digest(result: bytes) -> str:
    return hashlib.sha256(result).hexdigest()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")
