"""The verdict board: all claims at a glance, each with its share, its verdict and its pivots."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from foedus.figures.canvas import Canvas
from foedus.figures.figure import Figure, NoFigure, Table, slug
from foedus.figures.lettering import broken, fit, quoted
from foedus.figures.lettering import width as measured
from foedus.figures.theme import FIRM, MARKS, NARROW, SIZES, WIDE
from foedus.findings.assessed import Assessed
from foedus.findings.result import Findings
from foedus.findings.verdict import LADDER, THRESHOLDS, Word
from foedus.findings.words import listing, percent

BODY, SMALL = SIZES["body"], SIZES["small"]
BANDS: tuple[float, ...] = (0.0, *THRESHOLDS, 1.0)
COLUMNS = (
    "claim",
    "label",
    "by",
    "verdict",
    "share",
    "share low",
    "share high",
    "draws",
    "pivots",
    "true by construction",
    "rivals",
)
HEADING = "% of plausible draws in which it holds"
ROW = 37  # pixels
PIVOTS = 3  # chips in a row
Scale = Callable[[float], float]  # a share to its place in pixels


def beside_rivals(findings: Findings, claim: str, *, width: int = WIDE) -> Figure | NoFigure:
    """A claim and its rivals, on a board of their own; what else contests these is left out."""
    one, name = findings[claim], slug("rivals", claim)
    rivals = [other for other in findings.claims if other.claim.name in one.claim.rivals]
    if not rivals:
        return NoFigure(name=name, reason=f"No other claim contests {quoted(called(one))}.")
    return verdict_board(replace(findings, claims=(one, *rivals)), width=width, name=name)


def verdict_board(
    findings: Findings, *, width: int = WIDE, name: str = "verdict-board"
) -> Figure | NoFigure:
    """Every claim with the share of plausible draws in which it holds; rivals stand together."""
    if not findings.claims:
        return NoFigure(name=name, reason="The scenario makes no claims, so there are no verdicts.")
    groups = grouped(findings.claims)
    return Figure(
        name=name,
        title=_title(findings),
        summary=_summary(findings),
        spec=_spec(groups, width),
        table=Table(columns=COLUMNS, rows=tuple(_row(one) for group in groups for one in group)),
        notes=_notes(findings),
    )


def grouped(claims: Sequence[Assessed]) -> list[list[Assessed]]:
    """The claims in order, each followed by those that rival it, every one once."""
    by_name = {one.claim.name: one for one in claims}
    seen: set[str] = set()
    groups = []
    for one in claims:
        waiting, group = [one.claim.name], []
        while waiting:
            name = waiting.pop(0)
            if name in seen or name not in by_name:
                continue
            seen.add(name)
            group.append(by_name[name])
            waiting += by_name[name].claim.rivals
        if group:
            groups.append(group)
    return groups


def called(one: Assessed) -> str:
    """What a claim is called: its label, or its name where it has none."""
    return one.claim.label or one.claim.name


def _spec(groups: Sequence[Sequence[Assessed]], width: int) -> dict[str, object]:
    narrow = width < (WIDE + NARROW) / 2
    canvas = Canvas(width)
    left = 10.0 if narrow else 0.38 * width
    right = width - (10.0 if narrow else 0.25 * width)
    top, gap = 32, 6
    heights = [sum(_height(one, narrow=narrow) for one in group) for group in groups]
    joints = sum(2 * gap for group in groups if len(group) > 1)
    below = top + sum(heights) + joints

    def at(share: float) -> float:
        return left + share * (right - left)

    canvas.text(at(0.5), 7, HEADING, size=SMALL, ink="muted", align="center")
    for share in BANDS:
        label = f"{100 * share:.0f}"
        canvas.text(at(share), top - 10, label, size=SMALL, ink="muted", align="center")
    if not narrow:
        bands(canvas, at, top, below)
    y = float(top)
    for group, height in zip(groups, heights, strict=True):
        joined = len(group) > 1
        if joined:
            y += gap
            canvas.rule(1, y + 3, 1, y + height - 3, ink="axis", width=2)
        for one in group:
            (_stacked if narrow else _beside)(canvas, one, at, y)
            y += _height(one, narrow=narrow)
        y += gap * joined
    return canvas.spec(below + 4)


def bands(canvas: Canvas, at: Scale, top: float, below: float) -> None:
    """The ground of the axis, tinted by verdict, with a line at every threshold."""
    for word, low, high in zip(LADDER, BANDS, BANDS[1:], strict=False):
        canvas.box(at(low), top, at(high), below, fill=MARKS[word][0], opacity=0.09)
    for share in BANDS:
        canvas.rule(at(share), top, at(share), below, ink="grid")


def _height(one: Assessed, *, narrow: bool) -> int:
    """The height of a claim's row."""
    if not narrow:
        return ROW
    return 26 + 18 * bool(_chips(one)) + 22 * (one.finding.verdict.share is not None)


def _beside(canvas: Canvas, one: Assessed, at: Scale, y: float) -> None:
    """On a wide page: label, axis, then the verdict with what decides it below."""
    middle, edge = y + ROW / 2, at(1.0) + 14
    lines = broken(called(one), BODY, at(0.0) - 22, lines=2)
    for number, line in enumerate(lines):
        canvas.text(9, middle + 15 * number - 7.5 * (len(lines) - 1), line)
    chips = _chips(one)
    _word(canvas, one, edge, middle - (8 if chips else 0), "left")
    _tagged(canvas, chips, edge, middle + 9)
    _share(canvas, one, at, middle)


