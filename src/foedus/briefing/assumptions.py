"""The assumptions as their page shows them: every range with its reason, and what hinges on it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from foedus.briefing.material import Material
from foedus.briefing.verdicts import Shown, shown
from foedus.briefing.wording import number, share
from foedus.findings.assessed import Assessed, FactFound
from foedus.scenario.model import Parameter


@dataclass(frozen=True, kw_only=True)
class Hinge:
    """A claim that a parameter decides."""

    name: str
    label: str
    file: str
    decides: str
    verdict: Shown


@dataclass(frozen=True, kw_only=True)
class ParameterShown:
    """A parameter with its range, where its central value stands in it, and its reasons.

    `at`: the central value's place in the range, on its scale, in per cent.
    """

    name: str
    means: str
    low: str
    high: str
    value: str
    at: float
    known: bool
    scale: str
    unit: str
    why: str
    source: str
    hinges: tuple[Hinge, ...]


@dataclass(frozen=True, kw_only=True)
class FactShown:
    """A dated fact and how many draws reproduce it."""

    label: str
    says: str
    date: str
    source: str
    tested: str
    share: str
    count: str


def parameters_shown(material: Material) -> list[ParameterShown]:
    """Every parameter, those that decide most claims first, then in the file's order."""
    shown_all = [_parameter(parameter, material) for parameter in material.parameters.values()]
    return sorted(shown_all, key=lambda one: (-len(one.hinges), one.known))


def _parameter(parameter: Parameter, material: Material) -> ParameterShown:
    return ParameterShown(
        name=parameter.name,
        means=parameter.means,
        low=number(parameter.low),
        high=number(parameter.high),
        value=number(parameter.value),
        at=_place(parameter),
        known=parameter.high <= parameter.low,
        scale="logarithmic" if parameter.scale == "log" else "linear",
        unit=parameter.unit,
        why=parameter.why,
        source=material.cited(parameter.source),
        hinges=tuple(_hinges(parameter.name, material)),
    )


def _place(parameter: Parameter) -> float:
    low, high, value = parameter.low, parameter.high, parameter.value
    if high <= low:
        return 50.0
    if parameter.scale == "log":
        low, high, value = math.log(low), math.log(high), math.log(value)
    return round(100 * (value - low) / (high - low), 1)


def _hinges(name: str, material: Material) -> list[Hinge]:
    found = [
        (pivot.score, _hinge(one, pivot.score, material))
        for one in material.tested
        for pivot in one.finding.deciding.pivots
        if pivot.parameter == name
    ]
    return [hinge for _, hinge in sorted(found, key=lambda pair: -pair[0])]


def _hinge(one: Assessed, score: float, material: Material) -> Hinge:
    return Hinge(
        name=one.claim.name,
        label=one.claim.label,
        file=material.claim_files[one.claim.name],
        decides=share(score),
        verdict=shown(one.finding.verdict),
    )


def facts_shown(facts: tuple[FactFound, ...], material: Material) -> list[FactShown]:
    """Facts with the share of draws that reproduce them."""
    return [
        FactShown(
            label=found.fact.label,
            says=found.fact.says,
            date=found.fact.date,
            source=material.cited(found.fact.source),
            tested=found.fact.words,
            share=share(found.share),
            count=f"{found.reproduced:,} of {found.known:,}",
        )
        for found in facts
    ]
