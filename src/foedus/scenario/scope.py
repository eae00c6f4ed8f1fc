"""What the names in an expression stand for, and which of them are known at that point."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple, Protocol

from foedus.scenario.formulas import Formula, variables
from foedus.scenario.model import Rules, Variable
from foedus.scenario.simplify import depth
from foedus.scenario.types import believed


class ParameterName(NamedTuple):
    """A declared parameter."""

    name: str


class VariableName(NamedTuple):
    """A factor of the state, a move or a chance move."""

    variable: Variable
    factor: bool

    @property
    def ranked(self) -> bool:
        """Whether `level(...)` of it is one number per level."""
        return not any(map(math.isnan, self.variable.values))


class DefineName(NamedTuple):
    """A named expression, what it reads, and how deeply it is nested."""

    name: str
    formula: Formula
    reads: frozenset[str]
    depth: int


class PlayersName(NamedTuple):
    """The word `players` in a sum: all players' names."""

    players: tuple[str, ...]


class BrokenName(NamedTuple):
    """A name whose declaration has an error of its own, so that uses of it are not blamed."""

    name: str


class PendingName(Protocol):
    """A definition that is read when something first needs it."""

    def resolve(self) -> DefineName | BrokenName: ...


Symbol = ParameterName | VariableName | DefineName | PlayersName | BrokenName


def following(factor: str) -> str:
    """The variable that holds the factor's level in the next period."""
    return f"next({factor})"


@dataclass(frozen=True, eq=False)
class Scope:
    """Names and their meaning. `known`: variables that may be read here; None for all.

    `reasons[variable]` says why a variable is not known; `otherwise` says it for the rest.
    """

    symbols: dict[str, Symbol | PendingName]
    known: frozenset[str] | None = None
    reasons: Mapping[str, str] = field(default_factory=dict)
    otherwise: str = "is not known here"

    @classmethod
    def of(cls, rules: Rules) -> Scope:
        """The scope of finished rules, in which everything may be read.

        The compiler reads conditions such as `phase == direct` in it.
        """
        symbols: dict[str, Symbol | PendingName] = {
            p.name: ParameterName(p.name) for p in rules.parameters
        }
        symbols |= {v.name: VariableName(v, True) for v in rules.factors}
        symbols |= {v.name: VariableName(v, False) for v in rules.moves}
        symbols |= {name: define_name(name, f) for name, f in rules.defines.items()}
        for one in rules.types:
            symbols |= {name: define_name(name, f) for name, f in believed(one).items()}
        symbols["players"] = PlayersName(tuple(p.name for p in rules.players))
        return cls(symbols)

    def narrowed(
        self, known: Iterable[str], otherwise: str, reasons: Mapping[str, str] | None = None
    ) -> Scope:
        """The same names, of which only these variables are known."""
        return replace(self, known=frozenset(known), otherwise=otherwise, reasons=reasons or {})

    def without(self, reasons: Mapping[str | None, str]) -> Scope:
        """The same names, of which these variables are not known, each for its reason."""
        left_out = {name: why for name, why in reasons.items() if name is not None}
        known = self.known
        if known is None:
            known = frozenset(n for n, s in self.symbols.items() if isinstance(s, VariableName))
            known |= {following(name) for name in known}
        return replace(self, known=known - left_out.keys(), reasons={**self.reasons, **left_out})

    def symbol(self, name: str) -> Symbol | None:
        """What the name stands for."""
        symbol = self.symbols.get(name)
        if symbol is None or isinstance(symbol, Symbol):
            return symbol
        return symbol.resolve()

    def means(self, uses: Mapping[str, Symbol]) -> bool:
        """Whether all these names stand for these very things."""
        symbols = self.symbols
        for name, symbol in uses.items():
            if symbols.get(name) is not symbol and self.symbol(name) is not symbol:
                return False
        return True

    def variable(self, name: str) -> VariableName | None:
        """The variable of that name; a definition of that name is left unread."""
        symbol = self.symbols.get(name)
        return symbol if isinstance(symbol, VariableName) else None

    def having(self, level: str) -> VariableName | None:
        """The first variable that has a level or action of that name."""
        for symbol in self.symbols.values():
            if isinstance(symbol, VariableName) and level in symbol.variable.levels:
                return symbol
        return None

    def unknown(self, variable: str) -> str | None:
        """Why the variable cannot be read here; None if it can."""
        if self.known is None or variable in self.known:
            return None
        return self.reasons.get(variable, self.otherwise)

    def names(self) -> list[str]:
        """Every name that an expression may use."""
        return [name for name in self.symbols if name != "players"]


def define_name(name: str, formula: Formula) -> DefineName:
    """The symbol of a finished definition."""
    return DefineName(name, formula, variables(formula), depth(formula))
