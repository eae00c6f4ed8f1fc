"""A run ends with the same bytes wherever it is computed, and however often it is broken off."""

from __future__ import annotations

import json
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from kept import Chunks, dump
from waves import LABEL, PLAN, Broken, Deadly, Waves, carry_out

from foedus.ensemble import (
    Cluster,
    Executor,
    Failure,
    InProcess,
    Processes,
    Progress,
    RunInterrupted,
    Store,
    results,
    run,
)
from foedus.errors import EnsembleError, StoreError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "runs.sqlite"


def _noted(path: Path) -> dict[int, Failure]:
    """Failures of whole chunks, by index."""
    with Store(path, readonly=True) as store:
        found = store.failures(PLAN.run_id)
    return {record.chunk: record.failure for record in found if record.failure.draw is None}


def test_processes_give_the_same_bytes(path: Path, unbroken: Chunks) -> None:
    report = carry_out(path, Processes(2))
    assert dump(path) == unbroken
    assert (report.computed, report.reused) == (PLAN.n_chunks, 0)


def test_a_cluster_gives_the_same_bytes(path: Path, unbroken: Chunks) -> None:
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None
    ) as dask:
        carry_out(path, Cluster(dask.scheduler_address))
    assert dump(path) == unbroken


def test_a_cluster_elsewhere_must_be_encrypted() -> None:
    Cluster("tls://10.0.0.5:8786")
    Cluster("tcp://127.0.0.1:8786")
    with pytest.raises(EnsembleError, match="not encrypted"):
        Cluster("tcp://10.0.0.5:8786")


def test_without_dask_a_cluster_says_what_to_install(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(EnsembleError, match=r"pip install 'foedus\[cluster\]'"):
        carry_out(path, Cluster("tcp://127.0.0.1:8786"))


def test_a_finished_run_is_not_computed_again(path: Path) -> None:
    carry_out(path, InProcess())
    report = carry_out(path, InProcess(), Broken())
    assert (report.computed, report.reused, report.damaged) == (0, PLAN.n_chunks, ())
    with Store(path, readonly=True) as store:
        assert store.run(PLAN.run_id).finished is not None


def test_results_come_in_the_order_of_chunks(path: Path) -> None:
    carry_out(path, InProcess())
    with Store(path, readonly=True) as store:
        found = list(results(PLAN, store))
    assert [chunk for chunk, _ in found] == list(PLAN.chunks())
    for chunk, result in found[::20]:
        again = Waves().compute(chunk)
        assert result.failures == again.failures
        assert {name: array is None for name, array in result.arrays.items()} == {
            name: array is None for name, array in again.arrays.items()
        }
        np.testing.assert_array_equal(result.arrays["wave"], again.arrays["wave"])


def test_progress_counts_up_to_the_total(path: Path) -> None:
    seen: list[Progress] = []
    with Store(path) as store:
        run(PLAN, Waves(), store=store, label=LABEL, progress=seen.append)
    assert [progress.done for progress in seen] == list(range(PLAN.n_chunks + 1))
    assert {progress.total for progress in seen} == {PLAN.n_chunks}
    assert seen[0].remaining is None
    assert seen[-1].remaining == 0
    assert all(a.seconds <= b.seconds for a, b in pairwise(seen))


def test_a_killed_worker_costs_only_what_it_was_computing(path: Path, unbroken: Chunks) -> None:
    marks = path.with_name("marks")
    carry_out(path, Processes(2), Deadly(marks=marks, times=2))
    assert marks.read_text() == "xx"
    assert dump(path) == unbroken
    assert _noted(path) == {}


def test_a_chunk_that_kills_three_workers_is_named_and_the_others_go_on(
    path: Path, unbroken: Chunks
) -> None:
    marks = path.with_name("marks")
    with pytest.raises(EnsembleError, match="lacks 1 of 52 chunks") as caught:
        carry_out(path, Processes(2), Deadly(marks=marks, times=9))
    assert marks.read_text() == "xxx"
    assert caught.value.failed == (PLAN.chunk(10),)
    assert str(PLAN.chunk(10)) in str(caught.value)
    assert dump(path) == [*unbroken[:10], *unbroken[11:]]
    assert _noted(path)[10].error == "BrokenProcessPool"
    report = carry_out(path, InProcess())
    assert report.computed == 1
    assert dump(path) == unbroken
    assert _noted(path) == {}


@pytest.mark.parametrize("executor", [InProcess(), Processes(1)], ids=["here", "processes"])
def test_chunks_that_raise_are_named_with_the_error(path: Path, executor: Executor) -> None:
    with pytest.raises(EnsembleError, match="lacks 6 of 52 chunks") as caught:
        carry_out(path, executor, Broken(first=46))
    assert caught.value.failed == tuple(map(PLAN.chunk, range(46, 52)))
    assert "Unpicklable: out of paper at 46" in str(caught.value)
    assert "in compute" in json.dumps(_noted(path)[46].inputs)
    with Store(path) as store:
        assert store.stored(PLAN.run_id) == set(range(46))
        with pytest.raises(StoreError, match="46 of 52"):
            store.finish(PLAN.run_id)


def test_work_that_never_succeeds_is_soon_given_up(path: Path) -> None:
    with pytest.raises(EnsembleError, match="lacks 52 of 52 chunks") as caught:
        carry_out(path, InProcess(), Broken())
    assert len(caught.value.failed) == 3
    assert "the others were not tried" in str(caught.value)


def test_an_interrupt_keeps_what_is_done(path: Path, unbroken: Chunks) -> None:
    def press(progress: Progress) -> None:
        if progress.done == 20:
            raise KeyboardInterrupt

    with Store(path) as store, pytest.raises(RunInterrupted, match="20 of 52") as caught:
        run(PLAN, Waves(), store=store, label=LABEL, progress=press)
    assert (caught.value.done, caught.value.total) == (20, 52)
    assert len(dump(path)) == 20
    report = carry_out(path, InProcess())
    assert (report.computed, report.reused) == (32, 20)
    assert dump(path) == unbroken
