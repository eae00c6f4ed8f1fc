"""Carries out a plan: skips what is kept, gives out the rest, and alone writes the store."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from foedus.ensemble.coordinator import ATTEMPTS, Coordinator
from foedus.ensemble.executors import Executor, InProcess
from foedus.ensemble.plan import Chunk, Plan
from foedus.ensemble.records import Label
from foedus.ensemble.result import Result
from foedus.ensemble.store import Store
from foedus.ensemble.work import Job, Make
from foedus.errors import EnsembleError

SHOWN = 10  # chunks that an error message lists


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a run is, in chunks; seconds since it was taken up, and those left.

    `remaining` is None until there is something to judge by.
    """

    done: int
    total: int
    seconds: float
    remaining: float | None


@dataclass(frozen=True, kw_only=True)
class Report:
    """What `run` did, in chunks: computed now, found in the store, and found damaged there."""

    run_id: str
    computed: int
    reused: int
    damaged: tuple[int, ...]
    seconds: float


class RunInterrupted(KeyboardInterrupt):
    """Ctrl-C during a run. All finished chunks are kept, and the same call goes on from there."""

    def __init__(self, run_id: str, done: int, total: int) -> None:
        super().__init__(f"run {run_id} stopped at {done} of {total} chunks; repeat to go on")
        self.run_id = run_id
        self.done = done
        self.total = total


def run(
    plan: Plan,
    work: Make,
    *,
    store: Store,
    label: Label,
    executor: Executor = InProcess(),  # noqa: B008  it is frozen
    progress: Callable[[Progress], None] = lambda _: None,
) -> Report:
    """Compute all chunks of the plan that are not yet kept intact, and keep them.

    `work()` is called once in every process that computes, and what it returns turns a
    chunk into a `Result`; draws that fail are records in it. A chunk that has failed three
    times, by an error or by killing its worker, is left out and the others go on. `progress`
    is called at the start and after every chunk.

    Raises `EnsembleError` at the end if chunks were left out, naming them; `StoreError` if a
    result cannot be kept; `RunInterrupted` on Ctrl-C. What is finished is kept in all cases,
    and the same call goes on from there.
    """
    started = time.monotonic()
    store.begin(plan, label)
    damaged = store.drop_damaged(plan.run_id)
    coordinator = Coordinator(plan, store)

    def tell() -> None:
        seconds = time.monotonic() - started
        done, total = coordinator.n_done, plan.n_chunks
        computed = coordinator.n_computed
        remaining = seconds / computed * (total - done) if computed else None
        progress(Progress(done=done, total=total, seconds=seconds, remaining=remaining))

    tell()
    try:
        if coordinator.n_done < plan.n_chunks:
            with executor.session(Job(work)) as session:
                coordinator.carry_out(session, tell)
    except KeyboardInterrupt:
        coordinator.keep_delivered()
        done = len(store.stored(plan.run_id))
        raise RunInterrupted(plan.run_id, done, plan.n_chunks) from None
    _insist(plan, coordinator)
    store.finish(plan.run_id)
    return Report(
        run_id=plan.run_id,
        computed=coordinator.n_computed,
        reused=plan.n_chunks - coordinator.n_computed,
        damaged=damaged,
        seconds=time.monotonic() - started,
    )


def results(plan: Plan, store: Store) -> Iterator[tuple[Chunk, Result]]:
    """The kept chunks of a run with their results, by index, one in memory at a time.

    Raises `StoreError` at a damaged chunk.
    """
    for index in sorted(store.stored(plan.run_id)):
        yield plan.chunk(index), store.result(plan.run_id, index)


def _insist(plan: Plan, coordinator: Coordinator) -> None:
    given_up = sorted(coordinator.given_up.items())
    if not given_up:
        return
    failed = [plan.chunk(index) for index, _ in given_up]
    left = plan.n_chunks - coordinator.n_done
    lines = [
        f"run {plan.run_id} lacks {left} of {plan.n_chunks} chunks; the others are kept. "
        f"These failed {ATTEMPTS} times:",
        *(
            f"  {chunk}: {why.error}: {why.message}"
            for chunk, (_, why) in zip(failed[:SHOWN], given_up, strict=False)
        ),
    ]
    if len(failed) > SHOWN:
        lines.append(f"  and {len(failed) - SHOWN} more")
    if left > len(failed):
        lines.append("Since no chunk could be computed, the others were not tried.")
    raise EnsembleError(
        "\n".join(lines),
        failed=failed,
        hints=["repeat the run after removing the cause: only what is missing is computed"],
    )
