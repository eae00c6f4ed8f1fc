"""`foedus runs`: what it says of kept runs, and what it does with them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from click.testing import Result

from foedus.ensemble import Failure, Label, Plan, Store, encode
from foedus.ensemble import Result as Kept

Foedus = Callable[..., Result]


def data(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.stderr
    found: dict[str, Any] = json.loads(result.stdout, parse_constant=pytest.fail)
    return found


@pytest.fixture
def two(foedus: Foedus) -> tuple[str, str]:
    """The ids of two solves that differ in precision, the older first."""
    for precision in ("2", "4"):
        foedus("solve", "border.yaml", "--precision", precision)
    newer, older = (run["id"] for run in data(foedus("runs", "--json"))["runs"])
    return older, newer


def keep_draws(store: Store, seed: int, *, complete: bool = True) -> str:
    """Four draws in two settings as an assessment keeps them, one of them failed."""
    names = ["cost", "delta"]
    description = {
        "what": "draws",
        "samples": {"draws": {"seed": seed, "names": names}},
        "settings": {"base": ["a"], "shock values": ["b"]},
        "regimes": ["none", "treaty"],
        "quantities": ["war"],
    }
    axes = {"sample": ["draws"], "setting": ["base", "shock values"]}
    plan = Plan(description=description, draws=4, chunk_size=2, axes=axes)
    store.begin(plan, Label(kind="draws", title="A border: draws", command="foedus assess x"))
    for chunk in list(plan.chunks())[: None if complete else 3]:
        points = np.array([[draw / 4, seed] for draw in chunk.draws], float)
        values = np.stack([points[:, 0] + seed, points[:, 0] * 2])[:, None, :]
        failures = (
            (Failure(draw=1, error="SolveError", message="no end", inputs={"cost": 0.25}),)
            if chunk.index == 0
            else ()
        )
        result = Kept({"parameters": points, "values": values}, failures)
        store.put(plan, chunk.index, encode(result), seconds=0.1, worker="here")
    if complete:
        store.finish(plan.run_id)
    return plan.run_id


def keep_assessment(store: Store, seed: int, draws: str, **claims: tuple[str, float]) -> str:
    """An assessment that rests on these draws; claims as (verdict, share)."""
    description = {
        "what": "assess",
        "seed": seed,
        "runs": [draws],
        "parameters": ["cost", "delta"],
    }
    plan = Plan(description=description, draws=1)
    label = Label(kind="assess", title="A border", source=f"seed {seed}\n", command="foedus x")
    store.begin(plan, label)
    plausible = encode(Kept({"plausible": np.ones(8, bool)}))
    store.put(plan, 0, plausible, seconds=0.1, worker="here")
    store.finish(plan.run_id)
    found = [
        {
            "id": name,
            "label": f"about {name}",
            "verdict": verdict,
            "share": share,
            "interval": [share - 0.1, share + 0.1],
            "effect": {"median": 0.5, "low": 0.1, "high": 0.9},
            "pivots": [{"parameter": "cost"}],
            "by_construction": name == "c",
        }
        for name, (verdict, share) in claims.items()
    ]
    store.put_artefact(plan.run_id, "findings", {"claims": found})
    return plan.run_id


@pytest.fixture
def assessed(foedus: Foedus, store: Path) -> tuple[str, str, str]:
    """The ids of two assessments that rest on the same draws, and of the draws."""
    del foedus
    with Store(store) as kept:
        draws = keep_draws(kept, 7)
        a = keep_assessment(kept, 1, draws, a=("supported", 0.95), b=("contested", 0.5))
        b = keep_assessment(kept, 2, draws, a=("leaning", 0.8), b=("contested", 0.5), c=("x", 0.4))
    return a, b, draws


def test_nothing_kept_is_no_error(foedus: Foedus, store: Path) -> None:
    assert foedus("runs").stdout.startswith("no runs are kept in ")
    assert data(foedus("runs", "list", "--json")) == {"store": str(store), "runs": []}
    assert not store.exists()


def test_runs_are_listed_with_the_newest_first(foedus: Foedus, two: tuple[str, str]) -> None:
    lines = foedus("runs").stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["run", two[1], two[0]]
    assert "solve" in lines[1]
    assert lines[1].endswith("A border")
    assert max(map(len, lines)) <= 80


def test_draws_behind_assessments_are_listed_on_request(
    foedus: Foedus, assessed: tuple[str, str, str]
) -> None:
    short = foedus("runs").stdout
    assert assessed[2] not in short
    assert "1 run of draws behind these not listed" in short
    assert assessed[2] in foedus("runs", "list", "--all").stdout


def test_a_run_that_was_stopped_is_listed_with_what_is_done(foedus: Foedus, store: Path) -> None:
    with Store(store) as kept:
        draws = keep_draws(kept, 7, complete=False)
    (line,) = foedus("runs").stdout.splitlines()[1:]
    assert "75 %" in line
    shown = foedus("runs", "show", draws).stdout
    assert "75 % done; its command goes on from there" in shown
    assert "command   foedus assess x" in shown


def test_show_says_where_a_run_comes_from(
    foedus: Foedus, folder: Path, two: tuple[str, str]
) -> None:
    text = (folder / "border.yaml").read_text()
    shown = foedus("runs", "show", two[1][:5]).stdout
    assert shown.startswith(f"solve {two[1]}: A border\n")
    for part in ("precision: 4\n", "versions  foedus 0.", "regimes: none, treaty"):
        assert part in shown
    assert foedus("runs", "show", two[1], "--source").stdout == text
    found = data(foedus("runs", "show", two[1], "--json"))
    assert found["source"] == text
    assert found["depends_on"]["precision"] == 4.0


def test_show_has_the_claims_and_the_failures(
    foedus: Foedus, assessed: tuple[str, str, str]
) -> None:
    shown = foedus("runs", "show", assessed[1]).stdout
    (row,) = [line for line in shown.splitlines() if "about c" in line]
    assert "40 % (30-50)" in row
    assert row.endswith("  c")
    assert "c  true by construction" in shown
    draws = foedus("runs", "show", assessed[2]).stdout
    assert "draw 1, sample draws, setting base: SolveError: no end" in draws
    (failure,) = data(foedus("runs", "show", assessed[2], "--json"))["failures"]
    assert failure["inputs"] == {"cost": 0.25}


@pytest.mark.parametrize(
    ("start", "said"),
    [("zz", "no run begins with 'zz'"), ("", "no run begins with ''")],
)
def test_an_unknown_run_is_answered_with_the_newest(
    foedus: Foedus, two: tuple[str, str], start: str, said: str
) -> None:
    result = foedus("runs", "show", start)
    assert result.exit_code == 2
    assert said in result.stderr
    assert two[1] in result.stderr


def test_an_ambiguous_run_is_answered_with_the_candidates(foedus: Foedus, store: Path) -> None:
    with Store(store) as kept:
        ids = [keep_draws(kept, seed) for seed in range(17)]
    (first,) = [d for d in "0123456789abcdef" if sum(i.startswith(d) for i in ids) >= 2][:1]
    result = foedus("runs", "remove", first)
    assert result.exit_code == 2
    assert f"runs begin with '{first}'; give more of one" in result.stderr
    assert len(data(foedus("runs", "--json"))["runs"]) == 17


def test_a_store_that_is_not_there_says_how_one_comes_to_be(foedus: Foedus) -> None:
    for arguments in (["--store", "x.sqlite", "verify"], ["verify", "--store", "x.sqlite"]):
        result = foedus("runs", *arguments)
        assert result.exit_code == 3
        assert "there is no run store x.sqlite yet" in result.stderr


def test_compare_says_what_differs_and_what_moved(foedus: Foedus, two: tuple[str, str]) -> None:
    shown = foedus("runs", "compare", *two).stdout
    assert "precision: 2.0 | 4.0" in shown
    rows = {row["name"]: row for row in data(foedus("runs", "compare", *two, "--json"))["rows"]}
    a, b = (
        data(foedus("solve", "border.yaml", "--json", "--precision", p))["regimes"]["none"]
        for p in ("2", "4")
    )
    assert rows["none.A"]["value"] == [a["values"]["A"], b["values"]["A"]]
    assert rows["none.war_ever"]["outcome"] == "moved"
    same = foedus("runs", "compare", two[0], two[0]).stdout
    assert "The settings are the same." in same
    assert "moved" not in same


def test_compare_goes_claim_by_claim(foedus: Foedus, assessed: tuple[str, str, str]) -> None:
    found = data(foedus("runs", "compare", *assessed[:2], "--json"))
    assert {row["name"]: row["outcome"] for row in found["rows"]} == {
        "a": "moved",
        "b": "same",
        "c": "only in the second",
    }
    assert found["settings"] == {"seed": [1, 2]}
    shown = foedus("runs", "compare", *assessed[:2]).stdout
    assert "seed: 1 | 2" in shown
    assert "The scenario's text differs" in shown
    assert "1 claim is the same" in shown


def test_runs_of_two_kinds_are_not_compared(
    foedus: Foedus, two: tuple[str, str], assessed: tuple[str, str, str]
) -> None:
    result = foedus("runs", "compare", two[0], assessed[0])
    assert result.exit_code == 2
    assert "one is of kind assess, the other of kind solve" in result.stderr


def test_draws_are_exported_as_a_tidy_table(
    foedus: Foedus, folder: Path, assessed: tuple[str, str, str]
) -> None:
    assert foedus("runs", "export", assessed[2], "-o", "d.csv").exit_code == 0
    table = pd.read_csv(folder / "d.csv")
    assert len(table) == 2 * 4 * 2  # settings, draws, regimes
    one = table[(table["setting"] == "base") & (table["row"] == 3)].set_index("regime")
    assert one.loc["none", ["cost", "delta", "war"]].tolist() == [0.75, 7.0, 7.75]
    assert one.loc["treaty", "war"] == 1.5


def test_an_assessment_is_exported_with_the_draws_it_rests_on(
    foedus: Foedus, folder: Path, assessed: tuple[str, str, str]
) -> None:
    assert foedus("runs", "export", assessed[0], "-o", "d.nc").exit_code == 0
    with xr.open_dataset(folder / "d.nc", engine="scipy") as found:
        assert dict(found.sizes) == {"draw": 8, "regime": 2, "quantity": 1}
        assert found.attrs["run"] == assessed[0]
        assert found["plausible"].values.tolist() == [1] * 8
        base = found["values"].sel(regime="none", quantity="war")[found["setting"] == "base"]
        np.testing.assert_array_equal(base, base["cost"] + 7)


def test_a_solve_is_exported_as_one_draw(
    foedus: Foedus, folder: Path, two: tuple[str, str]
) -> None:
    assert foedus("runs", "export", two[0], "-o", "s.csv").exit_code == 0
    table = pd.read_csv(folder / "s.csv").set_index("regime")
    solved = data(foedus("solve", "border.yaml", "--json", "--precision", "2"))
    quantities = solved["regimes"]["treaty"]["quantities"]
    assert table.loc["treaty", "war_years"] == quantities["war_years"]
    assert table.loc["treaty", "cost"] == solved["parameters"]["cost"]


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("d.xls", "must be one of .csv, .parquet, .nc"),
        ("border.yaml", "already there"),
        ("nowhere/d.csv", "no folder nowhere"),
        ("d.parquet", "pip install 'foedus[export]'"),
    ],
)
def test_an_export_that_cannot_be_written_says_why(
    foedus: Foedus, folder: Path, two: tuple[str, str], monkeypatch: pytest.MonkeyPatch,
    target: str, said: str,
) -> None:  # fmt: skip
    monkeypatch.setattr("foedus.findings.exports.find_spec", lambda name: None)
    before = sorted(path.name for path in folder.iterdir())
    result = foedus("runs", "export", two[0], "-o", target)
    assert result.exit_code == 2
    assert said in result.stderr
    assert sorted(path.name for path in folder.iterdir()) == before


def test_removing_an_assessment_removes_draws_that_nothing_else_rests_on(
    foedus: Foedus, assessed: tuple[str, str, str]
) -> None:
    first = foedus("runs", "remove", assessed[0])
    assert first.stdout == f"removed {assessed[0]} assess: A border\n"
    left = {run["id"] for run in data(foedus("runs", "--json"))["runs"]}
    assert left == set(assessed[1:])
    assert "1 run of draws behind" in foedus("runs", "remove", assessed[1]).stdout
    assert data(foedus("runs", "--json"))["runs"] == []


def test_a_mistake_in_one_of_several_removes_none(foedus: Foedus, two: tuple[str, str]) -> None:
    assert foedus("runs", "remove", two[0], "zz").exit_code == 2
    assert len(data(foedus("runs", "--json"))["runs"]) == 2


def test_listing_runs_loads_no_numerics(foedus: Foedus, folder: Path, two: tuple[str, str]) -> None:
    code = (
        "import sys\n"
        "from foedus.cli.main import main\n"
        f"sys.argv = ['foedus', 'runs', 'show', {two[0]!r}]\n"
        "try:\n    main()\nexcept SystemExit:\n    print(*sys.modules, file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True
    )
    loaded = {name.partition(".")[0] for name in done.stderr.split()}
    assert two[0] in done.stdout
    assert loaded & {"jax", "numpy", "scipy", "pandas", "xarray"} == set()
