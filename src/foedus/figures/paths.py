"""Play over time under each regime: fans of the draws, one panel for each regime."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from foedus.figures.canvas import Canvas
from foedus.figures.figure import Figure, NoFigure, Table, Value, slug
from foedus.figures.lettering import broken, opened, quoted
from foedus.figures.scales import SMALL, Scale, along_y, number
from foedus.figures.theme import NARROW, WIDE
from foedus.findings.portrait import Factor, Named, Portrait
from foedus.findings.words import percent

QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)
HEIGHT, HEAD, FOOT = 120, 40, 34


@dataclass(frozen=True, kw_only=True)
class Measure:
    """Something that changes by period: a level's probability, a mean, or having reached it.

    `start` is None for what a quantity fixes. Exactly one of `level`, `mean`, `reach` is set.
    """

    start: Named
    label: str
    name: str
    level: tuple[Factor, str] | None = None
    mean: Factor | None = None
    reach: int | None = None

    @property
    def is_share(self) -> bool:
        """Whether it is a probability."""
        return self.mean is None

    def over(self, portrait: Portrait) -> np.ndarray:
        """(draws, regimes, dates)."""
        if self.reach is not None:
            reached: np.ndarray = portrait.reached[:, :, self.reach]
            return reached
        levels = portrait.levels[:, :, portrait.starts.index(self.start)]
        if self.mean is not None:
            return portrait.mean(self.mean, levels)
        assert self.level is not None
        factor, level = self.level
        found: np.ndarray = levels[..., portrait.columns(factor)][..., factor.levels.index(level)]
        return found


def measures(portrait: Portrait) -> tuple[Measure, ...]:
    """Everything that can be shown over time, by rule.

    Levels of the ladder from each start, means of factors that are numbers, and all that
    quantities of kind `reach` ask about.
    """
    found = []
    for place, one in enumerate(portrait.reaches):
        start = next(start for start in portrait.starts if start.name == one.start)
        found.append(Measure(start=start, label=one.label, name=one.name, reach=place))
    for start in portrait.starts:
        ladder = portrait.ladder
        for level, label in zip(ladder.levels, ladder.level_labels, strict=True) if ladder else ():
            assert ladder is not None
            name = f"{ladder.name}-{level}-{start.name}"
            found.append(Measure(start=start, label=label, name=name, level=(ladder, level)))
        for factor in portrait.factors:
            if factor.numeric:
                name = f"{factor.name}-{start.name}"
                found.append(Measure(start=start, label=factor.label, name=name, mean=factor))
    return tuple(found)


def paths(portrait: Portrait, measure: Measure, *, width: int = WIDE) -> Figure | NoFigure:
    """Fans of one measure by period: median, middle half and middle 80 % of the draws."""
    name = slug("paths", measure.name)
    if not len(portrait.rows):
        return NoFigure(name=name, reason="No draw could be followed, so there are no paths.")
    bands = quantiles(measure.over(portrait))
    if not np.isfinite(bands).any():
        return NoFigure(name=name, reason=f"{quoted(measure.label)} is not known in any draw.")
    columns = (
        "regime",
        portrait.period,
        *(f"{100 * q:.0f} %" if q != 0.5 else "median" for q in QUANTILES),
    )
    return Figure(
        name=name,
        title=_title(portrait, measure, bands),
        summary=_summary(portrait, measure, bands),
        spec=_spec(portrait, measure, bands, width),
        table=Table(columns=columns, rows=tuple(_rows(portrait, bands))),
        notes=(
            f"Starting point: {measure.start.label}.",
            f"The line is the median of {len(portrait.rows)} "
            f"{'plausible ' if portrait.plausible else ''}draws, the dark band their middle half, "
            "the pale band their middle 80 %.",
            *_baseline(portrait),
        ),
    )


def quantiles(values: np.ndarray) -> np.ndarray:
    """(quantiles, regimes, dates) of (draws, regimes, dates), over the draws that know it."""
    found = np.full((len(QUANTILES), *values.shape[1:]), np.nan)
    for place in np.ndindex(values.shape[1:]):
        column = values[:, place[0], place[1]]
        known = column[np.isfinite(column)]
        if len(known):
            found[:, place[0], place[1]] = np.quantile(known, QUANTILES)
    return found


def _rows(portrait: Portrait, bands: np.ndarray) -> list[tuple[Value, ...]]:
    return [
        (
            named.label,
            date,
            *(float(q) if np.isfinite(q) else None for q in bands[:, regime, date]),
        )
        for regime, named in enumerate(portrait.regimes)
        for date in range(bands.shape[2])
        if np.isfinite(bands[:, regime, date]).any()
    ]


def _baseline(portrait: Portrait) -> tuple[str, ...]:
    if len(portrait.regimes) < 2:
        return ()
    return (f"The dashed line repeats the median under {quoted(portrait.regimes[0].label)}.",)


def _last(bands: np.ndarray) -> tuple[int, np.ndarray]:
    """The last date that is known under all regimes that know any, and the medians there."""
    known = np.isfinite(bands[2]).any(axis=0)
    date = int(np.flatnonzero(known)[-1])
    return date, bands[2, :, date]


def said(measure: Measure, value: float) -> str:
    """A value of the measure in words."""
    return percent(min(max(value, 0.0), 1.0)) if measure.is_share else number(value)


def _title(portrait: Portrait, measure: Measure, bands: np.ndarray) -> str:
    date, medians = _last(bands)
    when, label = f"{portrait.period} {date}", opened(measure.label)
    known = np.flatnonzero(np.isfinite(medians))
    top, low = (int(known[pick(medians[known])]) for pick in (np.argmax, np.argmin))
    values = f"{said(measure, medians[low])} to {said(measure, medians[top])}"
    spread = medians[top] - medians[low]
    if len(known) == 1:
        return f"{label}: median {said(measure, medians[top])} by {when}"
    if spread < (0.01 if measure.is_share else 0.02 * max(1.0, abs(float(medians[top])))):
        return f"{label}: hardly any difference between regimes by {when}"
    return (
        f"{label}: most under {quoted(portrait.regimes[top].label)}, least under "
        f"{quoted(portrait.regimes[low].label)} by {when} (medians {values})"
    )


def _summary(portrait: Portrait, measure: Measure, bands: np.ndarray) -> str:
    date, _ = _last(bands)
    parts = []
    for regime, named in enumerate(portrait.regimes):
        low, _, middle, _, high = bands[:, regime, date]
        if np.isfinite(middle):
            spread = f"{said(measure, low)} to {said(measure, high)}"
            parts.append(f"{named.label}: {said(measure, middle)} ({spread})")
    return (
        f"{opened(measure.label)} by {portrait.period}, from {measure.start.label}. "
        f"Median and middle 80 % of draws at {portrait.period} {date}: {'; '.join(parts)}."
    )


def _spec(portrait: Portrait, measure: Measure, bands: np.ndarray, width: int) -> dict[str, object]:
    narrow = width < (WIDE + NARROW) / 2
    count = len(portrait.regimes)
    columns = min(count, 2 if narrow else 4 if count != 3 else 3)
    canvas = Canvas(width)
    left, gap = 38.0, 16.0
    panel = min((width - left - gap * (columns - 1) - 8) / columns, 360)
    top = float(np.nanmax(bands))
    low = 0.0 if measure.is_share else float(np.nanmin(bands))
    low, top = _rounded(low, top, measure)
    for regime, named in enumerate(portrait.regimes):
        row, column = divmod(regime, columns)
        x0 = left + column * (panel + gap)
        y0 = row * (HEIGHT + HEAD + FOOT) + HEAD
        x = Scale(low=0, high=max(bands.shape[2] - 1, 1), start=x0, stop=x0 + panel)
        y = Scale(low=low, high=top, start=y0 + HEIGHT, stop=y0)
        for place, line in enumerate(broken(named.label, 12, panel, lines=2, bold=True)):
            canvas.text(x0, y0 - 30 + 14 * place, line, bold=True)
        _axes(canvas, portrait, x, y, first=column == 0, share=measure.is_share)
        if regime:
            _line(canvas, x, y, bands[2, 0], ink="muted", width=1.2, dash=(4, 3))
        _fan(canvas, x, y, bands[:, regime], regime)
        _end(canvas, measure, x, y, bands[:, regime], named)
    rows = -(-count // columns)
    return canvas.spec(rows * (HEIGHT + HEAD + FOOT) + 4)


def _rounded(low: float, top: float, measure: Measure) -> tuple[float, float]:
    """Ends of the axis: a share begins at 0 and is no more than 1."""
    if measure.is_share:
        return 0.0, min(max(1.08 * top, 0.02), 1.0)
    room = max(0.1 * (top - low), 0.05 * max(abs(top), abs(low)), 1e-9)
    return (0.0 if 0 <= low < room * 3 else low - room), top + room


def _axes(
    canvas: Canvas, portrait: Portrait, x: Scale, y: Scale, *, first: bool, share: bool
) -> None:
    if first:
        along_y(canvas, y, x.start, right=x.stop, percent=share, most=3)
    else:
        for value in y.ticks(3):
            canvas.rule(x.start, y.at(value), x.stop, y.at(value), ink="grid")
    canvas.rule(x.start, y.start, x.stop, y.start)
    for date in (0, int(x.high)):
        word = f"{portrait.period} {date}" if date else "0"
        align = "right" if date else "left"
        canvas.text(x.at(date), y.start + 12, word, size=SMALL, ink="muted", align=align)


def _fan(canvas: Canvas, x: Scale, y: Scale, bands: np.ndarray, regime: int) -> None:
    token = f"series-{regime % 8 + 1}"
    known = [date for date in range(bands.shape[1]) if np.isfinite(bands[2, date])]
    for lower, upper, opacity in ((0, 4, 0.18), (1, 3, 0.3)):
        canvas.area(
            [(x.at(d), y.inside(bands[lower, d]), y.inside(bands[upper, d])) for d in known],
            fill=token,
            opacity=opacity,
        )
    _line(canvas, x, y, bands[2], ink=token, width=2.2, dash=(1, 0))


def _line(
    canvas: Canvas,
    x: Scale,
    y: Scale,
    medians: np.ndarray,
    *,
    ink: str,
    width: float,
    dash: tuple[int, ...],
) -> None:
    points = [(x.at(d), y.inside(v)) for d, v in enumerate(medians) if np.isfinite(v)]
    canvas.line(points, ink=ink, width=width, dash=dash)


def _end(
    canvas: Canvas, measure: Measure, x: Scale, y: Scale, bands: np.ndarray, named: Named
) -> None:
    """The last median, marked and written beside the line."""
    known = np.flatnonzero(np.isfinite(bands[2]))
    if not len(known):
        return
    date = int(known[-1])
    low, _, value, _, high = bands[:, date]
    at = y.inside(value)
    words = f"{named.label}: median {said(measure, value)}, middle 80 % of draws "
    spread = f"{said(measure, low)} to {said(measure, high)}"
    canvas.point(x.at(date), at, ink="ink", size=30, says=words + spread)
    above = at - 11 if at - 11 > y.stop - 2 else at + 12
    canvas.text(x.at(date) - 2, above, said(measure, value), size=SMALL, bold=True, align="right")
