"""Everything that pages show, as files for other programs: CSV and JSON."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from foedus.briefing.material import Material
from foedus.briefing.quantity import spread
from foedus.briefing.wording import plain
from foedus.findings.finding import plain as as_data
from foedus.findings.settings import read
from foedus.scenario.statements import figures

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would take such text for a formula
UNSTABLE = ("seconds",)  # differ between two computations of the same run
MOST_DRAWS = 1024  # in the file of draws, so that a briefing stays small however many there are


@dataclass(frozen=True, kw_only=True)
class File:
    """A file to download: its path, what is in it, and its bytes."""

    path: str
    says: str
    content: bytes


def downloads(material: Material) -> tuple[File, ...]:
    """All files of data, in the order in which a reader should see them."""
    return (
        File(
            path="data/claims.csv",
            says="A row for each claim: verdict, share and interval, effect, pivots, flags.",
            content=_claims(material),
        ),
        File(
            path="data/findings.json.gz",
            says="Everything that was found, whole: counts, robustness, mechanisms, facts, audit "
            "(compressed).",
            content=_findings(material),
        ),
        File(
            path="data/quantities.csv",
            says="Every quantity under every regime: median, middle 80 %, change.",
            content=_quantities(material),
        ),
        File(
            path="data/assumptions.csv",
            says="Every assumption: range, scale, central value, reason, source.",
            content=_assumptions(material),
        ),
        File(
            path="data/draws.csv.gz",
            says=f"{_which_draws(material)}: parameters, whether it counts, and what claims and "
            "facts read (compressed).",
            content=_draws(material),
        ),
        File(
            path="data/scenario.yaml",
            says="The scenario, word for word, as it was run.",
            content=material.run.label.source.encode(),
        ),
    )


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """A table as CSV; text that a spreadsheet would take for a formula gets an apostrophe.

    >>> table(["a", "b"], [["=1", 0.1], [None, True]]).decode().splitlines()
    ['a,b', "'=1,0.1", ',yes']
    """
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return written.getvalue().encode()


def _cell(value: Any) -> Any:
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, str):
        return f"'{value}" if value.startswith(FORMULA) else value
    if isinstance(value, float):
        return "" if value != value else f"{value:.6g}"
    return "" if value is None else value


def _claims(material: Material) -> bytes:
    rows = []
    for one in material.findings.claims:
        claim = one.claim
        row = one.row() if claim.holds is not None else {"claim": claim.name, "label": claim.label}
        told = {
            "by": claim.by,
            "where": claim.where,
            "says": claim.says,
            "tested_as": claim.words,
            "sentence": one.finding.sentence,
        }
        rows.append({**row, "verdict": one.finding.verdict.word, **told})
    columns = max((list(row) for row in rows), key=len, default=["claim"])
    return table(columns, ([row.get(column) for column in columns] for row in rows))


def _findings(material: Material) -> bytes:
    found = {k: v for k, v in material.findings.to_dict().items() if k not in UNSTABLE}
    for claim in found["claims"]:
        del claim["deciding"]["others"]  # what decides nothing; the figures' files have it
        for ablation in (claim["construction"] or {}).get("ablations", ()):
            del ablation["shift"]["verdict"]  # the same as `off`
    words = json.dumps(_rounded(as_data(found)), ensure_ascii=False)
    return gzip.compress(f"{words}\n".encode(), mtime=0)


def _rounded(value: Any) -> Any:
    """Numbers to six significant digits, all the way down: more than any page shows."""
    if isinstance(value, float):
        return float(f"{value:.6g}")
    if isinstance(value, dict):
        return {key: _rounded(entry) for key, entry in value.items()}
    return [_rounded(entry) for entry in value] if isinstance(value, list) else value


def _quantities(material: Material) -> bytes:
    rows: list[list[Any]] = []
    for regime in material.findings.regimes:
        for name in material.findings.quantities:
            found = spread(material.findings, name, regime)
            if found is not None:
                change = found.change or (None, None, None)
                rows.append(
                    [regime, name, found.median, found.low, found.high, found.known, change[1],
                     change[0], change[2]]
                )  # fmt: skip
    columns = ["regime", "quantity", "median", "low", "high", "draws", "change", "change_low",
               "change_high"]  # fmt: skip
    return table(columns, rows)


def _assumptions(material: Material) -> bytes:
    rows = [
        [p.name, p.means, p.low, p.high, p.scale, p.value, p.unit, p.why, p.source]
        for p in material.parameters.values()
    ]
    columns = ["parameter", "means", "low", "high", "scale", "value", "unit", "why", "source"]
    return table(columns, ([plain(c) if isinstance(c, str) else c for c in row] for row in rows))


def _which_draws(material: Material) -> str:
    drawn = material.findings.base.rows.size
    if drawn <= MOST_DRAWS:
        return "Every draw"
    return (
        f"The first {MOST_DRAWS:,} of {drawn:,} draws (foedus runs export {material.run.id} writes "
        "all where the run is kept)"
    )


def _draws(material: Material) -> bytes:
    """Four significant digits are more than any page shows."""
    findings = material.findings
    facts = (fact.holds for fact in (*material.scenario.plausible, *material.scenario.holdouts))
    wanted = {(f.regime, f.quantity) for one in findings.claims for f in read(one.claim)}
    wanted |= {(f.regime, f.quantity) for f in figures(*facts)}
    base, counts = findings.base, np.isin(findings.base.rows, findings.plausible_rows)
    places = [
        (f"{regime}.{quantity}", base.values[r, q])
        for r, regime in enumerate(findings.regimes)
        for q, quantity in enumerate(findings.quantities)
        if (regime, quantity) in wanted
    ]
    columns = ["draw", "solved", "counts", *findings.samples.names, *(name for name, _ in places)]
    rows = (
        [int(row), base.solved[at], counts[at], *_digits(base.parameters[at]),
         *_digits([values[at] for _, values in places])]
        for at, row in enumerate(base.rows[:MOST_DRAWS])
    )  # fmt: skip
    return gzip.compress(table(columns, rows), mtime=0)


def _digits(values: Iterable[Any]) -> list[str]:
    return [f"{value:.4g}" if np.isfinite(value) else "" for value in values]
