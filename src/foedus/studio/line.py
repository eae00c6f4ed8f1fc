"""The line of questions before the solvers: the newest from each place, first come first served."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from foedus.errors import FoedusError
from foedus.studio.documents import TooMuch
from foedus.studio.process import Child, Ended
from foedus.studio.settings import Limits

Place = tuple[str, ...]  # desk, tab, and what of the page asks


class Superseded(FoedusError):
    """A newer question from the same place has taken this one's turn."""


@dataclass(eq=False)
class Asked:
    """A question in the line, or being answered."""

    place: Place
    kind: str
    payload: Any
    note: Callable[[Any], None]
    answer: asyncio.Future[Any] = field(default_factory=asyncio.Future)


class Line:
    """Questions to a few processes. From each place only the newest waits.

    An answer that takes longer, or more memory, than the limits allow is ended with its process;
    another is started for the next question. A process that holds much is replaced when it is
    idle.
    """

    def __init__(self, children: list[Child], limits: Limits) -> None:
        self._children = children
        self._seconds, self._memory, self._most = limits.seconds, limits.memory, limits.waiting
        self._waiting: dict[Place, Asked] = {}
        self._running: dict[Child, Asked] = {}
        self._wake = asyncio.Condition()
        self._tasks: list[asyncio.Task[None]] = []

    def open(self) -> None:
        """Start the processes, without waiting for them."""
        for child in self._children:
            child.start()
            self._tasks.append(asyncio.create_task(self._work(child)))

    async def close(self) -> None:
        """End everything."""
        for task in self._tasks:
            task.cancel()
        for child in self._children:
            await asyncio.to_thread(child.close)

    async def ask(
        self,
        place: Place,
        kind: str,
        payload: Any,
        note: Callable[[Any], None] = lambda _: None,
    ) -> Any:
        """The answer, in its turn.

        Raises `Superseded` if the same place asks again while this waits, `TooMuch` if too
        many wait, and what `Child.ask` raises.
        """
        asked = Asked(place, kind, payload, note)
        before = self._waiting.get(place)
        if before is None and len(self._waiting) >= self._most:
            raise TooMuch("too many questions are waiting; try again in a moment")
        self._waiting[place] = asked  # in the place in line of the one before, if there was one
        if before is not None and not before.answer.done():
            before.answer.set_exception(Superseded("a newer question has taken this one's turn"))
        async with self._wake:
            self._wake.notify()
        try:
            return await asked.answer
        finally:
            if self._waiting.get(place) is asked:
                del self._waiting[place]

    def cancel(self, start: Place) -> int:
        """Stop all questions whose place begins so, also those being answered. Says how many."""
        found = [asked for place, asked in self._waiting.items() if _begins(place, start)]
        for asked in found:
            self._waiting.pop(asked.place, None)
            if not asked.answer.done():
                asked.answer.set_exception(Ended("stopped"))
        running = [child for child, asked in self._running.items() if _begins(asked.place, start)]
        for child in running:
            child.end("stopped")
        return len(found) + len(running)

    async def _next(self) -> Asked:
        async with self._wake:
            while True:
                busy = {asked.place[0] for asked in self._running.values()}
                # Somebody who is being answered already comes after those who are not.
                places = sorted(self._waiting, key=lambda place: place[0] in busy)
                if places:
                    return self._waiting.pop(places[0])
                await self._wake.wait()

    async def _work(self, child: Child) -> None:
        while True:
            asked = await self._next()
            if asked.answer.done():
                continue
            self._running[child] = asked
            watch = asyncio.create_task(self._watch(child))
            try:
                content = await child.ask(asked.kind, asked.payload, asked.note)
                if not asked.answer.done():
                    asked.answer.set_result(content)
            except asyncio.CancelledError:
                raise
            except Exception as error:
                if not asked.answer.done():
                    asked.answer.set_exception(error)
                    asked.answer.exception()  # it may be that nobody waits any more
            finally:
                watch.cancel()
                del self._running[child]
            # Machine code of games that nobody asks about any more is never given back.
            if child.memory > self._memory // 2:
                await child.renew()

    async def _watch(self, child: Child) -> None:
        begun = time.monotonic()
        while True:
            await asyncio.sleep(0.25)
            if time.monotonic() - begun > self._seconds:
                child.end(f"this takes longer than {self._seconds:g} seconds, so it was stopped")
                return
            if child.memory > self._memory:
                child.end("this needs more memory than the studio may use, so it was stopped")
                return


def _begins(place: Place, start: Place) -> bool:
    return place[: len(start)] == start
