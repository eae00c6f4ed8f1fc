"""Comparisons in an expression: of variables with their levels, and of numbers."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from foedus.scenario.formulas import Formula
from foedus.scenario.problems import BROKEN
from foedus.scenario.references import unknown
from foedus.scenario.scope import VariableName
from foedus.scenario.simplify import both, either, test
from foedus.scenario.suggestions import did_you_mean

if TYPE_CHECKING:
    from foedus.scenario.translation import Translation

ORDER: dict[type[ast.cmpop], tuple[str, str]] = {
    ast.Lt: ("less", "<"),
    ast.LtE: ("less_equal", "<="),
    ast.Gt: ("greater", ">"),
    ast.GtE: ("greater_equal", ">="),
}


def comparison(to: Translation, node: ast.Compare) -> Formula:
    """A chain of comparisons: all of them hold."""
    sides = [node.left, *node.comparators]
    pairs = zip(sides, node.ops, node.comparators, strict=False)
    return both([_pair(to, node, left, op, right) for left, op, right in pairs])


def _pair(
    to: Translation, node: ast.Compare, left: ast.expr, op: ast.cmpop, right: ast.expr
) -> Formula:
    match op:
        case ast.Eq() | ast.NotEq():
            return _equal(to, node, left, right, wanted=isinstance(op, ast.Eq))
        case ast.In() | ast.NotIn():
            wanted = isinstance(op, ast.In)
            options = right.elts if isinstance(right, ast.Tuple) else [right]
            if not options:
                return to.problem("F401", right, "there is nothing between the brackets")
            return _member(to, node, left, options, wanted=wanted)
        case ast.Is() | ast.IsNot():
            return to.problem("F403", node, "`is` is not part of the language", "use `==`")
    return _ordered(to, node, left, op, right)


def _equal(
    to: Translation, node: ast.Compare, left: ast.expr, right: ast.expr, *, wanted: bool
) -> Formula:
    sides = ((left, right), (right, left))
    found = [(side, other, to.variable(side)) for side, other in sides]
    for side, other, variable in found:
        if variable and _code(to, variable[1], other) is not None:
            return _member(to, node, side, [other], wanted=wanted)
    for side, other, variable in found:
        if variable and not variable[1].variable.numeric:
            return _member(to, node, side, [other], wanted=wanted)
    return _numbers(to, node, left, [right], wanted=wanted)


def _member(
    to: Translation, node: ast.Compare, left: ast.expr, options: list[ast.expr], *, wanted: bool
) -> Formula:
    """Whether the left side is one of the options, or none of them.

    Where nobody chose, every comparison with an action is false; so "none of
    them" means one of the others.
    """
    found = to.variable(left)
    if found is None:
        return _numbers(to, node, left, options, wanted=wanted)
    name, symbol = found
    codes = [_code(to, symbol, option) for option in options]
    if symbol.variable.numeric and None in codes:
        return _numbers(to, node, left, options, wanted=wanted)
    allowed = to.read(left, name, symbol)
    for option, code in zip(options, codes, strict=True):
        if code is None:
            _no_level(to, name, symbol, option)
    if not allowed or None in codes:
        return BROKEN
    every = set(range(len(symbol.variable.levels)))
    return test(name, every & set(codes) if wanted else every - set(codes))


def _numbers(
    to: Translation, node: ast.Compare, left: ast.expr, options: list[ast.expr], *, wanted: bool
) -> Formula:
    """Numbers compared with each other; of words without a meaning only one is blamed."""
    sides = [left, *options]
    words = [side for side in sides if isinstance(side, ast.Name) and _is_word(to, side)]
    if len(words) == len(sides):
        strange = [word for word in words if to.scope.having(to.written(word)) is None]
        return unknown(to, (strange or words)[0])
    values = {side: to.value(side) for side in sides if side not in words}
    if any(value is BROKEN for value in values.values()):
        return BROKEN
    values |= {word: to.value(word) for word in words}
    operator = "equal" if wanted else "not_equal"
    tests = [to.apply(node, operator, values[left], values[option]) for option in options]
    return either(tests) if wanted else both(tests)


def _is_word(to: Translation, name: ast.Name) -> bool:
    """Whether the name has no meaning of its own, like a level."""
    return to.written(name) not in to.scope.symbols


def _code(to: Translation, symbol: VariableName, option: ast.expr) -> int | None:
    """The code of the level that the option names, a name or a literal."""
    match option:
        case ast.Name():
            word = to.written(option)
        case ast.Constant(value=int() | float() as value) if value == int(min(value, 1e15)):
            word = str(int(value))
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() as value)):
            word = str(-value)
        case _:
            return None
    levels = symbol.variable.levels
    return levels.index(word) if word in levels else None


def _no_level(to: Translation, name: str, symbol: VariableName, option: ast.expr) -> None:
    what = "level" if symbol.factor else "action"
    if isinstance(option, ast.Name):
        word = to.written(option)
        hint = did_you_mean(word, symbol.variable.levels, f"its {what}s")
        to.problem("F407", option, f"`{name}` has no {what} `{word}`", hint)
    else:
        hint = f"its rank is `level({name})`"
        to.problem("F406", option, f"`{name}` has named {what}s: compare it with one of them", hint)


def _ordered(
    to: Translation, node: ast.Compare, left: ast.expr, op: ast.cmpop, right: ast.expr
) -> Formula:
    operator, sign = ORDER[type(op)]
    for side, other in ((left, right), (right, left)):
        found = to.variable(side)
        if found and not found[1].variable.numeric:
            name, symbol = found
            code = _code(to, symbol, other)
            ranks = (f"level({name})", f"{symbol.variable.values[code]:g}" if code else "0")
            first, second = ranks if side is left else ranks[::-1]
            message = f"`{name}` has named levels and cannot be compared by size"
            return to.problem("F406", side, message, f"compare ranks: `{first} {sign} {second}`")
    return to.apply(node, operator, to.value(left), to.value(right))
