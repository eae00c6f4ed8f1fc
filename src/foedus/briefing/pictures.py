"""Which figures stand on which page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from foedus.briefing.drawing import Picture, Pictures
from foedus.briefing.material import Material
from foedus.figures.beliefs import beliefs
from foedus.figures.effect import effect
from foedus.figures.estimated import estimated
from foedus.figures.facts import facts
from foedus.figures.failure_box import failure_box
from foedus.figures.figure import Figure, NoFigure
from foedus.figures.ladder import ladder
from foedus.figures.paths import Measure, measures, paths
from foedus.figures.sensitivity import sensitivity
from foedus.figures.strategies import strategies
from foedus.figures.structure import structure
from foedus.figures.switching import switching
from foedus.figures.theme import NARROW, WIDE
from foedus.figures.tornado import tornado
from foedus.figures.verdict_board import beside_rivals, verdict_board
from foedus.figures.waterfall import waterfall
from foedus.figures.worth import worth
from foedus.findings.assessed import Assessed
from foedus.findings.portrait import Portrait

Make = Callable[[int], Figure | NoFigure]
HEADLINES = 2  # events and means on the first page, each


def pictures(material: Material) -> Pictures:
    """The pictures of each page, by the page's key: `index`, `claim NAME`, `regime NAME` ..."""
    findings, portrait = material.findings, material.portrait
    found: dict[str, list[Picture]] = {
        "structure": list(_whole([lambda width: structure(material.scenario, width=width)])),
        "certainty": list(_whole([lambda width: facts(findings, width=width)])),
        "assumptions": list(
            _whole([lambda width: estimated(material.scenario, findings, width=width)])
        ),
        "data": list(_wide([lambda width: verdict_board(findings, width=width)])),
    }
    for one in material.tested:
        found[f"claim {one.claim.name}"] = list(_halves(_of_claim(one, material)))
    if portrait is not None:
        found |= _of_play(portrait)
    return {page: group for page, group in found.items() if group}


def _of_claim(one: Assessed, material: Material) -> Iterator[Make]:
    findings, name = material.findings, one.claim.name
    yield lambda width: effect(findings, name, width=width)
    if one.finding.deciding.pivots:
        yield lambda width: sensitivity(findings, name, width=width)
    if one.finding.deciding.map is not None:
        yield lambda width: switching(findings, name, width=width)
    if one.finding.deciding.rule is not None:
        yield lambda width: failure_box(findings, name, width=width)
    if one.slopes:
        yield lambda width: tornado(findings, name, width=width)
    if one.claim.rivals:
        yield lambda width: beside_rivals(findings, name, width=width)


def _of_play(portrait: Portrait) -> dict[str, list[Picture]]:
    first, others = _headlines(portrait)
    start = portrait.starts[0]
    found = {
        "index": list(_halves(_fans(portrait, first))),
        "over time": list(_halves(_fans(portrait, others))),
        "ladder": list(
            _whole(
                lambda width, one=one: ladder(portrait, one, width=width)  # type: ignore[misc]
                for one in portrait.starts
            )
        ),
        "worth": list(
            _whole(
                lambda width, one=one: worth(portrait, one, width=width)  # type: ignore[misc]
                for one in portrait.starts
            )
        ),
        "strategies": list(
            _wide(
                lambda width, move=move: strategies(portrait, move, start, width=width)  # type: ignore[misc]
                for move in portrait.moves
            )
        ),
        "beliefs": list(
            _whole(
                lambda width, one=one: beliefs(portrait, one, start, width=width)  # type: ignore[misc]
                for one in portrait.revealed
            )
        ),
    }
    for regime in portrait.regimes[1:]:
        found[f"regime {regime.name}"] = list(
            _whole(
                [
                    lambda width, regime=regime: waterfall(  # type: ignore[misc]
                        portrait, regime, start, width=width
                    )
                ]
            )
        )
    return found


def _fans(portrait: Portrait, chosen: Iterable[Measure]) -> Iterator[Make]:
    for measure in chosen:
        yield lambda width, measure=measure: paths(portrait, measure, width=width)  # type: ignore[misc]


def _headlines(portrait: Portrait) -> tuple[list[Measure], list[Measure]]:
    """What changes over time, on the first page and on that of play: events, then means.

    Levels of the ladder are left to its own picture, unless there are no events at all.
    """
    every = measures(portrait)
    events = [one for one in every if one.reach is not None]
    events = events or [one for one in every if one.level is not None]
    means = [one for one in every if one.mean is not None]
    outer = [means[0], means[-1]] if len(means) > HEADLINES else means
    same_start = [one for one in means if one.start == portrait.starts[0]]
    if len(same_start) > 1:
        outer = [same_start[0], same_start[-1]]
    first = [*events[:HEADLINES], *outer]
    return first, [one for one in (*events, *means) if one not in first]


def _whole(makers: Iterable[Make]) -> Iterator[Picture]:
    """Pictures as wide as a column, with others for phones; none where there is nothing."""
    for make in makers:
        wide, narrow = make(WIDE), make(NARROW)
        if isinstance(wide, Figure):
            yield Picture(figure=wide, narrow=narrow if isinstance(narrow, Figure) else None)


def _wide(makers: Iterable[Make]) -> Iterator[Picture]:
    """Large pictures, which phones show in a frame that scrolls."""
    for make in makers:
        made = make(WIDE)
        if isinstance(made, Figure):
            yield Picture(figure=made)


def _halves(makers: Iterable[Make]) -> Iterator[Picture]:
    """Pictures that fit a phone, two side by side where there is room."""
    for make in makers:
        made = make(NARROW)
        if isinstance(made, Figure):
            yield Picture(figure=made, half=True)
