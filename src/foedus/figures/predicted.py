"""Predicted probabilities of outcomes against a covariate, with bands of the estimates' error."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from foedus.figures.bands import Band, draw_bands, legend
from foedus.figures.canvas import Canvas
from foedus.figures.figure import Figure, NoFigure, Table, Value, slug
from foedus.figures.lettering import fit as cut
from foedus.figures.scales import SMALL, Scale, along_x, along_y, number
from foedus.figures.theme import WIDE, series
from foedus.findings.words import percent

if TYPE_CHECKING:
    from foedus.estimation.effects import Effects

HEIGHT = 190
HARDLY = 0.005  # a change in probability that nobody would call one
NEARLY = 0.8  # an outcome at least so likely throughout would press the others to the floor


def predicted(effects: Effects, *, width: int = WIDE) -> Figure | NoFigure:
    """Probability of each outcome as one covariate changes and the others stay.

    Lines with bands for a number, marks with intervals for the levels of anything else.
    """
    name = slug("predicted", *effects.most, *effects.changed)
    if len(effects.changed) != 1:
        return NoFigure(
            name=name,
            reason=f"{' and '.join(effects.changed)} change together; a picture shows one at a "
            "time.",
        )
    (covariate,) = effects.changed
    table = effects.table
    values = list(dict.fromkeys(table[covariate]))
    if len(values) < 2:
        return NoFigure(name=name, reason=f"{covariate} has one value, so nothing changes.")
    outcomes = [str(o) for o in dict.fromkeys(table["outcome"])]
    return Figure(
        name=name,
        title=_title(effects, covariate, values, [o for _, o in _drawn(effects, outcomes)]),
        summary=_summary(effects, covariate, values, outcomes),
        spec=_spec(effects, covariate, values, outcomes, width),
        table=Table(
            columns=(covariate, "outcome", effects.column, "low", "high"),
            rows=tuple(
                (_plain(v), str(o), float(p), float(low), float(high))
                for v, o, p, low, high in table[
                    [covariate, "outcome", effects.column, "lower", "upper"]
                ].itertuples(index=False)
            ),
        ),
        notes=_notes(effects, set(outcomes) - {o for _, o in _drawn(effects, outcomes)}),
    )


def _drawn(effects: Effects, outcomes: list[str]) -> list[tuple[int, str]]:
    """The outcomes of the picture, with their places in the legend of all.

    One that is nearly certain throughout is left to the words and the table, where that lets the
    scale fit the others.
    """
    table = effects.table
    for outcome in outcomes if len(outcomes) > 2 and not effects.most else ():
        own, others = table[table["outcome"] == outcome], table[table["outcome"] != outcome]
        if own["probability"].min() >= NEARLY and others["upper"].max() <= 0.5:
            return [(k, o) for k, o in enumerate(outcomes) if o != outcome]
    return list(enumerate(outcomes))


def _title(effects: Effects, covariate: str, values: list[Any], outcomes: list[str]) -> str:
    say = _said(effects)
    first, last = (_at(effects, covariate, value) for value in (values[0], values[-1]))
    if not _numeric(values):
        wide = {o: _spread(effects, o) for o in outcomes}
        most = max(outcomes, key=lambda o: wide[o][1] - wide[o][0])
        low, high = wide[most]
        if _hardly(effects, low, high):
            return f"{covariate} hardly changes {_nothing(effects)}"
        if effects.most:
            return f"By {covariate}, {_mean(most)} is {say(low)} to {say(high)}"
        return f"By {covariate}, {most} is {say(low)} to {say(high)} likely"
    most = max(outcomes, key=lambda o: abs(last[o] - first[o]))
    span = f"from {number(float(values[0]))} to {number(float(values[-1]))}"
    if _hardly(effects, first[most], last[most]):
        return f"{covariate} {span} hardly changes {_nothing(effects)}"
    what = _mean(most) if effects.most else f"the chance of {most}"
    return f"As {covariate} goes {span}, {what} goes from {say(first[most])} to {say(last[most])}"


def _nothing(effects: Effects) -> str:
    return _mean(*effects.most) if effects.most else "how likely any outcome is"


def _mean(quantity: str) -> str:
    return "the chance of acceptance" if quantity == "acceptance" else f"the expected {quantity}"


def _said(effects: Effects) -> Callable[[float], str]:
    """How what is predicted is written: as a share, or a number where it can be above 1."""
    return _chance if _whole(effects) == 1.0 else number


def _whole(effects: Effects) -> float:
    """The most that anything predicted can be."""
    return max(effects.most.values(), default=1.0)


def _hardly(effects: Effects, one: float, other: float) -> bool:
    """Whether two predictions are alike: hardly apart, and of chances neither twice the other."""
    low, high = sorted((one, other))
    apart = high - low >= HARDLY * _whole(effects)
    return not apart and (bool(effects.most) or high < 0.001 or high < 2.0 * low)


def _summary(effects: Effects, covariate: str, values: list[Any], outcomes: list[str]) -> str:
    table = effects.table
    parts = []
    for outcome in outcomes:
        own = table[table["outcome"] == outcome]
        ends = [own[own[covariate] == value].iloc[0] for value in (values[0], values[-1])]
        said = " to ".join(_says(effects, r[effects.column], r["lower"], r["upper"]) for r in ends)
        parts.append(f"{outcome}: {said}")
    shown = [number(float(v)) if _numeric(values) else str(v) for v in (values[0], values[-1])]
    level = f"{effects.level:.0%}".replace("%", " %")
    what = "Expectation" if effects.most else "Probability of each outcome"
    return (
        f"{what} with {covariate} from {shown[0]} to {shown[1]}, with {level} "
        f"intervals: {'; '.join(parts)}."
    )


def _notes(effects: Effects, hidden: set[str]) -> tuple[str, ...]:
    level = f"{effects.level:.0%}".replace("%", " %")
    held = dict(effects.held)
    if held and all(value == "as observed" for value in held.values()):
        others = "Averaged over the rows as they are."
    elif held:
        said = ", ".join(
            f"{name} {number(v) if isinstance(v, int | float) else v}" for name, v in held.items()
        )
        others = f"Other covariates at typical values: {said}."
    else:
        others = "There are no other covariates."
    said = f"Bands are {level} percentiles over draws from the estimates' sampling distribution."
    if effects.lost:
        said += f" In {percent(effects.lost)} of them no equilibrium was found; they are left out."
    rest = tuple(
        f"{outcome} is {percent(_spread(effects, outcome)[0])} likely or more throughout; it "
        "is in the table, and left out of the picture so that the others can be seen."
        for outcome in sorted(hidden)
    )
    return *rest, said, others


def _spec(
    effects: Effects, covariate: str, values: list[Any], outcomes: list[str], width: int
) -> dict[str, object]:
    canvas, shown = Canvas(width), _drawn(effects, outcomes)
    top, whole = legend(canvas, shown), _whole(effects)
    ends = effects.table["upper"][effects.table["outcome"].isin([o for _, o in shown])]
    upper = max(min(whole, 1.08 * float(ends.max())), 0.002 * whole)
    y = Scale(low=0.0, high=upper, start=top + HEIGHT, stop=top)
    left, right = 42.0, width - 14.0
    along_y(canvas, y, left, right=right, percent=_said(effects) is _chance)
    draw = _bands if _numeric(values) else _marks
    draw(canvas, effects, covariate, values, shown, left, right, y)
    return canvas.spec(top + HEIGHT + 38)


def _bands(
    canvas: Canvas, effects: Effects, covariate: str, values: list[Any],
    outcomes: list[tuple[int, str]], left: float, right: float, y: Scale,
) -> None:  # fmt: skip
    x = Scale(low=float(min(values)), high=float(max(values)), start=left, stop=right)
    along_x(canvas, x, y.start, cut(covariate, SMALL, canvas.width - 8), top=y.stop)
    bands = []
    for place, outcome in outcomes:
        own = effects.table[effects.table["outcome"] == outcome]
        spans = own[[effects.column, "lower", "upper"]].itertuples(index=False, name=None)
        bands.append(Band(place=place, label=outcome, over=tuple(map(float, own[covariate])),
                          spans=tuple(spans)))  # fmt: skip
    draw_bands(
        canvas, x, y, bands,
        lambda band, at: f"{band.label}, {covariate} {number(band.over[at])}: "
        f"{_says(effects, *band.spans[at])}",
    )  # fmt: skip


def _marks(
    canvas: Canvas, effects: Effects, covariate: str, values: list[Any],
    outcomes: list[tuple[int, str]], left: float, right: float, y: Scale,
) -> None:  # fmt: skip
    room = (right - left) / len(values)
    apart = min(22.0, 0.8 * room / max(len(outcomes), 1))
    canvas.rule(left, y.start, right, y.start)
    for k, value in enumerate(values):
        middle = left + room * (k + 0.5)
        label = cut(str(value), SMALL, room - 4)
        canvas.text(middle, y.start + 12, label, size=SMALL, ink="muted", align="center")
        own = effects.table[effects.table[covariate] == value]
        for side, (place, outcome) in enumerate(outcomes):
            row = own[own["outcome"] == outcome].iloc[0]
            ink, _, shape = series(place)
            at = middle + apart * (side - (len(outcomes) - 1) / 2)
            canvas.rule(at, y.inside(row["lower"]), at, y.inside(row["upper"]), ink=ink, width=2)
            said = _says(effects, row[effects.column], row["lower"], row["upper"])
            canvas.point(at, y.inside(row[effects.column]), ink=ink, shape=shape, size=46,
                         says=f"{outcome}, {covariate} {value}: {said}")  # fmt: skip
    title = cut(covariate, SMALL, canvas.width - 8)
    canvas.text((left + right) / 2, y.start + 28, title, size=SMALL, ink="muted", align="center")


def _says(effects: Effects, middle: float, low: float, high: float) -> str:
    say = _said(effects)
    return f"{say(middle)} ({say(low)} to {say(high)})"


def _chance(share: float) -> str:
    """In whole per cent; what is rare to two digits, since rare events are what many study."""
    if not 1e-5 <= share < 0.01:
        return percent(share)
    return f"{float(f'{100 * share:.2g}'):g} %"


def _at(effects: Effects, covariate: str, value: Any) -> dict[str, float]:
    own = effects.table[effects.table[covariate] == value]
    return {str(o): float(p) for o, p in zip(own["outcome"], own[effects.column], strict=True)}


def _spread(effects: Effects, outcome: str) -> tuple[float, float]:
    own = effects.table[effects.table["outcome"] == outcome][effects.column]
    return float(own.min()), float(own.max())


def _numeric(values: list[Any]) -> bool:
    return all(isinstance(v, int | float) and not isinstance(v, bool) for v in map(_plain, values))


def _plain(value: Any) -> Value:
    plain = value.item() if hasattr(value, "item") else value
    return plain if isinstance(plain, str | float | int | bool) else str(plain)
