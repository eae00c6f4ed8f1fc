"""Drawings from figures: SVG for pages and for files, and PNG, with no browser and no network."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

from foedus.figures.figure import Figure
from foedus.figures.lettering import broken, clean
from foedus.figures.theme import SIZES, TOKENS, colour, dark

VEGA_LITE = "5.21"
NOWHERE: list[str] = []  # addresses that data may be fetched from
_SVG = "http://www.w3.org/2000/svg"
_XLINK = "http://www.w3.org/1999/xlink"
_NAMES = {token.light: token.name for token in TOKENS}
_PAINT = re.compile(r'(fill|stroke)="(#[0-9a-f]{6})"')
_NOISE = ("aria-hidden", "aria-roledescription", "aria-label", "role")


def to_svg(figure: Figure, *, dark_theme: bool = False) -> str:
    """The figure as a file of its own: plain colours, with its title drawn above it.

    The same figure gives the same bytes.
    """
    spec = _titled(figure)
    root = _drawn(dark(spec) if dark_theme else spec)
    _described(root, figure)
    return _written(root)


def for_page(figure: Figure, *, focusable: bool = False) -> str:
    """The figure as an element of a page that says its title in its own words.

    Every colour is a CSS custom property with the light value to fall back on, so that one
    drawing serves light and dark; `theme.css` sets the properties. Marks that carry values
    have a `title` that browsers show on pointing. As it is, the drawing is one image with the
    figure's title and summary as its names. With `focusable`, it is a group, and each
    mark that carries values is an image of its own that the Tab key reaches.
    """
    root = _drawn(figure.spec)
    _described(root, figure, focusable=focusable)
    return _PAINT.sub(_property, _written(root))


def to_png(figure: Figure, *, dark_theme: bool = False, scale: float = 2.0) -> bytes:
    """The figure with its title as an image, `scale` pixels of it for one of the figure's."""
    import vl_convert

    drawn: bytes = vl_convert.svg_to_png(to_svg(figure, dark_theme=dark_theme), scale=scale)
    return drawn


def as_image(figure: Figure, *, dark_theme: bool = False, scale: float = 2.0) -> bytes:
    """The drawing alone as an image, without its title."""
    import vl_convert

    root = _drawn(dark(figure.spec) if dark_theme else figure.spec)
    drawn: bytes = vl_convert.svg_to_png(_written(root), scale=scale)
    return drawn


def _drawn(spec: Mapping[str, Any]) -> ElementTree.Element:
    """The specification drawn, as a tree."""
    import vl_convert

    text = vl_convert.vegalite_to_svg(
        dict(spec), vl_version=VEGA_LITE, allowed_base_urls=NOWHERE, show_warnings=False
    )
    ElementTree.register_namespace("", _SVG)
    ElementTree.register_namespace("xlink", _XLINK)
    return ElementTree.fromstring(text)  # our own renderer's output


def _described(root: ElementTree.Element, figure: Figure, *, focusable: bool = False) -> None:
    """Names and roles: of the whole, and of the marks that carry values; none elsewhere."""
    parents = {child: parent for parent in root.iter() for child in parent}
    for element in list(root.iter()):
        told = element.get("aria-label") if _carries(element) else None
        for name in _NOISE:
            element.attrib.pop(name, None)
        for name, value in element.attrib.items():
            element.set(name, _own(value, figure.name))
        if told:
            _tell(element, parents[element], told, focusable=focusable)
    root.set("class", "figure")
    root.set("role", "group" if focusable else "img")
    root.set("aria-labelledby", f"{figure.name}-title")
    root.set("aria-describedby", f"{figure.name}-desc")
    for place, (kind, words) in enumerate((("title", figure.title), ("desc", figure.summary))):
        named = ElementTree.Element(f"{{{_SVG}}}{kind}", {"id": f"{figure.name}-{kind}"})
        named.text = clean(words)
        root.insert(place, named)


def _carries(element: ElementTree.Element) -> bool:
    """Whether a mark has a description of its own, rather than one that the renderer made up."""
    return element.get("role") == "graphics-symbol" and bool(element.get("aria-label"))


def _tell(
    element: ElementTree.Element, parent: ElementTree.Element, told: str, *, focusable: bool
) -> None:
    """Put the mark in a group with a title, in its place among its parent's children."""
    group = ElementTree.Element(f"{{{_SVG}}}g", {"class": "told"})
    if focusable:
        group.attrib.update({"tabindex": "0", "role": "img", "aria-label": told})
    title = ElementTree.SubElement(group, f"{{{_SVG}}}title")
    title.text = told
    place = list(parent).index(element)
    parent.remove(element)
    group.append(element)
    parent.insert(place, group)


def _own(value: str, name: str) -> str:
    """Ids made the figure's own, so that two drawings can stand on one page."""
    value = re.sub(r"url\(#([\w-]+)\)", rf"url(#{name}-\1)", value)
    return re.sub(r"^(clip|gradient)(?=[_\d])", rf"{name}-\1", value)


def _written(root: ElementTree.Element) -> str:
    return ElementTree.tostring(root, encoding="unicode")


def _property(found: re.Match[str]) -> str:
    attribute, value = found.groups()
    if value not in _NAMES:
        return found.group()
    return f'{attribute}="var(--fig-{_NAMES[value]}, {value})"'


def _titled(figure: Figure) -> dict[str, Any]:
    """The specification with paper behind it, and title and notes as a file of its own needs."""
    spec = dict(figure.spec)
    room = float(spec.get("width", 640)) if isinstance(spec.get("width"), int | float) else 640.0
    title = broken(figure.title, SIZES["head"], room, lines=4, bold=True)
    return {
        **spec,
        "background": colour("paper"),
        "padding": 14,
        "autosize": {"type": "pad"},
        "title": {
            "text": title,
            "fontSize": SIZES["head"],
            "anchor": "start",
            "offset": 12,
            "limit": room + 8,
        },
    }
