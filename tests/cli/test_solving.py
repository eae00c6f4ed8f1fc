"""Commands that solve: what they print, what they refuse."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import Result

import foedus as fd
from foedus.cli.main import failure

Foedus = Callable[..., Result]


def answer(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.stderr
    found: dict[str, Any] = json.loads(result.stdout, parse_constant=pytest.fail)
    return found


def test_solve_prints_all_regimes_side_by_side(foedus: Foedus) -> None:
    lines = foedus("solve", "border.yaml").stdout.splitlines()
    assert lines[0] == "A border"
    assert lines[1] == "2 states, 5 years, precision 2, expected values"
    (headings,) = [line.split() for line in lines if line.split()[:1] == ["none"]]
    assert headings == ["none", "treaty"]
    labels = [line[:35].strip() for line in lines]
    for label in ("A North", "B South", "War within three years", "war_years, years", "passed"):
        assert label in labels
    assert max(map(len, lines)) <= 80
    assert "--all shows them" in lines[-1]


def test_all_quantities_are_shown_on_request(foedus: Foedus) -> None:
    everything = foedus("solve", "border.yaml", "--all").stdout
    assert "worth" in everything
    assert "--all" not in everything


def test_json_says_what_the_python_interface_says(foedus: Foedus) -> None:
    found = answer(foedus("solve", "border.yaml", "--json"))
    scenario = fd.read("border.yaml")
    solved = {
        regime.name: fd.solve(fd.compile_scenario(scenario, regime=regime.name))
        for regime in scenario.regimes
    }
    assert list(found["regimes"]) == list(solved)
    for name, equilibrium in solved.items():
        regime = found["regimes"][name]
        calm = equilibrium.game.structure.starts["calm"] @ equilibrium.values
        np.testing.assert_allclose(list(regime["values"].values()), calm, rtol=1e-12)
        quantities = fd.report(equilibrium, scenario.rules(regime=name).quantities, regimes=solved)
        assert list(regime["quantities"]) == list(quantities)
        for asked, value in quantities.items():
            expected = None if math.isnan(value) else pytest.approx(value, rel=1e-12)
            assert regime["quantities"][asked] == expected
        assert regime["certificate"]["regret"] == equilibrium.certificate.regret
        assert regime["certificate"]["passed"] is True
        assert regime["certificate"]["residual"] < 1e-9


def test_a_quantity_without_an_answer_is_null_and_a_dash(foedus: Foedus) -> None:
    """Nobody fights in the one year from peace, so a share of war years does not exist."""
    found = answer(foedus("solve", "border.yaml", "--json"))
    assert found["regimes"]["none"]["quantities"]["fights"] is None
    lines = foedus("solve", "border.yaml").stdout.splitlines()
    (row,) = [line.split() for line in lines if line.startswith("fights")]
    assert row == ["fights", "-", "-"]


def test_settings_reach_the_solver(foedus: Foedus) -> None:
    plain = answer(foedus("solve", "border.yaml", "--json"))
    for change in (
        ["--set", "cost=0.6"],
        ["--precision", "8"],
        ["--convention", "shock"],
        ["--variant", "patient"],
        ["--start", "fighting"],
    ):
        changed = answer(foedus("solve", "border.yaml", "--json", *change))
        assert changed["regimes"]["none"]["values"] != plain["regimes"]["none"]["values"], change
    chosen = answer(foedus("solve", "border.yaml", "--regime", "treaty", "--json"))
    assert list(chosen["regimes"]) == ["treaty"]
    assert chosen["regimes"]["treaty"] == plain["regimes"]["treaty"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--regime", "tready"], "no regime `tready`; did you mean `treaty`?"),
        (["--variant", "x"], "no variant `x`"),
        (["--start", "x"], "no start `x`"),
        (["--set", "costs=0.3"], "no parameter `costs`; did you mean `cost`?"),
        (["--set", "cost=7"], "outside its range, 0.2 to 0.6"),
        (["--set", "cost=nan"], "outside its range"),
        (["--set", "cost"], "needs the form name=value"),
        (["--set", "cost=much"], "needs a number"),
        (["--set", "cost=0.3", "--set", "cost=0.4"], "cost is set more than once"),
        (["--precision", "-1"], "--precision"),
        (["--convention", "other"], "--convention"),
    ],
)
def test_a_question_that_makes_no_sense_exits_with_2(
    foedus: Foedus, arguments: list[str], said: str
) -> None:
    result = foedus("solve", "border.yaml", *arguments)
    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stdout == ""


def test_an_invalid_scenario_exits_with_3_and_all_its_errors(foedus: Foedus, folder: Path) -> None:
    bad = (folder / "border.yaml").read_text().replace("-cost*", "-cots*")
    (folder / "bad.yaml").write_text(bad.replace("A == attack, to", "A == atack, to"))
    result = foedus("solve", "bad.yaml", "--json")
    assert result.exit_code == 3
    assert "F404" in result.stderr
    assert "F407" in result.stderr
    assert json.loads(result.stdout)["error"]["kind"] == "ScenarioError"


def test_a_game_that_is_not_solved_exits_with_4(
    foedus: Foedus, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise fd.SolveError(
            "no equilibrium", hints=["a lower precision", "solve(..., throw=False)"]
        )

    monkeypatch.setattr("foedus.equilibrium.solve_together", refuse)
    result = foedus("solve", "border.yaml")
    assert result.exit_code == 4
    assert "try: a lower --precision" in result.stderr
    assert "throw" not in result.stderr


def test_simulated_figures_lie_by_the_exact_ones(foedus: Foedus) -> None:
    found = answer(foedus("simulate", "border.yaml", "--seed", "3", "--json"))
    assert (found["regime"], found["start"], found["periods"]) == ("none", "calm", 3)
    about = {(row["about"], row["name"]) for row in found["rows"]}
    assert about == {("phase", "peace"), ("phase", "war"), ("A", "respect"), ("A", "attack"),
                     ("B", "stop"), ("B", "fight")}  # fmt: skip
    for row in found["rows"]:
        assert row["standard_error"] > 0
        assert abs(row["exact"] - row["simulated"]) < 4 * row["standard_error"], row


def test_simulate_prints_a_table_and_repeats_itself(foedus: Foedus) -> None:
    arguments = ["simulate", "border.yaml", "--regime", "treaty", "--paths", "50"]
    first = foedus(*arguments).stdout
    assert "regime treaty, start calm, paths 50, periods 3, seed 0" in first
    assert foedus(*arguments).stdout == first
    assert foedus(*arguments, "--seed", "1").stdout != first


def test_histories_can_be_written_as_csv(foedus: Foedus, folder: Path) -> None:
    result = foedus("simulate", "border.yaml", "--paths", "20", "--periods", "2", "--csv", "h.csv")
    assert result.exit_code == 0
    table = pd.read_csv(folder / "h.csv")
    assert list(table.columns[:4]) == ["path", "period", "phase", "A"]
    assert len(table) == 20 * 3


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("border.yaml", "already there"),
        ("nowhere/h.csv", "no folder nowhere"),
        ("-", "name of a file"),
        (".", "is a directory"),
    ],
)
def test_histories_never_overwrite(foedus: Foedus, folder: Path, target: str, said: str) -> None:
    before = (folder / "border.yaml").read_text()
    result = foedus("simulate", "border.yaml", "--csv", target)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr
    assert (folder / "border.yaml").read_text() == before


def test_a_full_disk_costs_the_file_but_not_the_figures(
    foedus: Foedus, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pd.DataFrame, "to_csv", full)
    result = foedus("simulate", "border.yaml", "--paths", "5", "--csv", "h.csv", "--json")
    assert result.exit_code == 3
    assert result.stderr == "foedus: h.csv could not be written: No space left on device\n"
    assert json.loads(result.stdout)["paths"] == 5
    assert not (folder / "h.csv").exists()


def test_one_history_has_no_standard_error(foedus: Foedus) -> None:
    found = answer(foedus("simulate", "border.yaml", "--paths", "1", "--json"))
    assert {row["standard_error"] for row in found["rows"]} == {None}
    (row,) = [
        line.split()
        for line in foedus("simulate", "border.yaml", "--paths", "1").stdout.splitlines()
        if line.split()[:1] == ["peace"]
    ]
    assert row[-1] == "-"


def test_a_regime_that_fixes_a_parameter_says_so(foedus: Foedus, folder: Path) -> None:
    text = (folder / "border.yaml").read_text()
    fixed = "edit: {parameters: {cost: {value: 0.5, range: null}}}"
    start = text.index("edit: {payoffs")
    end = text.index("}}}}", start)
    (folder / "fixed.yaml").write_text(text[:start] + fixed + text[end + 3 :])
    result = foedus("solve", "fixed.yaml", "--set", "cost=0.3")
    assert result.exit_code == 2
    assert "cost is fixed at 0.5 under regime treaty; it cannot be set there" in result.stderr


def test_a_share_may_be_set_in_per_cent(foedus: Foedus) -> None:
    found = answer(foedus("solve", "border.yaml", "--set", "cost=30%", "--json"))
    assert found["parameters"]["cost"] == 0.3


def test_an_overflow_suggests_a_precision_in_words_of_the_command_line(foedus: Foedus) -> None:
    certificate = SimpleNamespace(regret=math.nan)
    hints = ["a lower precision, or moves in sequence", "solve(..., throw=False) to look"]
    error = fd.SolveError("no equilibrium", certificate=certificate, hints=hints)
    assert failure(error, as_json=False).message == (
        "no equilibrium\n  numbers overflow at this precision\n  try: --precision 1000"
    )
