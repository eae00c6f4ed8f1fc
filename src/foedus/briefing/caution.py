"""What a finding does not say, claim by claim."""

from __future__ import annotations

from collections.abc import Iterator

from foedus.briefing.material import Material
from foedus.briefing.settings import in_words
from foedus.briefing.wording import counted, number, share
from foedus.findings.assessed import Assessed
from foedus.findings.words import listing

APART = 0.1  # of draws: from here on the sign and the size of an effect are told apart


def not_said(one: Assessed, material: Material) -> tuple[str, ...]:
    """The limits of a finding in sentences, the author's own note first."""
    return tuple(_limits(one, material))


def _limits(one: Assessed, material: Material) -> Iterator[str]:
    claim, finding = one.claim, one.finding
    if claim.note:
        yield claim.note
    if claim.holds is None:
        yield "Nothing is said for or against it: a question that cannot be asked has no answer."
        return
    yield (
        "It is no forecast. The share is of draws that explore the ranges of the assumptions; "
        "nobody holds these ranges as beliefs, so it is not a probability."
    )
    verdict, deciding = finding.verdict, finding.deciding
    if finding.by_construction:
        yield (
            "It is no news about the world: the rules of the model make it so, whatever the "
            "assumptions. Whoever doubts it has to doubt the rules."
        )
    if verdict.near:
        thresholds = listing([share(threshold) for threshold in verdict.near])
        yield f"The word is not sharp: with other draws the share may fall beyond {thresholds}."
    sign, beyond = verdict.direction, verdict.share
    if sign is not None and beyond is not None and sign - beyond > APART:
        yield (
            f"Often it is right in direction and small in size: the sign is as claimed in "
            f"{share(sign)} of draws, the difference beyond {number(claim.margin)} in "
            f"{share(beyond)}."
        )
    if verdict.unknown and not verdict.resamples:
        yield (
            f"In {counted(verdict.unknown, 'draw')} the question does not arise, and nothing is "
            "said about them."
        )
    if one.moved:
        said = listing([f"“{in_words(setting, material)}”" for setting in one.moved])
        yield f"It does not hold whatever the model: the verdict is another under {said}."
    if not verdict.resamples and deciding.outcome == "holds" and not deciding.pivots:
        yield "It does not hinge on one assumption alone: no single one tells where it holds."
    yield "It says nothing beyond the declared ranges, nor about what the scenario leaves out."
