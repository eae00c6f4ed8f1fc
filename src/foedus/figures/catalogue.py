"""All figures there are: of an assessment, of one claim, of one regime, and of play."""

from __future__ import annotations

from collections.abc import Sequence

from foedus.figures.effect import effect
from foedus.figures.facts import facts
from foedus.figures.failure_box import failure_box
from foedus.figures.figure import Figure, NoFigure
from foedus.figures.ladder import ladder
from foedus.figures.paths import measures, paths
from foedus.figures.robustness import robustness
from foedus.figures.sensitivity import sensitivity
from foedus.figures.strategies import strategies
from foedus.figures.structure import structure
from foedus.figures.switching import switching
from foedus.figures.theme import WIDE
from foedus.figures.tornado import tornado
from foedus.figures.verdict_board import beside_rivals, verdict_board
from foedus.figures.waterfall import waterfall
from foedus.figures.worth import worth
from foedus.findings.portrait import Named, Portrait
from foedus.findings.result import Findings
from foedus.scenario.scenario import Scenario

Figures = tuple[Figure | NoFigure, ...]
OF_A_CLAIM = (effect, sensitivity, switching, failure_box, robustness, tornado, beside_rivals)


def of_findings(scenario: Scenario, findings: Findings, *, width: int = WIDE) -> Figures:
    """The verdict board, the facts, and the structure of the game."""
    return (
        verdict_board(findings, width=width),
        facts(findings, width=width),
        structure(scenario, width=width),
    )


def of_claim(findings: Findings, claim: str, *, width: int = WIDE) -> Figures:
    """Everything about one claim. Raises `KeyError` for a claim that was not assessed."""
    return tuple(draw(findings, claim, width=width) for draw in OF_A_CLAIM)


def of_play(portrait: Portrait, *, width: int = WIDE) -> Figures:
    """Regimes side by side: everything over time, ladders, worth, and who does what where."""
    return (
        *(paths(portrait, measure, width=width) for measure in measures(portrait)),
        *(ladder(portrait, start, width=width) for start in portrait.starts),
        *(worth(portrait, start, width=width) for start in portrait.starts),
        *(
            strategies(portrait, move, start, width=width)
            for start in portrait.starts
            for move in portrait.moves
        ),
    )


def of_regime(portrait: Portrait, regime: Named, *, width: int = WIDE) -> Figures:
    """Payoffs by part under one regime against the first, from each start."""
    return tuple(waterfall(portrait, regime, start, width=width) for start in portrait.starts)


def drawn(figures: Sequence[Figure | NoFigure]) -> tuple[Figure, ...]:
    """Those of the figures that there is something to draw of."""
    return tuple(figure for figure in figures if isinstance(figure, Figure))
