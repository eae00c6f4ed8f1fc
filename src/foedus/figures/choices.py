"""What a player of a dynamic game is predicted to do in each state, with intervals."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from foedus.figures.bands import Band, draw_bands, legend
from foedus.figures.canvas import Canvas
from foedus.figures.figure import Figure, Table, Value, slug
from foedus.figures.lettering import broken
from foedus.figures.lettering import fit as cut
from foedus.figures.scales import SMALL, Scale, along_x, along_y, number
from foedus.figures.theme import NARROW, WIDE, series
from foedus.findings.words import percent

if TYPE_CHECKING:
    from foedus.estimation.dynamic_predictions import Predictions

HEIGHT, HEAD, FOOT = 170, 34, 44
ROW, APART = 20, 8
ROWS, LINES = 20, 5  # states of a ladder, and lines of a panel, that can be told apart
LEAST = 3  # values of a state variable that make it an axis


def choices(found: Predictions, player: str, *, width: int = WIDE) -> Figure:
    """Probability of each action of one player, state by state; of two actions the second.

    Against a state variable where one is a number with three values or more, a line for each
    combination of the others; else a ladder of states. The states seen most often are drawn.
    """
    table = found.table[found.table["player"] == player]
    actions = list(dict.fromkeys(table["action"]))
    shown = actions[1:] if len(actions) == 2 else actions
    axis = _axis(table)
    if axis is None:
        spec, drawn = _ladder(table, shown, width)
        unit = "states"
    else:
        spec, drawn = _panels(table, axis, player, shown, width)
        unit = "lines"
    numbers = table[["observations", "probability", "lower", "upper"]].to_numpy(dtype=float)
    rows = zip(table.index, table["action"], numbers.tolist(), strict=True)
    return Figure(
        name=slug("predicted", player),
        title=_title(table, player, shown),
        summary=_summary(found, table, player, actions),
        spec=spec,
        table=Table(
            columns=(*map(str, table.index.names), "action", "observations", "probability", "low",
                     "high"),
            rows=tuple(
                (*map(_plain, state), str(action), *map(_known, own))
                for state, action, own in rows
            ),
        ),
        notes=(*_draws(found), *_left_out(drawn, unit)),
    )  # fmt: skip


def _title(table: pd.DataFrame, player: str, actions: list[str]) -> str:
    by_action = table.groupby("action")["probability"]
    spread = {action: (by_action.min()[action], by_action.max()[action]) for action in actions}
    most = max(actions, key=lambda action: spread[action][1] - spread[action][0])
    low, high = map(percent, spread[most])
    if low == high:
        return f"{player}={most} is {low} likely in every state"
    return f"{player}={most} is {low} to {high} likely, depending on the state"


def _summary(found: Predictions, table: pd.DataFrame, player: str, actions: list[str]) -> str:
    level = f"{found.level:.0%}".replace("%", " %")
    parts = []
    for action in actions:
        own = table[table["action"] == action]
        ends = (own.iloc[int(own["probability"].argmin())],
                own.iloc[int(own["probability"].argmax())])  # fmt: skip
        said = " and ".join(
            f"{_says(*_span(row))} where {_state(own.index.names, row.name)}" for row in ends
        )
        parts.append(f"{action}: between {said}")
    return (
        f"Choice probabilities of {player} in {table.index.nunique()} states, with {level} "
        f"intervals. {'; '.join(parts)}."
    )


def _draws(found: Predictions) -> list[str]:
    level = f"{found.level:.0%}".replace("%", " %")
    notes = [
        f"Intervals are {level} percentiles over {found.draws:,} draws from the estimates' "
        "sampling distribution, the equilibrium followed to each."
    ]
    if found.ended:
        notes.append(
            f"In {found.ended:,} of {found.draws:,} draws this equilibrium ended on the way; the "
            "intervals leave them out, so that they may be too narrow."
        )
    return notes


def _left_out(drawn: tuple[int, int], unit: str) -> list[str]:
    some, every = drawn
    if some == every:
        return []
    return [f"Drawn are the {some} of {every} {unit} seen most often; the table has all states."]


def _axis(table: pd.DataFrame) -> str | None:
    """The state variable that is a number with the most values, if those are enough."""
    index = table.index.to_frame(index=False)
    sizes = {
        str(name): index[name].nunique()
        for name in index.columns
        if pd.api.types.is_numeric_dtype(index[name])
        and not pd.api.types.is_bool_dtype(index[name])
    }
    best = max(sizes, key=lambda name: sizes[name], default=None)
    return best if best is not None and sizes[best] >= LEAST else None


def _panels(
    table: pd.DataFrame, axis: str, player: str, actions: list[str], width: int
) -> tuple[dict[str, object], tuple[int, int]]:
    """One panel for each action, one line for each combination of the other state variables."""
    others = [str(name) for name in table.index.names if name != axis]
    frame = table.reset_index()
    frame["line"] = (
        frame[others].map(_short).agg(", ".join, axis=1) if others else pd.Series("", frame.index)
    )
    seen = frame.groupby("line", sort=False)["observations"].sum()
    most = set(seen.sort_values(ascending=False, kind="stable").index[:LINES])
    lines = [line for line in seen.index if line in most]
    canvas, y0 = Canvas(width), 4.0
    if others:
        words = f"Lines: {', '.join(others)}"
        for text in broken(words, SMALL, width - 8, lines=4):
            canvas.text(2, y0 + 6, text, size=SMALL, ink="muted")
            y0 += 14
        y0 = legend(canvas, list(enumerate(lines)), y0 + 8)
    values = sorted(frame[axis].unique())
    top = float(frame[frame["line"].isin(lines) & frame["action"].isin(actions)]["upper"].max())
    upper = min(1.0, 1.08 * top) if math.isfinite(top) else 1.0
    for action in actions:
        y = Scale(low=0, high=max(upper, 0.02), start=y0 + HEAD + HEIGHT, stop=y0 + HEAD)
        x = Scale(low=float(values[0]), high=float(values[-1]), start=42.0, stop=width - 14.0)
        words = cut(f"{player}={action}", 12, width - 8, bold=True)
        canvas.text(2, y0 + 12, words, bold=True)
        along_y(canvas, y, x.start, right=x.stop, percent=True)
        ticks = values if len(values) <= 6 else None
        along_x(canvas, x, y.start, cut(axis, SMALL, width - 8), top=y.stop, ticks=ticks)
        bands = [_band(frame, k, line, action, axis) for k, line in enumerate(lines)]
        draw_bands(canvas, x, y, bands, _saying(axis, others, f"{player}={action}"))
        y0 += HEAD + HEIGHT + FOOT
    return canvas.spec(y0), (len(lines), len(seen))


def _band(frame: pd.DataFrame, place: int, line: str, action: str, axis: str) -> Band:
    own = frame[(frame["line"] == line) & (frame["action"] == action)].sort_values(axis)
    spans = own[["probability", "lower", "upper"]].itertuples(index=False, name=None)
    return Band(place=place, label=line, over=tuple(map(float, own[axis])), spans=tuple(spans))


def _saying(axis: str, others: list[str], choice: str) -> Any:
    def says(band: Band, at: int) -> str:
        state = f"{axis} {number(band.over[at])}"
        if others:
            state += f", {', '.join(others)} {band.label}"
        return f"{choice}, {state}: {_says(*band.spans[at])}"

    return says


def _ladder(
    table: pd.DataFrame, actions: list[str], width: int
) -> tuple[dict[str, object], tuple[int, int]]:
    """A row for each state, a mark with its interval for each action."""
    narrow = width < (WIDE + NARROW) / 2
    names = list(map(str, table.index.names))
    seen = dict(zip(table.index, table["observations"], strict=True))
    states = list(seen)
    most = set(sorted(states, key=lambda state: -seen[state])[:ROWS])
    kept = [state for state in states if state in most]
    canvas = Canvas(width)
    top = legend(canvas, list(enumerate(actions))) + 18
    left, right = (120.0, 14.0) if narrow else (220.0, 14.0)
    row = ROW + APART * (len(actions) - 1)
    bottom = top + row * len(kept)
    canvas.text(2, top - 10, cut(", ".join(names), SMALL, left - 8), size=SMALL, ink="muted")
    x = Scale(low=0.0, high=1.0, start=left, stop=width - right - 14)
    along_x(canvas, x, bottom, "probability", top=top, percent=True)
    for place, state in enumerate(kept):
        middle = top + row * (place + 0.5)
        label = ", ".join(map(_short, state))
        canvas.text(2, middle, cut(label, SMALL, left - 12), size=SMALL)
        own = table[[one == state for one in table.index]]
        for k, action in enumerate(actions):
            span = _span(own[own["action"] == action].iloc[0])
            ink, _, shape = series(k)
            y = middle + APART * (k - (len(actions) - 1) / 2)
            if all(map(math.isfinite, span)):
                canvas.rule(x.inside(span[1]), y, x.inside(span[2]), y, ink=ink, width=2)
            canvas.point(x.inside(span[0]), y, ink=ink, shape=shape, size=40,
                         says=f"{action}, {_state(names, state)}: {_says(*span)}")  # fmt: skip
    return canvas.spec(bottom + 38), (len(kept), len(states))


def _span(row: Any) -> tuple[float, float, float]:
    return float(row["probability"]), float(row["lower"]), float(row["upper"])


def _says(middle: float, low: float, high: float) -> str:
    if not (math.isfinite(low) and math.isfinite(high)):
        return f"{percent(middle)} (no interval)"
    return f"{percent(middle)} ({percent(low)} to {percent(high)})"


def _state(names: Any, state: Any) -> str:
    values = state if isinstance(state, tuple) else (state,)
    return ", ".join(f"{name} {_short(value)}" for name, value in zip(names, values, strict=True))


def _short(value: Any) -> str:
    plain = _plain(value)
    numeric = isinstance(plain, int | float) and not isinstance(plain, bool)
    return number(float(plain)) if numeric else str(plain)  # type: ignore[arg-type]


def _plain(value: Any) -> Value:
    plain = value.item() if hasattr(value, "item") else value
    return plain if isinstance(plain, str | float | int | bool) else str(plain)


def _known(value: float) -> Value:
    return float(value) if math.isfinite(value) else None
