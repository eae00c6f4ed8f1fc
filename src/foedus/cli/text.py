"""Numbers and tables as text that reads well at 80 columns, on a terminal or in a pipe."""

from __future__ import annotations

import json
import math
import os
import shutil
import sys
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import click

GAP = "  "
NARROWEST_LABEL = 20


def number(value: float | None) -> str:
    """Three significant digits without noise: 12.3, -0.42, 1,234, 3e-5; a dash for no number.

    >>> [number(x) for x in (12.345, 3e-15, 0.3149, 1234.5, 3.2e-5, None)]
    ['12.3', '0.00', '0.315', '1,234', '3e-5', '-']
    """
    if value is None or not math.isfinite(value):
        return "-"
    size = abs(value)
    if size < 1e-9:  # rounding error beside ordinary figures
        return "0.00"
    if size < 5e-4:
        return f"{value:.0e}".replace("e-0", "e-")
    decimals = 0 if size >= 1000 else 1 if size >= 10 else 2 if size >= 1 else 3
    return f"{value:,.{decimals}f}"


def residual(value: float | None) -> str:
    """A rounding error, of which no digit below 1e-12 is the same on all processors.

    >>> [residual(x) for x in (3e-15, 3.2e-10, 0.3149)]
    ['< 1e-12', '3e-10', '0.315']
    """
    if value is None or not 0 <= value < 1e-9:
        return number(value)
    return "< 1e-12" if value < 1e-12 else f"{value:.0e}".replace("e-0", "e-")


def at_most(value: float) -> str:
    """A rounding error that is the largest of several, in words.

    >>> at_most(3e-15), at_most(3.2e-10)
    ('below 1e-12', 'at most 3e-10')
    """
    return "below 1e-12" if 0 <= value < 1e-12 else f"at most {residual(value)}"


def probability(value: float | None) -> str:
    """A share in per cent, precise where it is small: 31 %, 4.2 %, 0.07 %, < 0.01 %.

    >>> [probability(x) for x in (0.3149, 0.0421, 0.00071, 2e-9, 0.0, 0.99999, 1.0)]
    ['31 %', '4.2 %', '0.07 %', '< 0.01 %', '0 %', '> 99.9 %', '100 %']
    """
    if value is None or not math.isfinite(value):
        return "-"
    percent = 100 * value
    # Sums of probabilities miss 0 and 1 by rounding, which is no share worth telling.
    if abs(percent) < 1e-10:
        return "0 %"
    if percent < 0.005:
        return "< 0.01 %"
    if 99.95 <= percent < 100 - 1e-10:
        return "> 99.9 %"
    if percent >= 9.95:
        return f"{percent:.0f} %"
    return f"{percent:.1f} %" if percent >= 0.995 else f"{percent:.2f} %"


def counted(count: int, noun: str) -> str:
    """How many of something there are.

    >>> counted(1, "error"), counted(3, "quantity"), counted(2, "day"), counted(5, "crisis")
    ('1 error', '3 quantities', '2 days', '5 crises')
    """
    return f"1 {noun}" if count == 1 else f"{count:,} {_plural(noun)}"


def _plural(noun: str) -> str:
    """The regular plural, and that of crisis."""
    if noun.endswith("y") and noun[-2:-1] not in tuple("aeiou"):
        return f"{noun[:-1]}ies"
    if noun.endswith("is"):
        return f"{noun[:-2]}es"
    return f"{noun}es" if noun.endswith(("s", "sh", "ch", "x")) else f"{noun}s"


