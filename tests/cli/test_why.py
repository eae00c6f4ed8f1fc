"""`foedus why`: the table, the words, and what it refuses."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from click.testing import Result

import foedus as fd
from foedus.findings.explanation import explain

Foedus = Callable[..., Result]


def test_why_shows_each_action_split_into_parts(foedus: Foedus) -> None:
    result = foedus("why", "border.yaml", "--player", "B", "--when", "phase == war")
    assert (result.exit_code, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert lines[:2] == [
        "A border",
        "B where phase == war, regime none, start calm, year 1, expected values",
    ]
    headings, likely = (line.split() for line in lines[3:5])
    assert sorted(headings) == ["fight", "stop"]
    assert likely[:2] == ["how", "likely"]
    labels = [line.strip().split("  ")[0] for line in lines]
    for label in ("of which in this year", "effort", "of which later", "cost", "phase: peace"):
        assert label in labels
    assert "Where phase == war, South (B) chooses " in result.stdout
    assert max(map(len, lines)) <= 80


def test_settings_and_start_reach_the_explanation(foedus: Foedus) -> None:
    arguments = ["why", "border.yaml", "--player", "B", "--start", "fighting", "--json"]
    settings = [
        "--regime",
        "treaty",
        "--variant",
        "patient",
        "--precision",
        "5",
        "--set",
        "cost=0.5",
    ]
    found = json.loads(foedus(*arguments, *settings).stdout)
    scenario = fd.read("border.yaml")
    game = fd.compile_scenario(scenario, regime="treaty", variant="patient").at(cost=0.5)
    reason = explain(fd.solve(game, fd.Logit(precision=5)), "B", start="fighting")
    assert found == {
        "scenario": "A border",
        "regime": "treaty",
        **json.loads(json.dumps(reason.to_dict())),
    }


def test_actions_stand_in_the_order_of_their_value(foedus: Foedus) -> None:
    arguments = ["why", "border.yaml", "--player", "A", "--start", "calm"]
    actions = json.loads(foedus(*arguments, "--json").stdout)["actions"]
    headings = foedus(*arguments).stdout.splitlines()[3].split()
    assert headings == sorted(actions, key=lambda a: -actions[a]["value"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--player", "C"], "no player `C`"),
        (["--player", "A", "--regime", "tready"], "did you mean `treaty`?"),
        (["--player", "A", "--when", "phase == piece"], "did you mean `peace`?"),
        (["--player", "A", "--when", "A == attack"], "A does not know yet"),
        (["--player", "A", "--period", "9"], "periods 0 to 4"),
        (["--player", "B", "--period", "0"], "B does not in period 0 have to choose"),
        ([], "--player"),
    ],
)
def test_a_question_that_makes_no_sense_exits_with_2(
    foedus: Foedus, arguments: list[str], said: str
) -> None:
    result = foedus("why", "border.yaml", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr
