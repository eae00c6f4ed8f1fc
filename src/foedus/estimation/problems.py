r"""Problems of a table, collected while it is read and raised all at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from foedus.errors import DataError

SHOWN = 5  # lines that a message names


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing that is wrong: in which column, on which lines, and what usually helps."""

    message: str
    column: str = ""
    lines: tuple[int, ...] = ()
    hint: str = ""

    def __str__(self) -> str:
        where = ""
        if self.lines:
            shown = ", ".join(map(str, self.lines[:SHOWN]))
            more = f" and {len(self.lines) - SHOWN:,} more" if len(self.lines) > SHOWN else ""
            where = f" (line{'s' if len(self.lines) > 1 else ''} {shown}{more})"
        hint = f"\n    {self.hint}" if self.hint else ""
        column = f"column `{self.column}`: " if self.column else ""
        return f"{column}{self.message}{where}{hint}"


@dataclass(kw_only=True)
class Problems:
    """What has been found so far in the table of this name."""

    source: str = "the data"
    found: list[Problem] = field(default_factory=list)

    def add(
        self, message: str, *, column: str = "", lines: Sequence[int] = (), hint: str = ""
    ) -> None:
        """Note one problem."""
        self.found.append(
            Problem(message=message, column=column, lines=tuple(map(int, lines)), hint=hint)
        )

    def check(self) -> None:
        """Raise `DataError` if there are any."""
        if self.found:
            count = "1 problem" if len(self.found) == 1 else f"{len(self.found)} problems"
            listed = "\n".join(f"  {problem}" for problem in self.found)
            raise DataError(
                f"{self.source} cannot be estimated from: {count}\n{listed}", self.found
            )