@dataclass(frozen=True, kw_only=True)
class Table:
    """Rows of text under headings; the first column holds labels, the others figures.

    A row with a label alone is the heading of the rows below it. Labels that are too long wrap,
    or are cut off with an ellipsis where every row is to be one line.
    """

    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    one_line: bool = False

    def render(self, *, width: int, colour: bool = False) -> str:
        """The table in at most `width` columns where that can be had."""
        figures = [row[1:] for row in self.rows if len(row) > 1]
        widths = [
            max([_widest_word(heading), *(len(row[i]) for row in figures)])
            for i, heading in enumerate(self.headings[1:])
        ]
        longest = max(len(row[0]) for row in (self.headings, *self.rows))
        room = width - sum(widths) - len(GAP) * len(widths)
        first = min(longest, max(room, NARROWEST_LABEL))
        lines = [_bold(line, colour) for line in _heading_lines(self.headings, first, widths)]
        for row in self.rows:
            if len(row) == 1:
                lines += ["", *(_bold(line, colour) for line in textwrap.wrap(row[0], width))]
                continue
            indent = " " * (2 + len(row[0]) - len(row[0].lstrip()))
            if self.one_line:
                label = [cut(row[0], first)]
            else:
                label = textwrap.wrap(row[0], first, subsequent_indent=indent) or [""]
            cells = [f"{cell:>{w}}" for cell, w in zip(row[1:], widths, strict=True)]
            lines += [f"{label[0]:<{first}}{GAP}{GAP.join(cells)}".rstrip(), *label[1:]]
        return "\n".join(lines)


def cut(text: str, width: int) -> str:
    """The text if it fits, else its beginning with an ellipsis.

    >>> cut("A treaty makes war rarer", 14), cut("short", 14)
    ('A treaty make…', 'short')
    """
    return text if len(text) <= width else f"{text[: width - 1].rstrip()}…"


def _words(heading: str) -> list[str]:
    """Where a heading may break: `pact_with_troops` after each underscore."""
    return [word for word in heading.replace("_", "_ ").split(" ") if word]


def _widest_word(heading: str) -> int:
    return max((len(line) for line in _broken(heading)), default=0)


def _broken(heading: str) -> list[str]:
    """A heading over several lines, none longer than its longest word or eleven letters."""
    lines: list[str] = []
    for word in _words(heading):
        if lines and len(lines[-1]) + len(word) <= 11:
            lines[-1] += word if lines[-1].endswith("_") else f" {word}"
        else:
            lines.append(word)
    return lines


def _heading_lines(headings: Sequence[str], first: int, widths: Sequence[int]) -> list[str]:
    columns = [_broken(heading) for heading in headings[1:]]
    height = max([1, *(len(column) for column in columns)])
    padded = [[""] * (height - len(column)) + column for column in columns]
    lines = []
    for i in range(height):
        label = headings[0] if i == height - 1 else ""
        cells = [f"{column[i]:>{w}}" for column, w in zip(padded, widths, strict=True)]
        lines.append(f"{label:<{first}}{GAP}{GAP.join(cells)}".rstrip())
    return lines


def _bold(line: str, colour: bool) -> str:
    return click.style(line, bold=True) if colour and line else line


def in_colour() -> bool:
    """Whether standard output is a terminal whose user has not asked for plain text."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


class Unwritten(click.ClickException):
    """Output that could not be written."""

    exit_code = 3

    def show(self, file: Any = None) -> None:
        click.echo(f"foedus: {self.message}", err=True)


def terminal_width() -> int:
    """The columns of the terminal; 80 where there is none."""
    return shutil.get_terminal_size((80, 24)).columns


def show(table: Table) -> None:
    """Print a table, as wide as the terminal is or 80 columns."""
    click.echo(table.render(width=terminal_width(), colour=in_colour()))


def show_json(value: Mapping[str, Any]) -> None:
    """Print one JSON object. Infinities and not-a-number become null."""
    click.echo(json.dumps(plain(value), indent=2, ensure_ascii=False, allow_nan=False))


def plain(value: Any) -> Any:
    """The same data made of JSON's own kinds: NumPy scalars and arrays unpacked.

    >>> plain({"a": float("nan"), "b": (1, 2.5)})
    {'a': None, 'b': [1, 2.5]}
    """
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, str | bool | int | None):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    return [plain(item) for item in value]
