"""Numbers that are the same whatever the parameters are, told by how they are made."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np

from foedus.compiler.arithmetic import Lookup, operate
from foedus.scenario.formulas import Formula, evaluate

EITHER_WAY = frozenset(("add", "multiply", "equal", "not_equal", "and", "or", "min", "max"))
ALWAYS_FINITE = frozenset(
    ("add", "subtract", "multiply", "negate", "if", "min", "max", "abs", "logistic", "and", "or",
     "not", "less", "less_equal", "greater", "greater_equal", "equal", "not_equal")
)  # fmt: skip


class Recipes:
    """What formulas come to in given situations, as numbered recipes of parameters.

    Two numbers with one recipe are equal for all values of the parameters. Constants are
    computed, and what changes nothing is left out: adding 0, multiplying by 1, a condition
    that is settled. Zero times what is finite for all finite parameters is 0.

    >>> from foedus.scenario.formulas import ONE, ZERO, Operation, ParameterValue
    >>> recipes, cost = Recipes(Lookup(())), ParameterValue("cost")
    >>> recipes.of(Operation("multiply", (cost, ONE)), {}) == recipes.of(cost, {})
    True
    >>> recipes.constant(recipes.of(Operation("multiply", (cost, ZERO)), {}))
    0.0
    """

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        self._numbers: dict[Hashable, int] = {}
        self._constants: list[float | None] = []
        self._finite: list[bool] = []

    def of(self, formula: Formula, codes: Mapping[str, int]) -> int:
        """The recipe of a formula where variables have these codes."""
        return evaluate(formula, _Reading(self, self._lookup, codes))

    def constant(self, recipe: int) -> float | None:
        """The number that a recipe makes without any parameter; None where it takes one."""
        return self._constants[recipe]

    def number(self, value: float) -> int:
        """The recipe that is a constant."""
        value += 0.0  # -0.0 is 0.0
        return self._entered(("number", repr(value)), value, math.isfinite(value))

    def parameter(self, name: str) -> int:
        """The recipe that is a parameter."""
        return self._entered(("parameter", name), None, True)

    def operation(self, operator: str, operands: tuple[int, ...]) -> int:
        """The recipe of an operator applied to recipes."""
        known = [self._constants[operand] for operand in operands]
        constants = [value for value in known if value is not None]
        if len(constants) == len(known):
            with np.errstate(all="ignore"):
                arguments = tuple(map(np.float64, constants))
                return self.number(float(operate(np, operator, arguments)))
        simple = self._simplified(operator, operands, known)
        if simple is not None:
            return simple
        if operator in EITHER_WAY:
            operands = tuple(sorted(operands))
        return self._entered((operator, *operands), None, self._stays_finite(operator, operands))

    def _simplified(
        self, operator: str, operands: tuple[int, ...], known: list[float | None]
    ) -> int | None:
        match operator:
            case "add" if 0.0 in known:
                return operands[1 - known.index(0.0)]
            case "subtract" | "divide" if known[1] == (0.0 if operator == "subtract" else 1.0):
                return operands[0]
            case "multiply" if 1.0 in known:
                return operands[1 - known.index(1.0)]
            case "multiply" if 0.0 in known and self._finite[operands[1 - known.index(0.0)]]:
                return self.number(0.0)
            case "if" if known[0] is not None:
                return operands[1 if known[0] != 0 else 2]
            case "if" if operands[1] == operands[2]:
                return operands[1]
            case "and" if 0.0 in known:
                return self.number(0.0)
            case "or" if any(value not in (None, 0.0) for value in known):
                return self.number(1.0)
        return None

    def _stays_finite(self, operator: str, operands: tuple[int, ...]) -> bool:
        return operator in ALWAYS_FINITE and all(self._finite[operand] for operand in operands)

    def _entered(self, key: Hashable, constant: float | None, finite: bool) -> int:
        if key not in self._numbers:
            self._numbers[key] = len(self._constants)
            self._constants.append(constant)
            self._finite.append(finite)
        return self._numbers[key]


class _Reading:
    """The algebra that evaluates a formula to its recipe in one situation."""

    def __init__(self, recipes: Recipes, lookup: Lookup, codes: Mapping[str, int]) -> None:
        self.number, self.parameter = recipes.number, recipes.parameter
        self.operation = recipes.operation
        self._lookup, self._codes = lookup, codes

    def reading(self, variable: str) -> int:
        return self.number(self._value(self._lookup.numbers(variable, self._code(variable))))

    def test(self, variable: str, codes: frozenset[int]) -> int:
        return self.number(self._value(self._lookup.test(variable, self._code(variable), codes)))

    def _code(self, variable: str) -> np.ndarray:
        return np.array(self._codes[variable])

    def _value(self, found: Any) -> float:
        return float(found)
