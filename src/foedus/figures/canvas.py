"""A drawing laid out in pixels, as a Vega-Lite specification: text, rules, boxes and points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from foedus.figures.lettering import clean
from foedus.figures.shapes import TIMES
from foedus.figures.theme import SIZES, colour, config

SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"


class Canvas:
    """Collects marks; those of one look share a layer; see `_depth` for what lies on what.

    Positions are pixels from the top left corner. `says` is what a mark tells a reader who
    points at it or reaches it by keyboard; a mark without is decoration.
    """

    def __init__(self, width: float) -> None:
        self.width = width
        self._series = 0
        self._layers: dict[str, tuple[dict[str, Any], list[dict[str, Any]]]] = {}

    def text(
        self,
        x: float,
        y: float,
        words: str,
        *,
        size: int = SIZES["body"],
        ink: str = "ink",
        bold: bool = False,
        align: str = "left",
        angle: int = 0,
        says: str = "",
    ) -> None:
        """Words, vertically centred on `y`. Cut them beforehand, see `lettering`."""
        mark = {
            "type": "text",
            "align": align,
            "baseline": "middle",
            "fontSize": size,
            "fontWeight": "bold" if bold else "normal",
            "color": _value(ink),
            "angle": angle,
        }
        self._put(mark, {"x": x, "y": y, "text": clean(words)}, says)

    def rule(
        self,
        x: float,
        y: float,
        x2: float,
        y2: float,
        *,
        ink: str = "axis",
        width: float = 1,
        dash: tuple[int, ...] = (1, 0),
        opacity: float = 1,
        says: str = "",
    ) -> None:
        """A straight line."""
        mark: dict[str, Any] = {"type": "rule", "color": _value(ink), "strokeWidth": width}
        mark["opacity"] = opacity
        if dash != (1, 0):
            mark["strokeDash"] = list(dash)
        self._put(mark, {"x": x, "y": y, "x2": x2, "y2": y2}, says)

    def box(
        self,
        x: float,
        y: float,
        x2: float,
        y2: float,
        *,
        fill: str | None = None,
        stroke: str | None = None,
        radius: float = 0,
        opacity: float = 1,
        says: str = "",
    ) -> None:
        """A rectangle between two corners."""
        mark: dict[str, Any] = {"type": "rect", "cornerRadius": radius, "opacity": opacity}
        mark["fill"] = None if fill is None else _value(fill)
        if stroke is not None:
            mark["stroke"] = _value(stroke)
        self._put(mark, {"x": x, "y": y, "x2": x2, "y2": y2}, says)

    def point(
        self,
        x: float,
        y: float,
        *,
        ink: str = "ink",
        shape: str = "circle",
        filled: bool = True,
        size: float = 70,
        says: str = "",
    ) -> None:
        """A mark of that shape; `size` is its area. One that is not filled has paper inside.

        The shape "times" is two strokes that cross.
        """
        mark = {
            "type": "point",
            "shape": TIMES if shape == "times" else shape,
            "size": size,
            "fill": None if shape == "times" else _value(ink) if filled else colour("paper"),
            "stroke": _value(ink),
            "strokeWidth": 1.6,
            "opacity": 1,
        }
        self._put(mark, {"x": x, "y": y}, says)

    def line(
        self,
        points: Sequence[tuple[float, float]],
        *,
        ink: str = "ink",
        width: float = 2,
        dash: tuple[int, ...] = (1, 0),
        opacity: float = 1,
    ) -> None:
        """A line through points, in their order."""
        mark = {"type": "line", "color": _value(ink), "strokeWidth": width, "opacity": opacity}
        mark |= {"strokeCap": "round", "strokeJoin": "round"}
        if dash != (1, 0):
            mark["strokeDash"] = list(dash)
        for place, (x, y) in enumerate(points):
            self._put(mark, {"x": x, "y": y, "series": self._series, "place": place}, "")
        self._series += 1

    def area(
        self,
        points: Sequence[tuple[float, float, float]],
        *,
        fill: str,
        opacity: float = 1,
    ) -> None:
        """What lies between two lines, as (x, one y, the other y)."""
        mark = {"type": "area", "fill": _value(fill), "opacity": opacity}
        for x, y, y2 in points:
            self._put(mark, {"x": x, "y": y, "y2": y2, "series": self._series}, "")
        self._series += 1

    def spec(self, height: float) -> dict[str, Any]:
        """The drawing so far, this high."""
        return {
            "$schema": SCHEMA,
            "width": self.width,
            "height": height,
            "padding": 2,
            "autosize": {"type": "none"},
            "config": config(),
            "layer": [
                {
                    "data": {"values": rows},
                    "mark": mark,
                    "encoding": self._encoding(rows[0], height),
                }
                for mark, rows in sorted(self._layers.values(), key=_depth)
            ]
            or [{"data": {"values": [{}]}, "mark": {"type": "point", "opacity": 0}}],
        }

    def _put(self, mark: dict[str, Any], row: dict[str, Any], says: str) -> None:
        if says:
            mark["aria"] = True
            row["says"] = clean(says)
        row = {k: round(v, 2) if isinstance(v, int | float) else v for k, v in row.items()}
        key = repr(sorted(mark.items(), key=lambda item: item[0]))
        self._layers.setdefault(key, (mark, []))[1].append(row)

    def _encoding(self, row: Mapping[str, Any], height: float) -> dict[str, Any]:
        encoding: dict[str, Any] = {
            "x": _place("x", self.width),
            "y": _place("y", height),
        }
        encoding |= {name: {"field": name} for name in ("x2", "y2") if name in row}
        if "series" in row:
            encoding["detail"] = {"field": "series", "type": "nominal"}
        if "place" in row:
            encoding["order"] = {"field": "place", "type": "quantitative"}
        if "text" in row:
            encoding["text"] = {"field": "text", "type": "nominal"}
        if "says" in row:
            encoding["description"] = {"field": "says", "type": "nominal"}
            encoding["tooltip"] = {"field": "says", "type": "nominal"}
        return encoding


def _place(field: str, extent: float) -> dict[str, Any]:
    scale = {"domain": [0, extent], "range": [0, extent], "nice": False, "zero": False}
    return {"field": field, "type": "quantitative", "axis": None, "scale": scale}


def _depth(layer: tuple[Mapping[str, Any], Any]) -> int:
    """Grounds lie lowest, then grid lines, what carries values, and words on top."""
    mark = layer[0]
    if mark["type"] == "rule" and mark["color"] == colour("grid"):
        return 1
    if mark["type"] == "rect":
        return 2 if mark.get("aria") else 0
    return 3 + ("area", "rule", "line", "point", "text").index(mark["type"])


def _value(ink: str) -> str:
    return ink if ink.startswith("#") else colour(ink)
