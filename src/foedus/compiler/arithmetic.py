"""Formulas evaluated over arrays of situations.

A *situation* is one row of a table whose columns hold codes of variables
(factors, moves, chance). Code -1 means that nobody chose anything: its number
is 0 and every test of it is false.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from foedus.scenario.formulas import Formula, evaluate
from foedus.scenario.model import Variable

Columns = Mapping[str, np.ndarray]


def _truth(x: Any, xp: Any) -> Any:
    return xp.asarray(x) != 0


_ARITHMETIC: Mapping[str, Callable[..., Any]] = {
    "add": lambda xp, a, b: a + b,
    "subtract": lambda xp, a, b: a - b,
    "multiply": lambda xp, a, b: a * b,
    "divide": lambda xp, a, b: a / b,
    "power": lambda xp, a, b: a**b,
    "negate": lambda xp, a: -a,
    "less": lambda xp, a, b: (a < b) * 1.0,
    "less_equal": lambda xp, a, b: (a <= b) * 1.0,
    "greater": lambda xp, a, b: (a > b) * 1.0,
    "greater_equal": lambda xp, a, b: (a >= b) * 1.0,
    "equal": lambda xp, a, b: (a == b) * 1.0,
    "not_equal": lambda xp, a, b: (a != b) * 1.0,
    "not": lambda xp, a: (~_truth(a, xp)) * 1.0,
    "if": lambda xp, c, a, b: xp.where(_truth(c, xp), a, b),
    "exp": lambda xp, a: xp.exp(a),
    "log": lambda xp, a: xp.log(a),
    "sqrt": lambda xp, a: xp.sqrt(a),
    "abs": lambda xp, a: xp.abs(a),
    "logistic": lambda xp, a: 1.0 / (1.0 + xp.exp(-a)),
}


def _fold(pair: Callable[[Any, Any], Any], operands: tuple[Any, ...]) -> Any:
    answer = operands[0]
    for operand in operands[1:]:
        answer = pair(answer, operand)
    return answer


def operate(xp: Any, operator: str, operands: tuple[Any, ...]) -> Any:
    """An operator of formulas applied to arrays, or to numbers, of `xp`."""
    match operator:
        case "and":
            return _fold(lambda a, b: a & b, tuple(_truth(x, xp) for x in operands)) * 1.0
        case "or":
            return _fold(lambda a, b: a | b, tuple(_truth(x, xp) for x in operands)) * 1.0
        case "min":
            return _fold(xp.minimum, operands)
        case "max":
            return _fold(xp.maximum, operands)
    return _ARITHMETIC[operator](xp, *operands)


class Lookup:
    """Numbers that go with the codes of each variable; one table for all evaluations."""

    def __init__(self, variables: tuple[Variable, ...]) -> None:
        # Code -1 indexes the last entry from the end, so nobody's choice reads 0.
        self._values = {v.name: np.array([*v.values, 0.0]) for v in variables}
        self._sizes = {v.name: len(v.levels) for v in variables}

    def numbers(self, variable: str, codes: np.ndarray) -> np.ndarray:
        """The number of each code."""
        numbers: np.ndarray = self._values[variable][codes]
        return numbers

    def test(self, variable: str, codes: np.ndarray, wanted: frozenset[int]) -> np.ndarray:
        """1.0 where the code is one of `wanted`."""
        table = np.zeros(self._sizes[variable] + 1)
        table[list(wanted)] = 1.0
        answer: np.ndarray = table[codes]
        return answer

    def size(self, variable: str) -> int:
        """How many codes a variable has, -1 not counted."""
        return self._sizes[variable]


class ArrayAlgebra:
    """Evaluates formulas to arrays over situations; `xp` is `numpy` or `jax.numpy`."""

    def __init__(
        self, lookup: Lookup, columns: Columns, parameters: Mapping[str, Any], xp: Any = np
    ) -> None:
        self.lookup, self.columns, self.parameters, self.xp = lookup, columns, parameters, xp

    def number(self, value: float) -> Any:
        return value

    def parameter(self, name: str) -> Any:
        return self.parameters[name]

    def reading(self, variable: str) -> Any:
        return self.lookup.numbers(variable, self.columns[variable])

    def test(self, variable: str, codes: frozenset[int]) -> Any:
        return self.lookup.test(variable, self.columns[variable], codes)

    def operation(self, operator: str, operands: tuple[Any, ...]) -> Any:
        return operate(self.xp, operator, operands)


class PossibilityAlgebra(ArrayAlgebra):
    """Evaluates formulas where parameters and some variables are unknown, written NaN.

    A result that is not NaN holds whatever the unknowns are: zero times an
    unknown is zero, `and` with a false operand is false. So a probability that
    comes out as 0 is impossible for every parameter value, and NaN means "it depends".
    """

    def __init__(self, lookup: Lookup, columns: Columns) -> None:
        super().__init__(lookup, columns, {})

    def parameter(self, name: str) -> Any:
        return np.nan

    def reading(self, variable: str) -> Any:
        return super().reading(variable) if variable in self.columns else np.nan

    def test(self, variable: str, codes: frozenset[int]) -> Any:
        return super().test(variable, codes) if variable in self.columns else np.nan

    def operation(self, operator: str, operands: tuple[Any, ...]) -> Any:
        arrays = tuple(np.asarray(x, dtype=float) for x in operands)
        unknown = _fold(lambda a, b: a | b, tuple(np.isnan(x) for x in arrays))
        with np.errstate(all="ignore"):
            match operator:
                case "multiply" | "and":
                    zero = _fold(lambda a, b: a | b, tuple(x == 0 for x in arrays))
                    decided, answer = zero, np.zeros(1)
                case "or":
                    true = _fold(lambda a, b: a | b, tuple((x != 0) & ~np.isnan(x) for x in arrays))
                    decided, answer = true, np.ones(1)
                case "if":
                    condition, *_ = arrays
                    same = arrays[1] == arrays[2]
                    decided = ~np.isnan(condition) | same
                    answer = np.where(condition != 0, arrays[1], arrays[2])
                case _:
                    decided, answer = ~unknown, np.zeros(1)
            plain = operate(np, operator, arrays)
            if operator in ("multiply", "and", "or", "if"):
                return np.where(decided, answer, np.where(unknown, np.nan, plain))
            return np.where(unknown, np.nan, plain)


class Reader:
    """Reads formulas in one table of situations; what formulas share is evaluated once."""

    def __init__(self, lookup: Lookup, columns: Columns, rows: int) -> None:
        self.rows = rows
        self._plain = ArrayAlgebra(lookup, columns, {})
        self._partial = PossibilityAlgebra(lookup, columns)
        self._values: dict[int, Any] = {}
        self._possibilities: dict[int, Any] = {}

    def holds(self, condition: Formula) -> np.ndarray:
        """Where a condition without parameters is true."""
        value = np.asarray(evaluate(condition, self._plain, self._values))
        answer: np.ndarray = np.broadcast_to(value != 0, (self.rows,))
        return answer

    def possible(self, formula: Formula) -> np.ndarray:
        """Where the formula may be nonzero for some value of what is unknown."""
        value = np.asarray(evaluate(formula, self._partial, self._possibilities))
        answer: np.ndarray = np.broadcast_to(value != 0, (self.rows,))
        return answer
