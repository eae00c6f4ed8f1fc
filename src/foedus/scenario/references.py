"""What a bare name in an expression is worth: a parameter, a factor, a definition."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from foedus.scenario.formulas import Formula, ParameterValue, Reading
from foedus.scenario.names import FUNCTIONS
from foedus.scenario.problems import BROKEN
from foedus.scenario.scope import (
    BrokenName,
    DefineName,
    ParameterName,
    PlayersName,
    VariableName,
    following,
)
from foedus.scenario.simplify import renamed
from foedus.scenario.suggestions import closest

if TYPE_CHECKING:
    from foedus.scenario.translation import Translation


def reference(to: Translation, node: ast.Name) -> Formula:
    """The number that the name stands for."""
    name, symbol = to.symbol(node)
    match symbol:
        case ParameterName():
            return ParameterValue(name)
        case DefineName():
            return _definition(to, node, symbol)
        case VariableName():
            return _reading(to, node, symbol)
        case BrokenName():
            to.blameless = True
            return BROKEN
        case PlayersName():
            message = "`players` can only be summed over"
            return to.problem("F403", node, message, "sum(... for p in players)")
    return unknown(to, node)


def unknown(to: Translation, node: ast.Name) -> Formula:
    """Say that the name has no meaning of its own here."""
    name = to.written(node)
    if symbol := to.scope.having(name):
        variable = symbol.variable.name
        kind = "a level" if symbol.factor else "an action"
        message = f"`{name}` is {kind} of `{variable}` and is no number"
        return to.problem("F406", node, message, f"compare: `{variable} == {name}`")
    players = to.scope.symbols.get("players")
    if isinstance(players, PlayersName) and name in players.players:
        hint = "a move is known by its `name`, by default the player's"
        return to.problem("F404", node, f"there is no move called `{name}`", hint)
    close = closest(name, to.scope.names()) or closest(name, FUNCTIONS)
    hint = f"did you mean `{close}`?" if close else "declare it under `define` or `parameters`"
    return to.problem("F404", node, f"`{name}` is not known", hint)


def _reading(to: Translation, node: ast.Name, symbol: VariableName) -> Formula:
    variable = following(symbol.variable.name) if to.shifted else symbol.variable.name
    if symbol.variable.numeric or (to.shifted and not symbol.factor):
        return Reading(variable) if to.read(node, variable, symbol) else BROKEN
    what = "levels" if symbol.factor else "actions"
    hint = f"compare it, as in `{variable} == {symbol.variable.levels[0]}`"
    hint += f"; its rank is `level({variable})`"
    return to.problem("F406", node, f"`{variable}` has named {what} and is no number", hint)


def _definition(to: Translation, node: ast.Name, symbol: DefineName) -> Formula:
    names: dict[str, str] = {}
    if to.shifted:
        for variable in sorted(symbol.reads):
            inner = to.scope.variable(variable)
            if inner is None or not inner.factor:
                message = f"`{symbol.name}` reads `{variable}`, which has no next level"
                hint = "`next` takes expressions over factors of the state"
                return to.problem("F405", node, message, hint)
            names[variable] = following(variable)
    reads = {names.get(variable, variable) for variable in symbol.reads}
    to.reads |= reads
    for variable in sorted(reads):
        if reason := to.scope.unknown(variable):
            message = f"`{symbol.name}` reads `{variable}`, which {reason}"
            return to.problem("F405", node, message)
    return renamed(symbol.formula, names) if names else symbol.formula
