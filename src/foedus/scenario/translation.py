"""Turns the syntax tree of an expression into a formula, and collects everything wrong in it."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator
from contextlib import contextmanager

from foedus.scenario.calls import call
from foedus.scenario.comparisons import comparison
from foedus.scenario.constants import number
from foedus.scenario.formulas import Formula, Number
from foedus.scenario.problems import BROKEN, ExpressionError, Problem
from foedus.scenario.references import reference
from foedus.scenario.scope import DefineName, Scope, Symbol, VariableName, following
from foedus.scenario.simplify import both, choice, depth, either, negation, operation
from foedus.scenario.tokens import unmarked

DEEPEST_FORMULA = 300  # definitions written out; formulas are walked recursively
MOST_STEPS = 4_000  # sums written out

BINARY: dict[type[ast.operator], tuple[str, str]] = {
    ast.Add: ("add", "+"),
    ast.Sub: ("subtract", "-"),
    ast.Mult: ("multiply", "*"),
    ast.Div: ("divide", "/"),
    ast.Pow: ("power", "**"),
}
REFUSED: dict[type[ast.AST], str] = {
    ast.Attribute: "an attribute",
    ast.Subscript: "an index",
    ast.Lambda: "a function",
    ast.Tuple: "a list of values",
    ast.GeneratorExp: "a loop outside `sum`",
    ast.Starred: "a `*` before a value",
}


class Translation:
    """The translation of one expression in one scope.

    `uses` are the names that were looked up and what they meant, `reads` the
    variables behind them: with both, an answer can be used again elsewhere.
    """

    def __init__(self, text: str, scope: Scope) -> None:
        self.text = text
        self.scope = scope
        self.problems: list[Problem] = []
        self.uses: dict[str, Symbol] = {}
        self.reads: set[str] = set()
        self.shifted = False  # inside next(...): factors are next period's
        self.bound: dict[str, str] = {}  # inside sum(...): what its variable stands for
        self.blameless = False  # whether a name was used whose own declaration is broken
        self._steps = 0

    def formula(self, body: ast.expr) -> Formula:
        """The formula; raises `ExpressionError` with all problems found.

        There are no problems in the error where only a name's own declaration is to blame.
        """
        formula = self.value(body)
        defines = any(isinstance(symbol, DefineName) for symbol in self.uses.values())
        if not self.problems and defines and depth(formula) > DEEPEST_FORMULA:
            message = "the expression is nested too deeply once its definitions are written out"
            self.problems.append(Problem("F402", message, 0, len(self.text)))
        if self.problems or self.blameless:
            raise ExpressionError(self.text, tuple(self.problems))
        return formula

    def value(self, node: ast.expr) -> Formula:
        """The number that the node stands for."""
        self._steps += 1
        if self._steps > MOST_STEPS:
            return self.problem("F402", node, "the sums in this expression have too many terms")
        match node:
            case ast.Constant(value=bool() | None):
                return self.problem("F403", node, "write 1 for true and 0 for false")
            case ast.Constant(value=int() | float() as value):
                return self._constant(node, value)
            case ast.Name():
                return reference(self, node)
            case ast.BinOp() if type(node.op) in BINARY:
                operator, sign = BINARY[type(node.op)]
                left, right = self.value(node.left), self.value(node.right)
                return self.apply(node, operator, left, right, sign=sign)
            case ast.UnaryOp(op=ast.USub()):
                return self.apply(node, "negate", self.value(node.operand))
            case ast.UnaryOp(op=ast.UAdd()):
                return self.value(node.operand)
            case ast.UnaryOp(op=ast.Not()):
                return negation(self.value(node.operand))
            case ast.BoolOp():
                values = [self.value(operand) for operand in node.values]
                return both(values) if isinstance(node.op, ast.And) else either(values)
            case ast.IfExp():
                return self._choice(node)
            case ast.Compare():
                return comparison(self, node)
            case ast.Call():
                return call(self, node)
        what = REFUSED.get(type(node), "this")
        return self.problem("F403", node, f"{what} is not part of the expression language")

    def apply(self, node: ast.expr, operator: str, *operands: Formula, sign: str = "") -> Formula:
        """The operator applied; a problem at the node where constants have no finite result."""
        if any(operand is BROKEN for operand in operands):
            return BROKEN
        try:
            return operation(operator, *operands)
        except FloatingPointError as error:
            return self.problem("F408", node, f"`{sign or operator}` has no value here: {error}")

    def written(self, node: ast.Name) -> str:
        """The name as the analyst wrote it, or the one that it stands for in a sum."""
        return self.bound.get(node.id) or unmarked(node.id)

    def symbol(self, node: ast.Name) -> tuple[str, Symbol | None]:
        """The name as written, and its meaning."""
        name = self.written(node)
        symbol = self.scope.symbol(name)
        if symbol is not None:
            self.uses[name] = symbol
        return name, symbol

    def variable(self, node: ast.expr) -> tuple[str, VariableName] | None:
        """The variable that `x` or `next(x)` is, and its symbol; None for anything else."""
        shifted = self.shifted
        match node:
            case ast.Call(func=ast.Name(id="next"), args=[ast.Name() as inner], keywords=[]):
                if shifted:
                    return None
                node, shifted = inner, True
        name = self.typed(node)
        if name is None:
            if not isinstance(node, ast.Name):
                return None
            name = self.written(node)
        symbol = self.scope.variable(name)
        if symbol is None or (shifted and not symbol.factor):
            return None
        self.uses[name] = symbol
        return (following(name) if shifted else name), symbol

    def typed(self, node: ast.expr) -> str | None:
        """The name of the variable that `type(player)` is; None for anything else."""
        match node:
            case ast.Call(func=ast.Name() as function, args=[ast.Name() as player], keywords=[]):
                if self.written(function) == "type":
                    return f"type({self.written(player)})"
        return None

    def read(self, node: ast.expr, variable: str, symbol: VariableName) -> bool:
        """Whether the variable may be read here; a problem at the node if not."""
        if self.shifted and not symbol.factor:
            message = f"`{symbol.variable.name}` is a move of this period and has no next level"
            self.problem("F405", node, message, "`next` takes factors of the state")
            return False
        self.reads.add(variable)
        if reason := self.scope.unknown(variable):
            self.problem("F405", node, f"`{variable}` {reason}")
            return False
        return True

    @contextmanager
    def binding(self, name: str, stands_for: str) -> Iterator[None]:
        """Within a sum: `name` stands for another name."""
        before = dict(self.bound)
        self.bound[name] = stands_for
        yield
        self.bound = before

    @contextmanager
    def shifting(self) -> Iterator[None]:
        """Within `next(...)`."""
        self.shifted = True
        yield
        self.shifted = False

    def problem(self, code: str, node: ast.expr, message: str, hint: str = "") -> Formula:
        """Note a problem at the node, once, and stand something in for its value."""
        start = max(0, node.col_offset - 1)
        stop = min(len(self.text), (node.end_col_offset or node.col_offset + 1) - 1)
        found = Problem(code, message, start, stop, hint)
        if not any((p.code, p.start, p.stop) == (code, start, stop) for p in self.problems):
            self.problems.append(found)
        return BROKEN

    def _choice(self, node: ast.IfExp) -> Formula:
        """`a if c else b`. Where c is constant, the other side need not have a value."""
        condition = self.value(node.test)
        number_before = len(self.problems)
        when_true, true_problems = self.value(node.body), self.problems[number_before:]
        when_false = self.value(node.orelse)
        false_problems = self.problems[number_before + len(true_problems) :]
        if isinstance(condition, Number):
            idle = false_problems if condition.value else true_problems
            for problem in idle:
                if problem.code == "F408":
                    self.problems.remove(problem)
        return choice(condition, when_true, when_false)

    def _constant(self, node: ast.expr, value: float) -> Formula:
        try:
            finite = float(value)
        except OverflowError:
            finite = math.inf
        if math.isinf(finite):
            return self.problem("F408", node, "the number is too large")
        return number(finite)
