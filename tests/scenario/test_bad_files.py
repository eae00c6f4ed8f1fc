"""Every diagnostic as an analyst sees it: one bad file each, with the whole message stored.

To store the messages again after a deliberate change:

    FOEDUS_WRITE_SNAPSHOTS=1 pytest tests/scenario/test_bad_files.py

and read the difference before committing it.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from foedus.scenario.codes import CODES
from foedus.scenario.diagnostics import render_all
from foedus.scenario.reader import examine, source_lines

BAD = Path(__file__).parent / "bad"
FILES = sorted(path.name for path in BAD.glob("*.yaml"))
WRITE = os.environ.get("FOEDUS_WRITE_SNAPSHOTS") == "1"

MADE_BY_TESTS = {"F101", "F102", "F113", "F115"}  # in test_documents.py and test_library.py


@pytest.mark.parametrize("name", FILES)
def test_the_message_is_the_stored_one(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(BAD)
    scenario, diagnostics = examine(name)
    message = render_all(diagnostics, source_lines(name)) + "\n"
    stored = BAD / f"{Path(name).stem}.txt"
    if WRITE:
        stored.write_text(message, encoding="utf-8")
    assert message == stored.read_text(encoding="utf-8")
    assert (scenario is None) == any(d.severity == "error" for d in diagnostics)


@pytest.mark.parametrize("name", [name for name in FILES if name[0] == "F"])
def test_the_file_shows_the_code_in_its_name(name: str) -> None:
    _, diagnostics = examine(BAD / name)
    assert name.split("-")[0] in {d.code for d in diagnostics}


def test_every_code_of_reading_has_a_bad_file() -> None:
    shown = {name.split("-")[0] for name in FILES} | MADE_BY_TESTS
    assert {code for code in CODES if code < "F9"} == {code for code in shown if code[0] == "F"}


def test_no_code_is_used_without_a_line_in_the_table() -> None:
    folder = Path(__file__).parents[2] / "src" / "foedus" / "scenario"
    used = {
        code
        for path in folder.rglob("*.py")
        for code in re.findall(r'"(F\d{3})"', path.read_text(encoding="utf-8"))
    }
    assert used <= set(CODES)
