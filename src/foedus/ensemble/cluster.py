"""Chunks on a Dask cluster, which is imported only when it is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor as Pool
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from foedus.ensemble.executors import AHEAD, Answer, Session
from foedus.ensemble.plan import Chunk
from foedus.ensemble.work import Job, compute
from foedus.errors import EnsembleError

LOCAL = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True)
class Cluster:
    """Computes chunks on the Dask cluster whose scheduler listens at `address`.

    The workers need foedus in the same version and one thread each. Dask sees to it that
    the chunks of a worker that dies are computed by another.

    A scheduler runs any code that it is sent. So an address on another machine must be
    encrypted: `tls://`, with the certificates named in Dask's configuration.

    Raises `EnsembleError` for another address, if Dask is not installed, or if nothing
    answers.
    """

    address: str

    def __post_init__(self) -> None:
        place = urlsplit(self.address)
        if place.scheme not in ("tls", "inproc") and place.hostname not in LOCAL:
            raise EnsembleError(
                f"the scheduler {self.address} is on another machine and not encrypted; "
                "anybody on the network could run code on its workers",
                hints=["give the cluster certificates and use its tls:// address"],
            )

    @contextmanager
    def session(self, job: Job) -> Iterator[Session]:
        """See `Executor`."""
        distributed = _engine()
        try:
            client = distributed.Client(self.address, set_as_default=False)
        except OSError as fault:
            raise EnsembleError(f"no scheduler answers at {self.address}: {fault}") from fault
        with client:
            pool = client.get_executor(pure=False)
            try:
                yield _Workers(self.address, client, pool, job)
            finally:
                # At the end nothing is left to do; before it, nobody wants it any more.
                pool.shutdown(wait=False)


@dataclass(frozen=True)
class _Workers:
    address: str
    client: Any
    pool: Pool
    job: Job

    def window(self) -> int:
        # Clusters grow and shrink. With no worker yet, some chunks should wait for the first.
        with self._connected():
            threads: dict[str, int] = self.client.nthreads()
        return AHEAD * max(1, sum(threads.values()))

    def submit(self, chunk: Chunk) -> Answer:
        with self._connected():
            return self.pool.submit(compute, self.job, chunk)

    def restart(self) -> None:
        """Dask replaces workers by itself."""

    @contextmanager
    def _connected(self) -> Iterator[None]:
        try:
            yield
        except OSError as fault:
            raise EnsembleError(
                f"the connection to the scheduler {self.address} is lost: {fault}",
                hints=["start the cluster again and repeat the run: what is finished is kept"],
            ) from fault


def _engine() -> Any:
    try:
        return import_module("distributed")
    except ImportError as fault:
        raise EnsembleError(
            "running on a cluster needs Dask, which is not installed",
            hints=["pip install 'foedus[cluster]'"],
        ) from fault
