"""Diagnostics: what is wrong in a scenario file, where, why it matters and what usually helps."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal

from foedus.scenario.nodes import Place

Severity = Literal["error", "warning"]

MOST = 500  # diagnostics of one file
WIDTH = 96  # columns of source shown; longer lines are cut around the marked part


@dataclass(frozen=True, kw_only=True)
class Diagnostic:
    """One problem. `line` and `column` count from 1; line 0 means the file as a whole."""

    code: str
    severity: Severity
    file: str
    line: int
    column: int
    length: int
    message: str
    why: str = ""
    hint: str = ""
    under: str = ""  # the regime or variant under which it shows, where the file alone is fine


class EnoughError(Exception):
    """Reading stops here: the report says why, or is long enough."""


class Report:
    """Collects the diagnostics of one file; a problem found again is kept once."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.under = ""  # the regime or variant being read, where it is not the first
        self.errors = 0
        self._found: dict[tuple[str, int, int, str], Diagnostic] = {}

    def error(
        self, code: str, place: Place, message: str, *, why: str = "", hint: str = ""
    ) -> None:
        """Record an error at `place`."""
        self._add("error", code, place, message, why, hint)

    def warning(
        self, code: str, place: Place, message: str, *, why: str = "", hint: str = ""
    ) -> None:
        """Record a warning at `place`."""
        self._add("warning", code, place, message, why, hint)

    def _add(
        self, severity: Severity, code: str, place: Place, message: str, why: str, hint: str
    ) -> None:
        key = code, place.line, place.column, message
        if key in self._found or (severity == "warning" and len(self._found) >= MOST):
            return
        self._found[key] = Diagnostic(
            code=code,
            severity=severity,
            file=self.file,
            line=place.line,
            column=place.column,
            length=place.length,
            message=message,
            why=why,
            hint=hint,
            under=self.under,
        )
        self.errors += severity == "error"
        if self.errors >= MOST:
            raise EnoughError

    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Everything found, in the order of the file."""
        return tuple(sorted(self._found.values(), key=lambda d: (d.line, d.column, d.code)))


def printable(text: str) -> str:
    """The text with control and direction-changing characters written as escapes.

    >>> print(printable("red\\x1b[31m"))
    red\\x1b[31m
    """
    if text.isprintable():
        return text
    return "".join(
        c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode() for c in text
    )


def columns(text: str) -> int:
    """Columns the text takes on a terminal."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


def render(diagnostic: Diagnostic, source_line: str | None) -> str:
    """The diagnostic as a block of text, with the marked part of its line underlined."""
    d = diagnostic
    block = [f"{d.severity}[{d.code}]: {printable(d.message)}"]
    if d.line == 0:
        block.append(f"  --> {printable(d.file)}")
    else:
        block.append(f"  --> {printable(d.file)}:{d.line}:{d.column}")
    if d.line and source_line is not None:
        shown, before, marked = _window(source_line, d.column - 1, d.length)
        margin = " " * len(str(d.line))
        block += [
            f"{margin} |",
            f"{d.line} | {shown}".rstrip(),
            f"{margin} | {' ' * before}{'^' * marked}",
        ]
    if d.under:
        block.append(f"found under {printable(d.under)}")
    if d.why:
        block.append(f"why: {printable(d.why)}")
    if d.hint:
        block.append(f"help: {printable(d.hint)}")
    return "\n".join(block)


def render_all(diagnostics: Iterable[Diagnostic], lines: list[str]) -> str:
    """All blocks, one empty line apart; `lines` are the lines of the file."""
    return "\n\n".join(
        render(d, lines[d.line - 1] if 0 < d.line <= len(lines) else None) for d in diagnostics
    )


def to_json(diagnostic: Diagnostic) -> dict[str, Any]:
    """The diagnostic as plain data, field by field."""
    return asdict(diagnostic)


def _window(line: str, start: int, length: int) -> tuple[str, int, int]:
    """What to show of a line, the columns before the marked part and those under it."""
    stop = min(len(line), start + max(length, 1))
    first, last = 0, len(line)
    if len(line) > WIDTH:
        first = max(0, min(start - WIDTH // 3, len(line) - WIDTH))
        last = min(len(line), first + WIDTH)
        stop = min(stop, last)
    left = "…" if first else ""
    right = "…" if last < len(line) else ""
    before = left + _shown(line[first:start])
    marked = _shown(line[start:stop])
    shown = before + marked + _shown(line[stop:last]) + right
    return shown, columns(before), max(columns(marked), 1)


def _shown(text: str) -> str:
    return printable(text.replace("\t", "    "))
