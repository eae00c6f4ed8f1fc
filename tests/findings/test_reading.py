"""A finished assessment comes out of the run store as it was."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from choice import CHOICE, choice

from foedus.ensemble import Store
from foedus.errors import QueryError, StoreError
from foedus.findings.assess import assess
from foedus.findings.reading import latest, read_findings
from foedus.findings.result import Findings


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("reading") / "runs.sqlite"


@pytest.fixture(scope="module")
def made(place: Path) -> Findings:
    return assess(choice(), draws=100, checks=8, total_effects=8, store=place)


def test_everything_that_was_found_is_read_back(place: Path, made: Findings) -> None:
    with Store(place, readonly=True) as store:
        scenario, read = read_findings(store, made.run)
    assert scenario.digest == made.digest
    assert read.to_dict() == made.to_dict()
    assert read.samples == made.samples
    assert [list(one.shifts) for one in read.claims] == [list(one.shifts) for one in made.claims]
    assert np.array_equal(read.plausible_rows, made.plausible_rows)
    for name in ("rows", "parameters", "values", "solved"):
        assert np.array_equal(getattr(read.base, name), getattr(made.base, name), equal_nan=True)
    for claim in (one.claim for one in made.claims):
        one, other = made.draws_of(claim), read.draws_of(claim)
        assert one.figures.keys() == other.figures.keys()
        assert all(np.array_equal(one.figures[f], other.figures[f]) for f in one.figures)
    assert set(read.evidence.by_play) == {(None, None), (None, "always")}
    assert read.dataset.equals(made.dataset)
    assert [one.finding.sentence for one in read.claims] == [
        one.finding.sentence for one in made.claims
    ]


def test_maps_and_shares_are_arrays_again(place: Path, made: Findings) -> None:
    with Store(place, readonly=True) as store:
        _, read = read_findings(store, made.run)
    before, after = (findings["acts"].finding.deciding.map for findings in (made, read))
    assert before is not None
    assert after is not None
    assert np.array_equal(before.grid.shares, after.grid.shares, equal_nan=True)
    assert np.array_equal(before.grid.contour, after.grid.contour)
    assert after.grid.counts.dtype.kind == "i"


def test_the_latest_is_of_this_very_scenario(place: Path, made: Findings) -> None:
    with Store(place, readonly=True) as store:
        found = latest(store, choice())
        assert found is not None
        assert found.id == made.run
        assert latest(store, choice(CHOICE.replace("margin: 0.05", "margin: 0.04"))) is None


def test_runs_that_are_no_assessment_are_refused(place: Path, made: Findings) -> None:
    with Store(place, readonly=True) as store:
        with pytest.raises(QueryError, match="no finished assessment"):
            read_findings(store, made.runs[0])
        with pytest.raises(StoreError, match="no run"):
            read_findings(store, "ffffffffffff")


def test_reading_loads_no_solver(place: Path, made: Findings) -> None:
    code = (
        "import json, sys; from pathlib import Path; from foedus.ensemble import Store\n"
        "from foedus.findings.reading import read_findings\n"
        f"with Store(Path({str(place)!r}), readonly=True) as store:\n"
        f"    read_findings(store, {made.run!r})\n"
        "print(json.dumps(sorted({'jax', 'pandas', 'xarray'} & set(sys.modules))))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []
