"""One SQLite file: opened safely, its schema checked, every fault explained."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from foedus.ensemble.faults import store_error
from foedus.ensemble.place import on_network
from foedus.errors import StoreError

APPLICATION = int.from_bytes(b"foed", "big")  # written into the file's header
SCHEMA = 1
PATIENCE = 60.0  # seconds to wait for another process; none holds the store for one
TABLES = (
    """CREATE TABLE runs (
        id TEXT PRIMARY KEY,
        identity TEXT NOT NULL,  -- what the id is a hash of, JSON
        kind TEXT NOT NULL,
        title TEXT NOT NULL,
        source TEXT NOT NULL,  -- verbatim text that the run was made from
        command TEXT NOT NULL,
        versions TEXT NOT NULL,  -- JSON
        n_chunks INTEGER NOT NULL,
        started TEXT NOT NULL,  -- ISO 8601, UTC
        finished TEXT)""",
    """CREATE TABLE chunks (
        run TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
        chunk INTEGER NOT NULL,
        sha256 TEXT NOT NULL,
        seconds REAL NOT NULL,
        worker TEXT NOT NULL,
        result BLOB NOT NULL,
        PRIMARY KEY (run, chunk))""",
    """CREATE TABLE failures (
        run TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
        chunk INTEGER NOT NULL,
        draw INTEGER,  -- NULL: the chunk as a whole
        cell TEXT NOT NULL,  -- JSON
        error TEXT NOT NULL,
        message TEXT NOT NULL,
        inputs TEXT NOT NULL)  -- JSON""",
    "CREATE INDEX failures_by_chunk ON failures (run, chunk)",
    """CREATE TABLE artefacts (
        run TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
        name TEXT NOT NULL,
        content TEXT NOT NULL,  -- JSON
        PRIMARY KEY (run, name))""",
    f"PRAGMA application_id = {APPLICATION}",
    f"PRAGMA user_version = {SCHEMA}",
)


class Database:
    """A connection to a run store. Every SQLite error leaves it as a `StoreError`.

    Raises `StoreError` if the file cannot be opened, is damaged, belongs to another program
    or was made by a newer foedus.
    """

    def __init__(self, path: Path, *, readonly: bool = False) -> None:
        self.path = path
        with self._explained():
            self._connection = _read(path) if readonly else _connect(path)
        try:
            with self._explained():
                if not readonly:
                    self._prepare()
                self._check_schema()
        except BaseException:
            self._connection.close()
            raise

    def close(self) -> None:
        """Let go of the file. What was written is safe on disk already."""
        with self._explained():
            self._connection.close()

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """The rows that `query` selects, or the effect of a single statement."""
        with self._explained():
            return self._connection.execute(query, values).fetchall()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All statements inside take effect together, and are on disk at the end, or none does."""
        with self._explained():
            # Asking for the write lock at once: a reader that turns writer midway can fail.
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            finally:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as fault:
            raise store_error(fault, self.path) from fault
        except OSError as fault:
            why = fault.strerror or str(fault)
            raise StoreError(f"{self.path} cannot be opened: {why}", path=self.path) from fault

    def _check_schema(self) -> None:
        application, version = self._marks()
        if application != APPLICATION:
            raise StoreError(
                f"{self.path} is an SQLite database of another program, not a run store",
                path=self.path,
                hints=["name another file: set FOEDUS_STORE"],
            )
        if version > SCHEMA:
            raise StoreError(
                f"the run store {self.path} was made by a newer foedus: its schema is "
                f"{version}, and this foedus knows schemas up to {SCHEMA}",
                path=self.path,
                hints=["upgrade foedus", "name another file: set FOEDUS_STORE"],
            )

    def _marks(self) -> tuple[int, int]:
        ask = self._connection.execute
        return ask("PRAGMA application_id").fetchone()[0], ask("PRAGMA user_version").fetchone()[0]

    def _prepare(self) -> None:
        """Make an empty file a store; leave any other program's file as it is."""
        ask = self._connection.execute
        new = ask("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
        if not new and self._marks()[0] != APPLICATION:
            return
        # A removed run gives its pages back without a copy of the file, for which a full
        # disk has no room. Possible only before the first table.
        ask("PRAGMA auto_vacuum = FULL")
        self._choose_journal()
        ask("PRAGMA synchronous = FULL")  # a finished chunk survives a power cut
        ask("PRAGMA foreign_keys = ON")
        if new:
            with self.transaction():
                # Another process may have been quicker.
                if self._marks() == (0, 0):
                    for statement in TABLES:
                        ask(statement)

    def _choose_journal(self) -> None:
        """Write-ahead log, or the older rollback journal where shared memory is not to be had."""
        wanted = "DELETE" if on_network(self.path.resolve(), _mounts()) else "WAL"
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                self._connection.execute(f"PRAGMA journal_mode = {wanted}")
                return
            except sqlite3.OperationalError as fault:
                kind = fault.sqlite_errorcode & 0xFF
                if kind == sqlite3.SQLITE_BUSY and time.monotonic() < deadline:
                    # SQLite does not wait by itself when two processes change the mode.
                    time.sleep(0.05)
                elif wanted == "WAL" and kind in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN):
                    wanted = "DELETE"
                else:
                    raise


def _connect(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Transactions are begun and ended by us alone.
    return sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)


def _read(path: Path) -> sqlite3.Connection:
    """A connection that cannot write."""
    if not path.exists():
        raise StoreError(f"there is no run store {path}", path=path)
    address = path.absolute().as_uri() + "?mode=ro"
    connection = sqlite3.connect(address, uri=True, timeout=PATIENCE, isolation_level=None)
    try:
        connection.execute("PRAGMA user_version").fetchone()
    except sqlite3.OperationalError as fault:
        connection.close()
        log = path.with_name(path.name + "-wal")
        closed = fault.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)
        if not closed or (log.exists() and log.stat().st_size):
            raise
        # In a directory closed to us SQLite cannot share memory with writers. With no log
        # to read there are none, and the file can be read as it is.
        connection = sqlite3.connect(address + "&immutable=1", uri=True, isolation_level=None)
    return connection


def _mounts() -> str:
    try:
        return Path("/proc/mounts").read_text(errors="replace")
    except OSError:
        return ""