def _stacked(canvas: Canvas, one: Assessed, at: Scale, y: float) -> None:
    """On a narrow page: label and verdict, what decides it, and the axis below."""
    canvas.text(at(0), y + 10, fit(called(one), BODY, canvas.width - 150))
    _word(canvas, one, at(1), y + 10, "right")
    chips = _chips(one)
    _tagged(canvas, chips, at(0), y + 28)
    if one.finding.verdict.share is not None:
        middle = y + (46 if chips else 28)
        bands(canvas, at, middle - 7, middle + 7)
        _share(canvas, one, at, middle)


def _word(canvas: Canvas, one: Assessed, x: float, y: float, align: str) -> None:
    verdict = one.finding.verdict
    said = verdict.word if verdict.share is None else f"{verdict.word} {percent(verdict.share)}"
    canvas.text(x, y, said, ink=MARKS[verdict.word][0], bold=True, align=align)


def _share(canvas: Canvas, one: Assessed, at: Scale, y: float) -> None:
    """The share, on its interval; nothing where there is none."""
    verdict = one.finding.verdict
    if verdict.share is None:
        return
    token, shape = MARKS[verdict.word]
    if verdict.interval:
        low, high = verdict.interval
        canvas.rule(at(low), y, at(high), y, ink=token, width=3, opacity=0.55)
    canvas.point(
        at(verdict.share),
        y,
        ink=token,
        shape=shape,
        filled=verdict.word in FIRM,
        size=80,
        says=_said(one),
    )


def _chips(one: Assessed) -> list[tuple[str, str]]:
    """What stands in tags, with the colour of its words: by construction, and the pivots."""
    chips = [("construction", "true by construction")] if one.finding.by_construction else []
    return chips + [("muted", pivot.parameter) for pivot in one.finding.deciding.pivots[:PIVOTS]]


def _tagged(canvas: Canvas, chips: Sequence[tuple[str, str]], x: float, y: float) -> None:
    """Tags side by side, as far as there is room."""
    room = canvas.width - x
    for token, words in chips:
        shown = fit(words, SMALL, min(room - 12, 150))
        needed = measured(shown, SMALL) + 12
        if needed > room or shown == "…":
            return
        canvas.box(x, y - 8, x + needed, y + 8, fill="panel", stroke="grid", radius=8)
        canvas.text(x + needed / 2, y, shown, size=SMALL, ink=token, align="center")
        x, room = x + needed + 4, room - needed - 4


def _said(one: Assessed) -> str:
    verdict = one.finding.verdict
    if verdict.share is None:
        return f"{called(one)}: {verdict.word}"
    low, high = verdict.interval or (verdict.share, verdict.share)
    return (
        f"{called(one)}: {verdict.word}, holds in {percent(verdict.share)} of "
        f"{verdict.draws} draws (95 % interval {percent(low)} to {percent(high)})"
    )


def _row(one: Assessed) -> tuple[str | float | bool | None, ...]:
    verdict, claim = one.finding.verdict, one.claim
    low, high = verdict.interval or (None, None)
    return (
        claim.name,
        claim.label,
        claim.by,
        verdict.word,
        verdict.share,
        low,
        high,
        verdict.draws,
        ", ".join(pivot.parameter for pivot in one.finding.deciding.pivots),
        one.finding.by_construction,
        ", ".join(claim.rivals),
    )


def counted(findings: Findings) -> dict[Word, int]:
    """How many claims have each verdict, supported first; those with none are left out."""
    words: tuple[Word, ...] = (*reversed(LADDER), "too few draws", "untestable")
    found = [one.finding.verdict.word for one in findings.claims]
    return {word: found.count(word) for word in words if word in found}


def _title(findings: Findings) -> str:
    total = len(findings.claims)
    counts = [_so_many(word, count) for word, count in counted(findings).items()]
    return f"Of {total} claim{'s' * (total > 1)}, {listing(counts)}"


def _so_many(word: Word, count: int) -> str:
    verb = "is" if count == 1 else "are"
    if word == "leaning":
        return f"{count} lean{'s' * (count == 1)} towards support"
    if word == "leaning against":
        return f"{count} lean{'s' * (count == 1)} against"
    if word == "too few draws":
        return f"{count} {'has' if count == 1 else 'have'} too few draws"
    return f"{count} {verb} {word}"


def _summary(findings: Findings) -> str:
    shares = [one for one in findings.claims if one.finding.verdict.share is not None]
    told = f"Share of {findings.plausible} plausible draws in which each claim holds."
    if not shares:
        return f"{told} No claim has a share."
    best = max(shares, key=lambda one: one.finding.verdict.share or 0.0)
    worst = min(shares, key=lambda one: one.finding.verdict.share or 0.0)
    first = f"The highest is {_brief(best)}"
    return f"{told} {first}." if best is worst else f"{told} {first}, the lowest {_brief(worst)}."


def _brief(one: Assessed) -> str:
    return f"{percent(one.finding.verdict.share or 0.0)} for {quoted(called(one))}"


def _notes(findings: Findings) -> tuple[str, ...]:
    notes = [
        "A share of sampled futures is not a probability: it says how much of the region of "
        "assumptions supports a claim.",
        "Bars are 95 % intervals of the share. Tags are the assumptions that decide a claim.",
    ]
    if any(len(group) > 1 for group in grouped(findings.claims)):
        notes.append("Claims joined by a line on the left contest each other.")
    return tuple(notes)
