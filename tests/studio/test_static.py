"""The pages' files: the tokens of the figures, and nothing from anywhere else."""

from __future__ import annotations

import re

import pytest

from foedus.figures.theme import css
from foedus.studio.routes.pages import STATIC


def test_tokens_are_those_of_the_figures() -> None:
    assert (STATIC / "tokens.css").read_text() == css(), (
        "write foedus.figures.theme.css() to studio/static/tokens.css"
    )


@pytest.mark.parametrize("file", sorted(STATIC.iterdir()), ids=lambda file: file.name)
def test_files_name_no_other_place(file: object) -> None:
    text = file.read_text()  # type: ignore[attr-defined]
    found = set(re.findall(r"https?://[^\s\"'`)]+", text))
    assert found <= {"http://www.w3.org/2000/svg"}
    assert "innerHTML" not in text
    assert not re.search(r"\beval\(|new Function|document\.write", text)
