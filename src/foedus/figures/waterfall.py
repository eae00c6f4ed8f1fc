"""From the payoff under the first regime to that under another, part by named part."""

from __future__ import annotations

from foedus.figures.canvas import Canvas
from foedus.figures.figure import Figure, NoFigure, Table, slug
from foedus.figures.lettering import fit, quoted
from foedus.figures.scales import SMALL, along_x, number, ranged
from foedus.figures.theme import WIDE
from foedus.findings.portrait import Named, Portrait
from foedus.findings.words import NOTHING, listing

ROW, HEAD, FOOT = 22, 24, 44
TELLING = 0.01  # of the largest change; what is smaller shares a bar
Step = tuple[str, float, float]  # a part, under the first regime and under the other


def waterfall(
    portrait: Portrait, regime: Named, start: Named, *, width: int = WIDE
) -> Figure | NoFigure:
    """What each player gains and loses by a regime, by part, at the central draw."""
    name = slug("payoffs", regime.name, start.name)
    if regime == portrait.regimes[0]:
        return NoFigure(
            name=name, reason=f"{quoted(regime.label)} is what the other regimes are compared with."
        )
    base = portrait.regimes[0]
    found = {player.name: steps(portrait, player, regime, start) for player in portrait.players}
    if not any(found.values()):
        return NoFigure(name=name, reason="No player is paid anything, under either regime.")
    changes = {
        player.label: sum(b - a for _, a, b in found[player.name]) for player in portrait.players
    }
    return Figure(
        name=name,
        title=_title(regime, changes),
        summary=(
            f"Discounted payoffs by part under {quoted(regime.label)} less those under "
            f"{quoted(base.label)}, from {start.label}, at the central draw. "
            + "; ".join(f"{label}: {_signed(change)}" for label, change in changes.items())
            + "."
        ),
        spec=_spec(
            portrait, {key: telling(one) for key, one in found.items()}, base, regime, width
        ),
        table=Table(
            columns=("player", "part", base.label, regime.label, "change"),
            rows=tuple(
                (player.label, part, a, b, b - a)
                for player in portrait.players
                for part, a, b in found[player.name]
            ),
        ),
        notes=(
            f"Starting point: {start.label}. Central values of all assumptions.",
            "Every player counts in its own unit and has its own scale.",
        ),
    )


def steps(portrait: Portrait, player: Named, regime: Named, start: Named) -> list[Step]:
    """Every part that is paid under either regime, the largest change first."""
    names = [one.name for one in portrait.regimes]
    first, other = (
        {
            one.part: one.amount
            for one in portrait.central[place].parts
            if (one.player, one.start) == (player.name, start.name)
        }
        for place in (0, names.index(regime.name))
    )
    parts = [(part, first.get(part, 0.0), other.get(part, 0.0)) for part in {**first, **other}]
    paid = [step for step in parts if max(abs(step[1]), abs(step[2])) > NOTHING]
    return sorted(paid, key=lambda step: -abs(step[2] - step[1]))


def telling(rows: list[Step]) -> list[Step]:
    """The steps that can be seen, and all others as one."""
    largest = max((abs(b - a) for _, a, b in rows), default=0.0)
    small = [step for step in rows if abs(step[2] - step[1]) < TELLING * largest]
    if len(small) < 2:
        return rows
    kept = [step for step in rows if step not in small]
    before, after = sum(step[1] for step in small), sum(step[2] for step in small)
    return [*kept, (f"{len(small)} other parts", before, after)]


def _title(regime: Named, changes: dict[str, float]) -> str:
    size = max(map(abs, changes.values()), default=0.0)
    gain = [label for label, change in changes.items() if change > 0.02 * size]
    lose = [label for label, change in changes.items() if change < -0.02 * size]
    if size < 1e-6:
        return f"{quoted(regime.label)} changes nobody's payoff at the central draw"
    parts = []
    if gain:
        parts.append(f"{listing(gain)} gain{'s' * (len(gain) == 1)}")
    if lose:
        parts.append(f"{listing(lose)} lose{'s' * (len(lose) == 1)}")
    return f"Under {quoted(regime.label)}, {' and '.join(parts)} at the central draw"


def _signed(change: float) -> str:
    return f"{'+' if change > NOTHING else ''}{number(change)}"


def _spec(
    portrait: Portrait,
    found: dict[str, list[Step]],
    base: Named,
    regime: Named,
    width: int,
) -> dict[str, object]:
    canvas = Canvas(width)
    y = 0.0
    for player in portrait.players:
        if found[player.name]:
            y = _player(canvas, player, found[player.name], base, regime, y)
    return canvas.spec(y)


def _player(
    canvas: Canvas, player: Named, rows: list[Step], base: Named, regime: Named, y: float
) -> float:
    """One player's waterfall; returns where the next may begin."""
    left = 0.36 * canvas.width
    canvas.text(2, y + 10, fit(player.label, 12, canvas.width - 8, bold=True), bold=True)
    begin = sum(a for _, a, _ in rows)
    levels = [begin]
    for _, a, b in rows:
        levels.append(levels[-1] + b - a)
    x = ranged(levels, left, canvas.width - 8, pixels=48)
    top = y + HEAD
    bottom = top + ROW * (len(rows) + 2)
    along_x(canvas, x, bottom, "discounted payoff", top=top, most=3)
    _total(canvas, base.label, begin, x.at(begin), top + ROW / 2)
    for place, (part, a, b) in enumerate(rows):
        middle = top + ROW * (place + 1) + ROW / 2
        before, after = x.at(levels[place]), x.at(levels[place + 1])
        change = b - a
        canvas.text(2, middle, fit(part, SMALL, left - 10), size=SMALL)
        canvas.rule(before, middle - ROW, before, middle + 7, ink="axis", width=1)
        canvas.box(
            min(before, after),
            middle - 7,
            max(before, after),
            middle + 7,
            fill="gain" if change > 0 else "loss",
            says=f"{player.label}, {part}: {_signed(change)}",
        )
        right = change > 0
        edge = max(before, after) + 5 if right else min(before, after) - 5
        canvas.text(
            edge,
            middle,
            _signed(change),
            size=SMALL,
            ink="muted",
            align="left" if right else "right",
        )
    _total(canvas, regime.label, levels[-1], x.at(levels[-1]), bottom - ROW / 2)
    return bottom + FOOT


def _total(canvas: Canvas, label: str, value: float, at: float, y: float) -> None:
    """The payoff under one regime, as a mark."""
    room = 0.36 * canvas.width - 10
    canvas.text(2, y, fit(label, SMALL, room, bold=True), size=SMALL, bold=True)
    canvas.point(at, y, ink="ink", shape="diamond", size=60, says=f"{label}: {number(value)}")
    canvas.text(at + 10, y, number(value), size=SMALL, bold=True)
