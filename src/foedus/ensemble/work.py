"""What a worker does: build the work once, compute chunks with it, report what went wrong."""

from __future__ import annotations

import os
import platform
import signal
import threading
import time
import traceback
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass, field
from functools import lru_cache
from multiprocessing import parent_process
from uuid import uuid4

from foedus.ensemble.codec import encode
from foedus.ensemble.plan import Chunk
from foedus.ensemble.result import Result

Work = Callable[[Chunk], Result]
THREADS = "8"  # more than most machines have cores for; idle ones cost nothing
Make = Callable[[], Work]
"""Builds the work in the process that computes; must pickle, and small is better."""

_MAKING = threading.Lock()


@dataclass(frozen=True)
class Job:
    """What a session computes with. Every job is another one, even if it makes the same work."""

    make: Make = field(compare=False)
    name: str = field(default_factory=lambda: uuid4().hex)


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """A computed chunk: its encoded result, how long it took, and where."""

    result: bytes
    seconds: float
    worker: str


@dataclass(frozen=True, kw_only=True)
class Breakdown:
    """Why a chunk as a whole could not be computed: the error's class, message and trace."""

    error: str
    message: str
    trace: str = ""


def compute(job: Job, chunk: Chunk) -> Delivery | Breakdown:
    """The chunk's result, or why there is none. Only an interrupt gets out as an exception.

    Errors travel as text: one that does not unpickle would take the whole pool with it.
    """
    started = time.perf_counter()
    try:
        with _MAKING:  # so that threads which begin together make it once
            work = work_of(job)
        result = encode(work(chunk))
    except Exception as error:
        trace = "".join(traceback.format_exception(error))
        return Breakdown(error=type(error).__name__, message=str(error), trace=trace)
    seconds = time.perf_counter() - started
    return Delivery(result=result, seconds=seconds, worker=f"{platform.node()}:{os.getpid()}")


@lru_cache(maxsize=1)
def work_of(job: Job) -> Work:
    """The work of this job, made once in every process."""
    return job.make()


def fix_threads(environment: MutableMapping[str, str]) -> None:
    """Give XLA a number of threads that is the same in every process, before it starts.

    It cuts loops by that number, which changes last digits.
    """
    environment["NPROC"] = THREADS


def enter_worker() -> None:
    """Prepare a process of our own, which has no life after its parent."""
    fix_threads(os.environ)
    # Ctrl-C goes to the whole group of processes; the coordinator alone decides what stops.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # The pool's queues would keep an orphan waiting for ever.
    threading.Thread(target=_leave_with_parent, daemon=True).start()


def _leave_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
