"""The ladder of levels under each regime: time spent on each rung, and moves between them."""

from __future__ import annotations

import math

import numpy as np

from foedus.figures.canvas import Canvas
from foedus.figures.figure import Figure, NoFigure, Table, Value, slug
from foedus.figures.lettering import broken, quoted
from foedus.figures.scales import SMALL, number
from foedus.figures.theme import NARROW, WIDE
from foedus.findings.portrait import Factor, Named, Portrait

RUNG, HEAD, FOOT = 64, 40, 18
SEEN = 0.005  # expected moves below which no arrow is drawn; the table has all
THICKEST = 9.0  # pixels for the commonest move under any regime


def ladder(
    portrait: Portrait, start: Named, *, factor: Factor | None = None, width: int = WIDE
) -> Figure | NoFigure:
    """Rungs with the expected time on each, arrows with the expected number of moves.

    `factor` is the portrait's own ladder by default. At the central draw.
    """
    factor = factor or portrait.ladder
    if factor is None:
        return NoFigure(
            name=slug("ladder", start.name),
            reason="No factor of the state ends play or has named levels, so there is no ladder.",
        )
    name = slug("ladder", factor.name, start.name)
    place, columns = portrait.starts.index(start), portrait.columns(factor)
    moves = np.stack(
        [one.flows[place][:, columns, columns].sum(axis=0) for one in portrait.central]
    )
    time = np.stack([one.levels[place][:-1, columns].sum(axis=0) for one in portrait.central])
    periods = portrait.central[0].flows.shape[1]
    if not periods:
        return NoFigure(name=name, reason="No period is reported, so nothing moves.")
    return Figure(
        name=name,
        title=_title(portrait, factor, moves, periods),
        summary=_summary(portrait, factor, moves, time, start, periods),
        spec=_spec(portrait, factor, moves, time, width),
        table=Table(
            columns=(
                "regime",
                "from",
                "to",
                f"expected moves in {_so_long(portrait, periods)}",
            ),
            rows=tuple(_rows(portrait, factor, moves)),
        ),
        notes=(
            f"Starting point: {start.label}. Central values of all assumptions.",
            f"Bars: expected {portrait.period}s on a rung out of {periods}. Arrows: expected "
            f"number of moves; up on the right, down on the left.",
            *(("Play stops on a framed rung, for good.",) if factor.endings else ()),
        ),
    )


def _rows(portrait: Portrait, factor: Factor, moves: np.ndarray) -> list[tuple[Value, ...]]:
    labels = factor.level_labels
    return [
        (regime.label, labels[a], labels[b], float(moves[r, a, b]))
        for r, regime in enumerate(portrait.regimes)
        for a in range(len(labels))
        for b in range(len(labels))
        if a != b and moves[r, a, b] > 0
    ]


def _title(portrait: Portrait, factor: Factor, moves: np.ndarray, periods: int) -> str:
    apart = moves * (1 - np.eye(moves.shape[1]))
    total = apart.sum(axis=0)
    if not total.any():
        return f"Play never leaves the rung it starts on in {_so_long(portrait, periods)}"
    a, b = (int(i) for i in np.unravel_index(total.argmax(), total.shape))
    low, high = float(apart[:, a, b].min()), float(apart[:, a, b].max())
    often = number(high) if number(low) == number(high) else f"{number(low)} to {number(high)}"
    return (
        f"The commonest move is from {quoted(factor.level_labels[a])} "
        f"to {quoted(factor.level_labels[b])}: {often} times in {_so_long(portrait, periods)}"
    )


def _so_long(portrait: Portrait, periods: int) -> str:
    return f"{periods} {portrait.period}{'s' * (periods != 1)}"


def _summary(
    portrait: Portrait,
    factor: Factor,
    moves: np.ndarray,
    time: np.ndarray,
    start: Named,
    periods: int,
) -> str:
    parts = []
    for r, regime in enumerate(portrait.regimes):
        most = int(time[r].argmax())
        share = f"{number(time[r, most])} of {_so_long(portrait, periods)}"
        parts.append(f"{regime.label}: {share} on {quoted(factor.level_labels[most])}")
    return (
        f"Rungs: {', '.join(factor.level_labels)}. From {start.label}. Expected time spent; "
        f"{'; '.join(parts)}."
    )


