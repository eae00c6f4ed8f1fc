"""A scenario as `solve` and `simulate` need it: read once, its regimes solved when asked for."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from foedus.cli.jax_session import start_jax
from foedus.cli.progress import progress
from foedus.errors import QueryError
from foedus.scenario.model import EQUILIBRIUM
from foedus.scenario.reader import read
from foedus.scenario.suggestions import did_you_mean

if TYPE_CHECKING:
    from foedus.equilibrium import Equilibrium
    from foedus.game.game import Game
    from foedus.scenario.model import Rules


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What the command line changes about a scenario, and how it is to be solved."""

    variant: str | None
    precision: float | None
    convention: str | None
    values: Mapping[str, float]


@dataclass(frozen=True, eq=False, kw_only=True)
class Solved:
    """A regime's rules and its equilibrium."""

    rules: Rules
    equilibrium: Equilibrium

    def worth(self, start: str) -> dict[str, float]:
        """What play is worth to each player from a start."""
        game = self.equilibrium.game
        values = game.structure.starts[start] @ self.equilibrium.values
        return dict(zip(game.players, values.tolist(), strict=True))


class Study:
    """One scenario under given settings. A regime is solved once."""

    def __init__(self, source: str, settings: Settings) -> None:
        with progress("reading the scenario"):
            self.scenario = read(source)
        self.settings = settings
        if settings.variant is not None:
            known(settings.variant, [v.name for v in self.scenario.variants], "variant")
        self._solved: dict[str, Solved] = {}

    def regimes(self, asked: Sequence[str]) -> list[str]:
        """The regimes asked for, each once; all of them where none is named."""
        names = [regime.name for regime in self.scenario.regimes]
        return list(dict.fromkeys(known(name, names, "regime") for name in asked)) or names

    def rules(self, regime: str) -> Rules:
        """The rules of a regime under the variant asked for."""
        return self.scenario.rules(regime=regime, variant=self.settings.variant)

    def start(self, asked: str | None, regime: str) -> str:
        """The start asked for, or the first."""
        starts = [start.name for start in self.rules(regime).starts]
        return starts[0] if asked is None else known(asked, starts, "start")

    def solve(self, regime: str) -> Solved:
        """The regime's equilibrium. Raises `SolveError` where its certificate does not pass."""
        if regime not in self._solved:
            self.solve_all([regime])
        return self._solved[regime]

    def game(self, regime: str) -> Game:
        """The regime's game at the values asked for."""
        settings = self.settings
        _check_values(self.rules(regime), regime, settings.values)
        with progress("starting JAX"):
            start_jax()
            from foedus.compiler.compile import compile_scenario
        with progress(f"compiling {regime}"):
            game = compile_scenario(self.scenario, regime=regime, variant=settings.variant)
            return game.at(**settings.values) if settings.values else game

    def solve_all(self, regimes: Sequence[str]) -> None:
        """Solves these regimes together, which compiles one program for all."""
        settings = self.settings
        rules = {regime: self.rules(regime) for regime in regimes}
        games = [self.game(regime) for regime in regimes]
        from foedus.equilibrium import Logit, solve_together

        with progress(f"solving {', '.join(regimes)}"):
            solver = Logit(precision=settings.precision, convention=settings.convention)
            for regime, equilibrium in zip(regimes, solve_together(games, solver), strict=True):
                self._solved[regime] = Solved(rules=rules[regime], equilibrium=equilibrium)

    def quantities(self, regime: str, wanted: Collection[str] | None = None) -> dict[str, float]:
        """The scenario's quantities, all or the ones wanted, exact."""
        from foedus.outcomes import report

        solved = self.solve(regime)
        asked = [q for q in solved.rules.quantities if wanted is None or q.name in wanted]
        named = {q.against for q in asked if q.against} - {EQUILIBRIUM}
        others = {name: self.solve(name).equilibrium for name in named}
        others[EQUILIBRIUM] = solved.equilibrium
        with progress(f"working out what follows under {regime}"):
            return report(solved.equilibrium, asked, regimes=others)


def _check_values(rules: Rules, regime: str, values: Mapping[str, float]) -> None:
    """A value outside a parameter's range is refused: nothing was checked there."""
    parameters = {parameter.name: parameter for parameter in rules.parameters}
    for name, value in values.items():
        known(name, list(parameters), "parameter")
        low, high = parameters[name].low, parameters[name].high
        if not low <= value <= high:
            if low == high:
                raise QueryError(
                    f"{name} is fixed at {low:g} under regime {regime}; it cannot be set there; "
                    f"use --regime to name only regimes that leave it open"
                )
            raise QueryError(
                f"{name}={value:g} lies outside its range, {low:g} to {high:g}, under regime "
                f"{regime}. The scenario was checked for that range only; widen it in the file "
                f"to go further."
            )


def known(name: str, names: Sequence[str], kind: str) -> str:
    """The name, if there is such a thing. Raises `QueryError` with the nearest name otherwise."""
    if name in names:
        return name
    hint = did_you_mean(name, names, f"{kind}s")
    raise QueryError(f"the scenario has no {kind} `{name}`; {hint}")
