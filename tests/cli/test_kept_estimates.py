"""Estimates and bootstraps in the run store: kept once, listed, shown, exported, removed."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import Result
from tests.estimation.conftest import crises
from tests.estimation.heavy import resampled

from foedus.briefing import packing
from foedus.ensemble import Store
from foedus.errors import BriefingError, QueryError
from foedus.estimation import estimate, read_model
from foedus.estimation.kept import packed_page, read_estimate

Foedus = Callable[..., Result]
MODEL = """\
title: Crises
game: egame12
formula: y ~ 0 + trade | 1 | 0 + power | 1 + democracy
outcomes: [quiet, gain, war]
"""
SCENARIO = """\
game: crisis.yaml
regime: none
outcome: y
outcomes: {quiet: A == refrain, gain: D == concede, war: D == defend}
utilities: {gain: 1 + trade, resolve: 1 + power}
"""
PLEDGES = Path(__file__).parents[2] / "docs" / "how-to" / "estimate" / "crises.yaml"


@pytest.fixture
def files(folder: Path) -> Path:
    (folder / "model.yaml").write_text(MODEL)
    crises(200).to_csv(folder / "crises.csv", index=False)
    return folder


def listed(foedus: Foedus) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(foedus("runs", "--json").stdout)["runs"]
    return found


def estimated(foedus: Foedus, *more: str) -> str:
    """The id of an estimate that is made and kept."""
    done = foedus("estimate", "model.yaml", "crises.csv", *more)
    assert done.exit_code == 0, done.stderr
    return str(listed(foedus)[0]["id"])


def test_an_estimate_made_twice_is_one_run(foedus: Foedus, files: Path) -> None:
    first = foedus("estimate", "model.yaml", "crises.csv")
    (run,) = listed(foedus)
    assert run["kind"] == "estimate"
    assert first.stderr == (
        f"kept as run {run['id']}; `foedus runs show {run['id']}` and `foedus studio` open it\n"
    )
    again = foedus("estimate", "model.yaml", "crises.csv")
    assert again.stdout == first.stdout
    assert again.stdout.rstrip().endswith("all 200 rows used")
    assert [one["id"] for one in listed(foedus)] == [run["id"]]


@pytest.mark.parametrize(
    "more",
    [["--errors", "robust"], ["--bootstrap", "20"], ["--profile", "1.war:power"], ["--seed", "3"]],
    ids=" ".join,
)
def test_another_question_is_another_run(foedus: Foedus, files: Path, more: list[str]) -> None:
    assert len({estimated(foedus), estimated(foedus, *more)}) == 2


def test_other_data_or_another_scenario_is_another_run(foedus: Foedus, files: Path) -> None:
    one = estimated(foedus)
    (files / "crises.csv").write_text(crises(200, seed=1).to_csv(index=False))
    two = estimated(foedus)
    text = PLEDGES.read_text()
    (files / "model.yaml").write_text(SCENARIO)
    (files / "crisis.yaml").write_text(text)
    three = estimated(foedus)
    (files / "crisis.yaml").write_text(f"# a comment\n{text}")
    assert estimated(foedus) == three
    (files / "crisis.yaml").write_text(text.replace("-0.8*pledged", "-0.7*pledged"))
    assert len({one, two, three, estimated(foedus)}) == 4


def test_json_says_nothing_more_and_is_kept(foedus: Foedus, files: Path) -> None:
    done = foedus("estimate", "model.yaml", "crises.csv", "--json")
    assert done.stderr == ""
    found = json.loads(done.stdout)
    (run,) = listed(foedus)
    shown = json.loads(foedus("runs", "show", run["id"], "--json").stdout)
    kept = shown["artefacts"]["estimate"]
    assert kept["parameters"] == found["parameters"]
    assert kept["covariance"] == found["covariance"]
    assert shown["source"] == MODEL
    data = (files / "crises.csv").read_bytes()
    assert kept["origin"]["data_file"] == "crises.csv"
    assert kept["origin"]["data_sha256"] == hashlib.sha256(data).hexdigest()
    assert run["log_likelihood"] == found["log_likelihood"]
    assert run["observations"] == 200


def test_the_kept_table_is_the_printed_one(foedus: Foedus, files: Path) -> None:
    printed = foedus(
        "estimate", "model.yaml", "crises.csv", "--bootstrap", "20", "--profile", "all"
    ).stdout
    (run,) = listed(foedus)
    shown = foedus("runs", "show", run["id"]).stdout
    assert "Files: model.yaml, crises.csv" in shown

    def cells(text: str) -> list[list[str]]:
        return [line.split() for line in text.splitlines() if "[" in line]

    coefficients = [line for line in cells(printed) if len(line) == 7]
    assert len(coefficients) == 5
    assert [line for line in cells(shown) if len(line) == 7] == coefficients
    # Of a bootstrap and of profiles: the estimate, which stands above, is not repeated.
    for size in (6, 4):
        rows = [[one[0], *one[2:]] for one in cells(printed) if len(one) == size]
        assert rows
        assert [one for one in cells(shown) if len(one) == size - 1][-len(rows) :] == rows
    source = foedus("runs", "show", run["id"], "--source").stdout
    assert source == MODEL


def test_what_is_read_back_is_the_fit(foedus: Foedus, files: Path, store: Path) -> None:
    estimated(foedus, "--bootstrap", "20", "--errors", "robust")
    stated = read_model(files / "model.yaml")
    fit = estimate(stated.model, files / "crises.csv", cov_type="robust")
    with Store(store, readonly=True) as kept:
        found, drawn = read_estimate(kept, kept.runs()[0])
    pd.testing.assert_frame_equal(found.table(), fit.table())
    assert drawn is not None
    pd.testing.assert_frame_equal(drawn.conf_int(), fit.bootstrap(20, kind="case").conf_int())
    with pytest.raises(QueryError, match="errors that are kept are robust"):
        found.errors("opg")


def test_coefficients_are_exported(foedus: Foedus, files: Path) -> None:
    printed = foedus("estimate", "model.yaml", "crises.csv", "--table", "csv").stdout
    run = listed(foedus)[0]["id"]
    done = foedus("runs", "export", run, "-o", "e.csv")
    assert done.stdout == f"wrote e.csv: 5 coefficients of run {run}\n"
    assert (files / "e.csv").read_text() == printed.rstrip("\n") + "\n"
    foedus("runs", "export", run, "-o", "e.json")
    whole = json.loads((files / "e.json").read_text())
    assert list(whole["parameters"]) == whole["names"]
    refused = foedus("runs", "export", run, "-o", "e.nc")
    assert refused.exit_code == 2
    assert "one of .csv, .json" in refused.stderr
    assert not (files / "e.nc").exists()


def test_two_estimates_are_compared(foedus: Foedus, files: Path) -> None:
    one, two = estimated(foedus), estimated(foedus, "--penalty", "log-f")
    found = json.loads(foedus("runs", "compare", one, two, "--json").stdout)
    rows = {row["name"]: row for row in found["rows"]}
    assert found["settings"] == {"settings.penalty": [None, "log-f"]}
    assert rows["1.war:power"]["outcome"] == "moved"
    assert rows["1.war:power"]["value"][0] > rows["1.war:power"]["value"][1] > 0


def test_a_bootstrap_is_listed_shown_and_exported(
    foedus: Foedus, folder: Path, store: Path
) -> None:
    drawn = resampled("tree", store)
    (run,) = listed(foedus)
    assert (run["kind"], run["resamples"], run["observations"]) == ("bootstrap", 24, 80)
    assert "80 observations, 24 resamples" in foedus("runs").stdout
    assert drawn.summary() in foedus("runs", "show", run["id"]).stdout
    done = foedus("runs", "export", run["id"], "-o", "b.csv")
    assert "24 resamples of run" in done.stdout
    table = pd.read_csv(folder / "b.csv")
    np.testing.assert_array_equal(table[list(drawn.names)], drawn.draws)
    with closing(sqlite3.connect(store)) as file:
        file.execute("DELETE FROM chunks WHERE chunk >= 2")
        file.execute("UPDATE runs SET finished = NULL")
        file.commit()
    assert "its command goes on" in foedus("runs").stdout
    assert "8 case resamples" in foedus("runs", "show", run["id"]).stdout
    assert foedus("runs", "compare", run["id"], run["id"]).exit_code == 2
    assert foedus("runs", "remove", run["id"]).exit_code == 0
    assert listed(foedus) == []


def test_the_page_is_kept_and_stays(foedus: Foedus, files: Path, store: Path) -> None:
    run = estimated(foedus, "-o", "page")
    written = {
        path.relative_to(files / "page").as_posix(): path.read_bytes()
        for path in (files / "page").rglob("*")
        if path.is_file()
    }
    assert estimated(foedus) == run
    with Store(store, readonly=True) as kept:
        page = packed_page(kept, kept.run(run))
    assert packing.unpacked(page, mark="estimate.json") == written
    assert "Page: kept" in foedus("runs", "show", run).stdout


def test_a_page_that_is_too_large_is_left_out_and_said_so(
    foedus: Foedus, files: Path, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packing, "MOST", 1000)
    done = foedus("estimate", "model.yaml", "crises.csv", "-o", "page")
    assert "without its page, which is too large (0.2 MB)" in done.stderr
    run = listed(foedus)[0]["id"]
    assert "Page: too large to be kept" in foedus("runs", "show", run).stdout
    with Store(store, readonly=True) as kept, pytest.raises(QueryError, match="too large to be"):
        packed_page(kept, kept.run(run))


def test_what_is_no_page_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    files = {"index.html": b"x" * 5000, "estimate.json": b"{}"}
    whole = packing.packed(files)
    assert whole is not None
    assert packing.unpacked(whole, mark="estimate.json") == files
    for data in (b"", b"no archive", whole[:-30], whole[:90] + b"\xff\xff" + whole[92:]):
        with pytest.raises(BriefingError, match="no page of foedus"):
            packing.unpacked(data, mark="estimate.json")
    with pytest.raises(BriefingError, match=r"it has no briefing\.json"):
        packing.unpacked(whole, mark="briefing.json")
    monkeypatch.setattr(packing, "UNPACKED", 1000)
    with pytest.raises(BriefingError, match=r"2 files of 0\.0 MB"):
        packing.unpacked(whole, mark="estimate.json")
    assert packing.packed(files) is None


def test_a_damaged_entry_is_named_and_made_again(foedus: Foedus, files: Path, store: Path) -> None:
    run = estimated(foedus, "-o", "page")
    with closing(sqlite3.connect(store)) as file:
        file.execute("UPDATE chunks SET result = substr(result, 1, 900) || x'00'")
        file.commit()
    assert foedus("runs", "verify").exit_code == 3
    assert estimated(foedus) == run
    assert foedus("runs", "verify").exit_code == 0


def test_a_store_that_cannot_be_used_never_stops_an_estimate(foedus: Foedus, files: Path) -> None:
    found = foedus("estimate", "model.yaml", "crises.csv", "--store", "model.yaml/runs.sqlite")
    assert found.exit_code == 0
    assert "Log-likelihood" in found.stdout
    assert found.stderr.startswith("foedus: the estimate is not kept: ")
    assert found.stderr.count("\n") == 1


def test_showing_an_estimate_loads_no_numerics(foedus: Foedus, files: Path) -> None:
    run = estimated(foedus, "--bootstrap", "20")
    code = (
        "import sys\n"
        "from foedus.cli.main import main\n"
        f"sys.argv = ['foedus', 'runs', 'show', {run!r}]\n"
        "try:\n    main()\nexcept SystemExit:\n    print(*sys.modules, file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=files, capture_output=True, text=True, check=True
    )
    loaded = {name.partition(".")[0] for name in done.stderr.split()}
    assert "20 case resamples" in done.stdout
    assert loaded & {"jax", "numpy", "scipy", "pandas"} == set()
