"""What was announced where: intents and results, written so that a crash cannot hide one."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

NAME = ".announced.jsonl"
State = Literal["never", "sent", "refused", "uncertain"]
Word = Literal["intended", "sent", "refused", "uncertain"]


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line: what was about to happen, or what came of it. It holds no secret."""

    network: str
    slug: str
    edition: str
    state: Word
    detail: str = ""
    at: str = ""


class Ledger:
    """The announcements of a site, one line each, only ever added to.

    An intent is on the disk before anything is sent. An intent without a result, left by a
    crash, means that nobody knows: the state is `uncertain`, and only a person can say more.
    """

    def __init__(self, site: Path) -> None:
        self.path = site / NAME

    def state(self, network: str, edition: str) -> State:
        """What is known of an edition on a network."""
        found = [
            entry
            for entry in self.entries()
            if (entry.network, entry.edition) == (network, edition)
        ]
        if not found:
            return "never"
        last = found[-1].state
        return "uncertain" if last == "intended" else last

    def entries(self) -> list[Entry]:
        """All entries. A last line that a crash left unfinished is none: it was never acted on."""
        if not self.path.exists():
            return []
        found = []
        for line in self.path.read_text("utf-8").splitlines():
            try:
                found.append(Entry(**json.loads(line)))
            except (ValueError, TypeError):
                continue
        return found

    def note(self, entry: Entry) -> None:
        """Add an entry; when this returns, it is on the disk."""
        stamped = {**asdict(entry), "at": datetime.now(UTC).isoformat(timespec="seconds")}
        data = json.dumps(stamped, ensure_ascii=False).encode() + b"\n"
        new = not self.path.exists()
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            size = os.fstat(descriptor).st_size
            if size and os.pread(descriptor, 1, size - 1) != b"\n":
                data = b"\n" + data
            os.write(descriptor, data)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if new:
            folder = os.open(self.path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
