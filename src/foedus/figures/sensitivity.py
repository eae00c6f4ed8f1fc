"""Which assumptions decide a claim: how much of its outcome goes with each parameter."""

from __future__ import annotations

from foedus.figures.canvas import Canvas
from foedus.figures.figure import Figure, NoFigure, Table, slug
from foedus.figures.lettering import fit, quoted
from foedus.figures.scales import Scale, along_x
from foedus.figures.theme import NARROW, SIZES, WIDE
from foedus.figures.verdict_board import called
from foedus.findings.deciding import Pivot
from foedus.findings.result import Findings
from foedus.findings.words import chance, listing, percent

BODY, SMALL = SIZES["body"], SIZES["small"]
MOST = 10  # parameters drawn; the table has all
COLUMNS = (
    "parameter",
    "means",
    "score",
    "explains alone",
    "total effect",
    "total low",
    "total high",
    "p-value",
    "direction",
    "evidence",
    "decides",
)
ROW, TOP = 24, 18


def sensitivity(findings: Findings, claim: str, *, width: int = WIDE) -> Figure | NoFigure:
    """Bars of how much of the claim's outcome goes with each parameter, pivots first."""
    one, name = findings[claim], slug("sensitivity", claim)
    deciding = one.finding.deciding
    ranked = (*deciding.pivots, *sorted(deciding.others, key=lambda pivot: -pivot.score))
    if not ranked:
        return NoFigure(
            name=name,
            reason=f"Nothing varies in {quoted(called(one))}, so no assumption decides it.",
        )
    what = {"holds": "whether it holds", "effect": "its size"}.get(deciding.outcome, "it")
    meanings = {p.name: p.means for p in findings.samples.parameters}
    chosen = {pivot.parameter for pivot in deciding.pivots}
    return Figure(
        name=name,
        title=_title(deciding.pivots, what),
        summary=(
            f"Share of the variance of {what} that goes with each of {len(ranked)} parameters. "
            f"The largest is {percent(ranked[0].score)} for {ranked[0].parameter}."
        ),
        spec=_spec(ranked[:MOST], chosen, meanings, width),
        table=Table(
            columns=COLUMNS,
            rows=tuple(_row(pivot, meanings, chosen) for pivot in ranked),
        ),
        digest=_digest(ranked[:MOST], chosen),
        notes=(
            "A triangle up: more of it favours the claim; down: less of it does.",
            "A parameter decides if one of three screens finds evidence, corrected for all "
            "screens of all parameters, and it explains 5 % or more.",
        ),
    )


def _title(pivots: tuple[Pivot, ...], what: str) -> str:
    if not pivots:
        return f"No single assumption decides {what}"
    names = [pivot.parameter for pivot in pivots[:3]]
    verb = "decides" if len(names) == 1 else "decide"
    return f"{listing(names)} {verb} {what}"


def _row(
    pivot: Pivot, meanings: dict[str, str], chosen: set[str]
) -> tuple[str | float | bool | None, ...]:
    low, high = pivot.total_interval or (None, None)
    return (
        pivot.parameter,
        meanings.get(pivot.parameter, ""),
        pivot.score,
        pivot.first,
        pivot.total,
        low,
        high,
        pivot.p_value,
        pivot.direction,
        ", ".join(pivot.evidence),
        pivot.parameter in chosen,
    )


def _digest(ranked: tuple[Pivot, ...], chosen: set[str]) -> Table:
    """The parameters that are drawn, with what says that they decide."""
    return Table(
        columns=("parameter", "share of the variance", "p-value", "favours the claim", "decides"),
        rows=tuple(
            (
                pivot.parameter,
                percent(max(pivot.score, 0.0)),
                chance(pivot.p_value),
                "more of it" if pivot.direction > 0 else "less of it",
                pivot.parameter in chosen,
            )
            for pivot in ranked
        ),
    )


def _spec(
    ranked: tuple[Pivot, ...], chosen: set[str], meanings: dict[str, str], width: int
) -> dict[str, object]:
    narrow = width < (WIDE + NARROW) / 2
    row = 38 if narrow else ROW
    canvas = Canvas(width)
    left = 8.0 if narrow else 0.42 * width
    most = max([0.05, *(_reach(pivot) for pivot in ranked)])
    x = Scale(low=0, high=most, start=left, stop=width - 64)
    bottom = TOP + row * len(ranked)
    top = None if narrow else TOP
    along_x(canvas, x, bottom, "share of the variance", top=top, percent=True, most=4)
    for place, pivot in enumerate(ranked):
        y = TOP + row * place + (26 if narrow else row / 2)
        text = y - 15 if narrow else y
        ink = "ink" if pivot.parameter in chosen else "muted"
        _label(canvas, pivot, meanings, text, width - 16 if narrow else left - 14, ink)
        canvas.box(
            x.at(0),
            y - 6,
            x.at(max(pivot.score, 0.0)),
            y + 6,
            fill="series-1" if pivot.parameter in chosen else "axis",
            opacity=1 if pivot.parameter in chosen else 0.55,
            says=f"{pivot.parameter}: {percent(max(pivot.score, 0))} of the variance",
        )
        if pivot.total_interval is not None:
            low, high = pivot.total_interval
            canvas.rule(x.inside(low), y, x.inside(high), y, ink="ink", width=1.5)
        edge = x.at(max(_reach(pivot), 0.0))
        if pivot.parameter in chosen:
            shape = "triangle-up" if pivot.direction > 0 else "triangle-down"
            canvas.point(edge + 12, y, ink="ink", shape=shape, size=45)
        shift = 22 if pivot.parameter in chosen else 6
        canvas.text(edge + shift, y, percent(max(pivot.score, 0)), size=SMALL, ink=ink)
    return canvas.spec(bottom + 38)


def _reach(pivot: Pivot) -> float:
    return max(pivot.score, pivot.total_interval[1] if pivot.total_interval else 0.0)


def _label(
    canvas: Canvas, pivot: Pivot, meanings: dict[str, str], y: float, room: float, ink: str
) -> None:
    """The parameter, and what it means as far as there is room."""
    means = meanings.get(pivot.parameter, "")
    said = f"{pivot.parameter}: {means}" if means else pivot.parameter
    canvas.text(2, y, fit(said, SMALL, room), size=SMALL, ink=ink)
