"""Where a calibrated region comes from: the estimated assumptions, before and after the facts."""

from __future__ import annotations

import numpy as np

from foedus.compiler.arithmetic import ArrayAlgebra, Lookup
from foedus.figures.canvas import Canvas
from foedus.figures.figure import Figure, NoFigure, Table
from foedus.figures.lettering import fit as cut
from foedus.figures.scales import SMALL, along_x, number, ranged
from foedus.figures.theme import NARROW, WIDE
from foedus.findings.result import Findings
from foedus.findings.words import listing, percent
from foedus.scenario.formulas import evaluate
from foedus.scenario.scenario import Scenario

ROW, TOP = 34, 28
LUCK, SOURCE = "luck_", "estimate"  # what `foedus.estimation.calibrate` writes into a scenario
ENDS = (0.025, 0.5, 0.975)
LESS = 0.05  # of the width of an interval: a smaller change is none


def estimated(scenario: Scenario, findings: Findings, *, width: int = WIDE) -> Figure | NoFigure:
    """Medians and middle 95 % of every estimated assumption, before and after the facts.

    An assumption is estimated where its source is `estimate`, or where it is defined by the
    place of an estimate in its sampling distribution, as `calibrate` writes both.
    """
    drawn = _values(scenario, findings)
    if not drawn:
        return NoFigure(
            name="estimated", reason="No assumption of this scenario comes from an estimate."
        )
    counts = np.isin(findings.base.rows, findings.plausible_rows)
    rows = [
        (
            name,
            _spread(values),
            _spread(values[counts]) if findings.filters and counts.any() else None,
        )
        for name, values in drawn.items()
    ]
    narrowed = [
        name
        for name, every, left in rows
        if left is not None and left[2] - left[0] < (1 - LESS) * (every[2] - every[0])
    ]
    share = float(counts.mean())
    title = f"{len(rows)} assumption{'s come' if len(rows) > 1 else ' comes'} from an estimate"
    if findings.filters:
        title += f"; the known facts leave {percent(share)} of its draws"
        title += f" and narrow {listing(narrowed)}" if narrowed else ""
    return Figure(
        name="estimated",
        title=title,
        summary="; ".join(
            f"{name}: median {number(every[1])}, middle 95 % {number(every[0])} to "
            f"{number(every[2])}"
            for name, every, _ in rows
        )
        + ".",
        spec=_spec(rows, bool(findings.filters), width),
        table=Table(
            columns=("assumption", "low", "median", "high", "low given facts",
                     "median given facts", "high given facts"),
            rows=tuple((name, *every, *(left or (None,) * 3)) for name, every, left in rows),
        ),
        notes=(
            scenario.sources.get(SOURCE, "The file does not say which estimate."),
            "Bars are the middle 95 % of the draws, marks their medians.",
        ),
    )  # fmt: skip


def _values(scenario: Scenario, findings: Findings) -> dict[str, np.ndarray]:
    """Each estimated assumption over the draws of the base sample."""
    names = findings.samples.names
    columns = dict(zip(names, findings.base.parameters.T, strict=True))
    defines = scenario.rules(scenario.regimes[0].name).defines
    found: dict[str, np.ndarray] = {}
    for parameter in findings.samples.parameters:
        target = parameter.name.removeprefix(LUCK)
        if target != parameter.name and target in defines:
            algebra = ArrayAlgebra(Lookup(()), {}, columns)
            value = np.asarray(evaluate(defines[target], algebra), dtype=float)
            found[target] = np.broadcast_to(value, (len(findings.base.rows),))
        elif parameter.source == SOURCE and SOURCE in scenario.sources:
            found[parameter.name] = columns[parameter.name]
    return found


def _spread(values: np.ndarray) -> tuple[float, float, float]:
    low, middle, high = np.quantile(values, ENDS)
    return float(low), float(middle), float(high)


def _spec(
    rows: list[tuple[str, tuple[float, float, float], tuple[float, float, float] | None]],
    filtered: bool,
    width: int,
) -> dict[str, object]:
    narrow = width < (WIDE + NARROW) / 2
    canvas = Canvas(width)
    left, right = (104.0, 12.0) if narrow else (180.0, 150.0)
    ends = [end for _, every, _ in rows for end in every]
    x = ranged(ends, left, width - right, zero=True, pixels=8)
    bottom = TOP + ROW * len(rows)
    words = "all draws; below, those that reproduce the facts" if filtered else "all draws"
    canvas.text(2, 10, cut(words, SMALL, width - 8), size=SMALL, ink="muted")
    along_x(canvas, x, bottom, "value", top=TOP, most=3 if narrow else 6)
    canvas.rule(x.inside(0), TOP, x.inside(0), bottom, ink="ink")
    for place, (name, every, given) in enumerate(rows):
        y = TOP + ROW * (place + 0.5)
        canvas.text(2, y, cut(name, SMALL, left - 12), size=SMALL)
        shown = [(every, "muted", "circle", "all draws", y if given is None else y - 6)]
        if given is not None:
            shown.append((given, "series-1", "diamond", "given the facts", y + 6))
        for (low, middle, high), ink, shape, which, at in shown:
            canvas.rule(x.inside(low), at, x.inside(high), at, ink=ink, width=3)
            canvas.point(
                x.inside(middle), at, ink=ink, shape=shape, size=46,
                says=f"{name}, {which}: {number(middle)} ({number(low)} to {number(high)})",
            )  # fmt: skip
        if not narrow:
            low, middle, high = every if given is None else given
            label = f"{number(middle)}  ({number(low)} to {number(high)})"
            canvas.text(width - 2, y, cut(label, SMALL, right - 8), size=SMALL, ink="muted",
                        align="right")  # fmt: skip
    return canvas.spec(bottom + 38)
