"""A scenario as read from a file: what it says of itself, and its rules under each regime."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from foedus.errors import QueryError
from foedus.scenario.model import Alternative, Convention, Horizon, Parameter, Rules
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
    parameters: tuple[Parameter, ...]  # of the first regime
    precision: Parameter
    convention: Convention  # of the first regime
    period: str
    horizon: Horizon
    text: str
    build: Callable[[str, str | None], Rules] = field(compare=False)
    locate: Callable[[Subject, str, str | None], Place] = field(compare=False)
    content: Callable[[], str] = field(compare=False)

    def rules(self, regime: str | None = None, variant: str | None = None) -> Rules:
        """The rules in force under a regime and a variant; by default the first, and none.

        Raises `QueryError` for a name that the scenario does not have, and
        `ScenarioError` where the two edits together make rules with errors.
        """
        return self.build(*self._named(regime, variant))

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
        return self.locate(subject, *self._named(regime, variant))

    def _named(self, regime: str | None, variant: str | None) -> tuple[str, str | None]:
        regimes = [alternative.name for alternative in self.regimes]
        variants = [alternative.name for alternative in self.variants]
        if regime is not None and regime not in regimes:
            hint = did_you_mean(regime, regimes, "regimes")
            raise QueryError(f"{self.name} has no regime `{regime}`; {hint}")
        if variant is not None and variant not in variants:
            hint = did_you_mean(variant, variants, "variants")
            raise QueryError(f"{self.name} has no variant `{variant}`; {hint}")
        return regime or regimes[0], variant

    def __repr__(self) -> str:
        regimes = ", ".join(alternative.name for alternative in self.regimes)
        return f"<Scenario {self.name}: {self.title!r}, regimes {regimes}>"
