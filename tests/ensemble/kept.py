"""What lies in a store, read by SQL alone."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

Chunks = list[tuple[int, str, bytes]]


def dump(path: Path) -> Chunks:
    """Index, hash and bytes of every chunk of a store that must be sound."""
    with closing(sqlite3.connect(path)) as file:
        assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    return chunks(path)


def chunks(path: Path) -> Chunks:
    """Index, hash and bytes of every chunk."""
    with closing(sqlite3.connect(path)) as file:
        found = file.execute("SELECT chunk, sha256, result FROM chunks ORDER BY chunk").fetchall()
    assert [hashlib.sha256(c[2]).hexdigest() for c in found] == [c[1] for c in found]
    return found


def flip_byte(path: Path, of: bytes) -> None:
    """Flip a bit of the one place in the file that holds these bytes."""
    data = bytearray(path.read_bytes())
    assert data.count(of) == 1
    data[data.index(of)] ^= 1
    path.write_bytes(data)
