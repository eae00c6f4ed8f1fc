"""The size of what a claim says, over the draws that count: a histogram beside its margin."""

from __future__ import annotations

import math

import numpy as np

from foedus.figures.canvas import Canvas
from foedus.figures.figure import Figure, NoFigure, Table, slug
from foedus.figures.lettering import quoted
from foedus.figures.scales import Scale, along_x, along_y, number, ranged
from foedus.figures.theme import SIZES, WIDE
from foedus.figures.verdict_board import called
from foedus.findings.assessed import Assessed
from foedus.findings.result import Findings
from foedus.findings.verdict import effect_sizes, effect_term, relevant
from foedus.findings.words import percent
from foedus.scenario.statements import about_region

SMALL = SIZES["small"]
HEIGHT, TOP = 150, 60


def effect(findings: Findings, claim: str, *, width: int = WIDE) -> Figure | NoFigure:
    """How large the effect is in each draw: bars, the margin as a band, the median and 10-90 %."""
    one, name = findings[claim], slug("effect", claim)
    sizes = sizes_of(findings, one)
    size = one.finding.verdict.effect
    if sizes is None or size is None or not len(sizes):
        return NoFigure(name=name, reason=f"{quoted(called(one))} compares no sizes draw by draw.")
    edges = _edges(sizes, one.claim.margin)
    counts = np.histogram(sizes, edges)[0]
    unit = f", in {one.claim.unit}" if one.claim.unit else ""
    rows = tuple(
        (float(a), float(b), int(n), n / len(sizes))
        for a, b, n in zip(edges[:-1], edges[1:], counts, strict=True)
    )
    return Figure(
        name=name,
        title=_title(one, sizes),
        summary=(
            f"Histogram of the effect in {len(sizes)} draws{unit}: median "
            f"{number(size.median)}, 10 to 90 % of draws from {number(size.low)} to "
            f"{number(size.high)}, smallest {number(sizes.min())}, largest {number(sizes.max())}."
        ),
        spec=_spec(one, sizes, edges, counts, width),
        table=Table(columns=("from", "to", "draws", "share of draws"), rows=rows),
        notes=_notes(one),
    )


def sizes_of(findings: Findings, one: Assessed) -> np.ndarray | None:
    """The known sizes of a claim's effect, draw by draw; None where it has none."""
    term = effect_term(one.claim)
    if term is None or about_region(term):
        return None
    sizes = effect_sizes(one.claim, relevant(one.claim, findings.draws_of(one.claim)))
    found: np.ndarray = sizes[np.isfinite(sizes)]
    return found


def _edges(sizes: np.ndarray, margin: float) -> np.ndarray:
    """Bins of one round width, with an edge at 0; about as many as Freedman & Diaconis take."""
    low, high = float(sizes.min()), float(sizes.max())
    if high - low < 1e-9:
        reach = max(abs(high), margin, 1e-6)
        return np.linspace(low - reach, low + reach, 8)
    quarters = np.quantile(sizes, (0.25, 0.75))
    ideal = 2 * float(np.diff(quarters)[0]) / len(sizes) ** (1 / 3)
    raw = min(max(ideal, (high - low) / 30), (high - low) / 8)
    power = 10.0 ** math.floor(math.log10(raw))
    step = min((m * power for m in (1, 2, 5, 10)), key=lambda m: abs(math.log(m / raw)))
    first, last = math.floor(low / step), math.ceil(high / step)
    return step * np.arange(first, max(last, first + 1) + 1)


def _title(one: Assessed, sizes: np.ndarray) -> str:
    size, margin = one.finding.verdict.effect, one.claim.margin
    assert size is not None
    unit = f" {one.claim.unit}" if one.claim.unit else ""
    median = f"the median is {number(size.median)}{unit}"
    inside = float((np.abs(sizes) <= margin).mean())
    if margin and inside >= 0.05:
        return f"In {percent(inside)} of draws the effect is within the margin; {median}"
    above, below = float((sizes > margin).mean()), float((sizes < -margin).mean())
    side = "above" if above >= below else "below"
    bound = "0" if not margin else "the margin" if above >= below else "minus the margin"
    return f"The effect is {side} {bound} in {percent(max(above, below))} of draws; {median}"


def _notes(one: Assessed) -> tuple[str, ...]:
    found = []
    if one.claim.margin:
        found.append(f"Effects up to the margin of {number(one.claim.margin)} count as none.")
    found.append("The bar on top spans the middle 80 % of draws; its mark is the median.")
    return tuple(found)


def _spec(
    one: Assessed, sizes: np.ndarray, edges: np.ndarray, counts: np.ndarray, width: int
) -> dict[str, object]:
    canvas = Canvas(width)
    margin, size = one.claim.margin, one.finding.verdict.effect
    assert size is not None
    ends = [*edges.tolist(), *([-margin, margin] if margin else [0.0])]
    x = ranged(ends, 44, width - 12, room=0.02)
    bottom = TOP + HEIGHT
    y = Scale(low=0, high=float(counts.max()), start=bottom, stop=TOP)
    if margin:
        canvas.box(x.at(-margin), TOP - 20, x.at(margin), bottom, fill="contested", opacity=0.16)
    along_y(canvas, y, 44, right=width - 12)
    canvas.text(0, TOP - 12, "draws", size=SMALL, ink="muted")
    for a, b, n in zip(edges[:-1], edges[1:], counts, strict=True):
        if n:
            canvas.box(
                x.at(a) + 0.5,
                y.at(n),
                x.at(b) - 0.5,
                bottom,
                fill="series-1",
                opacity=0.75,
                says=f"{number(a)} to {number(b)}: {n} of {len(sizes)} draws",
            )
    canvas.rule(x.at(0), TOP - 6, x.at(0), bottom, ink="ink", width=1)
    unit = one.claim.unit or "difference"
    along_x(canvas, x, bottom, f"effect ({unit})" if unit != "difference" else "effect")
    _middle(canvas, x, size.low, size.median, size.high)
    if margin:
        _margin(canvas, x, margin)
    return canvas.spec(bottom + 38)


def _middle(canvas: Canvas, x: Scale, low: float, median: float, high: float) -> None:
    """The middle 80 % and the median, above the bars."""
    y = 24
    canvas.rule(x.at(low), y, x.at(high), y, ink="ink", width=3)
    says = f"median {number(median)}, 10 to 90 % of draws {number(low)} to {number(high)}"
    canvas.point(x.at(median), y, ink="ink", shape="circle", size=80, says=says)
    place = min(max(x.at(median), 45.0), canvas.width - 45)
    canvas.text(place, 8, f"median {number(median)}", size=SMALL, bold=True, align="center")


def _margin(canvas: Canvas, x: Scale, margin: float) -> None:
    """What the band is, where there is room for a word."""
    if x.at(margin) - x.at(-margin) > 50:
        canvas.text(x.at(-margin) + 5, TOP - 11, "margin", size=SMALL, ink="contested")
