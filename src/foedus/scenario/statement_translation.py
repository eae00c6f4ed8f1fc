"""Turns the text of a claim into a statement or a term, and collects everything wrong in it."""

from __future__ import annotations

import ast
from typing import Literal

from foedus.scenario.constants import folded, number
from foedus.scenario.expressions import parse
from foedus.scenario.formulas import Number, ParameterValue
from foedus.scenario.problems import BROKEN_TERM, ExpressionError, Problem
from foedus.scenario.statement_calls import call, figure
from foedus.scenario.statements import (
    All,
    Arithmetic,
    Comparison,
    Figure,
    Not,
    Relation,
    Some,
    Statement,
    Term,
)
from foedus.scenario.suggestions import closest
from foedus.scenario.tokens import unmarked
from foedus.scenario.translation import BINARY
from foedus.scenario.vocabulary import Vocabulary

Reads = Literal["parameters", "draws", "region"]
"""What a text may read: parameters only; quantities of a draw too; statistics as well."""

NOTHING = All(())  # stands for a statement that has a problem
KEYWORDS = frozenset({"without", "under", "given"})
RELATIONS: dict[type[ast.cmpop], Relation] = {
    ast.Lt: "<", ast.LtE: "<=", ast.Eq: "==", ast.NotEq: "!=", ast.GtE: ">=", ast.Gt: ">",
}  # fmt: skip


def read_statement(text: str, words: Vocabulary, reads: Reads = "region") -> Statement:
    """The statement that the text makes. Raises `ExpressionError` with every problem in it."""
    translation = StatementTranslation(text, words, reads)
    found = translation.statement(parse(text, KEYWORDS))
    translation.check_scope()
    if translation.problems:
        raise ExpressionError(text, tuple(translation.problems))
    return found


def read_term(text: str, words: Vocabulary) -> Term:
    """The number in each draw that the text is; raises like `read_statement`."""
    translation = StatementTranslation(text, words, "draws")
    found = translation.term(parse(text, KEYWORDS))
    if translation.problems:
        raise ExpressionError(text, tuple(translation.problems))
    return found


