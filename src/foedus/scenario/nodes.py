"""The tree of a YAML file: scalars, sequences and mappings that know where they stand."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?(%)?")
LINE_BREAK = re.compile(r"\r\n|\r|\n")
WHOLE = re.compile(r"[-+]?\d+")
NULLS = frozenset({"", "~", "null", "Null", "NULL"})
TRUTHS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}


class Place(NamedTuple):
    """Part of a line, counted from 1. Line 0 stands for the file as a whole."""

    line: int
    column: int
    length: int


WHOLE_FILE = Place(0, 0, 0)


class Source:
    """A file's text and where its lines begin."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._starts = [0, *(found.end() for found in LINE_BREAK.finditer(text))]

    def lines(self) -> list[str]:
        """The lines without their line breaks."""
        return LINE_BREAK.split(self.text)

    def place(self, start: int, stop: int) -> Place:
        """The part of the text from `start` to `stop`, as far as it stands on one line."""
        number = bisect_right(self._starts, start)
        begin = self._starts[number - 1]
        end = self._starts[number] if number < len(self._starts) else len(self.text)
        marked = self.text[start : min(stop, end)].rstrip()
        return Place(number, start - begin + 1, max(1, len(marked)))


@dataclass(frozen=True, slots=True, eq=False)
class Scalar:
    """A plain or quoted value. `text` is what YAML makes of it."""

    source: Source
    start: int
    stop: int
    text: str
    quoted: bool

    @property
    def null(self) -> bool:
        """Whether nothing is written, or `null`."""
        return not self.quoted and self.text in NULLS

    @property
    def truth(self) -> bool | None:
        """`true` or `false`; None for anything else."""
        return None if self.quoted else TRUTHS.get(self.text)

    @property
    def number(self) -> float | None:
        """The finite number that is written, percentages included; None for anything else."""
        if self.quoted or not (found := NUMBER.fullmatch(self.text)):
            return None
        value = float(self.text.rstrip("%")) / (100 if found[4] else 1)
        return value if abs(value) != float("inf") else None

    @property
    def whole(self) -> int | None:
        """The whole number that is written; None for anything else."""
        if self.quoted or len(self.text) > 18 or not WHOLE.fullmatch(self.text):
            return None
        return int(self.text)

    @property
    def place(self) -> Place:
        return self.source.place(self.start, self.stop)

    def part(self, start: int, stop: int) -> Place:
        """Where characters `start` to `stop` of `text` stand in the file."""
        at = self._offset(start)
        return self.source.place(at, max(at + 1, self._offset(max(stop - 1, start)) + 1))

    def _offset(self, index: int) -> int:
        """Position in the file of character `index`; folding and quoting move characters."""
        written = self.source.text[self.start : self.stop]
        skip = 1 if self.quoted else 0
        if written[skip : skip + len(self.text)] == self.text:
            return self.start + skip + index
        if written[:1] in "|>":
            skip = written.find("\n") + 1
        at = skip
        for character in self.text[: index + 1].replace("\n", " "):
            if not character.isspace():
                found = written.find(character, at)
                at = found + 1 if found >= 0 else at
        return self.start + max(at - 1, 0)


@dataclass(frozen=True, slots=True, eq=False)
class Sequence:
    """A list."""

    source: Source
    start: int
    stop: int
    items: tuple[Node, ...]

    @property
    def place(self) -> Place:
        return self.source.place(self.start, self.stop)


@dataclass(frozen=True, slots=True, eq=False)
class Mapping:
    """Keys and values in the order of the file."""

    source: Source
    start: int
    stop: int
    entries: dict[str, tuple[Scalar, Node]]

    @property
    def place(self) -> Place:
        return self.source.place(self.start, self.stop)

    def get(self, key: str) -> Node | None:
        """The value under `key`, if there is one."""
        entry = self.entries.get(key)
        return entry[1] if entry else None

    def pairs(self) -> Iterator[tuple[Scalar, Node]]:
        """Key and value nodes, in order."""
        return iter(self.entries.values())


Node = Scalar | Sequence | Mapping


def plain(node: Node) -> Any:
    """The node as plain Python data, resolved as YAML 1.2 resolves it."""
    match node:
        case Mapping():
            return {key.text: plain(value) for key, value in node.pairs()}
        case Sequence():
            return [plain(item) for item in node.items]
    if node.quoted:
        return node.text
    if node.null:
        return None
    if node.truth is not None:
        return node.truth
    if node.whole is not None:
        return node.whole
    if node.number is not None and not node.text.endswith("%"):
        return node.number
    return node.text


def pairs(node: Node | None) -> Iterator[tuple[Scalar, Node]]:
    """Key and value nodes of a mapping; nothing for anything else."""
    return node.pairs() if isinstance(node, Mapping) else iter(())


def items(node: Node | None) -> tuple[Node, ...]:
    """The items of a list; nothing for anything else."""
    return node.items if isinstance(node, Sequence) else ()


def child(node: Node | None, key: str) -> Node | None:
    """The value under a key of a mapping; None for anything else."""
    return node.get(key) if isinstance(node, Mapping) else None


def text(node: Node | None) -> str:
    """What a scalar says; nothing for anything else."""
    return node.text if isinstance(node, Scalar) and not node.null else ""
