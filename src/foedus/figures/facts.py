"""How often draws reproduce known facts: those that filter, and those that are only reported."""

from __future__ import annotations

from collections.abc import Sequence

from foedus.figures.canvas import Canvas
from foedus.figures.figure import Figure, NoFigure, Table
from foedus.figures.lettering import broken, quoted
from foedus.figures.scales import Scale
from foedus.figures.theme import NARROW, SIZES, WIDE
from foedus.findings.assessed import FactFound
from foedus.findings.result import Findings
from foedus.findings.words import percent

BODY, SMALL = SIZES["body"], SIZES["small"]


def facts(findings: Findings, *, width: int = WIDE, name: str = "facts") -> Figure | NoFigure:
    """A bar for each fact: the share of draws that reproduce it."""
    if not (findings.filters or findings.holdouts):
        return NoFigure(name=name, reason="The scenario names no facts to hold draws against.")
    share = findings.plausible / findings.solved if findings.solved else 0.0
    title = (
        f"{findings.plausible} of {findings.solved} draws reproduce every fact"
        if findings.filters
        else "No fact filters the draws"
    )
    everything = (*findings.filters, *findings.holdouts)
    known = [found for found in everything if found.share is not None]
    rarest = min(known, key=lambda found: found.share or 0.0, default=None)
    least = ""
    if rarest is not None:
        least = f" The rarest is {quoted(_called(rarest))}, {percent(rarest.share or 0.0)}."
    return Figure(
        name=name,
        title=title,
        summary=f"{len(findings.filters)} facts filter the draws; {percent(share)} pass all. "
        f"{len(findings.holdouts)} are held out.{least}",
        spec=_spec(findings, width),
        table=Table(
            columns=("fact", "label", "date", "use", "reproduced", "known", "share", "source"),
            rows=tuple(
                (
                    found.fact.name,
                    found.fact.label,
                    found.fact.date,
                    use,
                    found.reproduced,
                    found.known,
                    found.share,
                    found.fact.source,
                )
                for use, several in (("filter", findings.filters), ("hold-out", findings.holdouts))
                for found in several
            ),
        ),
        notes=("Hold-outs are looked at among plausible draws and never used to filter.",),
    )


def _called(found: FactFound) -> str:
    return found.fact.label or found.fact.says or found.fact.name


def _spec(findings: Findings, width: int) -> dict[str, object]:
    canvas = Canvas(width)
    y = 4.0
    groups: tuple[tuple[str, Sequence[FactFound], str], ...] = (
        ("Filters, of all solved draws", findings.filters, "series-1"),
        ("Hold-outs, of plausible draws", findings.holdouts, "series-3"),
    )
    for heading, several, token in groups:
        if not several:
            continue
        canvas.text(2, y + 8, heading, bold=True)
        y += 24
        for found in several:
            y = _fact(canvas, found, y, token)
        y += 8
    return canvas.spec(y)


def _fact(canvas: Canvas, found: FactFound, y: float, token: str) -> float:
    """One fact; returns where the next may begin."""
    width = canvas.width
    narrow = width < (WIDE + NARROW) / 2
    lines = broken(_called(found), BODY, width - 8 if narrow else 0.52 * width, lines=2)
    for number, line in enumerate(lines):
        canvas.text(2, y + 8 + 15 * number, line)
    left = 2.0 if narrow else 0.56 * width
    middle = y + 15 * len(lines) + 9 if narrow else y + 8 + 7.5 * (len(lines) - 1)
    x = Scale(low=0, high=1, start=left, stop=width - 92)
    canvas.box(x.at(0), middle - 6, x.at(1), middle + 6, fill="grid")
    if found.share is None:
        canvas.text(x.at(1) + 6, middle, "not known", size=SMALL, ink="muted")
    else:
        said = f"{_called(found)}: {percent(found.share)} of {found.known} draws"
        canvas.box(x.at(0), middle - 6, x.at(found.share), middle + 6, fill=token, says=said)
        canvas.text(x.at(1) + 6, middle, percent(found.share), size=SMALL, bold=True)
    return (middle + 18) if narrow else y + 15 * len(lines) + 12
