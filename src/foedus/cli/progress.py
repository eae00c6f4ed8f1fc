"""One line on standard error that says what is being done, for anything over two seconds."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

PATIENCE = 2.0  # seconds of silence
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
