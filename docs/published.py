"""Published results of the models of the canon, and what foedus returns for them.

`tests/papers/expected/canon/<model>.toml` has, besides `source`, any number of

- `[[result]]`: numbers of quantities, under a regime, at parameter values and a precision;
- `[[threshold]]`: the value of a parameter at which a quantity crosses one half;
- `[[equilibria]]`: numbers of several quantities in every equilibrium that is published;
- `[[range]]`: the values of a parameter at which prescribed play begins or ceases to be an
  equilibrium;
- `[[crisis]]`: the same of a game of crisis signalling, by its payoffs;
- `[[missing]]`: what foedus does not return, with the number and the `reason`.

A model that is no scenario says what it is: `title`, `summary`, `tags`, `structure`, `sources`.

`says` is the result in words, `digits` how many decimals are printed.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

import foedus as fd
from foedus.numerics.switching import switch
from foedus.scenario.model import Quantity
from prescribed import ends

FOLDER = Path(__file__).parents[1] / "tests" / "papers" / "expected" / "canon"
MODELS = tuple(sorted(file.stem for file in FOLDER.glob("*.toml")))
STARTS = 40  # of a search for several equilibria


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """A published number beside ours. `ours` is NaN where foedus has none."""

    says: str
    name: str
    published: float
    ours: float
    digits: int

    @property
    def agrees(self) -> bool:
        """Whether ours is the published number to its printed digits."""
        return abs(self.ours - self.published) <= 0.5001 * 10.0**-self.digits


@dataclass(frozen=True, kw_only=True)
class Model:
    """What is published of one model of the library."""

    name: str

    def content(self) -> dict[str, Any]:
        """The file of expected numbers."""
        return tomllib.loads((FOLDER / f"{self.name}.toml").read_text(encoding="utf-8"))

    def comparisons(self) -> tuple[Comparison, ...]:
        """Every published number of the model beside ours; worked out once."""
        return _comparisons(self.name)

    def compare(self) -> Iterator[Comparison]:
        """The same, worked out anew."""
        content = self.content()
        for case in content.get("result", ()):
            ours = self._quantities(case, self._solved(case))
            for name, number in case["numbers"].items():
                yield _compared(case, name, number, ours.get(name, np.nan), case["digits"])
        for case in content.get("threshold", ()):
            yield _compared(case, case["parameter"], case["value"], self._threshold(case), 4)
        for case in content.get("equilibria", ()):
            yield from self._several(case, self.found(case))
        for case in content.get("range", ()):
            game, _ = _compiled(self.name, case.get("regime"), case.get("variant"))
            ours = ends(game, case)
            for at, end in enumerate(case["ends"]):
                found = ours[at] if len(ours) == len(case["ends"]) else np.nan
                yield _compared(case, case["parameter"], end, found, case["digits"])
        for case in content.get("crisis", ()):
            yield from self._several(case, crises(case))

    def found(self, case: Mapping[str, Any]) -> list[list[float]]:
        """The quantities of a case of several equilibria, in each one that a search finds."""
        solver = fd.Logit() if case["search"] == "logit" else None
        equilibria = fd.find_equilibria(self._game(case), STARTS, solver=solver)
        names = case["quantities"]
        found = (self._quantities(case, equilibrium) for equilibrium in equilibria)
        return [[quantities[name] for name in names] for quantities in found]

    def _several(self, case: Mapping[str, Any], ours: list[list[float]]) -> Iterator[Comparison]:
        names = case["quantities"]
        digits = case["digits"]
        every = digits if isinstance(digits, list) else [digits] * len(names)
        for number, published in enumerate(case["found"], 1):
            nearest = min(ours, key=lambda one: float(np.abs(np.subtract(one, published)).max()))
            for at, name in enumerate(names):
                label = f"{name}, equilibrium {number}"
                yield _compared(case, label, published[at], nearest[at], every[at])

    def _threshold(self, case: Mapping[str, Any]) -> float:
        def side(values: np.ndarray) -> np.ndarray:
            found = []
            for value in values.tolist():
                here = dict(case) | {"at": {**case.get("at", {}), case["parameter"]: value}}
                found.append(self._quantities(here, self._solved(here))[case["quantity"]] - 0.5)
            return np.array(found)

        found = switch(side, *case["between"], points=3, tolerance=1e-5)
        return float(found.at[0]) if len(found.at) == 1 else np.nan

    def _game(self, case: Mapping[str, Any]) -> fd.Game:
        game, _ = _compiled(self.name, case.get("regime"), case.get("variant"))
        return game.at(**case["at"]) if case.get("at") else game

    def _solved(self, case: Mapping[str, Any]) -> fd.Equilibrium:
        solver = fd.Logit(precision=case.get("precision"), convention=case.get("convention"))
        return fd.solve(self._game(case), solver)

    def _quantities(self, case: Mapping[str, Any], equilibrium: fd.Equilibrium) -> dict[str, float]:
        _, quantities = _compiled(self.name, case.get("regime"), case.get("variant"))
        return dict(fd.report(equilibrium, quantities))


def crises(case: Mapping[str, Any]) -> list[list[float]]:
    """The same for a crisis-signalling game, in every equilibrium there is."""
    found = fd.crisis_equilibria(fd.CrisisSignalling(**case["at"])).items
    return [[getattr(one, name) for name in case["quantities"]] for one in found]


@cache
def _comparisons(name: str) -> tuple[Comparison, ...]:
    return tuple(Model(name=name).compare())


@cache
def _compiled(
    name: str, regime: str | None, variant: str | None
) -> tuple[fd.Game, tuple[Quantity, ...]]:
    scenario = fd.read(name)
    game = fd.compile_scenario(scenario, regime=regime, variant=variant)
    return game, scenario.rules(regime, variant).quantities


def _compared(
    case: Mapping[str, Any], name: str, published: float, ours: float, digits: int
) -> Comparison:
    return Comparison(
        says=case["says"], name=name, published=published, ours=float(ours), digits=digits
    )
