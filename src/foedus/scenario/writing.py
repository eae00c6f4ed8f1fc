"""Changes to a scenario's text that leave everything else, comments included, as it was written."""

from __future__ import annotations

import re
from collections.abc import Mapping as Values
from dataclasses import dataclass

from foedus.errors import QueryError
from foedus.scenario.diagnostics import Report
from foedus.scenario.nodes import Mapping, Node, Scalar, Sequence, Source, child
from foedus.scenario.tree import build

PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9 ()/+*<>=_.,'-]*")


@dataclass(frozen=True, kw_only=True)
class Change:
    """Put `text` in place of the characters from `start` to `stop`."""

    start: int
    stop: int
    text: str


def with_values(text: str, values: Values[str, float], *, precision: float | None = None) -> str:
    """The text with these values of parameters, and of the precision, written into it.

    Raises `QueryError` for a parameter that the text does not declare.

    >>> with_values("parameters:\\n  a: {range: [0, 1]} # why\\n", {"a": 0.25})
    'parameters:\\n  a: {value: 0.25, range: [0, 1]} # why\\n'
    """
    root = _root(text)
    changes = [_valued(_parameter(root, name), number) for name, number in values.items()]
    if precision is not None:
        node = root.get("precision")
        if node is None:
            at = _line_start(text, root.entries["players"][0].start)
            changes.append(Change(start=at, stop=at, text=f"precision: {precision:.6g}\n"))
        else:
            changes.append(_valued(node, precision))
    return _changed(text, changes)


def with_range(text: str, name: str, low: float, high: float) -> str:
    """The text with another range of a parameter, and its value moved into the range.

    Raises `QueryError` for a parameter that is not declared or has no range.

    >>> with_range("parameters:\\n  a: {value: 3, range: [0, 4]}\\n", "a", 0, 2)
    'parameters:\\n  a: {value: 2, range: [0, 2]}\\n'
    """
    node = _parameter(_root(text), name)
    found = child(node, "range")
    if not isinstance(found, Sequence):
        raise QueryError(f"`{name}` has no range in the file")
    changes = [Change(start=found.start, stop=found.stop, text=f"[{low:.6g}, {high:.6g}]")]
    value = child(node, "value")
    if isinstance(value, Scalar) and value.number is not None:
        moved = min(max(value.number, low), high)
        if moved != value.number:
            changes.append(Change(start=value.start, stop=value.stop, text=f"{moved:.6g}"))
    return _changed(text, changes)


def with_claim(text: str, name: str, fields: Values[str, str]) -> str:
    """The text with a claim added, or with other fields of one that is there.

    Fields that a claim has and that are not given stay as they are. Raises `QueryError` where
    the text cannot be read.

    >>> print(with_claim("title: T\\nclaims:\\n  a: {by: x, holds: p}\\n", "b", {"by": "y"}))
    title: T
    claims:
      a: {by: x, holds: p}
      b:
        by: y
    <BLANKLINE>
    """
    root = _root(text)
    claims = root.get("claims")
    known = child(claims, name)
    if isinstance(known, Mapping):
        return _changed(text, [_field(text, known, key, said) for key, said in fields.items()])
    entry = [f"  {name}:", *(f"    {key}: {scalar(said)}" for key, said in fields.items())]
    if not isinstance(claims, Mapping):
        return text.rstrip("\n") + "\n\n" + "\n".join(["claims:", *entry]) + "\n"
    if text[claims.start] == "{":
        inside = ", ".join(f"{key}: {scalar(said)}" for key, said in fields.items())
        at = claims.stop - 1
        comma = ", " if claims.entries else ""
        return _changed(text, [Change(start=at, stop=at, text=f"{comma}{name}: {{{inside}}}")])
    last = list(claims.pairs())[-1][1]
    at = _line_end(text, max(_last(last), last.stop - 1))
    indent = " " * (root.source.place(claims.start, claims.start + 1).column - 1)
    lines = "".join(f"\n{indent}{line[2:]}" for line in entry)
    return _changed(text, [Change(start=at, stop=at, text=lines)])


def scalar(said: str) -> str:
    """Text as a YAML value: plain where that is safe, in quotes elsewhere."""
    if PLAIN.fullmatch(said) and not said.endswith(" ") and ", " not in said:
        return said
    return '"' + said.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") + '"'


def _root(text: str) -> Mapping:
    report = Report("")
    root = build(Source(text), report)
    if not isinstance(root, Mapping):
        raise QueryError("the text is not a scenario that can be changed; mend its errors first")
    return root


def _parameter(root: Mapping, name: str) -> Node:
    node = child(root.get("parameters"), name)
    if node is None:
        raise QueryError(f"the file declares no parameter `{name}`")
    return node


def _valued(node: Node, number: float) -> Change:
    """The change that gives a parameter a value."""
    said = f"{number:.6g}"
    if isinstance(node, Scalar):
        return Change(start=node.start, stop=node.stop, text=said)
    value = child(node, "value")
    if value is not None:
        return Change(start=value.start, stop=value.stop, text=said)
    return _first(node, f"value: {said}")


def _first(node: Node, field: str) -> Change:
    """The change that puts a field before the others of a mapping."""
    written = node.source.text
    if written[node.start] == "{":
        at = node.start + 1
        return Change(start=at, stop=at, text=f"{field}, ")
    indent = " " * (node.source.place(node.start, node.start + 1).column - 1)
    return Change(start=node.start, stop=node.start, text=f"{field}\n{indent}")


def _field(text: str, node: Mapping, key: str, said: str) -> Change:
    old = node.get(key)
    if old is None:
        return _first(node, f"{key}: {scalar(said)}")
    folded = text[old.start : old.stop].endswith("\n")
    return Change(start=old.start, stop=old.stop, text=scalar(said) + ("\n" if folded else ""))


def _last(node: Node) -> int:
    """Where the last scalar of a node ends."""
    match node:
        case Mapping():
            return max((_last(value) for _, value in node.pairs()), default=node.start)
        case Sequence():
            return max((_last(item) for item in node.items), default=node.start)
    return max(node.start, node.start + len(node.source.text[node.start : node.stop].rstrip()))


def _line_start(text: str, at: int) -> int:
    return text.rfind("\n", 0, at) + 1


def _line_end(text: str, at: int) -> int:
    """The end of the line of a place; of the line before where it is the start of one."""
    while at > 0 and text[at - 1 : at] == "\n":
        at -= 1
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _changed(text: str, changes: list[Change]) -> str:
    for change in sorted(changes, key=lambda change: -change.start):
        text = text[: change.start] + change.text + text[change.stop :]
    return text
