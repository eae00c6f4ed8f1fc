"""Gives chunks out and takes results in, whatever happens to the workers."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, wait

from foedus.ensemble.executors import Answer, Session
from foedus.ensemble.plan import Plan
from foedus.ensemble.result import Failure
from foedus.ensemble.store import Store
from foedus.ensemble.work import Breakdown, Delivery

ATTEMPTS = 3


class Coordinator:
    """The chunks of one run on their way: waiting, given out, done or given up.

    - `n_done`: how many are kept; `n_computed`: how many of these were computed here.
    - `given_up`: why a chunk failed for the third time, by index.
    """

    def __init__(self, plan: Plan, store: Store) -> None:
        self._plan = plan
        self._store = store
        kept = store.stored(plan.run_id)
        self._waiting = deque(index for index in plan.order() if index not in kept)
        self._suspects: deque[int] = deque()
        self._out: dict[Answer, int] = {}
        self._failed: Counter[int] = Counter()
        self.n_computed = 0
        self.n_done = len(kept)
        self.given_up: dict[int, Breakdown] = {}

    def carry_out(self, session: Session, tell: Callable[[], None]) -> None:
        """Have all waiting chunks computed; call `tell` whenever one more is done.

        When a worker dies, nobody knows which of the chunks given out was to blame. Those run
        one at a time from then on, so that only the guilty one reaches the third failure.

        Stops early if three chunks are given up and none has been computed: then the work
        itself is at fault, and the rest would fare no better.
        """
        while self._waiting or self._suspects or self._out:
            before = self.n_done
            try:
                self._give_out(session)
                wait(self._out, return_when=FIRST_COMPLETED)
                self._collect()
            except BrokenExecutor as error:
                self._recover(session, error)
            if self.n_done > before:
                tell()
            if len(self.given_up) >= ATTEMPTS and not self.n_computed:
                return

    def keep_delivered(self) -> None:
        """Keep the results that have come in, whatever became of the other chunks."""
        for answer, index in list(self._out.items()):
            if _delivered(answer):
                self._take_in(index, answer.result())
                del self._out[answer]

    def _collect(self) -> None:
        for answer, index in list(self._out.items()):
            if not answer.done():
                continue
            try:
                found = answer.result()
            except BrokenExecutor:
                raise  # with the chunk still out: it may be the guilty one
            except Exception as error:
                found = Breakdown(error=type(error).__name__, message=str(error))
            self._take_in(index, found)
            del self._out[answer]

    def _give_out(self, session: Session) -> None:
        while self._suspects or self._waiting:
            window = 1 if self._suspects else session.window()
            if len(self._out) >= window:
                return
            queue = self._suspects or self._waiting
            if self._store.keeps(self._plan.run_id, queue[0]):
                self.n_done += 1  # by another process that carries out the same plan
            else:
                self._out[session.submit(self._plan.chunk(queue[0]))] = queue[0]
            queue.popleft()

    def _take_in(self, index: int, found: Delivery | Breakdown) -> None:
        if isinstance(found, Breakdown):
            self._count_failure(index, found, self._waiting)
            return
        self._store.put(self._plan, index, found.result, seconds=found.seconds, worker=found.worker)
        self.n_computed += 1
        self.n_done += 1

    def _recover(self, session: Session, error: BrokenExecutor) -> None:
        why = Breakdown(
            error=type(error).__name__,
            message="its worker died: killed, out of memory, or crashed; or, in a script, "
            'processes are started without `if __name__ == "__main__":`',
        )
        self.keep_delivered()
        for index in self._out.values():
            self._count_failure(index, why, self._suspects)
        self._out.clear()
        session.restart()

    def _count_failure(self, index: int, why: Breakdown, queue: deque[int]) -> None:
        self._failed[index] += 1
        if self._failed[index] < ATTEMPTS:
            queue.append(index)
            return
        self.given_up[index] = why
        failure = Failure(
            draw=None, error=why.error, message=why.message, inputs={"trace": why.trace}
        )
        self._store.put_failed(self._plan, index, failure)


def _delivered(answer: Answer) -> bool:
    return answer.done() and not answer.cancelled() and answer.exception() is None
