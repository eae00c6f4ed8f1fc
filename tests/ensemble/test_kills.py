"""Coordinators that are killed, interrupted or doubled end with the bytes of an unbroken run."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from kept import Chunks, chunks, dump
from waves import PLAN, carry_out

from foedus.ensemble import InProcess

SCRIPT = Path(__file__).with_name("waves.py")


def _start(path: Path, executor: str) -> subprocess.Popen[str]:
    """A coordinator in a group of its own, as a terminal would start it."""
    return subprocess.Popen(
        [sys.executable, str(SCRIPT), str(path), executor],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def _done(coordinator: subprocess.Popen[str], count: int) -> None:
    """Wait until it says that so many chunks are done."""
    assert coordinator.stdout is not None
    for line in coordinator.stdout:
        if line.strip().isdigit() and int(line) >= count:
            return
    raise AssertionError(f"ended with {coordinator.wait()} before {count} chunks")


def _alive(group: int) -> list[str]:
    """The processes of a group that still run."""
    listing = subprocess.run(
        ["ps", "-A", "-o", "pgid=,stat=,pid="], capture_output=True, text=True, check=True
    )
    rows = [line.split() for line in listing.stdout.splitlines()]
    return [pid for pgid, state, pid in rows if int(pgid) == group and not state.startswith("Z")]


def _nobody_left(group: int) -> bool:
    deadline = time.monotonic() + 10
    while _alive(group) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not _alive(group)


@pytest.mark.parametrize(("executor", "kills"), [("here", 4), ("threads", 2), ("processes", 2)])
def test_a_run_killed_at_random_moments_ends_the_same(
    tmp_path: Path, unbroken: Chunks, executor: str, kills: int
) -> None:
    path = tmp_path / "runs.sqlite"
    moments = random.Random(5)
    before = 0
    for _ in range(kills):
        with _start(path, executor) as coordinator:
            _done(coordinator, min(before + 1, PLAN.n_chunks))
            time.sleep(moments.uniform(0, 0.1))
            coordinator.send_signal(signal.SIGKILL)
            coordinator.communicate()
        assert _nobody_left(coordinator.pid)
        kept = chunks(path)
        assert len(kept) >= min(before + 1, PLAN.n_chunks)
        assert set(kept) < set(unbroken)
        before = len(kept)
    report = carry_out(path, InProcess())
    assert report.damaged == ()
    assert report.reused == before
    assert dump(path) == unbroken


def test_a_coordinator_killed_while_it_makes_the_store_does_no_harm(
    tmp_path: Path, unbroken: Chunks
) -> None:
    path = tmp_path / "runs.sqlite"
    for _ in range(3):
        with _start(path, "here") as coordinator:
            while not path.exists() and coordinator.poll() is None:
                time.sleep(0.0005)
            coordinator.kill()
            coordinator.communicate()
    carry_out(path, InProcess())
    assert dump(path) == unbroken


@pytest.mark.parametrize("executor", ["here", "threads", "processes"])
def test_ctrl_c_stops_all_processes_and_keeps_what_is_done(
    tmp_path: Path, unbroken: Chunks, executor: str
) -> None:
    path = tmp_path / "runs.sqlite"
    with _start(path, executor) as coordinator:
        _done(coordinator, 5)
        os.killpg(coordinator.pid, signal.SIGINT)
        said, _ = coordinator.communicate(timeout=20)
    word, done, total = said.splitlines()[-1].split()
    assert (coordinator.returncode, word, int(total)) == (130, "interrupted", PLAN.n_chunks)
    assert _nobody_left(coordinator.pid)
    assert len(dump(path)) == int(done) >= 5
    carry_out(path, InProcess())
    assert dump(path) == unbroken


def test_two_coordinators_may_carry_out_the_same_run(tmp_path: Path, unbroken: Chunks) -> None:
    path = tmp_path / "runs.sqlite"
    with _start(path, "here") as one, _start(path, "here") as other:
        ends = [process.communicate(timeout=60)[0].splitlines()[-1] for process in (one, other)]
        assert ends == [str(PLAN.n_chunks)] * 2
    assert (one.returncode, other.returncode) == (0, 0)
    assert dump(path) == unbroken
