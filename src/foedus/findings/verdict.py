"""The verdict on a claim: how much of the region supports it, how sure that is, how large it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float

from foedus.findings.draws import Draws
from foedus.findings.region import StatisticValue, reads_draws, resampled
from foedus.findings.statements import Slack, evaluate, measure, reads_outcomes, truth
from foedus.numerics.shares import near, quantile_interval, wilson
from foedus.scenario.model import Claim
from foedus.scenario.statements import (
    Arithmetic,
    Comparison,
    Statement,
    Term,
    about_region,
    walk,
)

Word = Literal[
    "supported",
    "leaning",
    "contested",
    "leaning against",
    "contradicted",
    "too few draws",
    "untestable",
]
LADDER: tuple[Word, ...] = ("contradicted", "leaning against", "contested", "leaning", "supported")
THRESHOLDS = (0.1, 0.33, 0.67, 0.9)
FEWEST = 20  # draws; with fewer no share is told from its neighbours
MIDDLE = (0.1, 0.5, 0.9)  # quantiles of an effect


@dataclass(frozen=True, kw_only=True)
class Effect:
    """The size of what is claimed, over the draws in which it is known.

    `median`, with its 95 % `interval`, and the 10 % and 90 % quantiles `low` and `high`. A
    size that is itself a number about the region is `median`, and the others are of what it
    is in resamples of the draws.
    """

    median: float
    low: float
    high: float
    interval: tuple[float, float]
    unit: str


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """How a claim fares.

    - `word`: by the share, see `word_for`.
    - `share`: of the draws in which it is known, those in which it holds; `interval` is
        Wilson's at 95 %. None without such draws.
    - `near`: the thresholds between words that the interval straddles, nearest first.
    - `draws`: how many draws the claim is about. `holds`, `reversed`, `no_difference` and
        `unknown` count them, and sum to that.
    - `direction`: the share without the margin; None for claims of equality, which are
        about nothing but the margin.
    - `resamples`: 0, or for a claim about the region how many resamples of the draws are
        counted in place of draws; `share` then is that of resamples in which it holds, and
        `interval` only says how exactly that is known. `stands`: whether it holds on the
        draws as they are. `statistics`: the numbers that it compares.
    """

    word: Word
    share: float | None = None
    interval: tuple[float, float] | None = None
    near: tuple[float, ...] = ()
    draws: int = 0
    holds: int = 0
    reversed: int = 0
    no_difference: int = 0
    unknown: int = 0
    direction: float | None = None
    effect: Effect | None = None
    resamples: int = 0
    stands: bool | None = None
    statistics: tuple[StatisticValue, ...] = ()

    @property
    def known(self) -> int:
        """What the share is a share of."""
        return self.holds + self.reversed + self.no_difference


def word_for(share: float) -> Word:
    """The word for a share: the same rule for a claim and, read backwards, for its opposite.

    >>> [word_for(share) for share in (0.9, 0.67, 0.34, 0.33, 0.1)]
    ['supported', 'leaning', 'contested', 'leaning against', 'contradicted']
    """
    if share >= 0.5:
        return LADDER[2 + (share >= THRESHOLDS[2]) + (share >= THRESHOLDS[3])]
    return LADDER[2 - (share <= THRESHOLDS[1]) - (share <= THRESHOLDS[0])]


def weigh(claim: Claim, draws: Draws, *, seed: int = 0) -> Verdict:
    """The verdict on a claim over the solved draws, without what decides it.

    `draws` are those that count: filtered by plausibility, or not. The claim's own `given`
    is applied here. `seed` is that of the resamples of claims about the region. The answer
    does not depend on the order of the draws.
    """
    if claim.holds is None:
        return Verdict(word="untestable")
    kept = relevant(claim, draws)
    if kept.size < FEWEST:
        return Verdict(word="too few draws", draws=kept.size)
    if about_region(claim.holds):
        return _over_region(claim, claim.holds, kept, seed)
    slack = measure_claim(claim.holds, kept, claim.margin)
    return _counted(
        slack,
        draws=kept.size,
        direction=_direction(claim.holds, kept),
        effect=_effect(effect_sizes(claim, kept), claim.unit),
    )


def relevant(claim: Claim, draws: Draws) -> Draws:
    """The solved draws that the claim is about, in the order of their parameters."""
    kept = draws.ordered()
    return kept if claim.given is None else kept.take(truth(claim.given, kept))


def measure_claim(statement: Statement, draws: Draws, margin: float) -> Slack:
    """By how much a statement about draws holds in each of them."""
    slack = measure(statement, draws, margin=margin)
    strict, lenient = (
        np.broadcast_to(part, (draws.size,)) for part in (slack.strict, slack.lenient)
    )
    return Slack(strict=strict, lenient=lenient)


def effect_term(claim: Claim) -> Term | None:
    """What the size of the claim is; None where it compares nothing that comes of play."""
    if claim.effect is not None or claim.holds is None:
        return claim.effect
    compared = (part for part in walk(claim.holds) if isinstance(part, Comparison))
    first = next((part for part in compared if reads_outcomes(part)), None)
    return None if first is None else Arithmetic("subtract", (first.left, first.right))


def effect_sizes(claim: Claim, draws: Draws) -> Float[np.ndarray, "draws"]:
    """The size of the claim in each draw; NaN where unknown."""
    term = effect_term(claim)
    values = np.array(np.nan) if term is None else evaluate(term, draws, margin=claim.margin)
    return np.broadcast_to(values, (draws.size,))


def _over_region(claim: Claim, statement: Statement, kept: Draws, seed: int) -> Verdict:
    term, effect = effect_term(claim), None
    if term is not None and reads_draws(term):
        effect, term = _effect(effect_sizes(claim, kept), claim.unit), None
    result = resampled(statement, term, kept, margin=claim.margin, seed=seed)
    if result.size is not None:
        low, high = result.size.range
        effect = Effect(
            median=result.size.value,
            low=low,
            high=high,
            interval=result.size.interval,
            unit=claim.unit,
        )
    return _counted(
        result.slack,
        draws=kept.size,
        effect=effect,
        resamples=result.slack.strict.size,
        stands=result.stands,
        statistics=result.statistics,
    )


def _counted(
    slack: Slack,
    *,
    draws: int,
    direction: float | None = None,
    effect: Effect | None,
    resamples: int = 0,
    stands: bool | None = None,
    statistics: tuple[StatisticValue, ...] = (),
) -> Verdict:
    """The verdict by counts; about draws alone, or about resamples of them."""
    holds, reversed_, unknown = (
        int(marks.sum()) for marks in (slack.holds, slack.reversed, slack.unknown)
    )
    known = slack.strict.size - unknown
    low, high = (float(end) for end in wilson(holds, known))
    share = holds / known if known else None
    enough = known >= FEWEST
    return Verdict(
        word=word_for(holds / known) if enough else "too few draws",
        share=share,
        interval=(low, high) if known else None,
        near=near(holds / known, THRESHOLDS, (low, high)) if enough else (),
        draws=draws,
        holds=holds,
        reversed=reversed_,
        no_difference=known - holds - reversed_,
        unknown=unknown,
        direction=direction,
        effect=effect,
        resamples=resamples,
        stands=stands,
        statistics=statistics,
    )


def _direction(statement: Statement, draws: Draws) -> float | None:
    for part in walk(statement):
        if isinstance(part, Comparison) and part.relation in ("==", "!=") and reads_outcomes(part):
            return None
    slack = measure_claim(statement, draws, 0.0)
    known = ~slack.unknown
    return float(slack.holds[known].mean()) if known.any() else None


def _effect(sizes: Float[np.ndarray, "draws"], unit: str) -> Effect | None:
    sizes = sizes[np.isfinite(sizes)]
    if not sizes.size:
        return None
    low, median, high = (float(value) for value in np.quantile(sizes, MIDDLE))
    [[start, end]] = quantile_interval(sizes, [0.5]).tolist()
    return Effect(median=median, low=low, high=high, interval=(start, end), unit=unit)