class StatementTranslation:
    """The translation of one text in one vocabulary."""

    def __init__(self, text: str, words: Vocabulary, reads: Reads) -> None:
        self.text = text
        self.words = words
        self.reads = reads
        self.problems: list[Problem] = []
        self.inside = False  # a statistic, which reads every draw
        self.statistics = 0
        self.loose: list[ast.expr] = []  # what is read of a single draw, outside statistics

    def statement(self, node: ast.expr) -> Statement:
        """What the node says."""
        match node:
            case ast.Compare():
                return self._comparison(node)
            case ast.BoolOp():
                parts = tuple(map(self.statement, node.values))
                return All(parts) if isinstance(node.op, ast.And) else Some(parts)
            case ast.UnaryOp(op=ast.Not()):
                return Not(self.statement(node.operand))
        if self.term(node) is not BROKEN_TERM:
            message = "this is a number, and a statement compares numbers"
            self.problem("F612", node, message, "as in `x(pact) < x(none)`")
        return NOTHING

    def term(self, node: ast.expr) -> Term:
        """The number that the node stands for."""
        match node:
            case ast.Constant(value=bool() | None):
                return self.problem("F403", node, "this is no number")
            case ast.Constant(value=int() | float() as value):
                return self._constant(node, value)
            case ast.Name():
                return self._name(node)
            case ast.BinOp() if type(node.op) in BINARY:
                operator, sign = BINARY[type(node.op)]
                sides = [self.term(node.left), self.term(node.right)]
                return self.apply(node, operator, sides, sign=sign)
            case ast.UnaryOp(op=ast.USub()):
                return self.apply(node, "negate", [self.term(node.operand)])
            case ast.UnaryOp(op=ast.UAdd()):
                return self.term(node.operand)
            case ast.Call():
                return call(self, node)
            case ast.Compare() | ast.BoolOp() | ast.UnaryOp(op=ast.Not()):
                self.statement(node)
                message = "this is true or false, and a number stands here"
                return self.problem("F612", node, message, "share(...) of the draws is a number")
        return self.problem("F403", node, "this is not part of the language of claims")

    def apply(self, node: ast.expr, operator: str, operands: list[Term], *, sign: str = "") -> Term:
        """The operator applied; numbers are worked out."""
        if any(operand is BROKEN_TERM for operand in operands):
            return BROKEN_TERM
        numbers = [operand.value for operand in operands if isinstance(operand, Number)]
        try:
            if len(numbers) == len(operands):
                return folded(operator, numbers)
            if operator == "divide" and isinstance(operands[1], Number) and not numbers[-1]:
                raise FloatingPointError("division by zero")
        except FloatingPointError as error:
            return self.problem("F408", node, f"`{sign or operator}` has no value here: {error}")
        return Arithmetic(operator, tuple(operands))

    def written(self, node: ast.Name) -> str:
        """The name as the analyst wrote it."""
        return unmarked(node.id)

    def problem(self, code: str, node: ast.expr, message: str, hint: str = "") -> Term:
        """Note a problem at the node, once, and stand something in for its value."""
        start = max(0, node.col_offset - 1)
        stop = min(len(self.text), (node.end_col_offset or node.col_offset + 1) - 1)
        found = Problem(code, message, start, stop, hint)
        if not any((p.code, p.start, p.stop) == (code, start, stop) for p in self.problems):
            self.problems.append(found)
        return BROKEN_TERM

    def read(self, node: ast.expr) -> None:
        """Note that the node reads something of a single draw."""
        if not self.inside:
            self.loose.append(node)

    def check_scope(self) -> None:
        """A statement is about each draw or about all of them together, not about both."""
        if self.statistics and self.loose:
            message = "this is of each draw, while other parts are of all draws together"
            hint = "put it inside share(...), mean(...) or another statistic"
            self.problem("F614", self.loose[0], message, hint)

    def _comparison(self, node: ast.Compare) -> Statement:
        """A comparison; a chain of them is all its links."""
        if any(type(op) not in RELATIONS for op in node.ops):
            self.problem("F403", node, "claims compare with < <= == != >= and >")
            return NOTHING
        sides = [node.left, *node.comparators]
        terms = [self.term(side) for side in sides]
        links: list[Comparison] = []
        for at, op in enumerate(node.ops):
            links.append(Comparison(terms[at], RELATIONS[type(op)], terms[at + 1]))
            self._check_link(sides[at + 1], links[-1])
        return links[0] if len(links) == 1 else All(tuple(links))

    def _check_link(self, right: ast.expr, link: Comparison) -> None:
        """The comparison can come out one way or the other."""
        if BROKEN_TERM in (link.left, link.right):
            return
        if isinstance(link.left, Number) and isinstance(link.right, Number):
            message = "two numbers are compared, which comes out the same in every draw"
            self.problem("F613", right, message)
        elif repr(link.left) == repr(link.right):
            self.problem("F613", right, "this is compared with itself")

    def _name(self, node: ast.Name) -> Term:
        name = self.written(node)
        words = self.words
        alone = len(words.regimes) == 1
        if name in words.parameters:
            if alone and name in words.quantities:
                message = f"`{name}` is a parameter and a quantity"
                hint = f"`{name}({words.regimes[0]})` is the quantity; rename one of them"
                return self.problem("F611", node, message, hint)
            self.read(node)
            return ParameterValue(name)
        if name in words.quantities:
            if alone:
                return figure(self, node, Figure(quantity=name, regime=words.regimes[0]))
            regimes = ", ".join(f"`{regime}`" for regime in words.regimes)
            message = f"`{name}` has a value in each regime: this does not say in which"
            return self.problem("F611", node, message, f"`{name}(...)` with one of {regimes}")
        return self.unknown(node, name)

    def unknown(self, node: ast.expr, name: str) -> Term:
        """Say that the name is neither a parameter nor a quantity."""
        if kind := self.words.others.get(name):
            message = f"`{name}` is {kind}; statements read quantities and parameters"
            hint = "declare what you mean under `quantities`"
            return self.problem("F404", node, message, hint)
        known = {*self.words.parameters, *self.words.quantities}
        close = closest(name, known)
        hint = f"did you mean `{close}`?" if close else "declare it under `quantities`"
        return self.problem("F404", node, f"there is no quantity or parameter `{name}`", hint)

    def _constant(self, node: ast.expr, value: float) -> Term:
        if abs(value) > 1e300:
            return self.problem("F408", node, "the number is too large")
        return number(float(value))
