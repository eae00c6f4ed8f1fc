"""What a move tells about the mover's private type: the belief after each action, by regime."""

from __future__ import annotations

import numpy as np

from foedus.figures.canvas import Canvas
from foedus.figures.figure import Figure, NoFigure, Table, Value, slug
from foedus.figures.lettering import broken, fit, quoted
from foedus.figures.scales import SMALL
from foedus.figures.theme import NARROW, WIDE, series
from foedus.findings.portrait import Named, Portrait, Revealed
from foedus.findings.words import percent

BAR, ROW, HEADING = 14, 24, 24
RARE = 1e-4  # expected times below which an action is left out of the drawing


def beliefs(
    portrait: Portrait, one: Revealed, start: Named, *, width: int = WIDE
) -> Figure | NoFigure:
    r"""The belief about the mover's type after each of its actions, at the central draw.

    A bar is divided by $b(t \mid a)$; the bar above it is the belief before the move.
    """
    name = slug("beliefs", one.player, one.move, start.name)
    joint = one.joint[:, portrait.starts.index(start)]
    player = next(named for named in portrait.players if named.name == one.player)
    if not np.nansum(joint) > RARE:
        return NoFigure(
            name=name, reason=f"{player.label} never gets to choose, from {start.label}."
        )
    return Figure(
        name=name,
        title=_title(portrait, one, player, joint),
        summary=_summary(portrait, one, player, joint),
        spec=_spec(portrait, one, joint, width),
        table=_table(portrait, one, joint),
        notes=(
            f"Starting point: {start.label}. Central values of all assumptions; by Bayes' rule "
            "from equilibrium play, averaged over what has been seen before the move.",
            "Beside each bar: how often the action is taken.",
        ),
    )


def posterior(joint: np.ndarray) -> np.ndarray:
    """Beliefs by action of (..., actions, types); NaN where an action is never taken."""
    often = joint.sum(axis=-1, keepdims=True)
    found: np.ndarray = np.full_like(joint, np.nan)
    np.divide(joint, often, out=found, where=often > 0)
    return found


def prior(joint: np.ndarray) -> np.ndarray:
    """The belief before the move, of (..., actions, types)."""
    found: np.ndarray = posterior(np.nansum(joint, axis=-2, keepdims=True))[..., 0, :]
    return found


def _often(joint: np.ndarray) -> np.ndarray:
    """The share of each action, (..., actions)."""
    times = joint.sum(axis=-1)
    total = np.nansum(times, axis=-1, keepdims=True)
    found: np.ndarray = times / np.where(total > 0, total, np.nan)
    return found


def _table(portrait: Portrait, one: Revealed, joint: np.ndarray) -> Table:
    after, often, before = posterior(joint), _often(joint), prior(joint)
    rows: list[tuple[Value, ...]] = []
    for r, regime in enumerate(portrait.regimes):
        if np.nansum(joint[r]) > 0:
            rows.append((regime.label, "before the move", None, *map(float, before[r])))
        for a, action in enumerate(one.actions):
            if np.isfinite(after[r, a]).all():
                rows.append(
                    (regime.label, action.label, float(often[r, a]), *map(float, after[r, a]))
                )
    return Table(
        columns=("regime", "after", "taken", *(t.label for t in one.types)), rows=tuple(rows)
    )


def _telling(joint: np.ndarray) -> tuple[int, int, int]:
    """The regime, action and type where the belief moves most, weighted by how often it does.

    Beliefs are right on average, so that between two types one action's weighted move is another's:
    of such equals the one that moves the belief further is told.
    """
    moved = np.nan_to_num(posterior(joint) - prior(joint)[:, None, :])
    weighted = moved * np.nan_to_num(_often(joint))[..., None]
    equal = weighted >= weighted.max() - 1e-9
    further = np.round(np.where(equal, moved, -1.0), 9)
    regime, action, kind = np.unravel_index(int(further.argmax()), moved.shape)
    return int(regime), int(action), int(kind)


