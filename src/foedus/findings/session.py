"""Workers that serve several runs, one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

from foedus.ensemble import Executor
from foedus.ensemble.executors import Session
from foedus.ensemble.work import Job


@dataclass(eq=False)
class OneSession:
    """An executor whose runs share one session, begun when a chunk is computed at all.

    Workers that have started and compiled once then serve every run. All runs must have the
    same work: that of the first is what the workers have.
    """

    executor: Executor
    _open: ExitStack = field(default_factory=ExitStack)
    _session: Session | None = None

    @contextmanager
    def session(self, job: Job) -> Iterator[Session]:
        """See `Executor`."""
        if self._session is None:
            self._session = self._open.enter_context(self.executor.session(job))
        yield self._session

    def close(self, *error: Any) -> None:
        """End the session, as the error asks if there is one."""
        self._open.__exit__(*error)
