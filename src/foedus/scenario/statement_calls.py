"""Calls in a statement: quantities `q(regime)`, statistics `share(...)`, functions `min(...)`."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, cast

from foedus.scenario.formulas import OPERATORS, Number
from foedus.scenario.names import FUNCTIONS, STATISTICS
from foedus.scenario.problems import BROKEN_TERM
from foedus.scenario.statements import Figure, Statistic, StatisticName, Term
from foedus.scenario.suggestions import did_you_mean

if TYPE_CHECKING:
    from foedus.scenario.statement_translation import StatementTranslation

SHAPES = {
    "share": "share(statement)",
    "mean": "mean(x)",
    "median": "median(x)",
    "quantile": "quantile(x, 0.9)",
    "correlation": "correlation(x, y)",
}
ARITHMETIC = FUNCTIONS - {"sum"}


def call(to: StatementTranslation, node: ast.Call) -> Term:
    """The number that a call stands for."""
    if not isinstance(node.func, ast.Name):
        return to.problem("F403", node, "this is not part of the language of claims")
    name = to.written(node.func)
    if name in STATISTICS:
        return _statistic(to, node, cast(StatisticName, name))
    if name in ARITHMETIC:
        return _function(to, node, name)
    if name in to.words.quantities:
        return _quantity(to, node, name)
    if name in to.words.parameters:
        message = f"`{name}` is a parameter, which is the same in every regime"
        return to.problem("F410", node, message, f"write `{name}`")
    if name in to.words.others:
        return to.unknown(node.func, name)
    known = {*to.words.quantities, *ARITHMETIC, *STATISTICS}
    hint = did_you_mean(name, known)
    if not hint.startswith("did"):
        hint = "declare it under `quantities`"
    return to.problem("F404", node.func, f"there is no quantity or function `{name}`", hint)


def figure(to: StatementTranslation, node: ast.expr, found: Figure) -> Term:
    """The figure, if it may stand here and can say something."""
    if to.reads == "parameters":
        message = f"`{found.quantity}` is a quantity, and only parameters may be read here"
        return to.problem("F615", node, message)
    if to.words.always_zero(found):
        message = f"`{found.quantity}` in {found.regime} is a distance to itself, always 0"
        hint = "name another regime, or add `without=` or `under=`"
        return to.problem("F613", node, message, hint)
    to.read(node)
    return found


def _quantity(to: StatementTranslation, node: ast.Call, name: str) -> Term:
    words = to.words
    shape = f"`{name}({words.regimes[0]})`"
    regime: str | None = None
    if len(node.args) == 1:
        regime = _known(to, node.args[0], words.regimes, "regime")
    elif not node.args and len(words.regimes) == 1:
        regime = words.regimes[0]
    elif not node.args:
        return to.problem("F611", node, f"`{name}` does not say in which regime", f"as in {shape}")
    else:
        hint = f"as in {shape}, or {shape[1:-2]}, without=mechanism)"
        return to.problem("F410", node.args[1], f"`{name}` takes one regime", hint)
    said: dict[str, str | None] = {}
    for keyword in node.keywords:
        match keyword.arg:
            case "without":
                said["without"] = _known(to, keyword.value, words.mechanisms, "mechanism")
            case "under":
                said["under"] = _known(to, keyword.value, words.counterfactuals, "counterfactual")
            case _:
                message = "`given` is of a statistic; a quantity takes `without` and `under`"
                return to.problem("F410", keyword.value, message)
    if regime is None or None in said.values():
        return BROKEN_TERM
    return figure(to, node, Figure(quantity=name, regime=regime, **said))


def _known(
    to: StatementTranslation, node: ast.expr, names: tuple[str, ...], what: str
) -> str | None:
    """The name if it is one of `names`; otherwise a problem."""
    if not isinstance(node, ast.Name):
        to.problem("F410", node, f"the name of a {what} stands here")
        return None
    name = to.written(node)
    if name not in names:
        hint = did_you_mean(name, names, f"{what}s")
        to.problem("F304", node, f"there is no {what} `{name}`", hint)
        return None
    return name


def _function(to: StatementTranslation, node: ast.Call, name: str) -> Term:
    if node.keywords or any(isinstance(inner, ast.Starred) for inner in node.args):
        return to.problem("F410", node, f"`{name}` takes plain arguments only")
    wanted = 3 if name == "clip" else OPERATORS[name]
    if wanted is not None and len(node.args) != wanted:
        words = {1: "one argument", 3: "three arguments: a value, the lowest and the highest"}
        return to.problem("F410", node, f"`{name}` takes {words[wanted]}")
    if wanted is None and len(node.args) < 2:
        return to.problem("F410", node, f"`{name}` takes two arguments or more")
    values = [to.term(inner) for inner in node.args]
    if name == "clip":
        value, low, high = values
        return to.apply(node, "min", [to.apply(node, "max", [value, low]), high])
    return to.apply(node, name, values)


def _statistic(to: StatementTranslation, node: ast.Call, name: StatisticName) -> Term:
    """A statistic of all draws, or of those in which `given` holds."""
    shape = f"as in `{SHAPES[name]}`"
    if to.reads != "region" or to.inside:
        where = "inside another statistic" if to.inside else "where each draw has its own answer"
        message = f"`{name}` is one number for all draws and cannot stand {where}"
        return to.problem("F614", node, message)
    odd = [keyword for keyword in node.keywords if keyword.arg != "given"]
    wanted = 2 if name in ("quantile", "correlation") else 1
    if odd or len(node.args) != wanted:
        return to.problem("F410", node, f"`{name}` is not written like this", shape)
    to.statistics += 1
    to.inside = True
    of = to.statement(node.args[0]) if name == "share" else to.term(node.args[0])
    by = to.term(node.args[1]) if wanted == 2 else None
    given = to.statement(node.keywords[0].value) if node.keywords else None
    to.inside = False
    if name == "quantile" and not (isinstance(by, Number) and 0 <= by.value <= 1):
        message = "a quantile is asked for at a number from 0 to 1"
        return to.problem("F410", node.args[1], message, shape)
    return Statistic(name=name, of=of, by=by, given=given)
