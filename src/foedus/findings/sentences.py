"""A finding in one sentence: verbs by strength of evidence, and no false precision."""

from __future__ import annotations

from foedus.findings.ablation import CONSTRUCTED, Construction
from foedus.findings.deciding import Deciding, Pivot
from foedus.findings.verdict import Effect, Verdict, Word
from foedus.findings.words import figure, listing, percent
from foedus.scenario.model import Claim

VERBS: dict[Word, str] = {
    "supported": "Holds nearly throughout",
    "leaning": "Tends to hold",
    "contested": "Is contested",
    "leaning against": "Tends not to hold",
    "contradicted": "Fails nearly throughout",
}


def sentence(
    claim: Claim,
    verdict: Verdict,
    deciding: Deciding,
    construction: Construction | None,
) -> str:
    """The finding in words: how often, how large, on what it turns, and what makes it.

    Nothing is called a probability: shares are of the draws, which explore ranges.
    """
    if verdict.word == "untestable":
        return f"Cannot be tested here: {claim.untestable.rstrip('.')}."
    if verdict.word == "too few draws" or verdict.share is None:
        if verdict.unknown and not verdict.resamples:
            arises = f"only {verdict.known} of the {verdict.draws} draws that count"
            return f"Cannot be said: the question arises in {arises}."
        return f"Too few draws to say: {verdict.draws} count."
    parts = [
        f"{VERBS[verdict.word]}: {_how_often(verdict, verdict.share)}",
        _how_large(verdict.effect) if not verdict.resamples else "",
        _turns_on(verdict, deciding) if not verdict.resamples else "",
        _made_by(construction) if construction is not None else "",
    ]
    return "; ".join(part for part in parts if part) + "."


def _how_often(verdict: Verdict, share: float) -> str:
    if verdict.resamples:
        stands = "holds" if verdict.stands else "does not hold"
        often = {0.0: "none", 1.0: "all"}.get(share, percent(share))
        return (
            f"it {stands} over the {verdict.draws} draws that count, and it holds in {often} of "
            f"{verdict.resamples} resamples of them"
        )
    count = f"the {verdict.known} draws that count"
    if share in (0.0, 1.0):
        often = f"in {'all' if share else 'none'} of {count}"
    else:
        often = f"in about {percent(share)} of {count}"
    if verdict.near:
        often += f", near the threshold of {percent(verdict.near[0])}"
    if verdict.unknown:
        often += f" ({verdict.unknown} more cannot say)"
    return often


def _how_large(effect: Effect | None) -> str:
    if effect is None:
        return ""
    unit = f" {effect.unit}" if effect.unit else ""
    return (
        f"the median effect is {figure(effect.median)}{unit}, "
        f"and {figure(effect.low)} to {figure(effect.high)} in the middle 80 % of draws"
    )


def _turns_on(verdict: Verdict, deciding: Deciding) -> str:
    if deciding.outcome == "nothing":
        return ""
    if deciding.outcome == "effect":
        turned = verdict.share not in (0.0, 1.0)
        names = listing([pivot.parameter for pivot in deciding.pivots[:3]])
        return ("hardly anything" if turned else "nothing") + (
            f" in the region turns it, and its size depends on {names}"
            if names
            else " in the region turns it"
        )
    if not deciding.pivots:
        return "no single assumption decides it"
    first, *others = deciding.pivots[:3]
    also = f", and on {listing([pivot.parameter for pivot in others])}" if others else ""
    return f"it turns on {first.parameter}{_where(first)}{also}"


def _where(pivot: Pivot) -> str:
    if pivot.split is None:
        return ""
    below, above = percent(pivot.split.share_below), percent(pivot.split.share_above)
    return f" (holds in {below} below {figure(pivot.split.at)}, {above} above)"


def _made_by(construction: Construction) -> str:
    if construction.identical:
        return "both sides are the same number in every draw, so the rules alone decide it"
    for kind in CONSTRUCTED:
        if made := construction.of(kind):
            return f"it is {kind} through {listing(made)}"
    if rests := construction.of("rests on it"):
        return f"it rests on {listing(rests)}"
    return ""
