"""A bootstrap that is killed goes on where it was, and ends with the bytes of an unbroken one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.estimation.conftest import FORMULA, LABELS, crises
from tests.estimation.heavy import DRAWS, resampled

from foedus.ensemble import Processes, Store
from foedus.errors import QueryError
from foedus.estimation import classic_model, estimate
from foedus.estimation.resampling import TOGETHER, Resampling

SCRIPT = Path(__file__).with_name("heavy.py")


@pytest.mark.parametrize("kind", ["tree", "dynamic"])
def test_a_killed_bootstrap_goes_on_and_ends_bit_for_bit_the_same(
    tmp_path: Path, kind: str
) -> None:
    path = tmp_path / "runs.sqlite"
    unbroken = resampled(kind, None)
    assert not unbroken.failed.any()
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with subprocess.Popen(
        [sys.executable, str(SCRIPT), kind, str(path)], stdout=subprocess.PIPE, text=True,
        env=environment,
    ) as coordinator:  # fmt: skip
        assert coordinator.stdout is not None
        for line in coordinator.stdout:
            if line.strip() == "2":
                coordinator.send_signal(signal.SIGKILL)
                break
        assert "done" not in coordinator.stdout.read()
    with Store(path) as store:
        (run,) = store.runs()
        assert run.label.kind == "bootstrap"
        assert 2 <= run.n_done < DRAWS // TOGETHER
        assert run.finished is None
    again = resampled(kind, path)
    assert again.draws.tobytes() == unbroken.draws.tobytes()
    with Store(path) as store:
        (run,) = store.runs()
        assert run.finished is not None
        assert run.n_done == DRAWS // TOGETHER


@pytest.mark.parametrize("kind", ["tree", "dynamic"])
def test_other_processes_give_the_same_numbers(tmp_path: Path, kind: str) -> None:
    there = resampled(kind, tmp_path / "runs.sqlite", Processes(2))
    np.testing.assert_array_equal(there.draws, resampled(kind, None).draws)


def test_what_cannot_travel_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def no(*_: object) -> None:
        raise TypeError("a lock has no bytes")

    monkeypatch.setattr(Resampling, "__reduce_ex__", no)
    with pytest.raises(QueryError, match="cannot be sent to other processes"):
        resampled("tree", None, Processes(2))


def test_a_resample_is_the_same_in_any_company() -> None:
    fit = estimate(classic_model("egame12", FORMULA, outcomes=LABELS), crises(200), starts=1)
    few, many = fit.bootstrap(5, seed=9), fit.bootstrap(40, seed=9)
    np.testing.assert_allclose(few.draws, many.draws[:5], rtol=1e-9, atol=1e-12)
    other = replace(fit, penalty="cauchy").bootstrap(5, seed=9)
    assert not np.allclose(few.draws, other.draws, rtol=1e-9)
