"""News for open pages: progress, verdicts so far, and what other tabs have changed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from foedus.studio.documents import TooMuch

HELD = 200  # events that wait for a page that does not read
BEAT = 15.0  # seconds between signs of life


class Events:
    """One stream for each open page; every desk hears of its own things only."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._streams: dict[str, set[asyncio.Queue[str]]] = {}

    def tell(self, desk: str, kind: str, content: Any) -> None:
        """Send something to all pages of a desk. A page that does not read loses the oldest."""
        said = f"event: {kind}\ndata: {json.dumps(content)}\n\n"
        for queue in self._streams.get(desk, ()):
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(said)

    async def stream(self, desk: str) -> AsyncIterator[str]:
        """The events of one page, until it goes away. Raises `TooMuch`."""
        if sum(map(len, self._streams.values())) >= self._most:
            raise TooMuch("too many pages are open; close some")
        queue: asyncio.Queue[str] = asyncio.Queue(HELD)
        self._streams.setdefault(desk, set()).add(queue)
        try:
            yield "retry: 1500\n\n"
            while True:
                try:
                    yield await asyncio.wait_for(queue.get(), BEAT)
                except TimeoutError:
                    yield ": still here\n\n"
        finally:
            self._streams[desk].discard(queue)
            if not self._streams[desk]:
                del self._streams[desk]
