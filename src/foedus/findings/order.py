"""What an assessment has to do: its claims, samples and settings, and how many draws each gets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from foedus.errors import QueryError
from foedus.findings.evidence import EQUILIBRIUM_PLAY
from foedus.findings.samples import Samples
from foedus.findings.settings import (
    BASE,
    Setting,
    ablations,
    asked,
    counterfactuals,
    general,
    read,
)
from foedus.findings.work import Task
from foedus.scenario.model import Claim
from foedus.scenario.scenario import Scenario
from foedus.scenario.statements import figures
from foedus.scenario.suggestions import did_you_mean

MORE = 4  # times the checks: the draws for which counterfactual play is solved
FEWEST = 64  # of those, where there are as many


@dataclass(frozen=True, eq=False, kw_only=True)
class Order:
    """The work of one assessment.

    - `plays`: settings that claims and facts read besides the base, on `n_plays` draws.
    - `general`, `ablations`: settings in which claims are looked at again, on `checks` draws.
    - `quick`: what has programs of its own is left out.
    """

    claims: tuple[Claim, ...]
    samples: Samples
    quantities: tuple[str, ...]
    regimes: tuple[str, ...]
    plays: tuple[Setting, ...]
    n_plays: int
    general: tuple[Setting, ...]
    ablations: tuple[Setting, ...]
    quick: bool
    checks: int

    def task(self, scenario: Scenario) -> Task:
        """The work for the ensemble. Every setting is in it, so that workers start once."""
        settings = (BASE, *self.plays, *self.general, *self.ablations)
        by_label = {setting.label: setting for setting in settings}
        return Task(
            text=scenario.text,
            regimes=self.regimes,
            settings=tuple(by_label.values()),
            quantities=self.quantities,
            samples=self.samples,
        )

    def description(self, scenario: Scenario) -> dict[str, Any]:
        """What the findings depend on, as plain data."""
        return {
            "scenario": scenario.digest,
            "claims": [claim.name for claim in self.claims],
            "samples": {"draws": {**self.samples.identity("draws"), "n": self.samples.n}},
            "blocks": self.samples.blocks,
            "checks": self.checks,
            "quick": self.quick,
            "regimes": list(self.regimes),
            "quantities": list(self.quantities),
            "parameters": list(self.samples.names),
        }


def order(
    scenario: Scenario, claims: tuple[Claim, ...], samples: Samples, *, checks: int, quick: bool
) -> Order:
    """The work that these claims need. Quantities are those of all claims and facts."""
    in_facts = figures(*(fact.holds for fact in (*scenario.plausible, *scenario.holdouts)))
    everybody = [*in_facts, *(figure for claim in scenario.claims for figure in read(claim))]
    own = [*in_facts, *(figure for claim in claims for figure in read(claim))]
    quantities = asked(scenario, everybody)
    # Facts decide about every draw, so what they read must be known of all of them.
    everywhere = any((f.without, f.under) != EQUILIBRIUM_PLAY for f in in_facts)
    return Order(
        claims=claims,
        samples=samples,
        quantities=quantities,
        regimes=tuple(regime.name for regime in scenario.regimes),
        plays=counterfactuals(scenario, own),
        n_plays=samples.n if everywhere else min(samples.n, max(MORE * checks, FEWEST)),
        general=() if not (checks and claims) else general(scenario, quick=quick),
        ablations=ablations(scenario, claims) if checks else (),
        quick=quick,
        checks=min(checks, samples.n),
    )


def chosen(scenario: Scenario, names: Sequence[str] | None) -> tuple[Claim, ...]:
    """The claims of these names, in the file's order; all by default.

    Raises `QueryError` for a name that no claim has.
    """
    known = [claim.name for claim in scenario.claims]
    for name in names or ():
        if name not in known:
            hint = did_you_mean(name, known, "claims")
            raise QueryError(f"{scenario.name} has no claim `{name}`; {hint}")
    return tuple(claim for claim in scenario.claims if names is None or claim.name in names)
