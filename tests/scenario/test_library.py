"""What ships with foedus: every scenario and the starter are sound, and the schema is current."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from foedus.errors import QueryError, ScenarioError
from foedus.scenario import examine, library, read
from foedus.scenario.diagnostics import Report
from foedus.scenario.document import parse
from foedus.scenario.nodes import plain
from foedus.scenario.reader import examine_text
from foedus.scenario.schema import FILE, json_schema

SOUND = Path(__file__).parent / "sound.yaml"
SHIPPED = [library.path(name) for name in library.names()]


@pytest.mark.parametrize("name", library.names())
def test_a_shipped_scenario_is_sound(name: str) -> None:
    scenario, diagnostics = examine(name)
    assert not diagnostics
    assert scenario is not None
    assert scenario.name == name
    assert library.titles()[name] == scenario.title


def test_a_name_without_suffix_is_a_shipped_scenario_unless_a_file_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    name = library.names()[0]
    assert read(name).text == library.path(name).read_text(encoding="utf-8")
    Path(name).write_text(SOUND.read_text(encoding="utf-8"), encoding="utf-8")
    assert read(name).title == "A crisis"


def test_an_unknown_name_is_answered_with_the_closest() -> None:
    with pytest.raises(ScenarioError, match="did you mean `us-ukraine-pact`") as caught:
        read("us-ukrain-pact")
    assert [d.code for d in caught.value.diagnostics] == ["F115"]
    with pytest.raises(QueryError, match="did you mean"):
        library.path("us-ukrain-pact")


@pytest.mark.parametrize("name", ["baltic", "a_new-one", ""])
def test_the_starter_is_sound(name: str) -> None:
    scenario, diagnostics = examine_text(library.starter(name))
    assert not diagnostics
    assert scenario is not None
    assert scenario.title[0].isupper()


def test_the_stored_schema_is_current() -> None:
    assert json.loads(FILE.read_text(encoding="utf-8")) == json_schema()
    Draft202012Validator.check_schema(json_schema())


@pytest.mark.parametrize("path", [*SHIPPED, library.STARTER, SOUND], ids=lambda path: path.stem)
def test_sound_files_fit_the_schema(path: Path) -> None:
    root = parse(path.read_bytes(), Report("file"))
    assert root is not None
    Draft202012Validator(json_schema()).validate(plain(root))


@pytest.mark.parametrize(
    "name",
    ["F201-unknown-field", "F202-missing-title", "F203-list-for-mapping", "F204-scale",
     "F205-range-of-three", "F206-version", "F301-level-with-dash", "F302-reserved"],
)  # fmt: skip
def test_files_of_the_wrong_shape_do_not_fit_the_schema(name: str) -> None:
    path = Path(__file__).parent / "bad" / f"{name}.yaml"
    root = parse(path.read_bytes(), Report("file"))
    assert root is not None
    assert list(Draft202012Validator(json_schema()).iter_errors(plain(root)))


def test_reading_loads_no_numerics_and_importing_the_reader_no_yaml() -> None:
    code = (
        "import sys, foedus.scenario.reader as reader\n"
        "assert 'yaml' not in sys.modules\n"
        "reader.read('us-ukraine-pact')\n"
        "heavy = {'numpy', 'jax', 'pandas', 'scipy', 'xarray', 'jaxtyping'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
