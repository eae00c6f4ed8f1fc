"""Who does what in which situation: one table of shares for each player, by regime."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from foedus.figures.canvas import Canvas
from foedus.figures.figure import Figure, NoFigure, Table, slug
from foedus.figures.lettering import broken, fit, opened, quoted
from foedus.figures.scales import SMALL
from foedus.figures.theme import NARROW, WIDE, heat
from foedus.findings.portrait import MovePlayed, Named, Portrait
from foedus.findings.words import percent

CELL, HEADING = 22, 24
MOST = 6  # situations drawn, the most frequent ones; the table has all
RARE = 1e-4  # expected visits below which a situation is left out of the drawing
EVEN = 0.005  # shares of all actions this close cannot be told apart in whole per cent


def strategies(
    portrait: Portrait, move: MovePlayed, start: Named, *, width: int = WIDE
) -> Figure | NoFigure:
    """How often each action is taken in each situation, under every regime, at the centre."""
    player = next(one for one in portrait.players if one.name == move.player)
    name = slug("strategy", move.player, move.move, start.name)
    place = portrait.starts.index(start)
    weight = move.weight[:, place]
    order = np.argsort(-weight.sum(axis=0), kind="stable")
    seen = [int(i) for i in order if weight[:, i].sum() > RARE][:MOST]
    if not seen:
        return NoFigure(
            name=name, reason=f"{player.label} never gets to choose, from {start.label}."
        )
    shown = sorted(seen)
    left_out = sum(weight[:, i].sum() > RARE for i in order) - len(shown)
    notes = [
        f"Starting point: {start.label}. Central values of all assumptions, averaged over all "
        "periods and situations of a kind by how often play gets into them.",
        f"The situations account for {percent(move.told)} of the variation in what is done.",
    ]
    if left_out > 0:
        notes.append(f"{left_out} rarer situations are in the table only.")
    return Figure(
        name=name,
        title=_title(portrait, move, player, place, int(order[0])),
        summary=_summary(portrait, move, player, place, shown),
        spec=_spec(portrait, move, place, shown, width),
        table=_table(portrait, move, place),
        notes=tuple(notes),
    )


def _table(portrait: Portrait, move: MovePlayed, place: int) -> Table:
    columns = (
        "regime",
        "situation",
        "expected times",
        *(action.label for action in move.actions),
    )
    return Table(
        columns=columns,
        rows=tuple(
            (
                regime.label,
                situation.words,
                float(move.weight[r, place, s]),
                *(float(share) if np.isfinite(share) else None for share in move.play[r, place, s]),
            )
            for s, situation in enumerate(move.situations)
            for r, regime in enumerate(portrait.regimes)
        ),
    )


def _usual(move: MovePlayed, regime: int, place: int, situation: int) -> tuple[str, float]:
    """What is done most, and how often."""
    play = np.nan_to_num(move.play[regime, place, situation], nan=-1.0)
    best = int(play.argmax())
    return move.actions[best].label, float(play[best])


def _title(portrait: Portrait, move: MovePlayed, player: Named, place: int, situation: int) -> str:
    """The commonest choice in the commonest situation."""
    where = move.situations[situation].words
    met = [r for r in range(len(portrait.regimes)) if move.weight[r, place, situation] > 0]
    usual = {_usual(move, r, place, situation)[0] for r in met}
    when = "" if where == "always" else f" – {where}"
    if len(usual) == 1:
        shares = [_usual(move, r, place, situation)[1] for r in met]
        low, high = percent(min(shares)), percent(max(shares))
        if max(shares) <= 1 / len(move.actions) + EVEN:
            return f"{player.label} takes all actions equally often{when}"
        often = low if low == high else f"{low} to {high} of the time"
        how = "mostly" if min(shares) > 0.5 else "most often"
        return f"{player.label} {how} {usual.pop()} ({often}){when}"
    return f"What {player.label} mostly does depends on the regime{when}"


def _summary(
    portrait: Portrait, move: MovePlayed, player: Named, place: int, shown: Sequence[int]
) -> str:
    parts = []
    for situation in shown:
        r = int(move.weight[:, place, situation].argmax())
        action, share = _usual(move, r, place, situation)
        words = move.situations[situation].words
        parts.append(
            f"{words}: {action} {percent(share)} under {quoted(portrait.regimes[r].label)}"
        )
    return f"Share of each action of {player.label} by situation and regime. {'; '.join(parts)}."


def _spec(
    portrait: Portrait, move: MovePlayed, place: int, shown: Sequence[int], width: int
) -> dict[str, object]:
    narrow = width < (WIDE + NARROW) / 2
    canvas = Canvas(width)
    left = 104.0 if narrow else 0.32 * width
    y = 0.0
    for situation in shown:
        if move.situations[situation].words != "always":
            for line in broken(opened(move.situations[situation].words), 12, width - 6, lines=2):
                canvas.text(2, y + 10, line, bold=True)
                y += 15
            y += HEADING - 15
        play = move.play[:, place, situation]
        actions = [a for a in range(len(move.actions)) if np.isfinite(play[:, a]).any()]
        size = min((width - left) / max(len(actions), 1), 150)
        y = _columns(canvas, [move.actions[action].label for action in actions], left, y, size)
        for r, regime in enumerate(portrait.regimes):
            canvas.text(2, y + CELL / 2, fit(regime.label, SMALL, left - 10), size=SMALL)
            for column, action in enumerate(actions):
                x = left + size * column
                _cell(canvas, move, regime, (r, place, situation, action), x, y, size)
            y += CELL
        y += 14
    return canvas.spec(y)


def _columns(canvas: Canvas, labels: Sequence[str], left: float, y: float, size: float) -> float:
    """The actions above their columns; returns where the cells begin."""
    heads = [broken(label, SMALL, size - 6, lines=2) for label in labels]
    deep = max((len(lines) for lines in heads), default=1)
    for column, lines in enumerate(heads):
        for row, line in enumerate(lines):
            at = y + 8 + 13 * (row + deep - len(lines))
            middle = left + size * (column + 0.5)
            canvas.text(middle, at, line, size=SMALL, ink="muted", align="center")
    return y + 17 + 13 * (deep - 1)


def _short(share: float, size: float) -> str:
    """A share in a cell; without the sign where that leaves no room."""
    if size >= 56:
        return percent(share)
    rounded = f"{100 * share:.0f}"
    return "<1" if 0 < share < 0.01 else ">99" if 0.99 < share < 1 else rounded


def _cell(
    canvas: Canvas,
    move: MovePlayed,
    regime: Named,
    at: tuple[int, int, int, int],
    x: float,
    y: float,
    size: float,
) -> None:
    share = float(move.play[at])
    reached = bool(move.weight[at[:3]] > 0)
    known = bool(np.isfinite(share)) and reached
    fill, ink = heat(share if known else 0.0)
    words = _short(share, size) if known else "–"
    says = (
        f"{regime.label}, {move.situations[at[2]].words}: {move.actions[at[3]].label} "
        f"{percent(share)}"
        if known
        else ""
    )
    canvas.box(x + 1, y + 1, x + size - 1, y + CELL - 1, fill=fill, radius=2, says=says)
    canvas.text(x + size / 2, y + CELL / 2, words, size=SMALL, ink=ink, align="center")
