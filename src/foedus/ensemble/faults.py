"""What SQLite says went wrong, in words for the person who can put it right."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from foedus.errors import StoreError

ELSEWHERE = "choose another place: set FOEDUS_STORE to a file on a local disk with room"
KEPT = "Everything finished before is kept."

FAULTS: dict[int, tuple[str, tuple[str, ...]]] = {
    sqlite3.SQLITE_FULL: (
        f"has no room to grow: the disk or the quota is full. {KEPT}",
        ("free some space, or remove old runs, and repeat the command: it goes on", ELSEWHERE),
    ),
    sqlite3.SQLITE_IOERR: (
        f"could not be read or written: the disk, its quota or the network failed. {KEPT}",
        ("check the disk and its quota and repeat the command: it goes on", ELSEWHERE),
    ),
    sqlite3.SQLITE_READONLY: (
        f"cannot be written: the file, its directory or its disk is read-only. {KEPT}",
        ("allow writing to the file and to its directory", ELSEWHERE),
    ),
    sqlite3.SQLITE_CANTOPEN: (
        "cannot be opened: it is a directory, or its own directory is missing, closed to you "
        "or read-only",
        ("check the path and its permissions", ELSEWHERE),
    ),
    sqlite3.SQLITE_BUSY: (
        f"is held by another process that does not let go. {KEPT}",
        ("wait for the other process, or stop it, and repeat the command: it goes on",),
    ),
    sqlite3.SQLITE_TOOBIG: (
        "cannot hold a single result that large",
        ("compute fewer draws in a chunk",),
    ),
}  # fmt: skip
FAULTS[sqlite3.SQLITE_PERM] = FAULTS[sqlite3.SQLITE_READONLY]
FAULTS[sqlite3.SQLITE_LOCKED] = FAULTS[sqlite3.SQLITE_BUSY]
DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def store_error(fault: sqlite3.Error, path: Path) -> StoreError:
    """The `StoreError` that says what the fault means for the store at `path`.

    >>> print(store_error(sqlite3.OperationalError("no such table: runs"), Path("runs.sqlite")))
    the run store runs.sqlite failed: no such table: runs
    """
    # The low byte is the kind of fault; the others say more about it. A fault that
    # Python found before asking SQLite has no code.
    code = getattr(fault, "sqlite_errorcode", -1)
    kind = code & 0xFF if code >= 0 else -1
    if kind in DAMAGE:
        return damaged(path, str(fault))
    if kind not in FAULTS:
        return StoreError(f"the run store {path} failed: {fault}", path=path)
    meaning, hints = FAULTS[kind]
    return StoreError(f"the run store {path} {meaning} (SQLite: {fault})", path=path, hints=hints)


def damaged(path: Path, found: str) -> StoreError:
    """The `StoreError` for a file that is no longer, or never was, a run store."""
    return StoreError(
        f"the run store {path} is damaged or is not a run store ({found})",
        path=path,
        hints=[
            "restore the file from a backup",
            "move it aside and begin an empty store: its runs are then computed again",
        ],
        damaged=True,
    )
