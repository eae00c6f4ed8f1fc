"""What every file of the repository must respect, whoever wrote it."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = ["src/foedus", "tests", "docs", "benchmarks", ".ci"]
KINDS = {".py", ".yaml", ".json", ".toml", ".txt", ".md", ".cfg", ""}

# Spelled in pieces, so that this file passes its own test.
PLACES = re.compile("|".join(["/wo" + "rk/", "/ho" + "me/", "/ro" + "ot/", r"\.\./sha" + "red"]))
INDEXES = re.compile("|".join(["py" + "pi" + r"\.org", "python" + "hosted", "index-" + "url"]))


def _files() -> list[Path]:
    nested = [p for folder in FOLDERS for p in (ROOT / folder).rglob("*")]
    top = [p for p in ROOT.iterdir() if p.name != ".git"]
    return [
        p for p in [*top, *nested]
        if p.is_file() and p.suffix in KINDS and "__pycache__" not in p.parts
    ]  # fmt: skip


def _offenders(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{i}: {line}"
        for path in _files()
        for i, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if pattern.search(line)
    ]


def test_no_file_names_a_place_on_somebody_s_machine() -> None:
    assert _offenders(PLACES) == []


def test_no_file_names_a_package_index() -> None:
    assert _offenders(INDEXES) == []


def test_constraints_are_plain_pins() -> None:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    assert [line for line in lines if not re.fullmatch(r"[A-Za-z0-9._-]+==[\w.]+", line)] == []


def test_no_module_is_longer_than_400_lines() -> None:
    lengths = {p: len(p.read_text().splitlines()) for p in (ROOT / "src/foedus").rglob("*.py")}
    assert {p.name: n for p, n in lengths.items() if n > 400} == {}
