"""Drawings without what nobody sees: parts of a tenth of a pixel, defaults, repeated fonts."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from foedus.figures.theme import FONT, SIZES

PLACES = ("d", "transform", "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "width", "height")
SMALL = f"{SIZES['small']}px"  # what most words are set in
DEFAULTS = {
    ("opacity", "1"),
    ("stroke-miterlimit", "10"),
    ("stroke-width", "1"),
    ("font-weight", "normal"),
    ("text-anchor", "start"),
    ("font-family", FONT),
    ("font-size", SMALL),
}
NAMED = re.compile(r"\b(mark-|role-|background|foreground)")  # classes that only the renderer uses
LONG = re.compile(r"-?\d+\.\d{2,}")


def slim(drawing: str) -> str:
    """The same drawing in fewer bytes. Text and titles are left as they are."""
    root = ElementTree.fromstring(drawing)  # our own renderer's output
    for element in root.iter():
        kept = {
            name: LONG.sub(_short, value) if name in PLACES else value
            for name, value in element.attrib.items()
            if (name, value) not in DEFAULTS and not (name == "class" and NAMED.search(value))
        }
        if "aria-label" in kept and len(element) and element[0].text == kept["aria-label"]:
            del kept["aria-label"]  # its title says so already
        element.attrib.clear()
        element.attrib.update(kept)
    root.set("font-family", FONT)
    root.set("font-size", SMALL)
    return ElementTree.tostring(root, encoding="unicode")


def _short(found: re.Match[str]) -> str:
    text = f"{float(found[0]):.1f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
