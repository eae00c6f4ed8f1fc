r"""The table that play was observed in: a data frame, its name, and the line of every row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from foedus.errors import DataError
from foedus.estimation.problems import Problems
from foedus.scenario.suggestions import did_you_mean


@dataclass(frozen=True, eq=False, kw_only=True)
class Missing:
    """Rows left out because something they need is missing: how many, why, and which lines."""

    rows: int
    used: int
    by_column: dict[str, int]
    lines: tuple[int, ...]

    def __str__(self) -> str:
        if not self.rows:
            return f"all {self.used:,} rows used"
        why = ", ".join(f"{name} in {count:,}" for name, count in self.by_column.items())
        return f"{self.used:,} rows used, {self.rows:,} left out because of missing values: {why}"


@dataclass(frozen=True, eq=False, kw_only=True)
class Table:
    """Rows of observed play. `lines[n]` is where row n stands in the file, or its position."""

    frame: pd.DataFrame
    source: str
    lines: np.ndarray

    @staticmethod
    def of(data: pd.DataFrame | str | Path) -> Table:
        """A table from a data frame or a CSV file.

        Raises `DataError` for a file that cannot be read, no rows, and columns of one name.
        """
        if isinstance(data, pd.DataFrame):
            table = Table(frame=data, source="the data", lines=np.arange(1, len(data) + 1))
        else:
            frame = _read(Path(data))
            table = Table(frame=frame, source=str(data), lines=np.arange(2, len(frame) + 2))
        problems = Problems(source=table.source)
        if not len(table.frame):
            problems.add("there are no rows")
        for name in table.frame.columns[table.frame.columns.duplicated()].unique():
            problems.add("two columns have this name", column=str(name))
        problems.check()
        return table

    def require(self, names: Sequence[str], problems: Problems, what: str) -> bool:
        """Note every name that is no column; true if all are there."""
        unknown = [name for name in dict.fromkeys(names) if name not in self.frame.columns]
        for name in unknown:
            hint = did_you_mean(name, map(str, self.frame.columns), "columns")
            problems.add(f"{what} needs a column `{name}`, and there is none", hint=hint)
        return not unknown

    def complete(self, names: Sequence[str], missing: str) -> tuple[Table, Missing]:
        """The rows in which nothing of this is missing, and an account of the others.

        Raises `DataError` where values are missing and `missing` is "raise".
        """
        names = list(dict.fromkeys(names))
        holes = {name: self.frame[name].isna().to_numpy() for name in names}
        gone = np.zeros(len(self.frame), dtype=bool)
        for column in holes.values():
            gone |= column
        by_column = {str(n): int(h.sum()) for n, h in holes.items() if h.any()}
        report = Missing(
            rows=int(gone.sum()),
            used=int((~gone).sum()),
            by_column=by_column,
            lines=tuple(map(int, self.lines[gone])),
        )
        problems = Problems(source=self.source)
        if missing == "raise":
            for name, count in by_column.items():
                where = [int(n) for n in self.lines[holes[name]]]
                problems.add(f"{count} values are missing", column=name, lines=where)
        elif not report.used:
            problems.add(f"no row is complete; missing: {report.by_column}")
        problems.check()
        if not report.rows:
            return self, report
        kept = Table(
            frame=self.frame[~gone].reset_index(drop=True),
            source=self.source,
            lines=self.lines[~gone],
        )
        return kept, report

    def numbers(self, name: str, problems: Problems, *, least: float = -np.inf) -> np.ndarray:
        """A column as finite numbers of at least `least`; what is not is noted."""
        column = pd.to_numeric(self.frame[name], errors="coerce").to_numpy(dtype=float)
        for bad, what in (
            (np.isnan(column) & self.frame[name].notna().to_numpy(), "not numbers"),
            (np.isinf(column), "infinite"),
            (column < least, f"below {least:g}"),
        ):
            if bad.any():
                where = [int(n) for n in self.lines[bad]]
                problems.add(f"{len(where):,} values are {what}", column=name, lines=where)
        return column


def _read(path: Path) -> pd.DataFrame:
    try:
        return pd.read_csv(path, low_memory=False)
    except FileNotFoundError:
        raise DataError(f"there is no file {path}") from None
    except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise DataError(f"{path} cannot be read as CSV: {error}") from None
