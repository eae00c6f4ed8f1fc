"""One claim as its page shows it: what is asked, the verdict, what decides, what it rests on."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from foedus.briefing.caution import not_said
from foedus.briefing.material import Material
from foedus.briefing.quantity import as_written, meaning
from foedus.briefing.settings import in_words
from foedus.briefing.statement import asks
from foedus.briefing.verdicts import Shown, shown
from foedus.briefing.wording import (
    DASH,
    counted,
    number,
    share,
    short,
    typographic,
    verdict_size,
    with_sign,
)
from foedus.findings.ablation import Ablation
from foedus.findings.assessed import Assessed
from foedus.findings.deciding import Pivot
from foedus.findings.settings import read
from foedus.scenario.model import Claim

Row = tuple[str, ...]
MOST_SLOPES = 6
RESTS: dict[str, str] = {
    "true by construction": "true by construction through it",
    "nearly by construction": "nearly by construction through it",
    "false by construction": "false by construction through it",
    "rests on it": "rests on it",
    "held back by it": "held back by it",
    "does not rest on it": "does not rest on it",
    "cannot be asked without it": "cannot be asked without it",
    "not comparable": "cannot be compared",
}


@dataclass(frozen=True, kw_only=True)
class PivotShown:
    """A parameter that decides the claim, in words."""

    parameter: str
    means: str
    decides: str
    favours: str
    flips: str
    centre: str


@dataclass(frozen=True, kw_only=True)
class QuantityRead:
    """A quantity that the claim reads."""

    label: str
    meaning: str
    written: str


@dataclass(frozen=True, kw_only=True)
class MechanismShown:
    """A mechanism that was switched off, and the verdicts with it on and off."""

    label: str
    means: str
    on: Shown
    off: Shown
    says: str


@dataclass(frozen=True, kw_only=True)
class Elsewhere:
    """The verdict in another setting, and how far the share moved."""

    setting: str
    verdict: Shown
    draws: str
    points: str
    moved: bool


@dataclass(frozen=True, kw_only=True)
class ClaimShown:
    """Everything that the page of a claim says in words and tables."""

    claim: Claim
    file: str
    verdict: Shown
    sentence: str
    asks: Markup
    margin: str
    source: str
    size: str
    unit: str
    near: bool
    moved: bool
    by_construction: bool
    pivots: tuple[PivotShown, ...]
    decides: str
    unturned: str
    rule: str
    counts: tuple[Row, ...]
    counted: str
    elsewhere: tuple[Elsewhere, ...]
    mechanisms: tuple[MechanismShown, ...]
    identical: bool
    reversible: str
    looked_at: str
    ablated: str
    slopes: tuple[Row, ...]
    statistics: tuple[Row, ...]
    quantities: tuple[QuantityRead, ...]
    rivals: tuple[str, ...]
    not_said: tuple[str, ...]


def claim_shown(one: Assessed, material: Material) -> ClaimShown:
    """The claim as its page shows it."""
    claim, finding = one.claim, one.finding
    verdict, construction = finding.verdict, finding.construction
    return ClaimShown(
        claim=claim,
        file=material.claim_files[claim.name],
        verdict=shown(verdict),
        sentence=typographic(finding.sentence),
        asks=asks(claim, material.scenario),
        margin=number(claim.margin) if claim.margin else "",
        source=material.cited(claim.source),
        size=verdict_size(verdict),
        unit=claim.unit,
        near=bool(verdict.near),
        moved=bool(one.moved),
        by_construction=bool(finding.by_construction),
        pivots=tuple(_pivot(pivot, one, material) for pivot in finding.deciding.pivots),
        decides=_decides(one),
        unturned=_unturned(one),
        rule="" if finding.deciding.rule is None else typographic(finding.deciding.rule.words),
        counts=_counts(one),
        counted="resamples of the draws" if verdict.resamples else "draws that count",
        elsewhere=_elsewhere(one, material),
        mechanisms=tuple(
            _mechanism(entry, material)
            for entry in (construction.ablations if construction is not None else ())
        ),
        identical=construction is not None and construction.identical,
        reversible=""
        if construction is None or construction.reversible is None
        else share(construction.reversible),
        looked_at="" if construction is None else counted(construction.draws, "draw"),
        ablated=_ablated(one),
        slopes=tuple(
            (slope.parameter, number(slope.slope), number(slope.across))
            for slope in one.slopes[:MOST_SLOPES]
        ),
        statistics=tuple(
            (
                entry.name,
                number(entry.value),
                f"{number(entry.interval[0])} to {number(entry.interval[1])}",
            )
            for entry in verdict.statistics
        ),
        quantities=_quantities(claim, material),
        rivals=claim.rivals,
        not_said=not_said(one, material),
    )


def _decides(one: Assessed) -> str:
    """What the assumptions decide, or would decide."""
    return {
        "nothing": "it",
        "holds": "whether the claim holds",
        "effect": "how large the effect is",
        "statistic": "the number that the claim is about",
    }[one.finding.deciding.outcome]


def _unturned(one: Assessed) -> str:
    """Where (nearly) all draws agree on the claim, that nothing turns it, as a sentence."""
    if one.finding.deciding.outcome != "effect":
        return ""
    all_agree = one.finding.verdict.share in (0.0, 1.0)
    return f"{'Nothing' if all_agree else 'Hardly anything'} in the region turns the claim."


def _pivot(pivot: Pivot, one: Assessed, material: Material) -> PivotShown:
    parameter = material.parameters.get(pivot.parameter)
    turns = {turn.parameter: turn for turn in one.turns}
    centre = ""
    if pivot.parameter in turns:
        at = turns[pivot.parameter].at
        centre = ", ".join(short(value) for value in at) or "never"
    split, flips = pivot.split, ""
    if split is not None and split.at == split.at:
        low, high = split.interval
        flips = (
            f"at {short(split.at)} ({short(low)} to {short(high)}): holds in "
            f"{share(split.share_below)} below, {share(split.share_above)} above"
        )
    return PivotShown(
        parameter=pivot.parameter,
        means="" if parameter is None else parameter.means,
        decides=share(pivot.score),
        favours="more of it" if pivot.direction > 0 else "less of it",
        flips=flips,
        centre=centre,
    )


def _counts(one: Assessed) -> tuple[Row, ...]:
    verdict = one.finding.verdict
    of = verdict.resamples or verdict.draws
    if not of:
        return ()
    counts = {
        "Holds": verdict.holds,
        "The opposite holds": verdict.reversed,
        "No difference": verdict.no_difference,
        "Cannot say": verdict.unknown,
    }
    return tuple((word, f"{count:,}", share(count / of)) for word, count in counts.items())


def _elsewhere(one: Assessed, material: Material) -> tuple[Elsewhere, ...]:
    return tuple(
        Elsewhere(
            setting=in_words(setting, material),
            verdict=shown(shift.verdict),
            draws=f"{shift.verdict.draws:,}",
            points=DASH if shift.change is None else with_sign(100 * shift.change),
            moved=setting in one.moved,
        )
        for setting, shift in one.shifts.items()
    )


def _mechanism(entry: Ablation, material: Material) -> MechanismShown:
    known = {mechanism.name: mechanism for mechanism in material.scenario.mechanisms}
    mechanism = known.get(entry.mechanism)
    return MechanismShown(
        label=entry.mechanism if mechanism is None else mechanism.label or mechanism.name,
        means="" if mechanism is None else mechanism.means,
        on=shown(entry.on),
        off=shown(entry.off),
        says=RESTS[entry.kind],
    )


def _ablated(one: Assessed) -> str:
    """How many draws mechanisms were switched off in."""
    construction = one.finding.construction
    draws = {} if construction is None else {a.off.draws: None for a in construction.ablations}
    return (
        ""
        if not draws
        else counted(min(draws), "draw")
        if len(draws) == 1
        else f"{min(draws):,} to {max(draws):,} draws"
    )


def _quantities(claim: Claim, material: Material) -> tuple[QuantityRead, ...]:
    found: dict[str, QuantityRead] = {}
    for figure in read(claim):
        quantity = material.quantities.get(figure.quantity)
        if quantity is not None:
            rules = material.rules[figure.regime]
            found[figure.quantity] = QuantityRead(
                label=quantity.label or quantity.name,
                meaning=meaning(quantity, rules),
                written=as_written(quantity.name, material.scenario),
            )
    return tuple(found.values())
