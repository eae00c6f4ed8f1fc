"""The settings that an assessment solves: the scenario as written, and everything changed in it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from foedus.scenario.model import EQUILIBRIUM, Block, Claim, Rules
from foedus.scenario.scenario import Scenario
from foedus.scenario.statements import Figure, figures


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What is changed about the scenario before it is solved; nothing, in the base setting.

    - `variant`, `without`, `under`: a variant, a mechanism switched off, counterfactual play.
    - `precision`, `convention`: in place of the scenario's own.
    - `regimes`: the ones that are solved; all where it is empty.
    - `compared`: whether distances to equilibrium play are worked out, which is then solved too.
    """

    variant: str | None = None
    without: str | None = None
    under: str | None = None
    precision: float | None = None
    convention: str | None = None
    regimes: tuple[str, ...] = ()
    compared: bool = False

    @property
    def change(self) -> str:
        """The change in words, the same for the same setting.

        >>> Setting(precision=math.inf).change, Setting(without="premium").change
        ('precision inf', 'premium off')
        """
        words = [
            f"variant {self.variant}" if self.variant else "",
            f"{self.without} off" if self.without else "",
            f"under {self.under}" if self.under else "",
            f"precision {self.precision:g}" if self.precision is not None else "",
            f"{self.convention} values" if self.convention else "",
        ]
        return ", ".join(word for word in words if word) or "base"

    @property
    def label(self) -> str:
        """The change, the regimes where it is not solved under all, and whether it is compared."""
        notes = [*self.regimes, *(["beside equilibrium play"] if self.compared else [])]
        return f"{self.change} ({', '.join(notes)})" if notes else self.change

    def rules(self, scenario: Scenario) -> dict[str, Rules]:
        """The rules of each regime in this setting."""
        names = self.regimes or tuple(regime.name for regime in scenario.regimes)
        return {
            name: scenario.rules(name, self.variant, without=self.without, under=self.under)
            for name in names
        }

    def reference(self, scenario: Scenario) -> dict[str, Rules] | None:
        """The rules that distances to equilibrium play are measured to; None: these themselves."""
        if not self.compared:
            return None
        return Setting(variant=self.variant, regimes=self.regimes).rules(scenario)

    def quantities(self, scenario: Scenario, wanted: Sequence[str]) -> tuple[str, ...]:
        """Those of the wanted quantities that can be worked out with what is solved."""
        rules = self.rules(scenario)
        known: set[str | None] = {None, *rules}
        if self.compared or (self.under is None and self.without is None):
            known.add(EQUILIBRIUM)
        lacking = {
            q.name for own in rules.values() for q in own.quantities if q.against not in known
        }
        return tuple(name for name in wanted if name not in lacking)


BASE = Setting()


def general(scenario: Scenario, *, quick: bool) -> tuple[Setting, ...]:
    """The settings under which every claim is looked at again.

    Both ends of the range of precision; unless `quick`, best replies where these are unique, the
    other convention, and every variant, which all have programs of their own to compile.
    """
    precision = scenario.precision
    ends = {precision.low, precision.high} - {precision.value}
    found = [Setting(precision=end) for end in sorted(ends)]
    if quick:
        return tuple(found)
    if all(sequential(rules) for rules in BASE.rules(scenario).values()):
        found.append(Setting(precision=math.inf))
    other = "shock" if scenario.convention == "expected" else "expected"
    found.append(Setting(convention=other))
    return (*found, *(Setting(variant=variant.name) for variant in scenario.variants))


def ablations(scenario: Scenario, claims: Sequence[Claim]) -> tuple[Setting, ...]:
    """One setting for every mechanism that a claim names, with the regimes these claims read."""
    needed: dict[str, list[Figure]] = {}
    for claim in claims:
        for mechanism in claim.mechanisms:
            needed.setdefault(mechanism, []).extend(read(claim))
    return tuple(
        Setting(without=mechanism, regimes=_read_under(scenario, figures_read))
        for mechanism, figures_read in needed.items()
    )


def counterfactuals(scenario: Scenario, wanted: Iterable[Figure]) -> tuple[Setting, ...]:
    """The settings that figures are read in, other than the base, with the regimes they need."""
    needed: dict[tuple[str | None, str | None], list[Figure]] = {}
    for figure in wanted:
        if figure.without is not None or figure.under is not None:
            needed.setdefault((figure.without, figure.under), []).append(figure)
    return tuple(
        Setting(
            without=without,
            under=under,
            regimes=_read_under(scenario, figures_read),
            compared=any(_against(scenario, f) == EQUILIBRIUM for f in figures_read),
        )
        for (without, under), figures_read in needed.items()
    )


def read(claim: Claim) -> tuple[Figure, ...]:
    """The figures that a claim reads: in its statement, its effect, and its part of the region."""
    parts = [part for part in (claim.holds, claim.effect, claim.given) if part is not None]
    return figures(*parts)


def asked(scenario: Scenario, wanted: Iterable[Figure]) -> tuple[str, ...]:
    """The quantities to work out: all, but values by part only where a figure reads them."""
    named = {figure.quantity for figure in wanted}
    found: dict[str, None] = {}
    for rules in BASE.rules(scenario).values():
        for quantity in rules.quantities:
            if quantity.kind != "value" or quantity.part is None or quantity.name in named:
                found[quantity.name] = None
    return tuple(found)


def sequential(rules: Rules) -> bool:
    """Whether backward induction has one answer: a finite horizon, one mover at a time.

    With private types it may have several, since what is believed turns on play.
    """
    if rules.types:
        return False
    return rules.horizon.solve is not None and all(
        len(step.moves) == 1 for step in rules.sequence if isinstance(step, Block)
    )


def _read_under(scenario: Scenario, wanted: Iterable[Figure]) -> tuple[str, ...]:
    """The regimes that figures are read under or measured to, in the file's order; () for all."""
    names = [regime.name for regime in scenario.regimes]
    needed = {name for f in wanted for name in (f.regime, _against(scenario, f)) if name}
    found = tuple(name for name in names if name in needed)
    return () if len(found) == len(names) else found


def _against(scenario: Scenario, figure: Figure) -> str | None:
    """What a figure that is a distance is measured to."""
    own = scenario.rules(figure.regime).quantities
    return next(q.against for q in own if q.name == figure.quantity)
