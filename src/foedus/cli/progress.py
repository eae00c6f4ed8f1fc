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
TICK = 0.5  # seconds between two looks at a run
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

    On a terminal it is one line, written anew twice a second; elsewhere a line every half
    minute, so that a log says how far a run is without being filled by it.
    """

    def __init__(self) -> None:
        self._terminal = sys.stderr is not None and sys.stderr.isatty()
        self._started = self._told = time.monotonic()
        self._latest: tuple[str, Progress, float] | None = None
        self._finished = threading.Event()
        self._ticker = threading.Thread(target=self._tick, daemon=True)

    def __enter__(self) -> RunLine:
        self._ticker.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._finished.set()
        self._ticker.join()
        if self._terminal:
            self._write(ERASE)

    def __call__(self, doing: str, progress: Progress) -> None:
        """Take note of how far the run is."""
        self._latest = (doing, progress, time.monotonic())

    def _tick(self) -> None:
        while not self._finished.wait(TICK):
            now = time.monotonic()
            if self._latest is None or now - self._started < PATIENCE:
                continue
            doing, progress, taken = self._latest
            if progress.done == progress.total:
                continue
            line = described(doing, progress, since=now - taken)
            if self._terminal:
                self._write(f"{ERASE}{line}")
            elif now - self._told >= LULL:
                self._told = now
                self._write(f"{line}\n")

    def _write(self, text: str) -> None:
        if sys.stderr is not None:
            sys.stderr.write(text)
            sys.stderr.flush()


def described(doing: str, progress: Progress, *, since: float = 0.0) -> str:
    """How far a run is, in words; `since`: how many seconds ago that was.

    >>> from foedus.ensemble import Progress
    >>> some = Progress(done=4, total=16, seconds=9, remaining=27.2)
    >>> described("solving draws", some, since=2)
    'solving draws: 25 %, about 25 s left'
    >>> described("solving draws", Progress(done=0, total=16, seconds=0, remaining=None), since=70)
    'solving draws: 0 %, for 1 min 10 s so far'

    What takes longer than was thought is not said to take no time:

    >>> described("solving draws", some, since=60)
    'solving draws: 25 %, for 1 min 9 s so far'
    """
    line = f"{doing}: {100 * progress.done // progress.total} %"
    if progress.remaining is None or since > progress.remaining:
        return f"{line}, for {_time(progress.seconds + since)} so far"
    return f"{line}, about {_time(progress.remaining - since)} left"


def _time(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole // 60} min {whole % 60} s" if whole >= 60 else f"{whole} s"
