"""What may be written at a place in a scenario file: fields, words and names that fit there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from foedus.scenario.fields import EDIT, SCENARIO
from foedus.scenario.names import FUNCTIONS, STATISTICS
from foedus.scenario.shapes import (
    Choice,
    Either,
    Expression,
    ListOf,
    MapOf,
    Record,
    Shape,
    Tagged,
    Truth,
)

WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*$")
KEY = re.compile(r"\s*(?:- +)*([A-Za-z0-9_.-]+)\s*:(?:\s|$)")
DECLARED = {  # what the names declared in a section are, for people
    "players": "player",
    "state": "factor",
    "parameters": "parameter",
    "define": "definition",
    "quantities": "quantity",
    "regimes": "regime",
    "starts": "start",
    "mechanisms": "mechanism",
}
MOST = 60


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """Something that fits: the text to insert, what kind of thing it is, what it means."""

    text: str
    kind: str
    means: str = ""


@dataclass(frozen=True, kw_only=True)
class Completion:
    """The suggestions for the word that begins at `start`; `where` is the path of the place."""

    start: int
    where: tuple[str, ...]
    suggestions: tuple[Suggestion, ...]


def complete(text: str, offset: int) -> Completion:
    """What may be written at `offset`, where the text need not be sound.

    >>> [s.text for s in complete("horizon: {ev", 12).suggestions]
    ['evaluate']
    """
    before = text[:offset]
    word = WORD.search(before)
    start = offset if word is None else word.start()
    prefix = text[start:offset].lower()
    path, in_value = _path(before[:start])
    shapes = list(_shapes(SCENARIO, path))
    found: dict[str, Suggestion] = {}
    for shape in shapes:
        for one in _values(shape, text) if in_value else _keys(shape):
            found.setdefault(one.text, one)
    fits = [one for one in found.values() if one.text.lower().startswith(prefix)]
    fits += [one for one in found.values() if prefix and prefix in one.text.lower()[1:]]
    unique = {one.text: one for one in fits}
    return Completion(start=start, where=path, suggestions=tuple(unique.values())[:MOST])


def declared(text: str) -> Iterator[Suggestion]:
    """The names that the text declares, section by section, as far as lines show them."""
    section = ""
    for line in text.splitlines():
        if found := KEY.match(line):
            indent = len(line) - len(line.lstrip())
            if indent == 0:
                section = found[1]
            elif indent == 2 and section in DECLARED and not line.lstrip().startswith("-"):
                yield Suggestion(text=found[1], kind=DECLARED[section])


def _path(before: str) -> tuple[tuple[str, ...], bool]:
    """The keys that lead to the end of the text, and whether a value of the last one stands there.

    Lines give the block structure by their indents; brackets that are still open give the rest.
    """
    stack: list[tuple[int, str]] = []
    lines = before.split("\n")
    for line in lines[:-1]:
        _enter(stack, line)
    line = lines[-1]
    indent = len(line) - len(line.lstrip(" "))
    stack = [entry for entry in stack if entry[0] < indent] if line.strip() or indent else []
    if not line.strip():
        return tuple(key for _, key in stack), False
    flow, in_value = _in_brackets(line)
    key = KEY.match(line)
    own = [key[1]] if key else []
    path = [key for _, key in stack] + own + flow
    return tuple(path), bool(in_value if flow or _open(line) else own)


def _enter(stack: list[tuple[int, str]], line: str) -> None:
    if not line.strip() or line.lstrip().startswith("#"):
        return
    found = KEY.match(line)
    indent = len(line) - len(line.lstrip(" "))
    while stack and stack[-1][0] >= indent:
        stack.pop()
    if found:
        after = line[found.end() :].strip()
        dash = line[: found.start(1)].count("-") * 2
        if not after or after.startswith("#") or dash:
            stack.append((indent, found[1] if not after or after.startswith("#") else ""))
    stack[:] = [entry for entry in stack if entry[1]]


def _open(line: str) -> bool:
    return line.count("{") > line.count("}") or line.count("[") > line.count("]")


def _in_brackets(line: str) -> tuple[list[str], bool]:
    """The keys inside brackets that are still open at the end of the line; whether in a value."""
    stack: list[str] = []
    key, word, in_value = "", "", False
    keys: list[str] = []
    for character in line:
        if character in "{[":
            stack.append(key if keys or stack else "")
            keys.append(key)
            key, word, in_value = "", "", character == "["
        elif character in "}]":
            if stack:
                stack.pop()
                keys.pop()
            word, in_value = "", False
        elif character == ":":
            key, word, in_value = word.strip(" -\"'"), "", True
        elif character == ",":
            key, word, in_value = "", "", False
        else:
            word += character
    inner = [name for name in keys[1:] if name]
    if keys and key and in_value:
        inner.append(key)
    return inner, in_value


def _shapes(shape: Shape, path: tuple[str, ...]) -> Iterator[Shape]:
    """The shapes that a value at the path may have."""
    match shape:
        case Either():
            for kind in (shape.scalar, shape.sequence, shape.mapping):
                if kind is not None:
                    yield from _shapes(kind, path)
            return
        case ListOf():
            yield from _shapes(shape.item, path)
            return
    if not path:
        yield shape
        return
    first, rest = path[0], path[1:]
    match shape:
        case Record():
            if field := shape.fields.get(first):
                if shape is EDIT and first in SCENARIO.fields:
                    yield from _shapes(SCENARIO.fields[first].shape, rest)
                else:
                    yield from _shapes(field.shape, rest)
            elif shape.others is not None:
                yield from _shapes(shape.others.value, rest)
        case MapOf():
            yield from _shapes(shape.value, rest)
        case Tagged():
            for record in shape.records.values():
                yield from _shapes(record, path)


def _keys(shape: Shape) -> Iterator[Suggestion]:
    match shape:
        case Record():
            for name, field in shape.fields.items():
                kind = "required field" if field.required else "field"
                yield Suggestion(text=name, kind=kind, means=field.means)
        case Tagged():
            for record in shape.records.values():
                yield from _keys(record)


def _values(shape: Shape, text: str) -> Iterator[Suggestion]:
    match shape:
        case Choice():
            yield from (Suggestion(text=word, kind="word") for word in shape.words)
        case Truth():
            yield from (Suggestion(text=word, kind="word") for word in ("true", "false"))
        case Expression():
            yield from declared(text)
            for name in sorted({*FUNCTIONS, *STATISTICS}):
                yield Suggestion(text=name, kind="function")
        case Record() | Tagged() | MapOf():
            return
        case _:
            yield from declared(text)
