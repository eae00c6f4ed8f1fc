"""The box of assumptions in which a claim fails, or holds where that is rarer."""

from __future__ import annotations

from foedus.figures.canvas import Canvas
from foedus.figures.figure import Figure, NoFigure, Table, slug
from foedus.figures.lettering import fit, quoted
from foedus.figures.scales import Scale, number
from foedus.figures.theme import SIZES, WIDE
from foedus.figures.verdict_board import called
from foedus.findings.result import Findings
from foedus.findings.rule import Rule
from foedus.findings.words import chance, percent
from foedus.numerics.boxes import Limit
from foedus.scenario.model import Parameter

BODY, SMALL = SIZES["body"], SIZES["small"]
ROW, TOP = 52, 6


def failure_box(findings: Findings, claim: str, *, width: int = WIDE) -> Figure | NoFigure:
    """The restricted parameters, each with its whole range and the part inside the box."""
    one, name = findings[claim], slug("box", claim)
    rule = one.finding.deciding.rule
    if rule is None:
        return NoFigure(
            name=name, reason=f"No box of assumptions sets apart where {quoted(called(one))} fails."
        )
    known = {parameter.name: parameter for parameter in findings.samples.parameters}
    found = "failures" if rule.outcome == "fails" else "cases in which it holds"
    return Figure(
        name=name,
        title=f"{rule.words[:1].upper()}{rule.words[1:].split(':')[0]}",
        summary=(
            f"A box in {len(rule.limits)} assumptions: {percent(rule.coverage)} of the {found} lie "
            f"inside, and inside {percent(rule.density)} of draws are such; "
            f"over all draws {percent(rule.base)} are."
        ),
        spec=_spec(rule, known, width),
        table=Table(
            columns=("parameter", "from", "to", "range low", "range high", "quasi p-value"),
            rows=tuple(
                (
                    limit.name,
                    limit.low,
                    limit.high,
                    *_ends(limit, known.get(limit.name)),
                    limit.p_value,
                )
                for limit in rule.limits
            ),
        ),
        digest=_digest(rule, known),
        notes=(
            f"The box holds {percent(rule.mass)} of all draws. It was found on these draws, so "
            "expect a little less on new ones.",
        ),
    )


def _digest(rule: Rule, known: dict[str, Parameter]) -> Table:
    """The same with the digits that the evidence carries."""
    return Table(
        columns=("parameter", "in the box", "whole range", "quasi p-value"),
        rows=tuple(
            (
                limit.name,
                _span(limit.low, limit.high),
                _span(*_ends(limit, known.get(limit.name))),
                chance(limit.p_value),
            )
            for limit in rule.limits
        ),
    )


def _span(low: float, high: float) -> str:
    return f"{number(low)} to {number(high)}"


def _ends(limit: Limit, parameter: Parameter | None) -> tuple[float, float]:
    if parameter is None:
        return limit.low, limit.high
    return parameter.low, parameter.high


def _spec(rule: Rule, known: dict[str, Parameter], width: int) -> dict[str, object]:
    canvas = Canvas(width)
    ink = "contradicted" if rule.outcome == "fails" else "supported"
    for place, limit in enumerate(rule.limits):
        parameter = known.get(limit.name)
        low, high = _ends(limit, parameter)
        log = parameter is not None and parameter.scale == "log"
        x = Scale(low=low, high=high, start=8, stop=width - 8, log=log)
        y = TOP + ROW * place
        means = parameter.means if parameter is not None else ""
        said = f"{limit.name}: {means}" if means else limit.name
        canvas.text(2, y + 8, fit(said, BODY, width - 8))
        canvas.box(x.start, y + 20, x.stop, y + 30, fill="grid", radius=3)
        canvas.box(
            x.inside(limit.low),
            y + 20,
            x.inside(limit.high),
            y + 30,
            fill=ink,
            radius=3,
            says=f"{limit.name} from {number(limit.low)} to {number(limit.high)}",
        )
        _numbers(canvas, x, limit, y + 40, ink)
    bottom = TOP + ROW * len(rule.limits)
    _shares(canvas, rule, bottom + 10, width, ink)
    return canvas.spec(bottom + 62)


def _numbers(canvas: Canvas, x: Scale, limit: Limit, y: float, ink: str) -> None:
    """The range's ends, and the box's limits where they lie apart from these."""
    cuts = [limit.low] * (not limit.from_start) + [limit.high] * (not limit.to_end)
    places = [x.at(cut) for cut in cuts]
    for value, align in ((x.low, "left"), (x.high, "right")):
        at = x.at(value)
        if all(abs(at - place) > 48 for place in places):
            canvas.text(at, y, number(value), size=SMALL, ink="muted", align=align)
    for cut, place in zip(cuts, places, strict=True):
        middle = min(max(place, 16), canvas.width - 16)
        canvas.text(middle, y, number(cut), size=SMALL, ink=ink, bold=True, align="center")


def _shares(canvas: Canvas, rule: Rule, y: float, width: int, ink: str) -> None:
    """How often the outcome comes inside the box and over all draws."""
    verb = "fails" if rule.outcome == "fails" else "holds"
    x = Scale(low=0, high=1, start=112, stop=width - 52)
    rows = ((f"{verb} inside", rule.density, ink), (f"{verb} anywhere", rule.base, "axis"))
    for place, (label, share, token) in enumerate(rows):
        at = y + 8 + 24 * place
        canvas.text(2, at, label, size=SMALL)
        says = f"{label}: {percent(share)}"
        canvas.box(x.at(0), at - 6, x.at(share), at + 6, fill=token, says=says)
        canvas.text(x.at(share) + 6, at, percent(share), size=SMALL, bold=True)
