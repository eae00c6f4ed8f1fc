"""`type(player)` and `belief(player, type)` in an expression."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from foedus.scenario.formulas import Formula
from foedus.scenario.problems import BROKEN
from foedus.scenario.scope import DefineName, PlayersName, VariableName
from foedus.scenario.suggestions import did_you_mean

if TYPE_CHECKING:
    from foedus.scenario.translation import Translation


def private(to: Translation, node: ast.Call, name: str) -> Formula:
    """The number that a call of `type` or `belief` stands for, or what is wrong with it."""
    shown = "type(US) == firm" if name == "type" else "belief(US, firm)"
    words = [to.written(word) for word in node.args if isinstance(word, ast.Name)]
    if len(words) != len(node.args) or len(words) != (1 if name == "type" else 2):
        return to.problem("F410", node, f"`{name}` is written as in `{shown}`")
    player = words[0]
    symbol = to.scope.variable(f"type({player})")
    if symbol is None:
        return _no_types(to, node, player)
    to.uses[f"type({player})"] = symbol
    if name == "type":
        level = symbol.variable.levels[0]
        hint = f"compare it, as in `type({player}) == {level}`"
        return to.problem("F406", node, f"`type({player})` is no number", hint)
    return _belief(to, node, player, words[1], symbol)


def _belief(
    to: Translation, node: ast.Call, player: str, kind: str, types: VariableName
) -> Formula:
    full = f"belief({player}, {kind})"
    symbol = to.scope.symbol(full)
    if not isinstance(symbol, DefineName):
        hint = did_you_mean(kind, types.variable.levels, "its types")
        return to.problem("F407", node.args[1], f"`{player}` has no type `{kind}`", hint)
    if to.shifted:
        return to.problem("F403", node, "`next` does not take beliefs")
    to.uses[full] = symbol
    to.reads |= symbol.reads
    for variable in symbol.reads:
        if reason := to.scope.unknown(variable):
            return to.problem("F405", node, f"`{variable}` {reason}")
    return symbol.formula


def _no_types(to: Translation, node: ast.Call, player: str) -> Formula:
    with_types = [n[5:-1] for n in to.scope.symbols if n.startswith("type(")]
    players = to.scope.symbols.get("players")
    known = isinstance(players, PlayersName) and player in players.players
    if known:
        to.problem(
            "F404",
            node.args[0],
            f"`{player}` has no `types`",
            f"give it some under `players`: {player}: {{types: {{one: 0.5, other: 0.5}}}}",
        )
        return BROKEN
    hint = did_you_mean(player, with_types, "players with types") if with_types else ""
    return to.problem("F404", node.args[0], f"there is no player `{player}`", hint)
