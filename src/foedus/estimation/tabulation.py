r"""Fits as tables of a paper: side by side, as text, LaTeX or CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from foedus.errors import QueryError

if TYPE_CHECKING:
    from foedus.estimation.estimates import Estimates

SPECIAL = str.maketrans(
    {c: f"\\{c}" for c in "&%$#_{}"} | {"~": r"\textasciitilde{}", "\\": r"\textbackslash{}"}
)


def tabulate(fits: Sequence[Estimates], *, form: str = "text") -> str:
    """Coefficients in groups by what they are about, each with its standard error.

    One fit as text has columns for z, p and the 95 % interval; several stand side by side
    with errors in parentheses, as in print. Raises `QueryError` for another form.
    """
    match form:
        case "text":
            return _one(fits[0]) if len(fits) == 1 else _plain(fits)
        case "latex":
            return _latex(fits)
        case "csv":
            return _csv(fits)
    raise QueryError(f"a table is text, latex or csv; found {form!r}")


def grouped(names: Sequence[str]) -> dict[str, list[str]]:
    """Names by what stands before their last colon.

    >>> grouped(["A.war:Intercept", "A.war:x", "log precision:Intercept"])
    {'A.war': ['A.war:Intercept', 'A.war:x'], 'log precision': ['log precision:Intercept']}
    """
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(name.rpartition(":")[0], []).append(name)
    return groups


def _one(fit: Estimates) -> str:
    table = fit.table()
    width = max([len(name.rpartition(":")[2]) for name in fit.names] + [14]) + 2
    head = f"{'':{width}}{'estimate':>12}{'std err':>11}{'z':>9}{'P>|z|':>8}{'95 % interval':>24}"
    lines = [fit.title, "", head]
    for group, names in grouped(fit.names).items():
        lines += [group] if group else []
        for name in names:
            row = table.loc[name]
            interval = f"[{_figure(row['lower'])}, {_figure(row['upper'])}]"
            lines.append(
                f"{'  ' + name.rpartition(':')[2]:{width}}{_figure(row['estimate']):>12}"
                f"{_figure(row['std err']):>11}{row['z']:>9.2f}{row['P>|z|']:>8.3f}{interval:>24}"
            )
    lines.append("")
    lines += [f"{name}: {value}" for name, value in fit.facts().items()]
    lines += [f"Note: {note}" for note in fit.notes]
    return "\n".join(lines)


def _figure(value: Any) -> str:
    if not np.isfinite(value):
        return "-"
    return f"{value:.4f}" if abs(value) < 1e5 else f"{value:.3e}"


def _rows(fits: Sequence[Estimates]) -> list[tuple[str, list[tuple[str, str]]]]:
    """(label, cells) with (estimate, error) in each; a heading has no cells."""
    names = list(dict.fromkeys(name for fit in fits for name in fit.names))
    tables = [fit.table() for fit in fits]
    rows: list[tuple[str, list[tuple[str, str]]]] = []
    for group, members in grouped(names).items():
        rows.append((group, []))
        for name in members:
            cells = [
                (_figure(t.loc[name, "estimate"]), _figure(t.loc[name, "std err"]))
                if name in t.index
                else ("", "")
                for t in tables
            ]
            rows.append((f"  {name.rpartition(':')[2]}", cells))
    return rows


def _plain(fits: Sequence[Estimates]) -> str:
    rows = _rows(fits)
    width = max(len(label) for label, _ in rows) + 2
    lines = [" " * width + "".join(f"{f'({i + 1})':>14}" for i in range(len(fits)))]
    for label, cells in rows:
        lines.append(f"{label:{width}}" + "".join(f"{estimate:>14}" for estimate, _ in cells))
        if cells:
            errors = [f"({error})" if error else "" for _, error in cells]
            lines.append(" " * width + "".join(f"{error:>14}" for error in errors))
    lines.append("")
    for fact in fits[0].facts():
        values = "".join(f"{_short(fit.facts().get(fact, '')):>14}" for fit in fits)
        lines.append(f"{fact:{width}}" + values)
    lines += [f"({i + 1}) {fit.title}" for i, fit in enumerate(fits)]
    return "\n".join(line.rstrip() for line in lines)


def _short(value: str) -> str:
    return {"observed information": "information", "sandwich, clustered": "clustered"}.get(
        value, value[:13]
    )


def _latex(fits: Sequence[Estimates]) -> str:
    columns = "l" + "r" * len(fits)
    lines = [rf"\begin{{tabular}}{{{columns}}}", r"\hline"]
    lines.append(" & ".join(["", *(f"({i + 1})" for i in range(len(fits)))]) + r" \\ \hline")
    for label, cells in _rows(fits):
        text = label.strip().translate(SPECIAL)
        if not cells:
            lines.append(rf"\multicolumn{{{len(fits) + 1}}}{{l}}{{\emph{{{text}}}}} \\")
            continue
        estimates = [f"${estimate}$" if estimate else "" for estimate, _ in cells]
        errors = [f"(${error}$)" if error else "" for _, error in cells]
        lines.append(" & ".join([rf"\quad {text}", *estimates]) + r" \\")
        lines.append(" & ".join(["", *errors]) + r" \\")
    lines.append(r"\hline")
    for fact in fits[0].facts():
        values = [fit.facts().get(fact, "").translate(SPECIAL) for fit in fits]
        lines.append(" & ".join([fact, *values]) + r" \\")
    return "\n".join([*lines, r"\hline", r"\end{tabular}"])


def _csv(fits: Sequence[Estimates]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["model", "coefficient", "estimate", "std err", "z", "p", "lower", "upper"])
    for number, fit in enumerate(fits, 1):
        for name, row in fit.table().iterrows():
            writer.writerow([number, name, *(repr(float(x)) for x in row)])
    return out.getvalue()
