"""Changes to a text keep everything else in it, and what is written is what is read."""

from __future__ import annotations

import difflib

import pytest

from foedus.errors import QueryError
from foedus.scenario import library
from foedus.scenario.reader import examine_text
from foedus.scenario.writing import scalar, with_claim, with_range, with_values


def _changed_lines(before: str, after: str) -> list[str]:
    found = difflib.ndiff(before.splitlines(), after.splitlines())
    return [line for line in found if line[:1] in "+-"]


@pytest.mark.parametrize("name", library.names())
def test_every_value_of_every_library_scenario_can_be_written(name: str) -> None:
    text = library.path(name).read_text(encoding="utf-8")
    scenario, _ = examine_text(text)
    assert scenario is not None
    free = [p for p in scenario.parameters if p.low < p.high]
    values = {p.name: p.low + 0.25 * (p.high - p.low) for p in free}
    written = with_values(text, values, precision=scenario.precision.high)
    again, problems = examine_text(written)
    assert again is not None, problems
    found = {p.name: p.value for p in again.parameters}
    for parameter, value in values.items():
        assert found[parameter] == pytest.approx(value, rel=1e-5)
    assert again.precision.value == scenario.precision.high
    assert len(_changed_lines(text, written)) <= 2 * (len(values) + 1)
    assert text.count("#") == written.count("#")


def test_values_are_written_where_they_stand() -> None:
    text = "players: {A: {}}\nparameters:\n  a: 3 # three\n  b:\n    range: [0, 1]\n    why: w\n"
    assert with_values(text, {"a": 4, "b": 0.5}) == (
        "players: {A: {}}\nparameters:\n  a: 4 # three\n  b:\n    value: 0.5\n"
        "    range: [0, 1]\n    why: w\n"
    )
    with pytest.raises(QueryError, match="no parameter `c`"):
        with_values(text, {"c": 1})
    with pytest.raises(QueryError, match="mend its errors"):
        with_values("a: [", {})


def test_a_range_moves_with_its_value() -> None:
    text = "parameters:\n  a: {value: 0.9, range: [0, 1], why: w}\n"
    assert with_range(text, "a", 0, 0.5) == (
        "parameters:\n  a: {value: 0.5, range: [0, 0.5], why: w}\n"
    )
    with pytest.raises(QueryError, match="no range"):
        with_range("parameters:\n  a: {value: 1}\n", "a", 0, 1)


@pytest.mark.parametrize("name", ["us-ukraine-pact", "baltic-tripwire"])
def test_a_claim_is_added_and_changed(name: str) -> None:
    text = library.path(name).read_text(encoding="utf-8")
    scenario, _ = examine_text(text)
    assert scenario is not None
    quantity = scenario.rules().quantities[0].name
    holds = f"{quantity}({scenario.regimes[0].name}) < 0.5"
    says = 'It "holds": so they say, # always.'
    added = with_claim(text, "mine", {"by": "me: and you", "says": says, "holds": holds})
    again, problems = examine_text(added)
    assert again is not None, problems
    claim = again.claims[-1]
    assert (claim.name, claim.by, claim.says, claim.words) == ("mine", "me: and you", says, holds)
    assert len(again.claims) == len(scenario.claims) + 1
    changed = with_claim(added, "mine", {"says": "Less.", "label": "New"})
    last, _ = examine_text(changed)
    assert last is not None
    assert (last.claims[-1].says, last.claims[-1].label) == ("Less.", "New")
    assert last.claims[-1].words == holds
    assert len(_changed_lines(added, changed)) == 3


@pytest.mark.parametrize(
    "said", ["plain words", "a: b", "- x", "true", '"q"', "50%", "{a}", "it's", "#1", "x, y", "é"]
)
def test_any_text_survives_as_a_value(said: str) -> None:
    text = with_claim("title: T\nclaims:\n  a: {by: x}\n", "b", {"says": said})
    import yaml

    assert str(yaml.safe_load(text)["claims"]["b"]["says"]).lower() == said.lower()
    assert scalar(said)
