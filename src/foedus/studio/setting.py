"""A setting: everything that a page can turn about a scenario before it is solved."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from foedus.errors import QueryError
from foedus.scenario.scenario import Scenario
from foedus.scenario.suggestions import did_you_mean

MOST = 1000  # values


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What is chosen; None stands for what the scenario has."""

    regime: str | None = None
    variant: str | None = None
    start: str | None = None
    precision: float | None = None
    convention: str | None = None
    values: Mapping[str, float] = field(default_factory=dict)

    @staticmethod
    def of(given: Any) -> Setting:
        """The setting in plain data from a page. Raises `QueryError` for anything else."""
        if not isinstance(given, Mapping):
            raise QueryError("a setting is a mapping")
        values = given.get("values") or {}
        if not isinstance(values, Mapping) or len(values) > MOST:
            raise QueryError("`values` maps parameters to numbers")
        return Setting(
            **{name: _word(given, name) for name in ("regime", "variant", "start", "convention")},
            precision=None if given.get("precision") is None else _number(given["precision"]),
            values={str(name): _number(value) for name, value in sorted(values.items())},
        )

    @property
    def rules(self) -> tuple[str | None, str | None]:
        """What decides about the game's structure."""
        return self.regime, self.variant

    @property
    def numbers(self) -> tuple[Any, ...]:
        """What decides about its equilibrium, given the structure."""
        return self.precision, self.convention, tuple(self.values.items())

    def check(self, scenario: Scenario) -> None:
        """Raises `QueryError` where the scenario has no such names, or not such a range."""
        parameters = {p.name: p for p in scenario.rules(self.regime, self.variant).parameters}
        for name, value in self.values.items():
            if name not in parameters:
                hint = did_you_mean(name, parameters, "parameters")
                raise QueryError(f"there is no parameter `{name}`; {hint}")
            low, high = parameters[name].low, parameters[name].high
            if not low - 1e-12 <= value <= high + 1e-12:
                raise QueryError(f"{name}={value:g} lies outside its range, {low:g} to {high:g}")


def _word(given: Mapping[str, Any], name: str) -> str | None:
    word = given.get(name)
    if word is None or word == "":
        return None
    if not isinstance(word, str) or len(word) > 200:
        raise QueryError(f"`{name}` is a name")
    return word


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise QueryError(f"{value!r} is not a number")
    return float(value)
