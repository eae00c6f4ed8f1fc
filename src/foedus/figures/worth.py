"""What play is worth to each player under each regime: dots at the centre, ranges of the draws."""

from __future__ import annotations

import numpy as np

from foedus.figures.canvas import Canvas
from foedus.figures.figure import Figure, NoFigure, Table, Value, slug
from foedus.figures.lettering import fit, quoted
from foedus.figures.scales import SMALL, along_x, number, ranged
from foedus.figures.theme import NARROW, WIDE, series
from foedus.findings.portrait import Named, Portrait
from foedus.findings.words import listing

ROW, HEAD, FOOT = 22, 24, 40


def worth(portrait: Portrait, start: Named, *, width: int = WIDE) -> Figure | NoFigure:
    """Each player's discounted payoff from a start, by regime; every player on its own scale."""
    name = slug("worth", start.name)
    if not len(portrait.rows):
        return NoFigure(name=name, reason="No draw could be followed, so nothing is worth known.")
    place = portrait.starts.index(start)
    over = portrait.values[:, :, place]
    bands = np.quantile(over, (0.1, 0.5, 0.9), axis=0)
    centre = np.stack([one.values[place] for one in portrait.central])
    return Figure(
        name=name,
        title=_title(portrait, over),
        summary=_summary(portrait, bands, start),
        spec=_spec(portrait, bands, centre, width),
        table=Table(
            columns=("player", "regime", "central draw", "10 %", "median", "90 %"),
            rows=tuple(_rows(portrait, bands, centre)),
        ),
        notes=(
            f"Starting point: {start.label}.",
            "Bars span the middle 80 % of draws, their mark is the median; the small line is the "
            "central draw.",
            "Every player counts in its own unit, so only the regimes of one player compare.",
        ),
    )


def _rows(portrait: Portrait, bands: np.ndarray, centre: np.ndarray) -> list[tuple[Value, ...]]:
    return [
        (
            player.label,
            regime.label,
            *(
                float(v) if np.isfinite(v) else None
                for v in (centre[r, p], bands[0, r, p], bands[1, r, p], bands[2, r, p])
            ),
        )
        for p, player in enumerate(portrait.players)
        for r, regime in enumerate(portrait.regimes)
    ]


def _title(portrait: Portrait, over: np.ndarray) -> str:
    """Which regime is best for whom, in most draws."""
    if len(portrait.regimes) < 2:
        return "What play is worth to each player"
    best = over.argmax(axis=1)
    found: dict[str, list[str]] = {}
    for p, player in enumerate(portrait.players):
        if not np.isfinite(over[:, :, p]).all():
            continue
        counts = np.bincount(best[:, p], minlength=len(portrait.regimes))
        label = portrait.regimes[int(counts.argmax())].label
        if counts.max() > len(over) / 2:
            found.setdefault(label, []).append(player.label)
    if not found:
        return "No regime is best for anybody in most draws"
    parts = [f"{quoted(label)} for {listing(who)}" for label, who in found.items()]
    return f"Best in most draws: {'; '.join(parts)}"


def _summary(portrait: Portrait, bands: np.ndarray, start: Named) -> str:
    parts = []
    for p, player in enumerate(portrait.players):
        medians = bands[1, :, p]
        if np.isfinite(medians).all():
            top, low = int(medians.argmax()), int(medians.argmin())
            parts.append(
                f"{player.label}: highest median under {quoted(portrait.regimes[top].label)} "
                f"({number(medians[top])}), lowest under {quoted(portrait.regimes[low].label)} "
                f"({number(medians[low])})"
            )
    return f"Discounted payoffs from {start.label}. {'; '.join(parts)}."


def _spec(
    portrait: Portrait, bands: np.ndarray, centre: np.ndarray, width: int
) -> dict[str, object]:
    narrow = width < (WIDE + NARROW) / 2
    row = 34 if narrow else ROW
    canvas = Canvas(width)
    left = 8.0 if narrow else 0.34 * width
    y = 0.0
    for p, player in enumerate(portrait.players):
        canvas.text(2, y + 10, fit(player.label, 12, width - 8, bold=True), bold=True)
        seen = [*bands[:, :, p].ravel().tolist(), *centre[:, p].tolist()]
        x = ranged(seen, left, width - 46)
        top, bottom = y + HEAD, y + HEAD + row * len(portrait.regimes)
        along_x(canvas, x, bottom, "discounted payoff", top=None if narrow else top, most=4)
        for r, regime in enumerate(portrait.regimes):
            middle = top + row * r + (24 if narrow else row / 2)
            token, _, shape = series(r)
            canvas.text(
                2,
                middle - 14 if narrow else middle,
                fit(regime.label, SMALL, width - 60 if narrow else left - 12),
                size=SMALL,
            )
            low, median, high = bands[:, r, p]
            if not np.isfinite(median):
                continue
            canvas.rule(x.at(low), middle, x.at(high), middle, ink=token, width=4, opacity=0.45)
            if np.isfinite(centre[r, p]):
                at = x.at(centre[r, p])
                canvas.rule(at, middle - 6, at, middle + 6, ink="ink", width=1.5)
            says = (
                f"{player.label}, {regime.label}: median {number(median)}, middle 80 % of draws "
                f"{number(low)} to {number(high)}"
            )
            canvas.point(x.at(median), middle, ink=token, shape=shape, size=55, says=says)
            canvas.text(x.stop + 8, middle, number(median), size=SMALL, ink="muted")
        y = bottom + FOOT
    return canvas.spec(y)
