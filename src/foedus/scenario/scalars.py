"""Checks of single values: names, numbers, words, expressions."""

from __future__ import annotations

import re

from foedus.scenario.diagnostics import Report
from foedus.scenario.names import ID, NAME, RESERVED
from foedus.scenario.nodes import Scalar
from foedus.scenario.shapes import (
    Choice,
    Either,
    Expression,
    Id,
    LevelName,
    LevelRange,
    ListOf,
    MapOf,
    Name,
    Number,
    Record,
    Shape,
    Tagged,
    Text,
    Truth,
    Whole,
)
from foedus.scenario.suggestions import did_you_mean

RANGE = re.compile(r"\s*([-+]?\d{1,9})\s*\.\.\s*([-+]?\d{1,9})\s*")
MOST_LEVELS = 1000


def check_scalar(node: Scalar, shape: Shape, report: Report, *, hint: str = "") -> bool:
    """Whether the scalar has the shape; says so in the report where it has not."""
    match shape:
        case Text():
            return True
        case Name():
            return _check_name(node, shape.of, report, hint)
        case Id():
            return _check_id(node, shape.of, report, hint)
        case LevelName():
            return node.whole is not None or _check_name(node, "level", report, hint)
        case LevelRange():
            return _check_range(node, report)
        case Number():
            return _check_number(node, shape, report)
        case Whole():
            return _check_whole(node, shape, report)
        case Choice() if node.text in shape.words:
            return True
        case Choice():
            hint = did_you_mean(node.text, shape.words, "allowed")
            report.error("F204", node.place, f"`{node.text}` is not allowed here", hint=hint)
            return False
        case Truth() if node.truth is not None:
            return True
        case Expression() if not node.null and node.truth is None:
            return True
        case Expression() if node.truth is not None:
            hint = "write 1 for true and 0 for false"
            report.error("F203", node.place, f"`{node.text}` is not an expression", hint=hint)
            return False
    found = "nothing" if node.null else f"`{_short(node.text)}`"
    report.error("F203", node.place, f"expected {wanted(shape)}, found {found}")
    return False


def _check_name(node: Scalar, what: str, report: Report, hint: str) -> bool:
    text = node.text
    if text in RESERVED and (text != "null" or not node.quoted):
        report.error(
            "F302",
            node.place,
            f"`{text}` cannot be the name of a {what}",
            why="it is a word of the expression language",
            hint=f"for example `{text.lower()}_`",
        )
        return False
    if NAME.fullmatch(text):
        return True
    found = f"`{_short(text)}` is not a name" if text else "a name is missing"
    report.error(
        "F301",
        node.place,
        f"{found}: expected the name of a {what}",
        hint=hint or "a name begins with a letter and has letters, digits and underscores only",
    )
    return False


def _check_id(node: Scalar, what: str, report: Report, hint: str) -> bool:
    if ID.fullmatch(node.text):
        return True
    hint = hint or "letters, digits, `_`, `.` and `-`, a letter or digit first"
    found = f"`{_short(node.text)}`" if node.text else "nothing"
    report.error("F301", node.place, f"{found} cannot be the name of a {what}", hint=hint)
    return False


def level_range(text: str) -> range:
    """The whole numbers that `0..4` stands for; none for text that is no range, or a huge one.

    >>> list(level_range("-1..2"))
    [-1, 0, 1, 2]
    """
    found = RANGE.fullmatch(text)
    numbers = range(int(found[1]), int(found[2]) + 1) if found else range(0)
    return numbers if len(numbers) <= MOST_LEVELS else range(0)


def _check_range(node: Scalar, report: Report) -> bool:
    if level_range(node.text):
        return True
    if ".." in node.text:
        message = f"`{_short(node.text)}` is no range of 1 to {MOST_LEVELS:,} levels"
        report.error("F206", node.place, message, hint="whole numbers, lowest first: 0..4")
        return False
    report.error(
        "F203",
        node.place,
        f"expected levels, found `{_short(node.text)}`",
        hint="a list such as [peace, war], or whole numbers such as 0..4",
    )
    return False


def _check_number(node: Scalar, shape: Number, report: Report) -> bool:
    value = node.number
    if value is None:
        hint = "write it without quotes" if node.quoted else ""
        message = f"expected a number, found `{_short(node.text)}`"
        report.error("F203", node.place, message if node.text else "expected a number", hint=hint)
        return False
    limits = [
        (shape.low is not None and value < shape.low, f"at least {shape.low}"),
        (shape.high is not None and value > shape.high, f"at most {shape.high}"),
        (shape.above is not None and value <= shape.above, f"above {shape.above}"),
    ]
    for broken, limit in limits:
        if broken:
            report.error("F206", node.place, f"{node.text} does not fit: it must be {limit}")
            return False
    return True


def _check_whole(node: Scalar, shape: Whole, report: Report) -> bool:
    value = node.whole
    if value is None:
        found = f"`{_short(node.text)}`" if node.text else "nothing"
        report.error("F203", node.place, f"expected a whole number, found {found}")
        return False
    if not shape.low <= value <= shape.high:
        must = f"{shape.low}" if shape.low == shape.high else f"{shape.low} to {shape.high:,}"
        report.error("F206", node.place, f"{value} does not fit: it must be {must}")
        return False
    return True


def wanted(shape: Shape, *, article: bool = True) -> str:
    """The shape in words.

    >>> wanted(Name("player"))
    'a player'
    """
    words = {
        Text: "text",
        LevelName: "level",
        LevelRange: "range of levels",
        Number: "number",
        Whole: "whole number",
        Truth: "true or false",
        Expression: "expression",
        ListOf: "list",
        MapOf: "mapping",
    }
    if isinstance(shape, Record | Tagged | Either):
        return shape.what if article else shape.what.removeprefix("a ").removeprefix("an ")
    noun = shape.of if isinstance(shape, Name | Id) else words.get(type(shape), "value")
    if not article or isinstance(shape, Text | Truth):
        return noun
    return f"an {noun}" if noun[0] in "aeio" else f"a {noun}"


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"
