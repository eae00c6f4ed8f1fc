"""Everything that one running studio holds: keys, desks, processes and what they are asked."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

from foedus.studio.access import Access
from foedus.studio.answers import Answers
from foedus.studio.assessments import Assessments
from foedus.studio.briefings import Briefings
from foedus.studio.desk import Desk, Desks
from foedus.studio.events import Events
from foedus.studio.line import Line, Place
from foedus.studio.process import Child, Ended
from foedus.studio.settings import Settings

ANSWERS = 24 * 2**20  # bytes of answers in memory


class Office:
    """The parts of a studio, opened and closed together."""

    def __init__(self, settings: Settings, announce: Callable[[str], None]) -> None:
        limits = settings.limits
        self.settings = settings
        self.port = settings.port
        self.desks = Desks(settings)
        self.access = Access(
            file=settings.home / "keys.json",
            password=settings.password,
            announce=announce,
            most=limits.desks,
        )
        self.events = Events(limits.streams)
        self.reader = Line([Child("foedus.studio.reading", None)], limits)
        solvers = [
            Child("foedus.studio.solving", settings.prepare) for _ in range(settings.solvers)
        ]
        self.solvers = Line(solvers, limits)
        self.assessments = Assessments(
            Child("foedus.studio.assessing", settings.prepare), self.events, self.desks
        )
        writer = None if settings.writer is None else Child(settings.writer, None)
        self.briefings = Briefings(writer, self.events, limits.briefings)
        self._drawing = Child("foedus.studio.drawing", None)
        self._vega: asyncio.Task[bytes] | None = None
        self._answers = Answers(ANSWERS)

    @property
    def cookie(self) -> str:
        """The name of the cookie: two studios on one machine keep apart."""
        return f"foedus_studio_{self.port}"

    def open(self) -> None:
        """Start the processes, without waiting for any."""
        self.desks.tidy(self.access.desks())
        self.reader.open()
        self.solvers.open()
        self.assessments.open()
        self._vega = asyncio.create_task(self._bundle())

    async def close(self) -> None:
        """End all processes."""
        if self._vega is not None:
            self._vega.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await self._vega
        parts = (self.reader, self.solvers, self.assessments, self.briefings)
        await asyncio.gather(*(part.close() for part in parts))
        await asyncio.to_thread(self._drawing.close)

    async def tidy(self) -> None:
        """Forget the desks that are too many, first those that nobody can come back to."""
        await asyncio.to_thread(self.desks.tidy, self.access.desks())

    async def vega(self) -> bytes:
        """The script that draws figures, made once by the library that also renders them."""
        assert self._vega is not None
        return await asyncio.shield(self._vega)

    async def solve(
        self,
        desk: Desk,
        tab: str,
        kind: str,
        payload: Any,
        *,
        key: str | None = None,
        part: str = "",
    ) -> Any:
        """An answer of a solver, from memory if the very same was asked before."""
        known = None if key is None else self._answers.get(key)
        if known is not None:
            return {**known, "remembered": True}
        place: Place = (desk.id, tab, part or kind)

        def tell(note: Any) -> None:
            self.events.tell(desk.id, "doing", {"tab": tab, "part": part or kind, "doing": note})

        answer = await self.solvers.ask(place, kind, payload, tell)
        if key is not None:
            self._answers.put(key, answer)
        return answer

    async def read(self, desk: Desk, tab: str, kind: str, payload: Any) -> Any:
        """An answer of the process that reads."""
        return await self.reader.ask((desk.id, tab, kind), kind, payload)

    async def _bundle(self) -> bytes:
        try:
            answer: bytes = (await self._drawing.ask("bundle", None))["script"]
        except Ended:
            return b"/* the figures cannot be drawn: the process that makes this has stopped */"
        await self._drawing.rest()
        return answer
