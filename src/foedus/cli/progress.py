"""One line on standard error that says what is being done, for anything over two seconds."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from foedus.ensemble import Progress

PATIENCE = 2.0  # seconds of silence
LULL = 30.0  # seconds between the lines of a log
ERASE = "\r\033[2K"


@contextmanager
def progress(doing: str) -> Iterator[None]:
    """Show `doing` and the seconds it takes, on a terminal only; nothing remains afterwards."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield
        return
    finished = threading.Event()
    ticker = threading.Thread(target=_tick, args=(doing, finished), daemon=True)
    ticker.start()
    try:
        yield
    finally:
        finished.set()
        ticker.join()


def _tick(doing: str, finished: threading.Event) -> None:
    started = time.monotonic()
    if finished.wait(PATIENCE):
        return
    while True:
        sys.stderr.write(f"{ERASE}{doing} ... {time.monotonic() - started:.0f} s")
        sys.stderr.flush()
        if finished.wait(0.5):
            break
    sys.stderr.write(ERASE)
    sys.stderr.flush()


class RunLine:
    """The line of a long run: what is done of it, and about how long the rest takes.

    On a terminal it is one line, written anew; elsewhere a line every half minute, so that
    a log says how far a run is without being filled by it.
    """

    def __init__(self) -> None:
        self._terminal = sys.stderr is not None and sys.stderr.isatty()
        self._started = self._told = time.monotonic()

    def __enter__(self) -> RunLine:
        return self

    def __exit__(self, *error: object) -> None:
        if self._terminal:
            self._write(ERASE)

    def __call__(self, doing: str, progress: Progress) -> None:
        """Say how far the run is, if it is time to."""
        now = time.monotonic()
        if progress.done == progress.total or now - self._started < PATIENCE:
            return
        line = described(doing, progress)
        if self._terminal:
            self._write(f"{ERASE}{line}")
        elif now - self._told >= LULL:
            self._told = now
            self._write(f"{line}\n")

    def _write(self, text: str) -> None:
        if sys.stderr is not None:
            sys.stderr.write(text)
            sys.stderr.flush()


def described(doing: str, progress: Progress) -> str:
    """How far a run is, in words.

    >>> from foedus.ensemble import Progress
    >>> described("solving draws", Progress(done=4, total=16, seconds=9, remaining=27.2))
    'solving draws: 25 %, about 27 s left'
    """
    line = f"{doing}: {100 * progress.done // progress.total} %"
    if progress.remaining is None:
        return line
    seconds = round(progress.remaining)
    minutes = f"{seconds // 60} min {seconds % 60} s" if seconds >= 60 else f"{seconds} s"
    return f"{line}, about {minutes} left"
