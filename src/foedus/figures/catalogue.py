"""All figures there are: of an assessment, a claim, a regime, of play, and of an estimate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from foedus.figures.beliefs import beliefs
from foedus.figures.choices import choices
from foedus.figures.coefficients import coefficients
from foedus.figures.effect import effect
from foedus.figures.estimated import estimated
from foedus.figures.facts import facts
from foedus.figures.failure_box import failure_box
from foedus.figures.figure import Figure, NoFigure
from foedus.figures.ladder import ladder
from foedus.figures.observed import observed
from foedus.figures.offers import offers
from foedus.figures.optima import optima
from foedus.figures.paths import measures, paths
from foedus.figures.predicted import predicted
from foedus.figures.profile import profile
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

if TYPE_CHECKING:
    from foedus.estimation.bootstrap import Bootstrap
    from foedus.estimation.dynamic_fit import DynamicFit
    from foedus.estimation.dynamic_predictions import Predictions
    from foedus.estimation.effects import Effects
    from foedus.estimation.fit import Fit
    from foedus.estimation.goodness import Goodness
    from foedus.estimation.profile import Profile
    from foedus.estimation.ultimatum_goodness import Offers

Figures = tuple[Figure | NoFigure, ...]
OF_A_CLAIM = (effect, sensitivity, switching, failure_box, robustness, tornado, beside_rivals)


def of_findings(scenario: Scenario, findings: Findings, *, width: int = WIDE) -> Figures:
    """The verdict board, the facts, the structure of the game, and estimated assumptions."""
    return (
        verdict_board(findings, width=width),
        facts(findings, width=width),
        structure(scenario, width=width),
        estimated(scenario, findings, width=width),
    )


def of_claim(findings: Findings, claim: str, *, width: int = WIDE) -> Figures:
    """Everything about one claim. Raises `KeyError` for a claim that was not assessed."""
    return tuple(draw(findings, claim, width=width) for draw in OF_A_CLAIM)


def of_play(portrait: Portrait, *, width: int = WIDE) -> Figures:
    """Regimes side by side: all over time, ladders, worth, who does what where, what it tells."""
    return (
        *(paths(portrait, measure, width=width) for measure in measures(portrait)),
        *(ladder(portrait, start, width=width) for start in portrait.starts),
        *(worth(portrait, start, width=width) for start in portrait.starts),
        *(
            strategies(portrait, move, start, width=width)
            for start in portrait.starts
            for move in portrait.moves
        ),
        *(
            beliefs(portrait, one, start, width=width)
            for start in portrait.starts
            for one in portrait.revealed
        ),
    )


def of_regime(portrait: Portrait, regime: Named, *, width: int = WIDE) -> Figures:
    """Payoffs by part under one regime against the first, from each start."""
    return tuple(waterfall(portrait, regime, start, width=width) for start in portrait.starts)


def of_estimate(
    fit: Fit | DynamicFit,
    *,
    resampled: Bootstrap | None = None,
    effects: Sequence[Effects] = (),
    predictions: Predictions | None = None,
    made: Offers | None = None,
    goodness: Goodness | None = None,
    profiles: Sequence[Profile] = (),
    width: int = WIDE,
) -> Figures:
    """Coefficients, predictions by covariate or state, goodness of fit, profiles, optima found.

    `effects` are those of `fit.effects`, `predictions` those of a dynamic fit's `predict`,
    `made` those of `offers`, `profiles` those of `fit.profile`; nothing is computed here.
    """
    normal = fit.conf_int(cov_type="nonrobust")  # a profile rests on the likelihood alone
    return (
        coefficients(fit, resampled, width=width),
        *(predicted(part, width=width) for one in effects for part in one.apart()),
        *(
            ()
            if predictions is None
            else (choices(predictions, player, width=width) for player in predictions.players)
        ),
        *(() if made is None else (offers(made, width=width),)),
        *(() if goodness is None else (observed(goodness, width=width),)),
        *(
            profile(one, normal=(normal.lower[one.name], normal.upper[one.name]), width=width)
            for one in profiles
        ),
        optima(fit, width=width),
    )


def drawn(figures: Sequence[Figure | NoFigure]) -> tuple[Figure, ...]:
    """Those of the figures that there is something to draw of."""
    return tuple(figure for figure in figures if isinstance(figure, Figure))
