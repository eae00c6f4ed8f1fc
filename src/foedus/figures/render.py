"""Drawings from figures: SVG for pages and for files, and PNG, with no browser and no network.

A canvas places everything in pixels, so its specification is drawn here as it stands, in a
fraction of a millisecond; Vega-Lite draws the same from it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from xml.sax.saxutils import escape

from foedus.figures.figure import Figure
from foedus.figures.lettering import broken, clean
from foedus.figures.png import packed
from foedus.figures.shapes import TIMES, outline, scattered
from foedus.figures.theme import FONT, SIZES, TOKENS, colour, dark

Paint = Callable[[str], str]
_NAMES = {token.light: token.name for token in TOKENS}
PADDING, MARGIN, LINE = 2, 14, 19
BASELINE = 0.3  # of the size of letters: how far below its middle a line of text stands
FLAT = ("rect", "rule", "point", "text")
AS_IS = {"stroke-width": "1", "opacity": "1"}  # what an attribute is where it is not given


def to_svg(figure: Figure, *, dark_theme: bool = False) -> str:
    """The figure as a file of its own: plain colours on paper, with its title above it.

    Its marks say nothing on pointing, as those of a page do. The same figure gives the same bytes.
    """
    spec = dark(figure.spec) if dark_theme else figure.spec
    paper, ink = (
        dark(colour(token)) if dark_theme else colour(token) for token in ("paper", "ink")
    )
    title = broken(figure.title, SIZES["head"], spec["width"], lines=5, bold=True)
    top = MARGIN + LINE * len(title) + 8
    lines = "".join(
        _text(title_line, MARGIN, MARGIN + 15 + LINE * place, SIZES["head"], ink)
        for place, title_line in enumerate(title)
    )
    return _framed(
        figure,
        f'<rect width="100%" height="100%" fill="{paper}"/>{lines}'
        f'<g transform="translate({MARGIN},{top})">{_marks(spec, _plain, told=False)}</g>',
        spec["width"] + 2 * MARGIN,
        spec["height"] + top + MARGIN,
    )


def for_page(figure: Figure, *, focusable: bool = False) -> str:
    """The figure as an element of a page that says its title in its own words.

    Every colour is a CSS custom property with the light value to fall back on, so that one
    drawing serves light and dark; `theme.css` sets the properties. Marks that carry values
    have a `title` that browsers show on pointing. As it is, the drawing is one image with the
    figure's title and summary as its names. With `focusable`, it is a group, and each
    mark that carries values is an image of its own that the Tab key reaches.
    """
    spec = figure.spec
    return _framed(
        figure,
        f'<g transform="translate({PADDING},{PADDING})">'
        f"{_marks(spec, _property, focusable=focusable)}</g>",
        spec["width"] + 2 * PADDING,
        spec["height"] + 2 * PADDING,
        focusable=focusable,
    )


def to_png(figure: Figure, *, dark_theme: bool = False, scale: float = 2.0) -> bytes:
    """The figure with its title as an image, `scale` pixels of it for one of the figure's."""
    return _image(to_svg(figure, dark_theme=dark_theme), scale)


def as_image(figure: Figure, *, scale: float = 1.0) -> bytes:
    """The light drawing alone as an image, without title and margin."""
    spec = figure.spec
    drawn = _framed(figure, _marks(spec, _plain, told=False), spec["width"], spec["height"])
    return _image(drawn, scale)


def _image(svg: str, scale: float) -> bytes:
    import vl_convert

    return packed(vl_convert.svg_to_png(svg, scale=scale))


def _framed(
    figure: Figure, content: str, width: float, height: float, *, focusable: bool = False
) -> str:
    """The element around a drawing, with its names for those who do not see it."""
    role = "group" if focusable else "img"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="figure" width="{_n(width)}" '
        f'height="{_n(height)}" viewBox="0 0 {_n(width)} {_n(height)}" role="{role}" '
        f'aria-labelledby="{figure.name}-title" aria-describedby="{figure.name}-desc" '
        f'font-family="{FONT}"><title id="{figure.name}-title">{escape(clean(figure.title))}'
        f'</title><desc id="{figure.name}-desc">{escape(clean(figure.summary))}</desc>'
        f"{content}</svg>"
    )


def _plain(value: str) -> str:
    return value


def _property(value: str) -> str:
    return f"var(--fig-{_NAMES[value]}, {value})" if value in _NAMES else value


def _marks(
    spec: Mapping[str, Any], paint: Paint, *, told: bool = True, focusable: bool = False
) -> str:
    return "".join(
        drawn
        for layer in spec["layer"]
        for drawn in _layer(
            layer["mark"], layer["data"]["values"], paint, told=told, focusable=focusable
        )
    )


def _layer(
    mark: Mapping[str, Any],
    rows: list[Mapping[str, Any]],
    paint: Paint,
    *,
    told: bool,
    focusable: bool,
) -> Iterator[str]:
    """The marks of a layer in a group that has their look; what they say only where `told`."""
    kind = mark["type"]
    if kind == "point" and not mark.get("aria") and mark["shape"] in ("circle", TIMES):
        yield _scattered(mark, rows, paint)
        return
    yield f"<g{_look(mark, paint)}>"
    if kind == "rule" and not mark.get("aria"):
        yield f'<path d="{"".join(map(_straight, rows))}"/>'
    elif kind in FLAT:
        for row in rows:
            says = row.get("says", "") if told else ""
            yield _told(_shape(mark, row), says, focusable=focusable)
    else:
        series: dict[Any, list[Mapping[str, Any]]] = {}
        for row in rows:
            series.setdefault(row["series"], []).append(row)
        for points in series.values():
            yield f'<path d="{_path(kind, points)}"/>'
    yield "</g>"


