"""One spawned process seen from the server: asked, watched, and ended when it must be."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from foedus.errors import FoedusError
from foedus.studio.child import serve


class Refused(FoedusError):
    """What was asked cannot be answered as put; `kind` says why."""

    def __init__(self, message: str, kind: str = "") -> None:
        super().__init__(message)
        self.kind = kind


class Ended(FoedusError):
    """The process was ended before it answered."""


class Failed(FoedusError):
    """The answer failed in a way that is our mistake; the message is for the log."""


class Child:
    """A process that answers one question at a time, and is started again after its end."""

    def __init__(self, tasks: str, prepare: Callable[[], None] | None) -> None:
        self._tasks = tasks
        self._prepare = prepare
        self._process: BaseProcess | None = None
        self._connection: Connection | None = None
        # Its own thread: a pipe is read by waiting, and waiting must stop nobody else.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="studio")
        self._why = ""

    def start(self) -> None:
        """Start the process if there is none, without waiting for it."""
        if self._process is not None and self._process.is_alive():
            return
        self._release()
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        self._process = context.Process(
            target=serve, args=(theirs, self._tasks, self._prepare), daemon=True
        )
        self._process.start()
        theirs.close()
        self._connection = ours

    async def ask(
        self, kind: str, payload: Any, note: Callable[[Any], None] = lambda _: None
    ) -> Any:
        """The answer. Raises `Refused`, `Failed`, or `Ended` if the process was ended."""
        self._why = ""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._thread, self.start)
        connection = self._connection
        assert connection is not None
        try:
            await loop.run_in_executor(self._thread, connection.send, (kind, payload))
            while True:
                what, content = await loop.run_in_executor(self._thread, connection.recv)
                if what != "note":
                    break
                note(content)
        except (EOFError, OSError):
            await loop.run_in_executor(self._thread, self._bury)
            raise Ended(self._why or "the process that solves has stopped; ask again") from None
        if what == "refused":
            raise Refused(content["message"], content["kind"])
        if what == "failed":
            raise Failed(content)
        return content

    def end(self, why: str = "") -> None:
        """End the process at once; whoever waits for it gets `Ended` with this reason."""
        self._why = why
        if self._process is not None and self._process.is_alive():
            self._process.kill()

    async def renew(self) -> None:
        """Put a fresh process in the place of this one, which is idle."""
        await self.rest()
        await asyncio.get_running_loop().run_in_executor(self._thread, self.start)

    async def rest(self) -> None:
        """End the process, which is idle; the next question starts another."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._bury)

    def close(self) -> None:
        """End the process for good."""
        self.end("the studio is closing")
        if self._process is not None:
            self._process.join(5)
        self._release()
        self._thread.shutdown(wait=False)

    @property
    def pid(self) -> int | None:
        """The process id, None where there is none."""
        return None if self._process is None else self._process.pid

    @property
    def memory(self) -> int:
        """Bytes that the process holds now; 0 where that cannot be known."""
        try:
            pages = Path(f"/proc/{self.pid}/statm").read_text().split()[1]
        except (OSError, IndexError):
            return 0
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    def _bury(self) -> None:
        """Wait for the end of a process whose pipe is closed, so that the next can start."""
        if self._process is not None:
            self._process.kill()
            self._process.join(5)
        self._release()

    def _release(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._process is not None and not self._process.is_alive():
            self._process.close()
            self._process = None
