"""Commands about files: new, check, library, schema, explain."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
import yaml
from click.testing import Result

from foedus.scenario.codes import CODES
from foedus.scenario.library import names

Foedus = Callable[..., Result]


def test_a_new_scenario_passes_its_check(foedus: Foedus) -> None:
    assert foedus("new", "crisis").exit_code == 0
    checked = foedus("check", "crisis.yaml")
    assert checked.exit_code == 0
    assert "error" not in checked.output
    assert "warning" not in checked.output


@pytest.mark.parametrize("name", ["border", "border.yaml"])
def test_new_never_overwrites(foedus: Foedus, folder: Path, name: str) -> None:
    before = (folder / "border.yaml").read_text()
    result = foedus("new", name)
    assert result.exit_code == 2
    assert "border.yaml is already there" in result.stderr
    assert (folder / "border.yaml").read_text() == before


def test_new_into_a_missing_folder_says_so(foedus: Foedus) -> None:
    result = foedus("new", "nowhere/crisis")
    assert result.exit_code == 2
    assert "cannot be written" in result.stderr


def test_check_sums_up_a_good_file(foedus: Foedus) -> None:
    result = foedus("check", "border.yaml")
    assert result.exit_code == 0
    assert result.stdout == (
        "border.yaml: can be solved, 2 players, 1 factor, 1 parameter, 2 regimes, 5 quantities\n"
    )


def test_check_prints_every_problem_of_every_file(foedus: Foedus, folder: Path) -> None:
    good = (folder / "border.yaml").read_text()
    bad = good.replace("A == attack, to", "A == atack, to").replace("-cost*", "-cots*")
    (folder / "bad.yaml").write_text(bad)
    result = foedus("check", "border.yaml", "bad.yaml")
    assert result.exit_code == 3
    assert "border.yaml: can be solved" in result.stdout
    for part in ("F407", "atack", "F404", "did you mean `cost`?", "^^^^", "bad.yaml: 2 errors"):
        assert part in result.stdout


def test_check_as_json_lists_the_same_problems(foedus: Foedus, folder: Path) -> None:
    bad = (folder / "border.yaml").read_text().replace("period:", "perriod:")
    (folder / "bad.yaml").write_text(bad)
    result = foedus("check", "border.yaml", "bad.yaml", "--json")
    assert result.exit_code == 3
    good, bad_file = json.loads(result.stdout)["files"]
    assert good == {"file": "border.yaml", "valid": True, "diagnostics": []}
    assert not bad_file["valid"]
    (found,) = bad_file["diagnostics"]
    assert (found["code"], found["line"], found["column"]) == ("F201", 3, 1)


@pytest.mark.parametrize("name", ["missing.yaml", "nothing", "."])
def test_what_cannot_be_opened_is_a_diagnostic(foedus: Foedus, name: str) -> None:
    result = foedus("check", name)
    assert result.exit_code == 3
    assert "error[F1" in result.stdout


def test_library_lists_every_scenario(foedus: Foedus) -> None:
    listed = foedus("library").stdout
    assert [line.split()[0] for line in listed.splitlines()] == list(names())
    assert set(json.loads(foedus("library", "--json").stdout)["scenarios"]) == set(names())


def test_library_describes_copies_and_prints(foedus: Foedus, folder: Path) -> None:
    name = names()[0]
    text = foedus("library", name, "--text").stdout
    title = yaml.safe_load(text)["title"]
    described = foedus("library", name)
    assert described.stdout.startswith(title)
    assert max(map(len, described.stdout.split("Notes")[0].splitlines())) <= 80
    assert json.loads(foedus("library", name, "--json").stdout)["title"] == title
    assert foedus("library", name, "--copy").exit_code == 0
    assert (folder / f"{name}.yaml").read_text(encoding="utf-8") == text
    assert foedus("library", name, "--copy").exit_code == 2


def test_an_unknown_library_name_has_a_suggestion(foedus: Foedus) -> None:
    result = foedus("library", "us-ukrain-pact")
    assert result.exit_code == 2
    assert "did you mean `us-ukraine-pact`?" in result.stderr


def test_the_schema_accepts_what_check_accepts(foedus: Foedus, folder: Path) -> None:
    schema = json.loads(foedus("schema").stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(yaml.safe_load((folder / "border.yaml").read_text()), schema)


def test_explain_knows_every_code(foedus: Foedus) -> None:
    assert json.loads(foedus("explain", "--json").stdout)["codes"] == CODES
    assert CODES["F404"] in foedus("explain", "f404").stdout
    assert len(foedus("explain", "F4").stdout.splitlines()) > 1


def test_explain_refuses_an_unknown_code(foedus: Foedus) -> None:
    result = foedus("explain", "F999")
    assert result.exit_code == 2
    assert "no diagnostic F999" in result.stderr


@pytest.mark.parametrize("name", ["", " ", "a\nb", "a b", ".yaml", "sub/"])
def test_new_refuses_what_cannot_name_a_scenario(foedus: Foedus, folder: Path, name: str) -> None:
    before = list(folder.iterdir())
    result = foedus("new", name)
    assert result.exit_code == 2
    assert "cannot name a scenario" in result.stderr
    assert list(folder.iterdir()) == before


def test_new_keeps_a_suffix_and_quotes_the_next_command(foedus: Foedus, folder: Path) -> None:
    (folder / "my files").mkdir()
    result = foedus("new", "my files/crisis.yml")
    assert "next: foedus check 'my files/crisis.yml'" in result.stdout
    assert (folder / "my files" / "crisis.yml").is_file()
