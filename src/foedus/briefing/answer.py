"""The answer in three sentences, and the assumptions that decide most of it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from foedus.briefing.material import Material
from foedus.briefing.verdicts import tallies
from foedus.briefing.wording import counted, plain
from foedus.findings.verdict import Word
from foedus.findings.words import listing

SAYS: dict[Word, tuple[str, str]] = {
    "supported": ("holds nearly throughout", "hold nearly throughout"),
    "leaning": ("tends to hold", "tend to hold"),
    "contested": ("is contested", "are contested"),
    "leaning against": ("tends not to hold", "tend not to hold"),
    "contradicted": ("fails nearly throughout", "fail nearly throughout"),
    "too few draws": ("cannot be said", "cannot be said"),
}


@dataclass(frozen=True, kw_only=True)
class Decider:
    """A parameter and the claims that it decides, the strongest hold first."""

    parameter: str
    means: str
    claims: tuple[str, ...]
    weight: float


def sentences(material: Material) -> tuple[str, ...]:
    """What was found, what it hinges on, and how sure it is: one sentence each."""
    if not material.findings.claims:
        return ("The scenario states no claims, so there is nothing to give a verdict on.",)
    if not material.tested:
        return ("None of the scenario's claims can be tested in it.",)
    return (_found(material), _hinges(material), _sure(material))


def _found(material: Material) -> str:
    parts = []
    for tally in tallies(material.tested):
        count = len(tally.claims)
        parts.append(f"{count} {SAYS[tally.word][count != 1]}")
    total = counted(len(material.tested), "claim")
    if len(material.tested) == 1:
        [tally] = tallies(material.tested)
        return f"The one claim that can be tested {SAYS[tally.word][0]} over the assumptions."
    return f"Of {total} tested over the whole range of the assumptions, {listing(parts)}."


def _hinges(material: Material) -> str:
    found = deciders(material)
    if not found:
        return "No single assumption decides any of them."
    first, *others = found[:3]
    words = (
        f"{_named(first)}, which decides or helps to decide {counted(len(first.claims), 'claim')}"
    )
    if others:
        verb = "come" if len(others) > 1 else "comes"
        words += f"; next {verb} {listing([_named(other) for other in others])}"
    return f"The most hinges on {words}."


def _named(decider: Decider) -> str:
    means = plain(decider.means).rstrip(".")
    short = means if 0 < len(means) <= 60 else ""
    return f"{decider.parameter} ({short})" if short else decider.parameter


def _sure(material: Material) -> str:
    findings = material.findings
    if findings.little_evidence:
        return (
            f"Only {counted(findings.plausible, 'draw')} of {findings.draws:,} reproduce the known "
            "facts, too few for a verdict."
        )
    moved = sum(bool(one.moved) for one in material.tested)
    near = sum(bool(one.finding.verdict.near) for one in material.tested)
    basis = f"{findings.plausible:,} of {findings.draws:,} draws"
    basis += " reproduce the known facts and count" if findings.filters else " count"
    made = sum(bool(one.finding.by_construction) for one in material.tested)
    caveats = []
    if near:
        caveats.append(f"{counted(near, 'verdict')} {_be(near)} within sampling error of another")
    if moved:
        caveats.append(
            f"{counted(moved, 'verdict')} {'changes' if moved == 1 else 'change'} when the model "
            "is varied"
        )
    if made:
        caveats.append(f"{counted(made, 'claim')} {_be(made)} true by construction")
    caveats = caveats or ["no verdict changes when the model is varied"]
    return f"{basis}; {listing(caveats)}."


def _be(count: int) -> str:
    return "is" if count == 1 else "are"


def deciders(material: Material) -> list[Decider]:
    """The parameters that decide claims, by how many and by how much of their variance."""
    claims: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for one in material.tested:
        for pivot in one.finding.deciding.pivots:
            claims[pivot.parameter].append((pivot.score, one.claim.name))
    found = [
        Decider(
            parameter=name,
            means=material.parameters[name].means if name in material.parameters else "",
            claims=tuple(claim for _, claim in sorted(held, key=lambda one: -one[0])),
            weight=sum(score for score, _ in held),
        )
        for name, held in claims.items()
    ]
    return sorted(found, key=lambda one: (-len(one.claims), -one.weight, one.parameter))
