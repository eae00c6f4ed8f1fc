"""What is wrong in a game file, where, and what usually helps."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from foedus.errors import GameFileError

MOST = 50  # faults of one file
WIDTH = 96  # columns of source shown


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One problem of a game file. `line` and `column` count from 1; line 0: the file as a whole.

    A warning says what the reader put right; an error says why there is no game.
    """

    severity: Literal["error", "warning"]
    file: str
    line: int
    column: int
    message: str
    hint: str = ""
    source: str = ""  # of the line, as shown
    under: int = 0  # columns of it before the caret

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        lines = [f"{self.severity}: {self.message}", f"  --> {place}"]
        if self.line:
            margin = " " * len(str(self.line))
            lines += [f"{margin} |", f"{self.line} | {self.source}"]
            lines += [f"{margin} | {' ' * self.under}^"]
        if self.hint:
            lines.append(f"help: {self.hint}")
        return "\n".join(lines)


class Enough(Exception):
    """The report is long enough, or what follows cannot be read."""


class Report:
    """Collects the faults of one text."""

    def __init__(self, file: str, text: str) -> None:
        self.file, self.text = file, text
        self.faults: list[Fault] = []
        self.failed = False

    @cached_property
    def _starts(self) -> list[int]:
        starts, at = [0], self.text.find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = self.text.find("\n", at + 1)
        return starts

    def error(self, at: int, message: str, hint: str = "") -> None:
        """An error at a character of the text. Raises `Enough` where there are too many."""
        self.failed = True
        self._add("error", at, message, hint)
        if sum(fault.severity == "error" for fault in self.faults) >= MOST:
            raise Enough

    def stop(self, at: int, message: str, hint: str = "") -> Enough:
        """An error after which nothing can be read; to be raised."""
        self.failed = True
        self._add("error", at, message, hint)
        return Enough()

    def warning(self, at: int, message: str, hint: str = "") -> None:
        """Something that was put right."""
        if len(self.faults) < MOST:
            self._add("warning", at, message, hint)

    def _add(self, severity: Literal["error", "warning"], at: int, message: str, hint: str) -> None:
        line = bisect_right(self._starts, at)
        begin = self._starts[line - 1]
        end = self.text.find("\n", begin, begin + 10_000_000)
        full = self.text[begin : end if end >= 0 else begin + 10_000_000].rstrip("\r")
        column = at - begin
        first = max(0, min(column - WIDTH // 3, len(full) - WIDTH)) if len(full) > WIDTH else 0
        shown = _plain(full[first : first + WIDTH])
        left = "…" if first else ""
        right = "…" if first + WIDTH < len(full) else ""
        self.faults.append(
            Fault(
                severity=severity,
                file=self.file,
                line=line,
                column=column + 1,
                message=_plain(message),
                hint=hint,
                source=f"{left}{shown}{right}",
                under=len(left) + column - first,
            )
        )

    def refusal(self) -> GameFileError:
        """The error that carries every fault."""
        return refusal(self.faults)


def refusal(faults: list[Fault]) -> GameFileError:
    """The error for a file with these faults, those that are errors spelled out."""
    errors = [fault for fault in faults if fault.severity == "error"]
    return GameFileError("\n\n".join(str(fault) for fault in errors), faults)


def _plain(text: str) -> str:
    """The text with control and direction-changing characters replaced, one for one."""
    return "".join(c if c.isprintable() else " " if c in "\t\n\r" else "�" for c in text)
