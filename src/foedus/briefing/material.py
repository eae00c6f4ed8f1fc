"""What the pages of one briefing are made from: the scenario, its findings, their run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from foedus.briefing.statement import labels, quantities
from foedus.briefing.wording import file_names, plain
from foedus.ensemble.records import Run
from foedus.findings.assessed import Assessed
from foedus.findings.portrait import Portrait
from foedus.findings.result import Findings
from foedus.scenario.model import Parameter, Quantity, Rules
from foedus.scenario.scenario import Scenario


@dataclass(frozen=True, eq=False, kw_only=True)
class Material:
    """The scenario as it was run, what was found, and the entry of that run in the store.

    `portrait`: play by period under each regime, where it is known.
    """

    scenario: Scenario
    findings: Findings
    run: Run
    portrait: Portrait | None = None

    @property
    def title(self) -> str:
        """The scenario's title, without marks that turn the text around it."""
        return plain(self.scenario.title)

    @property
    def date(self) -> str:
        """The day of the run, the only date that a briefing knows."""
        return self.run.started[:10]

    @cached_property
    def rules(self) -> Mapping[str, Rules]:
        """The rules of each regime."""
        return {regime.name: self.scenario.rules(regime.name) for regime in self.scenario.regimes}

    @cached_property
    def quantities(self) -> Mapping[str, Quantity]:
        """Every quantity by name."""
        return quantities(self.scenario)

    @cached_property
    def labels(self) -> Mapping[tuple[str, str], str]:
        """What regimes, mechanisms and counterfactuals are called."""
        return labels(self.scenario)

    @cached_property
    def parameters(self) -> Mapping[str, Parameter]:
        """Every parameter of the region by name."""
        return {parameter.name: parameter for parameter in self.findings.samples.parameters}

    @cached_property
    def tested(self) -> tuple[Assessed, ...]:
        """The claims that the scenario can test, in the file's order."""
        return tuple(one for one in self.findings.claims if one.claim.holds is not None)

    @cached_property
    def untestable(self) -> tuple[Assessed, ...]:
        """The other claims."""
        return tuple(one for one in self.findings.claims if one.claim.holds is None)

    @cached_property
    def authors(self) -> tuple[str, ...]:
        """Whose claims are tested, in the order in which they speak."""
        return tuple(dict.fromkeys(one.claim.by for one in self.tested))

    @cached_property
    def claim_files(self) -> Mapping[str, str]:
        """The file name of each claim's page, without its ending."""
        return file_names([one.claim.name for one in self.findings.claims], "claim")

    @cached_property
    def regime_files(self) -> Mapping[str, str]:
        """The file name of each regime's page, without its ending."""
        return file_names([regime.name for regime in self.scenario.regimes], "regime")

    def cited(self, source: str) -> str:
        """A source in full where the scenario lists it, else as written."""
        listed = self.scenario.sources
        keys = [key.strip() for key in source.replace(";", ",").split(",")]
        if source in listed or not all(key in listed for key in keys):
            return listed.get(source, source)
        return "; ".join(listed[key] for key in keys)
