"""A scenario as read from a file: what it says of itself, and its rules under each regime."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from foedus.errors import QueryError
from foedus.scenario.case import Case
from foedus.scenario.model import (
    Alternative,
    Claim,
    Convention,
    Fact,
    Horizon,
    Parameter,
    Rules,
)
from foedus.scenario.nodes import Place
from foedus.scenario.suggestions import did_you_mean

Subject = tuple[str | int, ...]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Scenario:
    """A scenario without errors. `regimes[0]` is the one in force where none is named."""

    name: str
    title: str
    summary: str
    notes: str
    sources: Mapping[str, str]
    tags: tuple[str, ...]
    regimes: tuple[Alternative, ...]
    variants: tuple[Alternative, ...]
    mechanisms: tuple[Alternative, ...]
    counterfactuals: tuple[Alternative, ...]
    claims: tuple[Claim, ...]
    plausible: tuple[Fact, ...]
    holdouts: tuple[Fact, ...]
    parameters: tuple[Parameter, ...]  # of the first regime
    precision: Parameter
    convention: Convention  # of the first regime
    period: str
    horizon: Horizon
    text: str
    build: Callable[[Case], Rules] = field(compare=False)
    locate: Callable[[Subject, Case], Place] = field(compare=False)
    content: Callable[[], str] = field(compare=False)

    def rules(
        self,
        regime: str | None = None,
        variant: str | None = None,
        *,
        without: str | None = None,
        under: str | None = None,
    ) -> Rules:
        """The rules in force under a regime and a variant; by default the first, and none.

        - `without`: the mechanism that is switched off. Its parameters are then known,
          `low == high == value`.
        - `under`: the counterfactual whose play takes the place of equilibrium play.

        Raises `QueryError` for a name that the scenario does not have, and
        `ScenarioError` where the changes together make rules with errors.
        """
        return self.build(self._case(regime, variant, without, under))

    @cached_property
    def digest(self) -> str:
        """SHA-256 of what the file says, whatever its comments and layout."""
        return self.content()

    def place(
        self, subject: Subject, regime: str | None = None, variant: str | None = None
    ) -> Place:
        """Where part of the rules stands in the file.

        `subject` is a path such as `("next", "control", 2, "up")`; moves are
        counted one by one. Where the path leads nowhere, its last known part counts.
        """
        return self.locate(subject, self._case(regime, variant))

    def _case(
        self,
        regime: str | None,
        variant: str | None,
        without: str | None = None,
        under: str | None = None,
    ) -> Case:
        """The case of these names; `QueryError` for the first that the scenario does not have."""
        asked = (
            ("regime", regime, self.regimes),
            ("variant", variant, self.variants),
            ("mechanism", without, self.mechanisms),
            ("counterfactual", under, self.counterfactuals),
        )
        for what, name, alternatives in asked:
            names = [alternative.name for alternative in alternatives]
            if name is not None and name not in names:
                hint = did_you_mean(name, names, f"{what}s")
                raise QueryError(f"{self.name} has no {what} `{name}`; {hint}")
        return Case(regime or self.regimes[0].name, variant, without, under)

    def __repr__(self) -> str:
        regimes = ", ".join(alternative.name for alternative in self.regimes)
        return f"<Scenario {self.name}: {self.title!r}, regimes {regimes}>"
