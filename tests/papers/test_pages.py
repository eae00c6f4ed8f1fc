"""The pages of published models are up to date."""

from __future__ import annotations

import pytest

import paper_pages

STALE = "run `.venv/bin/python docs/paper_pages.py`"


@pytest.mark.parametrize("name", paper_pages.PAGES)
def test_a_page_is_up_to_date(name: str) -> None:
    stored = (paper_pages.PAPERS / name).read_text(encoding="utf-8")
    assert stored == paper_pages.page(paper_pages.PAGES[name]), STALE


def test_the_index_lists_every_model() -> None:
    assert (paper_pages.PAPERS / "README.md").read_text(encoding="utf-8") == paper_pages.index()
    pages = {f.name for f in paper_pages.PAPERS.glob("*.md") if paper_pages.written_here(f)}
    assert pages == {*paper_pages.PAGES, "README.md"}
