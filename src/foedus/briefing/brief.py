"""A briefing: from the findings of a kept run to a folder of pages, byte for byte the same."""

from __future__ import annotations

from importlib.resources import files as resources
from pathlib import Path

from foedus.briefing.downloads import downloads
from foedus.briefing.drawing import Drawn, draw
from foedus.briefing.folder import write_folder
from foedus.briefing.manifest import NAME, manifest
from foedus.briefing.material import Material
from foedus.briefing.pages import Pages
from foedus.briefing.pictures import pictures
from foedus.briefing.rerun import rerun
from foedus.figures.social_card import social_card
from foedus.figures.theme import css


def brief(material: Material, folder: Path) -> Path:
    """Write the briefing to a folder and return the path of its first page.

    The folder is written whole or not at all. The same run gives the same bytes. Raises
    `BriefingError` if the folder holds anything but an older briefing, or cannot be written.
    """
    write_folder(contents(material), folder, mark=NAME)
    return folder / "index.html"


def contents(material: Material) -> dict[str, bytes]:
    """Every file of the briefing, by its path."""
    drawn = draw(pictures(material))
    data = downloads(material)
    found = {path: text.encode() for path, text in Pages(material, drawn, data).all()}
    found |= {file.path: file.content for file in data}
    for group in drawn.values():
        for one in group:
            found |= figure_files(one)
    found["card.png"] = social_card(material.findings)
    found["theme/briefing.css"] = style_sheet()
    found["rerun.txt"] = rerun(material).encode()
    found[NAME] = manifest(material, found)
    return found


def style_sheet() -> bytes:
    """The colours of the figures, then the layout of pages."""
    layout = resources("foedus.briefing").joinpath("theme/briefing.css").read_text("utf-8")
    return f"{css()}\n{layout}".encode()


def figure_files(one: Drawn) -> dict[str, bytes]:
    """A figure's drawing and its numbers as files, by their paths."""
    return {
        f"figures/{one.file}.svg": one.saved.encode(),
        f"figures/{one.file}.csv": one.figure.csv().encode(),
    }
