"""Pages made from the code are up to date, and what pages show is what happens."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import generate
from transcripts import refreshed

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.rglob("*.md"), *ROOT.glob("*.md")])
STALE = "run `.venv/bin/python docs/generate.py`"


def _name(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("name", generate.PAGES)
def test_a_generated_page_is_up_to_date(name: str) -> None:
    stored = (DOCS / name).read_text(encoding="utf-8")
    assert stored == generate.PAGES[name](), STALE


@pytest.mark.parametrize("page", generate.TRANSCRIPTS, ids=_name)
def test_commands_in_a_page_print_what_it_shows(page: Path) -> None:
    stored = page.read_text(encoding="utf-8")
    assert "$ foedus solve" in stored
    assert stored == refreshed(stored), STALE


@pytest.mark.parametrize("page", generate.TRANSCRIPTS, ids=_name)
def test_python_in_a_page_runs(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from foedus.scenario.library import starter

    monkeypatch.chdir(tmp_path)
    (tmp_path / "crisis.yaml").write_text(starter("crisis"), encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```$", page.read_text(encoding="utf-8"), re.M | re.S)
    assert blocks
    for block in blocks:
        exec(block, {})  # noqa: S102 -- our own pages


def test_every_room_has_a_place_in_the_architecture_page() -> None:
    rooms = {path.parent.name for path in (ROOT / "src" / "foedus").glob("*/__init__.py")}
    assert rooms == set(generate.ROOMS)


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_links_lead_to_files(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    targets = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text)
    missing = [t for t in targets if "://" not in t and not (page.parent / t).exists()]
    assert missing == []
