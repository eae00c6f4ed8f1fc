"""Shapes that a part of a scenario file can have, as data.

The table in `fields` is made of these. The checker, the JSON Schema, the
digest and every "did you mean" work from that one table. They are named tuples,
which load five times faster than dataclasses: reading starts with this module.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Text(NamedTuple):
    """Any text."""


class Name(NamedTuple):
    """A name: letters, digits and underscores, no word of the expression language."""

    of: str = "name"


class Id(NamedTuple):
    """What a claim is called: letters, digits, `_`, `.` and `-`; it may begin with a digit."""

    of: str = "claim"


class LevelName(NamedTuple):
    """A name, or a whole number where levels are numbered."""


class LevelRange(NamedTuple):
    """Whole numbers from one to another, `0..4`."""


class Number(NamedTuple):
    """A finite number, or a percentage."""

    low: float | None = None
    high: float | None = None
    above: float | None = None  # the number must lie strictly above


class Whole(NamedTuple):
    """A whole number in a range."""

    low: int
    high: int


class Truth(NamedTuple):
    """`true` or `false`."""


class Expression(NamedTuple):
    """A number, or an expression as text."""


class Choice(NamedTuple):
    """One of a few words."""

    words: tuple[str, ...]


class ListOf(NamedTuple):
    """A list whose items all have one shape."""

    item: Shape
    least: int = 0
    most: int | None = None


class MapOf(NamedTuple):
    """A mapping from names to values of one shape. `ordered`: the order of its keys has meaning."""

    key: Name | Id | LevelName | Text
    value: Shape
    ordered: bool = False
    least: int = 0
    most: int | None = None


class Field(NamedTuple):
    """A field of a record: its shape and, for people, what it means."""

    shape: Shape
    means: str
    required: bool = False


class Record(NamedTuple):
    """A mapping with fields of its own; `others` is the shape of any further key's value."""

    what: str
    fields: Mapping[str, Field]
    others: MapOf | None = None

    @property
    def optional(self) -> bool:
        """Whether nothing at all may be written."""
        return not any(field.required for field in self.fields.values())


class Tagged(NamedTuple):
    """A mapping whose kind shows in which of a few keys it has."""

    what: str
    records: Mapping[str, Record]


class Either(NamedTuple):
    """One shape per kind of YAML node: what a scalar, a list or a mapping may be here."""

    what: str
    scalar: Shape | None = None
    sequence: Shape | None = None
    mapping: Shape | None = None


class Edited(NamedTuple):
    """A section inside an edit: anything, since it is checked after it has been merged."""

    kinds: tuple[str, ...] = ("object", "null")


Shape = (
    Text | Name | Id | LevelName | LevelRange | Number | Whole | Truth | Expression | Choice
    | ListOf | MapOf | Record | Tagged | Either | Edited
)  # fmt: skip