def _spec(
    portrait: Portrait, factor: Factor, moves: np.ndarray, time: np.ndarray, width: int
) -> dict[str, object]:
    narrow = width < (WIDE + NARROW) / 2
    canvas = Canvas(width)
    count, levels = len(portrait.regimes), len(factor.levels)
    names = 122.0
    columns = min(count, 1 if narrow else 4)
    panel = min((width - names) / columns, 240.0)
    rows = -(-count // columns)
    height = HEAD + RUNG * levels + FOOT
    apart = moves * (1 - np.eye(levels))
    for r, regime in enumerate(portrait.regimes):
        row, column = divmod(r, columns)
        x, y = names + column * panel, float(row * height + HEAD)
        for place, line in enumerate(broken(regime.label, 12, panel - 12, lines=2, bold=True)):
            canvas.text(x + panel / 2, y - 28 + 14 * place, line, bold=True, align="center")
        _rungs(canvas, portrait, factor, time[r], r, (x, y, panel))
        _arrows(canvas, factor, apart[r], apart.max(), (x, y, panel))
    for row in range(rows):
        for level, label in enumerate(factor.level_labels):
            at = row * height + HEAD + RUNG * (levels - 1 - level) + RUNG / 2
            lines = broken(label, SMALL, names - 8, lines=3)
            for place, line in enumerate(lines):
                canvas.text(2, at + 13 * place - 6.5 * (len(lines) - 1), line, size=SMALL)
    return canvas.spec(rows * height)


def _rungs(
    canvas: Canvas,
    portrait: Portrait,
    factor: Factor,
    time: np.ndarray,
    regime: int,
    panel: tuple[float, float, float],
) -> None:
    """A bar for each level, the first one lowest; endings are framed."""
    x, y, wide = panel
    token = f"series-{regime % 8 + 1}"
    inner = 0.4 * wide
    first = x + 0.3 * wide
    longest = max(float(time.max()), 1e-9)
    for level, label in enumerate(factor.level_labels):
        middle = y + RUNG * (len(factor.levels) - 1 - level) + RUNG / 2
        ending = factor.levels[level] in factor.endings
        stroke = "contradicted" if ending else "axis"
        canvas.box(first, middle - 9, first + inner, middle + 9, fill="panel", stroke=stroke)
        length = inner * float(time[level]) / longest
        says = f"{label}: {number(float(time[level]))} {portrait.period}s"
        canvas.box(
            first, middle - 9, first + length, middle + 9, fill=token, says=says, opacity=0.8
        )
        said = number(float(time[level]))
        outside = length < inner - 26
        at = first + length + 4 if outside else first + length - 4
        canvas.text(
            at,
            middle,
            said,
            size=SMALL,
            ink="ink" if outside else "on-strong",
            align="left" if outside else "right",
        )


def _arrows(
    canvas: Canvas,
    factor: Factor,
    moves: np.ndarray,
    most: float,
    panel: tuple[float, float, float],
) -> None:
    """Curves between rungs: up on the right, down on the left, thicker where more frequent."""
    x, y, wide = panel
    levels = len(factor.levels)
    for a in range(levels):
        for b in range(levels):
            often = float(moves[a, b])
            if a == b or often < SEEN:
                continue
            up, far = b > a, abs(b - a)
            side = x + (0.7 if up else 0.3) * wide + (3 if up else -3)
            bulge = (0.09 + 0.075 * far) * wide * (1 if up else -1)
            start = y + RUNG * (levels - 1 - a) + RUNG / 2 + (-4 if up else 4)
            stop = y + RUNG * (levels - 1 - b) + RUNG / 2 + (4 if up else -4)
            points = _curve((side, start), (side + bulge, (start + stop) / 2), (side, stop))
            thick = max(1.0, THICKEST * math.sqrt(often / most))
            ink = "loss" if up else "gain"
            canvas.line(points, ink=ink, width=round(thick * 2) / 2, opacity=0.75)
            canvas.point(side, stop, ink=ink, shape="triangle-left" if up else "triangle-right",
                         size=40, says=_move(factor, a, b, often))  # fmt: skip
            middle = side + bulge / 2 + (thick / 2 + 3) * (1 if up else -1)
            shift = 8 * (far - 1) * (1 if up else -1)
            canvas.text(
                middle,
                (start + stop) / 2 + shift,
                number(often),
                size=10,
                ink=ink,
                align="left" if up else "right",
            )


def _move(factor: Factor, a: int, b: int, often: float) -> str:
    return f"from {factor.level_labels[a]} to {factor.level_labels[b]}: {number(often)} times"


def _curve(
    a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]
) -> list[tuple[float, float]]:
    """Points of a quadratic Bézier curve."""
    found = []
    for step in range(13):
        t = step / 12
        weights = ((1 - t) ** 2, 2 * t * (1 - t), t**2)
        found.append(
            (
                sum(w * p[0] for w, p in zip(weights, (a, b, c), strict=True)),
                sum(w * p[1] for w, p in zip(weights, (a, b, c), strict=True)),
            )
        )
    return found