def _title(portrait: Portrait, one: Revealed, player: Named, joint: np.ndarray) -> str:
    r, a, t = _telling(joint)
    after, before = float(posterior(joint)[r, a, t]), float(prior(joint)[r, t])
    if not after - before > 0.01:
        return f"What {player.label} does tells hardly anything about its type"
    return (
        f"{player.label}: {quoted(one.actions[a].label)} raises the belief in "
        f"{quoted(one.types[t].label)} from {percent(before)} to {percent(after)} "
        f"under {quoted(portrait.regimes[r].label)}"
    )


def _summary(portrait: Portrait, one: Revealed, player: Named, joint: np.ndarray) -> str:
    after, before = posterior(joint), prior(joint)
    parts = []
    for r, regime in enumerate(portrait.regimes):
        told = [
            f"{percent(float(after[r, a, 0]))} if it {action.label}"
            for a, action in enumerate(one.actions)
            if np.isfinite(after[r, a]).all()
        ]
        if told:
            parts.append(
                f"{regime.label}: {percent(float(before[r, 0]))} before, {', '.join(told)}"
            )
    return (
        f"Belief that {player.label} is of the type {quoted(one.types[0].label)}, before its move "
        f"and after each action. {'; '.join(parts)}."
    )


def _spec(portrait: Portrait, one: Revealed, joint: np.ndarray, width: int) -> dict[str, object]:
    narrow = width < (WIDE + NARROW) / 2
    canvas = Canvas(width)
    left, right = (118.0 if narrow else 0.34 * width), width - 54.0
    y = _key(canvas, one, width)
    after, often, before = posterior(joint), _often(joint), prior(joint)
    for r, regime in enumerate(portrait.regimes):
        if not np.nansum(joint[r]) > RARE:
            continue
        for line in broken(regime.label, 12, width - 6, lines=2, bold=True):
            canvas.text(2, y + 10, line, bold=True)
            y += 15
        y += 6
        _bar(canvas, one, before[r], "before the move", regime.label, y, (left, right))
        canvas.text(2, y + BAR / 2, "before the move", size=SMALL, ink="muted")
        y += ROW
        for a, action in enumerate(one.actions):
            if not np.nansum(joint[r, a]) > RARE:
                continue
            lines = broken(action.label, SMALL, left - 10, lines=2)
            for place, line in enumerate(lines):
                canvas.text(2, y + BAR / 2 + 12 * place, line, size=SMALL)
            _bar(canvas, one, after[r, a], f"after: {action.label}", regime.label, y, (left, right))
            said = percent(float(often[r, a]))
            canvas.text(width - 2, y + BAR / 2, said, size=SMALL, ink="muted", align="right")
            y += ROW + 8 * (len(lines) - 1)
        y += 12
    return canvas.spec(y)


def _key(canvas: Canvas, one: Revealed, width: float) -> float:
    """The types with their colours, one to a line; returns where the panels begin."""
    y = 0.0
    for t, kind in enumerate(one.types):
        token, _, _ = series(t)
        canvas.box(2, y + 2, 14, y + 14, fill=token, radius=2)
        canvas.text(20, y + 8, fit(kind.label, SMALL, width - 26), size=SMALL)
        y += 18
    return y + HEADING - 10


def _bar(
    canvas: Canvas,
    one: Revealed,
    shares: np.ndarray,
    when: str,
    regime: str,
    y: float,
    span: tuple[float, float],
) -> None:
    """One belief as a divided bar, with the first share written into it where it fits."""
    at = span[0]
    for t, (kind, share) in enumerate(zip(one.types, shares, strict=True)):
        token, _, _ = series(t)
        end = at + float(share) * (span[1] - span[0])
        if end - at > 0.5:
            says = f"{regime}, {when}: {kind.label} {percent(float(share))}"
            canvas.box(at, y, end - 1, y + BAR, fill=token, radius=1, says=says)
        if end - at > 40:
            canvas.text(
                (at + end) / 2,
                y + BAR / 2,
                percent(float(share)),
                size=SMALL,
                ink="paper",
                align="center",
            )
        at = end
