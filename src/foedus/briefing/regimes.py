"""A regime as its page shows it: what is in force, and what came of it beside the first regime."""

from __future__ import annotations

from dataclasses import dataclass

from foedus.briefing.material import Material
from foedus.briefing.quantity import PROBABILITIES, meaning, spread
from foedus.briefing.verdicts import Shown, shown
from foedus.briefing.wording import short, with_sign
from foedus.findings.settings import read
from foedus.scenario.model import Alternative, Quantity


@dataclass(frozen=True, kw_only=True)
class QuantityShown:
    """A quantity under the regime: middle 80 % of draws, and its change from the first regime."""

    name: str
    label: str
    meaning: str
    unit: str
    low: str
    median: str
    high: str
    change: str
    change_range: str


@dataclass(frozen=True, kw_only=True)
class ClaimRead:
    """A claim that speaks of the regime."""

    name: str
    label: str
    file: str
    verdict: Shown


@dataclass(frozen=True, kw_only=True)
class RegimeShown:
    """Everything that the page of a regime says in words and tables."""

    regime: Alternative
    label: str
    file: str
    source: str
    first: bool
    quantities: tuple[QuantityShown, ...]
    claims: tuple[ClaimRead, ...]
    selection: str


def regime_shown(regime: Alternative, material: Material) -> RegimeShown:
    """The regime as its page shows it."""
    rules = material.rules[regime.name]
    named = [q for q in rules.quantities if q.name in material.findings.quantities]
    return RegimeShown(
        regime=regime,
        label=regime.label or regime.name,
        file=material.regime_files[regime.name],
        source=material.cited(regime.source),
        first=regime.name == material.findings.regimes[0],
        quantities=tuple(
            found for quantity in named if (found := _quantity(quantity, regime, material))
        ),
        claims=tuple(
            ClaimRead(
                name=one.claim.name,
                label=one.claim.label,
                file=material.claim_files[one.claim.name],
                verdict=shown(one.finding.verdict),
            )
            for one in material.tested
            if any(figure.regime == regime.name for figure in read(one.claim))
        ),
        selection=material.findings.selection.get(regime.name, ""),
    )


def _quantity(quantity: Quantity, regime: Alternative, material: Material) -> QuantityShown | None:
    found = spread(material.findings, quantity.name, regime.name)
    if found is None:
        return None
    low, median, high = found.shown(quantity)
    change = change_range = ""
    if found.change is not None:
        small, middle, large = (_change(value, quantity) for value in found.change)
        change, change_range = middle, f"{small} to {large}"
    return QuantityShown(
        name=quantity.name,
        label=quantity.label or quantity.name,
        meaning=meaning(quantity, material.rules[regime.name]),
        unit=quantity.unit,
        low=low,
        median=median,
        high=high,
        change=change,
        change_range=change_range,
    )


def _change(value: float, quantity: Quantity) -> str:
    """A difference: of shares in points, of other numbers to two digits, with its sign."""
    if quantity.kind in PROBABILITIES:
        return with_sign(100 * value)
    text = short(value)
    return f"+{text}" if value > 0 and text != "0" else text
