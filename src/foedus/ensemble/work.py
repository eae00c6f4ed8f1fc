"""What a worker does: build the work once, compute chunks with it, report what went wrong."""

from __future__ import annotations

import os
import platform
import signal
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from multiprocessing import parent_process
from uuid import uuid4

from foedus.ensemble.codec import encode
from foedus.ensemble.plan import Chunk
from foedus.ensemble.result import Result

Work = Callable[[Chunk], Result]
Make = Callable[[], Work]
"""Builds the work in the process that computes; must pickle, and small is better."""


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
        result = encode(work_of(job)(chunk))
    except Exception as error:
        trace = "".join(traceback.format_exception(error))
        return Breakdown(error=type(error).__name__, message=str(error), trace=trace)
    seconds = time.perf_counter() - started
    return Delivery(result=result, seconds=seconds, worker=f"{platform.node()}:{os.getpid()}")


@lru_cache(maxsize=1)
def work_of(job: Job) -> Work:
    """The work of this job, made once in every process."""
    return job.make()


def enter_worker() -> None:
    """Prepare a process of our own: one thread of computation, and no life after its parent."""
    # Read when XLA starts. As many threads as processes would only get into each other's way.
    flags = os.environ.get("XLA_FLAGS", "")
    os.environ["XLA_FLAGS"] = f"{flags} --xla_cpu_multi_thread_eigen=false".strip()
    os.environ["NPROC"] = "1"  # the size of XLA's own thread pool
    # Ctrl-C goes to the whole group of processes; the coordinator alone decides what stops.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # The pool's queues would keep an orphan waiting for ever.
    threading.Thread(target=_leave_with_parent, daemon=True).start()


def _leave_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
