"""Where chunks are computed: here, in processes of this machine, or on a Dask cluster."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from foedus.ensemble.plan import Chunk
from foedus.ensemble.work import Breakdown, Delivery, Job, compute, enter_worker, work_of

Answer = Future[Delivery | Breakdown]
AHEAD = 4  # chunks given out per worker, so that none waits for the coordinator


class Session(Protocol):
    """Workers that have been given a job."""

    def window(self) -> int:
        """How many chunks to give out at a time."""
        ...

    def submit(self, chunk: Chunk) -> Answer:
        """Give out a chunk. Raises `BrokenExecutor` if a worker has died."""
        ...

    def restart(self) -> None:
        """Start anew after a `BrokenExecutor`."""
        ...


class Executor(Protocol):
    """A place where chunks are computed. Every executor gives the same results bit for bit."""

    def session(self, job: Job) -> AbstractContextManager[Session]:
        """Workers for this job. Leaving the context by an exception abandons what they do."""
        ...


@dataclass(frozen=True)
class InProcess:
    """Computes chunks in the calling process, `threads` of them at a time.

    More than one thread needs work that several threads may do at once, and helps only where
    it leaves Python for most of the time, as compiled programs do.
    """

    threads: int = 1

    @contextmanager
    def session(self, job: Job) -> Iterator[Session]:
        """See `Executor`."""
        try:
            if self.threads == 1:
                yield _Here(job)
                return
            with ThreadPoolExecutor(self.threads) as pool:
                try:
                    yield _Threads(pool, self.threads, job)
                except BaseException:
                    # What a thread has begun it ends; the rest nobody wants any more.
                    pool.shutdown(wait=False, cancel_futures=True)
                    raise
        finally:
            work_of.cache_clear()  # it may hold much memory


@dataclass(frozen=True)
class _Here:
    job: Job

    def window(self) -> int:
        return 1

    def submit(self, chunk: Chunk) -> Answer:
        answer: Answer = Future()
        answer.set_result(compute(self.job, chunk))
        return answer

    def restart(self) -> None:
        """Nothing to start."""


@dataclass(frozen=True)
class _Threads:
    pool: ThreadPoolExecutor
    threads: int
    job: Job

    def window(self) -> int:
        return self.threads

    def submit(self, chunk: Chunk) -> Answer:
        return self.pool.submit(compute, self.job, chunk)

    def restart(self) -> None:
        """Threads do not die by themselves."""


def cores() -> int:
    """How many processor cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@dataclass(frozen=True)
class Processes:
    """Computes chunks in `workers` processes of this machine.

    A script that uses it must do so under `if __name__ == "__main__":`, since every worker
    imports the script.
    """

    workers: int = field(default_factory=cores)

    @contextmanager
    def session(self, job: Job) -> Iterator[Session]:
        """See `Executor`."""
        pool = _Pool(self.workers, job)
        try:
            yield pool
        except BaseException:
            pool.abandon()
            raise
        pool.close()


class _Pool:
    """A process pool that can be replaced when a worker has died."""

    def __init__(self, workers: int, job: Job) -> None:
        self._workers = workers
        self._job = job
        self._pool = self._started()

    def window(self) -> int:
        return AHEAD * self._workers

    def submit(self, chunk: Chunk) -> Answer:
        return self._pool.submit(compute, self._job, chunk)

    def restart(self) -> None:
        self.abandon()
        self._pool = self._started()

    def close(self) -> None:
        self._pool.shutdown()

    def abandon(self) -> None:
        # Python 3.14 has `kill_workers` for this. A chunk may take minutes, and what it would
        # deliver is computed again anyway.
        processes = list((self._pool._processes or {}).values())
        self._pool.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.kill()
        for process in processes:
            process.join()

    def _started(self) -> ProcessPoolExecutor:
        # Never fork: a copy of a process in which JAX runs threads hangs.
        context = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(self._workers, mp_context=context, initializer=enter_worker)
