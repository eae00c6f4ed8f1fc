"""The Python in the pages about trees and learners runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from foedus.scenario.library import starter

PAGES = Path(__file__).parents[2] / "docs" / "how-to"


@pytest.mark.parametrize("name", ["exchange-games", "train-a-learner"])
def test_python_in_a_page_runs(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    page = (PAGES / f"{name}.md").read_text(encoding="utf-8")
    (tmp_path / "crisis.yaml").write_text(starter("crisis"), encoding="utf-8")
    for file, body in re.findall(r"^```text ([\w.]+)\n(.*?)^```$", page, re.M | re.S):
        (tmp_path / file).write_text(body, encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```$", page, re.M | re.S)
    assert blocks
    names: dict[str, object] = {}
    for block in blocks:
        exec(block, names)  # noqa: S102 -- our own pages
