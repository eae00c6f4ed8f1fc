"""A claim's share under every other setting beside its share on the same draws."""

from __future__ import annotations

from foedus.figures.canvas import Canvas
from foedus.figures.figure import Figure, NoFigure, Table, slug
from foedus.figures.lettering import fit, quoted
from foedus.figures.scales import Scale, along_x
from foedus.figures.theme import FIRM, MARKS, NARROW, SIZES, WIDE
from foedus.figures.verdict_board import BANDS, bands, called
from foedus.findings.assessed import Assessed
from foedus.findings.result import Findings
from foedus.findings.shifts import Shift
from foedus.findings.verdict import Verdict
from foedus.findings.words import listing, percent

BODY, SMALL = SIZES["body"], SIZES["small"]
COLUMNS = ("setting", "verdict", "share", "share low", "share high", "draws", "base share", "moved")
ROW, TOP = 26, 8
Row = tuple[str, Verdict, float | None, bool]  # its setting, the base share, whether it moved


def robustness(findings: Findings, claim: str, *, width: int = WIDE) -> Figure | NoFigure:
    """The share over all draws, with the hold-outs, at other precisions, orders and conventions."""
    one, name = findings[claim], slug("robustness", claim)
    verdict = one.finding.verdict
    shown = {label: shift for label, shift in one.shifts.items() if shift.verdict.share is not None}
    if verdict.share is None or not shown:
        return NoFigure(
            name=name,
            reason=f"{quoted(called(one))} has no share in any other setting to compare with.",
        )
    rows: list[Row] = [("as assessed", verdict, verdict.share, False)]
    rows += [(k, s.verdict, _base(s), k in one.moved) for k, s in one.shifts.items()]
    return Figure(
        name=name,
        title=_title(one, shown),
        summary=_summary(one, shown),
        spec=_spec(rows, width),
        table=Table(
            columns=COLUMNS,
            rows=tuple(
                (label, v.word, v.share, *(v.interval or (None, None)), v.draws, base, moved)
                for label, v, base, moved in rows
            ),
        ),
        notes=(
            "Each setting is judged on its own draws; the open circle is the share that the "
            "scenario as written has on the same draws.",
            "Bars are 95 % intervals.",
        ),
    )


def _base(shift: Shift) -> float | None:
    """The share as assessed on the same draws."""
    if shift.change is None or shift.verdict.share is None:
        return None
    return shift.verdict.share - shift.change


def _title(one: Assessed, shown: dict[str, Shift]) -> str:
    word = one.finding.verdict.word
    if one.moved:
        moved = [f"{label} ({one.shifts[label].verdict.word})" for label in one.moved[:3]]
        more = len(one.moved) - 3
        others = [f"{more} more"] if more > 0 else []
        return f"{quoted(word)} does not survive {listing([*moved, *others])}"
    count = len(shown)
    where = "the one other setting" if count == 1 else f"all {count} other settings"
    return f"{quoted(word)} survives {where} that can be compared, within sampling error"


def _summary(one: Assessed, shown: dict[str, Shift]) -> str:
    shares = {label: shift.verdict.share or 0.0 for label, shift in shown.items()}
    low, high = min(shares, key=shares.__getitem__), max(shares, key=shares.__getitem__)
    return (
        f"Share of draws in which {quoted(called(one))} holds: "
        f"{percent(one.finding.verdict.share or 0)} as assessed; elsewhere between "
        f"{percent(shares[low])} ({low}) and {percent(shares[high])} ({high})."
    )


def _spec(rows: list[Row], width: int) -> dict[str, object]:
    narrow = width < (WIDE + NARROW) / 2
    row = 38 if narrow else ROW
    canvas = Canvas(width)
    left, right = (10.0, width - 10.0) if narrow else (0.36 * width, width - 118.0)
    x = Scale(low=0, high=1, start=left, stop=right)
    bottom = TOP + row * len(rows)
    if not narrow:
        bands(canvas, x.at, TOP, bottom)
    along_x(
        canvas,
        x,
        bottom,
        "share of draws in which it holds",
        percent=True,
        ticks=BANDS,
    )
    for number, (label, verdict, base, moved) in enumerate(rows):
        y = TOP + row * number + (27 if narrow else row / 2)
        text = y - 15 if narrow else y
        room = width - 130 if narrow else left - 12
        if narrow:
            bands(canvas, x.at, y - 7, y + 7)
        canvas.text(2, text, fit(label, BODY, room, bold=moved), bold=moved)
        said = verdict.word if verdict.share is None else f"{verdict.word} {percent(verdict.share)}"
        canvas.text(
            width - 4 if narrow else right + 10,
            text,
            said,
            ink=MARKS[verdict.word][0],
            size=SMALL,
            bold=moved or not number,
            align="right" if narrow else "left",
        )
        _marks(canvas, x, y, label, verdict, base if number else None)
    return canvas.spec(bottom + 38)


def _marks(
    canvas: Canvas, x: Scale, y: float, label: str, verdict: Verdict, base: float | None
) -> None:
    if verdict.share is None:
        return
    token, shape = MARKS[verdict.word]
    if base is not None:
        canvas.point(x.at(base), y, ink="axis", filled=False, size=45)
        canvas.rule(x.at(base), y, x.at(verdict.share), y, ink="axis", width=1)
    if verdict.interval:
        low, high = verdict.interval
        canvas.rule(x.at(low), y, x.at(high), y, ink=token, width=3, opacity=0.5)
    canvas.point(
        x.at(verdict.share),
        y,
        ink=token,
        shape=shape,
        filled=verdict.word in FIRM,
        says=f"{label}: {verdict.word}, {percent(verdict.share)} of {verdict.draws} draws",
    )
