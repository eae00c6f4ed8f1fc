"""Where a claim flips: the draws over its two strongest pivots, and the line between."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from foedus.figures.canvas import Canvas
from foedus.figures.figure import Figure, NoFigure, Table, slug
from foedus.figures.lettering import fit, quoted
from foedus.figures.scales import Scale, along_x, along_y, number
from foedus.figures.theme import NARROW, SIZES, WIDE
from foedus.figures.verdict_board import called
from foedus.findings.assessed import Assessed
from foedus.findings.deciding import Map, Pivot
from foedus.findings.result import Findings
from foedus.findings.verdict import measure_claim, relevant
from foedus.findings.words import percent
from foedus.numerics.grids import Axis, share_grid
from foedus.scenario.model import Parameter
from foedus.scenario.statements import about_region

SMALL = SIZES["small"]
TOP, MOST = 44, 300  # draws drawn and listed; more would only hide each other
FIELDS = 4  # of the digest, each way


def switching(findings: Findings, claim: str, *, width: int = WIDE) -> Figure | NoFigure:
    """A mark for each draw, filled where the claim holds, and the contour at one half."""
    one, name = findings[claim], slug("switching", claim)
    found = one.finding.deciding.map
    if found is None or one.claim.holds is None or about_region(one.claim.holds):
        return NoFigure(
            name=name,
            reason=f"{quoted(called(one))} does not flip along two assumptions in these draws.",
        )
    draws = relevant(one.claim, findings.draws_of(one.claim))
    slack = measure_claim(one.claim.holds, draws, one.claim.margin)
    known = ~slack.unknown
    x, y = (draws.parameter(parameter)[known] for parameter in found.parameters)
    holds = slack.holds[known]
    some = _some(holds.size)
    return Figure(
        name=name,
        title=_title(one),
        summary=_summary(one, found, holds),
        spec=_spec(findings, found, x[some], y[some], holds[some], width),
        table=Table(
            columns=(*found.parameters, "holds"),
            rows=tuple(
                (float(a), float(b), bool(c))
                for a, b, c in zip(x[some], y[some], holds[some], strict=True)
            ),
        ),
        digest=_digest(found, x, y, holds),
        notes=(
            _marks(some.size, holds.size),
            "All other assumptions vary too, so marks of both kinds mix.",
        ),
    )


def _some(draws: int) -> np.ndarray:
    """The places of the draws to show, picked at random where there are more than can be seen.

    The draws come sorted, so the first ones, or every third, would not stand for the others.
    """
    picked = np.random.default_rng(0).permutation(draws)[:MOST]
    found: np.ndarray = np.sort(picked)
    return found


def _marks(shown: int, draws: int) -> str:
    mark = "Every mark is a draw."
    if shown < draws:
        mark = f"Every mark is a draw; {shown:,} of {draws:,} are shown, picked at random."
    return f"{mark} Along the line the claim holds in half of all draws nearby."


def _digest(found: Map, x: np.ndarray, y: np.ndarray, holds: np.ndarray) -> Table:
    """How often the claim holds in each part of the map, laid out as the map is."""
    across, up = (replace(axis, cells=FIELDS) for axis in (found.grid.x, found.grid.y))
    grid = share_grid(np.column_stack([x, y]), holds, across, up)
    first, second = found.parameters
    rows = [
        (
            f"{second} {_between(up, level)}",
            *(
                _part(grid.shares[column, level], grid.counts[column, level])
                for column in range(FIELDS)
            ),
        )
        for level in reversed(range(FIELDS))
    ]
    return Table(
        columns=("holds in", *(f"{first} {_between(across, column)}" for column in range(FIELDS))),
        rows=tuple(rows),
    )


def _between(axis: Axis, cell: int) -> str:
    low, high = axis.edges[cell : cell + 2]
    return f"{number(low)} to {number(high)}"


def _part(share: float, draws: int) -> str | None:
    return f"{percent(float(share))} of {draws:,}" if draws else None


def _title(one: Assessed) -> str:
    pivots = one.finding.deciding.pivots[:2]
    said = [words for pivot in pivots if (words := _side(pivot))]
    if said:
        return f"It tends to hold where {' and '.join(said)}"
    return f"{pivots[0].parameter} and {pivots[1].parameter} decide together where it holds"


def _side(pivot: Pivot) -> str:
    """On which side of its split the claim holds, in words; "" where it is no clear flip."""
    if pivot.split is None or not np.isfinite(pivot.split.at):
        return ""
    above = pivot.split.share_above > pivot.split.share_below
    return f"{pivot.parameter} is {'above' if above else 'below'} {number(pivot.split.at)}"


def _summary(one: Assessed, found: Map, holds: np.ndarray) -> str:
    first, second = found.parameters
    shares = found.grid.shares
    known = shares[np.isfinite(shares)]
    spread = f"from {percent(known.min())} to {percent(known.max())}" if known.size else "unknown"
    return (
        f"{len(holds)} draws by {first} and {second}; {quoted(called(one))} holds in "
        f"{percent(float(holds.mean()))}. Across the {shares.shape[0]} by {shares.shape[1]} "
        f"fields of the map the share ranges {spread}."
    )


def _spec(
    findings: Findings, found: Map, x: np.ndarray, y: np.ndarray, holds: np.ndarray, width: int
) -> dict[str, object]:
    narrow = width < (WIDE + NARROW) / 2
    canvas = Canvas(width)
    side = min(width - 64, 380)
    across = _scale(found.grid.x, 52, 52 + (width - 64 if narrow else max(side, 440)))
    bottom = TOP + side * (0.9 if narrow else 0.85)
    up = _scale(found.grid.y, bottom, TOP)
    known = {parameter.name: parameter for parameter in findings.samples.parameters}
    first, second = (known.get(name) for name in found.parameters)
    along_y(canvas, up, 52, right=across.stop)
    title = _named(found.parameters[1], second)
    canvas.text(2, 30, fit(f"↑ {title}", SMALL, width - 8), size=SMALL, ink="muted")
    along_x(
        canvas, across, bottom, fit(_named(found.parameters[0], first), SMALL, width - 8), top=TOP
    )
    for a, b, held in zip(x, y, holds, strict=True):
        canvas.point(
            across.at(a),
            up.at(b),
            ink="supported" if held else "leaning-against",
            shape="circle" if held else "times",
            size=32 if len(x) < 200 else 16,
        )
    for piece in found.grid.contour:
        (a, b), (c, d) = piece
        canvas.rule(across.at(a), up.at(b), across.at(c), up.at(d), ink="ink", width=2.5)
    _key(canvas)
    return canvas.spec(bottom + 38)


def _key(canvas: Canvas) -> None:
    canvas.point(8, 9, ink="supported", size=40)
    canvas.text(18, 9, "holds", size=SMALL, ink="supported", bold=True)
    canvas.point(68, 9, ink="leaning-against", shape="times", size=40)
    canvas.text(78, 9, "does not", size=SMALL, ink="leaning-against", bold=True)
    canvas.rule(146, 9, 166, 9, ink="ink", width=2.5)
    canvas.text(172, 9, "holds in half of draws", size=SMALL)


def _scale(axis: Axis, start: float, stop: float) -> Scale:
    return Scale(low=axis.low, high=axis.high, start=start, stop=stop, log=axis.scale == "log")


def _named(name: str, parameter: Parameter | None) -> str:
    """A parameter with its meaning and unit."""
    if parameter is None:
        return name
    means = f"{name}: {parameter.means}" if parameter.means else name
    return f"{means} ({parameter.unit})" if parameter.unit else means
