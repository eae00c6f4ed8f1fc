"""Calls in an expression: `min(...)`, `level(x)`, `next(x)`, `sum(... for p in (A, B))`."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from foedus.scenario.formulas import OPERATORS, Formula, Reading
from foedus.scenario.names import FUNCTIONS
from foedus.scenario.private import private
from foedus.scenario.problems import BROKEN
from foedus.scenario.scope import BrokenName, PlayersName
from foedus.scenario.suggestions import closest

if TYPE_CHECKING:
    from foedus.scenario.translation import Translation


def call(to: Translation, node: ast.Call) -> Formula:
    """The value of a call of one of the language's own functions."""
    if not isinstance(node.func, ast.Name):
        return to.problem("F403", node, "this is not a function of the language")
    name = to.written(node.func)
    odd = [keyword.value for keyword in node.keywords]
    odd += [inner for inner in node.args if isinstance(inner, ast.Starred)]
    if odd:
        return to.problem("F410", odd[0], f"`{name}` takes plain arguments only")
    match name:
        case "sum":
            return _sum(to, node)
        case "type" | "belief":
            return private(to, node, name)
        case "level" | "next" if len(node.args) != 1:
            return to.problem("F410", node, f"`{name}` takes one name", f"as in `{name}(x)`")
        case "level":
            return _level(to, node)
        case "next":
            return _next(to, node)
        case "clip" if len(node.args) != 3:
            return to.problem("F410", node, "`clip` takes three arguments", "clip(x, low, high)")
        case "clip":
            value, low, high = map(to.value, node.args)
            return to.apply(node, "min", to.apply(node, "max", value, low), high)
    if name not in FUNCTIONS:
        known = FUNCTIONS | {"level", "next", "type", "belief"}
        close = closest(name, known)
        hint = f"did you mean `{close}`?" if close else "functions: " + ", ".join(sorted(known))
        return to.problem("F403", node.func, f"`{name}` is not a function of the language", hint)
    if OPERATORS[name] is None and len(node.args) < 2:
        return to.problem("F410", node, f"`{name}` takes two arguments or more")
    if OPERATORS[name] == 1 and len(node.args) != 1:
        return to.problem("F410", node, f"`{name}` takes one argument")
    return to.apply(node, name, *map(to.value, node.args))


def _level(to: Translation, node: ast.Call) -> Formula:
    argument = node.args[0]
    found = to.variable(argument)
    if found is None:
        if isinstance(argument, ast.Name) and isinstance(to.symbol(argument)[1], BrokenName):
            return to.value(argument)
        message = "`level` takes a factor, a move, a chance move or next(factor)"
        return to.problem("F410", argument, message)
    name, symbol = found
    if not symbol.ranked:
        message = f"`{name}` has no single level: its actions stand at different positions"
        hint = "use comparisons, or give the moves different names"
        return to.problem("F409", argument, message, hint)
    return Reading(name) if to.read(argument, name, symbol) else BROKEN


def _next(to: Translation, node: ast.Call) -> Formula:
    argument = node.args[0]
    if to.shifted:
        return to.problem("F403", node, "`next` inside `next`: only one period ahead is known")
    before = set(to.reads)
    number = len(to.problems)
    to.reads.clear()
    with to.shifting():
        value = to.value(argument)
    read = set(to.reads)
    to.reads |= before
    if not read and len(to.problems) == number and not to.blameless:
        message = "`next` needs a factor of the state, or an expression over factors"
        return to.problem("F410", argument, message)
    return value


def _sum(to: Translation, node: ast.Call) -> Formula:
    hint = "sum(level(p) for p in (US, EU)), or `for p in players`"
    match node.args:
        case [
            ast.GeneratorExp(
                elt=body,
                generators=[ast.comprehension(target=ast.Name() as target, ifs=[]) as loop],
            )
        ]:
            names = _summed(to, loop.iter)
        case _:
            return to.problem("F410", node, "`sum` runs over names", hint)
    if names is None:
        return to.problem("F410", loop.iter, "`sum` runs over names in brackets", hint)
    if to.symbol(target)[1] is not None or target.id in to.bound:
        message = f"`{to.written(target)}` already has a meaning"
        return to.problem("F410", target, message, "use another letter in the sum")
    terms = []
    for name in names:
        with to.binding(target.id, name):
            terms.append(to.value(body))
    while len(terms) > 1:  # pairwise, so that a long sum is not a deep one
        pairs = [terms[i : i + 2] for i in range(0, len(terms), 2)]
        terms = [to.apply(node, "add", *pair) if len(pair) == 2 else pair[0] for pair in pairs]
    return terms[0]


def _summed(to: Translation, loop: ast.expr) -> list[str] | None:
    """The names that a sum runs over; None if they are not names."""
    if isinstance(loop, ast.Name):
        symbol = to.symbol(loop)[1]
        return list(symbol.players) if isinstance(symbol, PlayersName) else [to.written(loop)]
    if not isinstance(loop, ast.Tuple) or not loop.elts:
        return None
    names = []
    for item in loop.elts:
        if not isinstance(item, ast.Name):
            return None
        name, symbol = to.symbol(item)
        if symbol is None and to.scope.having(name) is None:
            to.problem("F404", item, f"`{name}` is not known")
        names.append(name)
    return names
