"""Assessments of all desks: one at a time, told of as they go, stopped and taken up again."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from foedus.errors import FoedusError, QueryError
from foedus.studio.desk import Desk, Desks
from foedus.studio.events import Events
from foedus.studio.process import Child, Ended

KIND = "assessments"
ACTIVE = ("waiting", "running")
KEPT = 40  # assessments that a desk lists
Entry = dict[str, Any]


class Assessments:
    """What is assessed, what waits for it, and what became of the rest.

    An entry is kept on its desk at every step. What it has solved is in the run store, so that
    taking up an assessment goes on where it was, whatever ended it.
    """

    def __init__(self, child: Child, events: Events, desks: Desks) -> None:
        self._child, self._events, self._desks = child, events, desks
        self._waiting: deque[tuple[str, str]] = deque()
        self._running: tuple[str, str] | None = None
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Begin to work."""
        self._task = asyncio.create_task(self._work())

    async def close(self) -> None:
        """Stop working; what was running can be taken up."""
        if self._task is not None:
            self._task.cancel()
        await asyncio.to_thread(self._child.close)

    def start(self, desk: Desk, order: Entry) -> Entry:
        """Put an assessment in line. `order` has the text and how it is to be assessed."""
        for old in [one for one in desk.things(KIND) if one["status"] not in ACTIVE][KEPT - 1 :]:
            desk.drop(KIND, old["id"])  # what it has found stays in the run store
        entry = desk.put(KIND, {**order, "status": "waiting", "progress": None, "partial": None})
        return self._enqueue(desk, entry)

    def resume(self, desk: Desk, id_: str) -> Entry:
        """Take up one that was stopped, failed, or was cut off with the server."""
        entry = desk.thing(KIND, id_)
        if self._is_active(desk.id, id_):
            raise QueryError("this assessment is running already")
        return self._enqueue(desk, {**entry, "status": "waiting", "error": None})

    def cancel(self, desk: Desk, id_: str) -> Entry:
        """Stop one. What is solved is kept."""
        entry = desk.thing(KIND, id_)
        if (desk.id, id_) in self._waiting:
            self._waiting.remove((desk.id, id_))
            return self._note(desk, {**entry, "status": "stopped"})
        if self._running == (desk.id, id_):
            self._child.end("stopped")
        return entry

    def all(self, desk: Desk) -> list[Entry]:
        """Those of a desk without their texts; what a dead server has left running is stopped."""
        return [summary(self._truthful(desk, entry)) for entry in desk.things(KIND)]

    def get(self, desk: Desk, id_: str) -> Entry:
        """One of them, whole."""
        return self._truthful(desk, desk.thing(KIND, id_))

    def _truthful(self, desk: Desk, entry: Entry) -> Entry:
        if entry["status"] in ACTIVE and not self._is_active(desk.id, entry["id"]):
            entry["status"] = "stopped"
        return entry

    def _is_active(self, desk: str, id_: str) -> bool:
        return (desk, id_) in self._waiting or self._running == (desk, id_)

    def _enqueue(self, desk: Desk, entry: Entry) -> Entry:
        self._waiting.append((desk.id, entry["id"]))
        self._wake.set()
        return self._note(desk, entry)

    def _note(self, desk: Desk, entry: Entry) -> Entry:
        kept = desk.put(KIND, entry)
        self._events.tell(desk.id, "assessment", summary(kept))
        return kept

    async def _work(self) -> None:
        while True:
            while not self._waiting:
                self._wake.clear()
                await self._wake.wait()
            place = self._waiting.popleft()
            self._running = place
            try:
                await self._carry_out(self._desks.desk(place[0]), place[1])
            except FoedusError:
                pass  # the entry was removed
            finally:
                self._running = None
            if not self._waiting:
                await self._child.rest()  # it holds as much as its largest step has needed

    async def _carry_out(self, desk: Desk, id_: str) -> None:
        entry = desk.thing(KIND, id_)
        entry = self._note(desk, {**entry, "status": "running", "began": time.time()})
        names = ("text", "name", "draws", "seed", "checks", "quick", "claims")
        payload = {name: entry.get(name) for name in names} | {"store": str(desk.store)}
        try:
            answer = await self._child.ask("assess", payload, self._teller(desk, entry))
            found = {key: answer["findings"][key] for key in ("run", "plausible", "seconds")}
            entry |= {"status": "done", "partial": None, **found}
        except Ended as error:
            stopped = str(error) == "stopped"
            entry |= {"status": "stopped" if stopped else "failed"}
            entry |= {} if stopped else {"error": str(error)}
        except FoedusError as error:
            entry |= {"status": "failed", "error": str(error)}
        self._note(desk, entry)

    def _teller(self, desk: Desk, entry: Entry) -> Callable[[Any], None]:
        loop = asyncio.get_running_loop()

        def heard(note: Any) -> None:
            if "partial" in note:
                entry["partial"] = note["partial"]
                self._note(desk, entry)
            else:
                entry["progress"] = note
                told = {"id": entry["id"], "document": entry["document"], "progress": note}
                loop.call_soon(self._events.tell, desk.id, "progress", told)

        return heard


def summary(entry: Entry) -> Entry:
    """An entry without its text."""
    return {key: value for key, value in entry.items() if key != "text"}
