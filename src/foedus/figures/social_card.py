"""The card that stands for a briefing where links to it are shared: a picture of 1200 by 630."""

from __future__ import annotations

from foedus.figures.canvas import Canvas
from foedus.figures.figure import Figure, Table
from foedus.figures.lettering import broken, fit
from foedus.figures.render import as_image
from foedus.figures.theme import MARKS
from foedus.figures.verdict_board import called, counted
from foedus.findings.result import Findings
from foedus.findings.words import listing

WIDTH, HEIGHT, EDGE = 1200, 630, 64


def social_card(findings: Findings) -> bytes:
    """A PNG with the title and a square for each claim, sorted from supported to contradicted."""
    return as_image(card(findings), scale=1.0)


def card(findings: Findings) -> Figure:
    """The card as a figure; its summary is the image's alternative text."""
    counts = counted(findings)
    told = [f"{count} {word}" for word, count in counts.items()]
    total = len(findings.claims)
    claims = f"{total} claim{'s' * (total != 1)}" if total else "No claims"
    return Figure(
        name="card",
        title=findings.title,
        summary=f"{findings.title}. {claims}{': ' + listing(told) if told else ''}.",
        spec=_spec(findings),
        table=Table(columns=("verdict", "claims"), rows=tuple(counts.items())),
    )


def _spec(findings: Findings) -> dict[str, object]:
    canvas = Canvas(WIDTH)
    canvas.box(0, 0, WIDTH, HEIGHT, fill="paper")
    canvas.box(0, 0, 14, HEIGHT, fill="series-1")
    for place, line in enumerate(broken(findings.title, 50, WIDTH - 2 * EDGE, lines=3, bold=True)):
        canvas.text(EDGE, 84 + 60 * place, line, size=50, bold=True)
    total = len(findings.claims)
    words = f"{total} claim{'s' * (total != 1)} tested over {findings.plausible} plausible futures"
    canvas.text(EDGE, 286, words, size=30, ink="muted")
    _squares(canvas, findings)
    _counts(canvas, findings)
    return {**canvas.spec(HEIGHT), "padding": 0}


def _squares(canvas: Canvas, findings: Findings) -> None:
    """One square for each claim, by verdict, all on one line or two."""
    claims = [
        one
        for word in counted(findings)
        for one in findings.claims
        if one.finding.verdict.word == word
    ]
    if not claims:
        return
    lines = 1 if len(claims) <= 30 else 2
    each = -(-len(claims) // lines)
    size = min((WIDTH - 2 * EDGE) / each, 70.0)
    for place, one in enumerate(claims):
        line, column = divmod(place, each)
        x, y = EDGE + size * column, 330 + line * (size + 2)
        token = MARKS[one.finding.verdict.word][0]
        canvas.box(x, y, x + size - 4, y + size - 4, fill=token, radius=4, says=called(one))


def _counts(canvas: Canvas, findings: Findings) -> None:
    counts = counted(findings)
    room = (WIDTH - 2 * EDGE) / max(len(counts), 1)
    for place, (word, count) in enumerate(counts.items()):
        x = EDGE + room * place
        token, shape = MARKS[word]
        canvas.point(x + 12, 500, ink=token, shape=shape, size=420)
        canvas.text(x + 32, 500, str(count), size=44, ink=token, bold=True)
        canvas.text(x, 546, fit(word, 24, room - 8), size=24, ink="muted")
