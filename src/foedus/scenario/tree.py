"""From YAML text to a tree of nodes, refusing what a scenario file has no use for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NoReturn

import yaml

from foedus.scenario.diagnostics import Report
from foedus.scenario.nodes import WHOLE_FILE, Mapping, Node, Place, Scalar, Sequence, Source

DEEPEST = 30
MOST_NODES = 100_000

# libyaml where PyYAML was built with it: the pure parser takes twenty times as long.
Parser: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class RefusedError(Exception):
    """The document cannot be used; the reason is in the report."""


def build(source: Source, report: Report) -> Node | None:
    """The root of the document; None for an empty one, or with diagnostics."""
    try:
        return Builder(source, report).document()
    except yaml.YAMLError as problem:
        place, message, hint = _syntax(problem, source)
        report.error("F106", place, message, hint=hint)
    except RefusedError:
        pass
    return None


class Builder:
    """Builds nodes from parser events. Composing with PyYAML itself would lose the places."""

    def __init__(self, source: Source, report: Report) -> None:
        self.source = source
        self.report = report
        self.count = 0
        self.events = self._events()

    def document(self) -> Node | None:
        """The first document's root; a second document is refused."""
        root: Node | None = None
        documents = 0
        event: Any
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self.refuse("F109", event, "the file holds a second document after `---`")
            elif isinstance(event, yaml.NodeEvent):
                root = self.node(event, 1)
        return root

    def node(self, event: Any, depth: int) -> Node:
        """The node that begins with the event."""
        self.count += 1
        if self.count > MOST_NODES:
            self.refuse("F113", event, f"the file holds more than {MOST_NODES:,} values")
        if depth > DEEPEST:
            self.refuse("F112", event, f"this is nested more than {DEEPEST} levels deep")
        if isinstance(event, yaml.AliasEvent):
            self.refuse("F107", event, f"`*{event.anchor}` is an alias; write the value out here")
        if event.anchor is not None:
            self.refuse("F107", event, f"`&{event.anchor}` is an anchor; leave it out")
        if event.tag is not None:
            self.refuse("F108", event, f"`{event.tag}` is a tag; leave it out")
        start = int(event.start_mark.index)
        if isinstance(event, yaml.ScalarEvent):
            quoted = event.style in ("'", '"')
            return Scalar(self.source, start, self.stop(event), event.value, quoted)
        if isinstance(event, yaml.SequenceStartEvent):
            return self.sequence(start, depth)
        return self.mapping(start, depth)

    def sequence(self, start: int, depth: int) -> Sequence:
        """The list whose items follow."""
        items = []
        event = next(self.events)
        while not isinstance(event, yaml.SequenceEndEvent):
            items.append(self.node(event, depth + 1))
            event = next(self.events)
        return Sequence(self.source, start, self.stop(event), tuple(items))

    def mapping(self, start: int, depth: int) -> Mapping:
        """The mapping whose entries follow."""
        entries: dict[str, tuple[Scalar, Node]] = {}
        event = next(self.events)
        while not isinstance(event, yaml.MappingEndEvent):
            key = self.node(event, depth + 1)
            if not isinstance(key, Scalar):
                self.refuse("F111", event, "a key must be plain text")
            if key.text == "<<" and not key.quoted:
                self.refuse("F114", event, "`<<` merges mappings, which scenarios do not do")
            value = self.node(next(self.events), depth + 1)
            if key.text in entries:
                first = entries[key.text][0].place.line
                self.report.error(
                    "F110",
                    key.place,
                    f"`{key.text}` stands twice in this mapping, first on line {first}",
                    why="only one of the two could count",
                    hint="keep one of them",
                )
            entries.setdefault(key.text, (key, value))
            event = next(self.events)
        return Mapping(self.source, start, self.stop(event), entries)

    @staticmethod
    def stop(event: Any) -> int:
        """Where the event ends."""
        return int(event.end_mark.index)

    def refuse(self, code: str, event: Any, message: str) -> NoReturn:
        """Report what stands at the event and stop."""
        place = self.source.place(event.start_mark.index, event.end_mark.index)
        self.report.error(code, place, message)
        raise RefusedError

    def _events(self) -> Iterator[Any]:
        parser = Parser(self.source.text)
        try:
            while parser.check_event():
                yield parser.get_event()
        finally:
            parser.dispose()


def _syntax(problem: yaml.YAMLError, source: Source) -> tuple[Place, str, str]:
    """Where the parser stopped, what it said, and what usually helps."""
    mark = getattr(problem, "problem_mark", None) or getattr(problem, "context_mark", None)
    said = getattr(problem, "problem", None) or getattr(problem, "reason", None) or "unreadable"
    if mark is None:
        return WHOLE_FILE, f"this is not well-formed YAML: {said}", ""
    context = getattr(problem, "context", None)
    began = getattr(problem, "context_mark", None)
    if began is not None and "end of stream" in said:
        mark = began
    index = min(mark.index, len(source.text))
    place = source.place(index, index + 1)
    if source.text[index : index + 1] == "\t":
        return place, "a tab cannot be used for indentation", "use spaces"
    message = f"this is not well-formed YAML: {said}{f' {context}' if context else ''}"
    if context and began is not None and began.line != mark.line:
        message += f" that began on line {began.line + 1}"
    hints = {
        "mapping values are not allowed": "put text that contains `: ` in quotes",
        "cannot start any token": "put text that begins with this character in quotes",
        "did not find expected ',' or": "close the bracket, or put text with commas in quotes",
        "end of stream": "close the quote",
        "did not find expected key": "check that entries of one mapping begin in one column",
        "expected <block end>": "check that entries of one mapping begin in one column",
        "could not find expected ':'": "a key is followed by `: ` and its value",
    }
    hint = next((hint for part, hint in hints.items() if part in message), "")
    return place, message, hint