def _scattered(mark: Mapping[str, Any], rows: list[Mapping[str, Any]], paint: Paint) -> str:
    """Marks that say nothing, all in one path; hollow dots are dots of paper on dots."""
    path = scattered(mark["shape"], mark["size"], [(row["x"], row["y"]) for row in rows])
    border = mark["strokeWidth"]
    if mark["shape"] == TIMES:
        looks = [(mark["stroke"], border)]
    else:
        size = math.sqrt(mark["size"])
        looks = [(mark["stroke"], size + border)]
        if mark["fill"] != mark["stroke"]:
            looks.append((mark["fill"], size - border))
    return "".join(
        f'<path d="{path}" fill="none" stroke="{paint(ink)}" stroke-width="{_n(width)}" '
        f'stroke-linecap="round"/>'
        for ink, width in looks
    )


def _look(mark: Mapping[str, Any], paint: Paint) -> str:
    """The attributes that all marks of a layer share."""
    kind = mark["type"]
    fill, stroke = mark.get("fill"), mark.get("stroke")
    if kind in ("rule", "line"):
        fill, stroke = None, mark["color"]
    if kind == "text":
        fill = mark["color"]
    found = {"fill": paint(fill) if fill else "none"}
    if stroke:
        found["stroke"] = paint(stroke)
        found["stroke-width"] = _n(mark.get("strokeWidth", 1))
    if "strokeDash" in mark:
        found["stroke-dasharray"] = ",".join(map(_n, mark["strokeDash"]))
    if kind == "line":
        found |= {"stroke-linecap": "round", "stroke-linejoin": "round"}
    if mark.get("opacity", 1) != 1:
        found["opacity"] = _n(mark["opacity"])
    if kind == "text":
        anchors = {"left": "start", "center": "middle", "right": "end"}
        found["text-anchor"] = anchors[mark["align"]]
        found["font-size"] = _n(mark["fontSize"])
        if mark["fontWeight"] == "bold":
            found["font-weight"] = "bold"
    return "".join(
        f' {name}="{value}"' for name, value in found.items() if AS_IS.get(name) != value
    )


def _straight(row: Mapping[str, Any]) -> str:
    """A line in a path with others."""
    x, y, x2, y2 = (_n(row[name]) for name in ("x", "y", "x2", "y2"))
    return f"M{x},{y}" + (f"H{x2}" if y == y2 else f"V{y2}" if x == x2 else f"L{x2},{y2}")


def _shape(mark: Mapping[str, Any], row: Mapping[str, Any]) -> str:
    kind, x, y = mark["type"], row["x"], row["y"]
    if kind == "rect":
        left, top = min(x, row["x2"]), min(y, row["y2"])
        wide, high = abs(row["x2"] - x), abs(row["y2"] - y)
        radius = min(mark["cornerRadius"], wide / 2, high / 2)
        corner = f' rx="{_n(radius)}"' if radius else ""
        return (
            f'<rect x="{_n(left)}" y="{_n(top)}" width="{_n(wide)}" height="{_n(high)}"{corner}/>'
        )
    if kind == "rule":
        ends = f'x1="{_n(x)}" y1="{_n(y)}" x2="{_n(row["x2"])}" y2="{_n(row["y2"])}"'
        return f"<line {ends}/>"
    if kind == "point":
        return f'<path d="{outline(mark["shape"], mark["size"], x, y)}"/>'
    at = _n(y + BASELINE * mark["fontSize"])
    turn = f' transform="rotate({_n(mark["angle"])},{_n(x)},{_n(y)})"' if mark["angle"] else ""
    return f'<text x="{_n(x)}" y="{at}"{turn}>{escape(row["text"])}</text>'


def _path(kind: str, points: list[Mapping[str, Any]]) -> str:
    along = [f"{_n(row['x'])},{_n(row['y'])}" for row in points]
    if kind == "area":
        along += [f"{_n(row['x'])},{_n(row['y2'])}" for row in reversed(points)]
    return f"M{'L'.join(along)}{'Z' if kind == 'area' else ''}"


def _told(drawn: str, says: str, *, focusable: bool) -> str:
    """A mark that carries values, with what it says."""
    if not says:
        return drawn
    reached = ' tabindex="0" role="img"' if focusable else ""  # its title is its name
    element, rest = drawn[1:].split(" ", 1)
    attributes, _, words = rest.removesuffix(f"</{element}>").partition(">")
    said = f"<title>{escape(says)}</title>"
    return f"<{element} {attributes.removesuffix('/')}{reached}>{said}{words}</{element}>"


def _text(words: str, x: float, y: float, size: float, ink: str) -> str:
    return (
        f'<text x="{_n(x)}" y="{_n(y)}" font-size="{_n(size)}" font-weight="bold" '
        f'fill="{ink}">{escape(words)}</text>'
    )


def _n(value: float) -> str:
    """A number of pixels to a tenth, or of anything below one to a hundredth."""
    return f"{round(float(value), 1 if abs(value) >= 1 else 2) + 0.0:.10g}"
