"""Briefings and pages of finished runs: written by a process of their own, a number kept, read."""

from __future__ import annotations

import asyncio
import logging
import os
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from foedus.ensemble import versions
from foedus.errors import FoedusError, QueryError
from foedus.studio.desk import Desk
from foedus.studio.documents import Missing
from foedus.studio.events import Events
from foedus.studio.process import Child, Ended, Failed

LOG = logging.getLogger("foedus.studio")
RUN = re.compile(r"[0-9a-f]{12}")  # the identity of a run
MARKS = ("briefing.json", "estimate.json")  # every folder of pages has one, which says what it is
State = dict[str, Any]


@dataclass(eq=False)
class Writing:
    """A briefing that is being written, or waits for it, and the desks that are told of it."""

    desks: set[str]
    task: asyncio.Task[None] | None = None
    doing: State = field(default_factory=dict)
    running: bool = False


class Briefings:
    """The briefings of all desks, and the pages of estimates, each in a folder of its run's name.

    The same run gives the same pages, so a briefing that is there is read again. One is written
    at a time, by a process that ends with it. At most `most` are kept in a place; those read
    longest ago go first.
    """

    def __init__(self, child: Child | None, events: Events, most: int) -> None:
        self._child, self._events, self._most = child, events, most
        self._writing: dict[Path, Writing] = {}
        self._turn = asyncio.Lock()

    async def close(self) -> None:
        """Stop writing; what is not whole leaves nothing behind."""
        for writing in self._writing.values():
            if writing.task is not None:
                writing.task.cancel()
        if self._child is not None:
            await asyncio.to_thread(self._child.close)

    def state(self, desk: Desk, run: str) -> State:
        """How far the briefing of a run is: `ready` with its address, `writing`, or `none`."""
        folder = _folder(desk, run)
        if folder in self._writing:
            return {"run": run, "status": "writing", **self._writing[folder].doing}
        if _is_written(folder):
            return {"run": run, "status": "ready", "address": f"/briefings/{run}/"}
        return {"run": run, "status": "none"}

    def write(self, desk: Desk, run: str) -> State:
        """Have the briefing of a run written unless it is there; the state says how far it is."""
        folder = _folder(desk, run)
        if self._child is None:
            raise QueryError("this studio writes no briefings; `foedus brief` does")
        if folder in self._writing:
            self._writing[folder].desks.add(desk.id)
        elif not _is_written(folder):
            writing = self._writing[folder] = Writing({desk.id})
            writing.task = asyncio.create_task(self._carry_out(folder, desk.store, run, writing))
        return self.state(desk, run)

    def stop(self, desk: Desk, run: str) -> State:
        """Stop writing a briefing."""
        folder = _folder(desk, run)
        writing = self._writing.get(folder)
        if writing is not None and writing.running and self._child is not None:
            self._child.end("stopped")
        elif writing is not None and writing.task is not None:
            writing.task.cancel()
            del self._writing[folder]
        return {"run": run, "status": "none"}

    def file(self, desk: Desk, run: str, name: str) -> Path:
        """A file of a briefing that is written. Raises `Missing` for anything outside it.

        A briefing holds no links, so whatever a link would lead to is not served either.
        """
        folder = _folder(desk, run)
        if not _is_written(folder):
            raise Missing("these pages are not kept any more")
        name = name or "index.html"
        file = folder / name
        inside = "\0" not in name and os.path.realpath(file) == f"{os.path.realpath(folder)}/{name}"
        if not inside or not os.path.isfile(file):
            raise Missing("there is no such page here")
        if file.suffix == ".html":
            os.utime(folder)
        return file

    async def _carry_out(self, folder: Path, store: Path, run: str, writing: Writing) -> None:
        child = self._child
        assert child is not None

        def heard(note: Any) -> None:
            writing.doing = note
            self._tell(writing, {"run": run, "status": "writing", **note})

        said: State = {"run": run, "status": "none"}
        try:
            async with self._turn:
                writing.running = True
                heard({"doing": "starting"})
                folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                payload = {"store": str(store), "run": run, "folder": str(folder)}
                await child.ask("brief", payload, heard)
                await child.rest()
                await asyncio.to_thread(self._tidy, folder)
            said = {"run": run, "status": "ready", "address": f"/briefings/{run}/"}
        except (FoedusError, OSError) as error:
            if not (isinstance(error, Ended) and str(error) == "stopped"):
                said = {"run": run, "status": "failed", "error": _words(error)}
        finally:
            if self._writing.get(folder) is writing:
                del self._writing[folder]
        self._tell(writing, said)

    def _tell(self, writing: Writing, said: State) -> None:
        for desk in writing.desks:
            self._events.tell(desk, "briefing", said)

    def _tidy(self, newest: Path) -> None:
        """Remove what is too many, and what a process that was ended has left half written."""
        others = [path for path in newest.parent.iterdir() if path != newest and path.is_dir()]
        kept = [path for path in others if _is_written(path) and path.name[0] != "."]
        kept.sort(key=lambda path: -path.stat().st_mtime)
        for path in set(others) - set(kept[: self._most - 1]):
            shutil.rmtree(path, ignore_errors=True)


def _words(error: Exception) -> str:
    if not isinstance(error, Failed):
        return str(error)
    LOG.error("%s", error)
    return f"the studio has made a mistake: {str(error).strip().splitlines()[-1]}"


def _is_written(folder: Path) -> bool:
    return any((folder / mark).is_file() for mark in MARKS)


def _folder(desk: Desk, run: str) -> Path:
    """Where the briefing of a run is kept, by the version of the pages as well."""
    if not RUN.fullmatch(run):
        raise Missing(f"{run!r} is no run")
    return desk.briefings / f"{run}-{versions()['foedus']}"
