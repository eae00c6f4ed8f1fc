"""Formulas built small: constants folded, neutral operands dropped, tests of one variable merged.

Each function makes the node of its name, or something simpler that has the same
value. `FloatingPointError` means that constants have no finite result.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import reduce

from foedus.scenario.constants import folded, number
from foedus.scenario.formulas import (
    ONE,
    ZERO,
    Formula,
    Number,
    Operation,
    Reading,
    Test,
)

TRUTH_VALUED = frozenset(
    {"less", "less_equal", "greater", "greater_equal", "equal", "not_equal", "and", "or", "not"}
)


def operation(operator: str, *operands: Formula) -> Formula:
    """An arithmetic operator or comparison applied to its operands, simplified."""
    if all(isinstance(operand, Number) for operand in operands):
        return folded(operator, [operand.value for operand in operands])  # type: ignore[union-attr]
    if operator == "divide" and operands[1] is ZERO:
        raise FloatingPointError("division by zero")
    return _neutral(operator, operands) or Operation(operator, operands)


def both(operands: Iterable[Formula]) -> Formula:
    """1 where every operand is true."""
    kept: list[Formula] = []
    for operand in operands:
        if isinstance(operand, Number):
            if operand.value == 0:
                return ZERO
        elif not any(operand is other for other in kept):
            kept.append(operand)
    tests = _merged(kept, frozenset.intersection)
    if any(isinstance(test, Test) and not test.codes for test in tests):
        return ZERO
    return _joined("and", tests, ONE)


def either(operands: Iterable[Formula]) -> Formula:
    """1 where some operand is true."""
    kept: list[Formula] = []
    for operand in operands:
        if isinstance(operand, Number):
            if operand.value != 0:
                return ONE
        elif not any(operand is other for other in kept):
            kept.append(operand)
    return _joined("or", _merged(kept, frozenset.union), ZERO)


def negation(operand: Formula) -> Formula:
    """1 where the operand is false."""
    if isinstance(operand, Number):
        return number(float(operand.value == 0))
    if isinstance(operand, Operation) and operand.operator == "not":
        return truth(operand.operands[0])
    return Operation("not", (operand,))


def truth(operand: Formula) -> Formula:
    """1 where the operand is not zero, else 0."""
    if isinstance(operand, Number):
        return number(float(operand.value != 0))
    if truth_valued(operand):
        return operand
    return Operation("not_equal", (operand, ZERO))


def truth_valued(operand: Formula) -> bool:
    """Whether the formula can only be 0 or 1."""
    if isinstance(operand, Operation):
        return operand.operator in TRUTH_VALUED
    return isinstance(operand, Test) or operand in (ZERO, ONE)


def choice(condition: Formula, when_true: Formula, when_false: Formula) -> Formula:
    """One formula where the condition holds and the other elsewhere."""
    if isinstance(condition, Number):
        return when_true if condition.value != 0 else when_false
    if when_true is when_false:
        return when_true
    if when_true is ONE and when_false is ZERO:
        return truth(condition)
    return Operation("if", (condition, when_true, when_false))


def test(variable: str, codes: Iterable[int]) -> Formula:
    """1 where the variable has one of the codes."""
    wanted = frozenset(codes)
    return Test(variable, wanted) if wanted else ZERO


def renamed(formula: Formula, names: Mapping[str, str]) -> Formula:
    """The formula reading other variables; shared nodes stay shared."""
    known: dict[int, Formula] = {}

    def copy(node: Formula) -> Formula:
        if id(node) not in known:
            known[id(node)] = make(node)
        return known[id(node)]

    def make(node: Formula) -> Formula:
        match node:
            case Reading() if node.variable in names:
                return Reading(names[node.variable])
            case Test() if node.variable in names:
                return Test(names[node.variable], node.codes)
            case Operation():
                return Operation(node.operator, tuple(map(copy, node.operands)))
        return node

    return copy(formula)


def depth(formula: Formula) -> int:
    """Levels of nesting of the formula; a leaf has one."""
    known: dict[int, int] = {}

    def measure(node: Formula) -> int:
        if id(node) not in known:
            inner = node.operands if isinstance(node, Operation) else ()
            known[id(node)] = 1 + max(map(measure, inner), default=0)
        return known[id(node)]

    return measure(formula)


def _neutral(operator: str, operands: tuple[Formula, ...]) -> Formula | None:
    """What is left when an operand changes nothing or decides everything."""
    if len(operands) == 1:
        (a,) = operands
        double = isinstance(a, Operation) and a.operator == operator == "negate"
        return a.operands[0] if double else None  # type: ignore[union-attr]
    a, b = operands[0], operands[1]
    match operator:
        case "add":
            return b if a is ZERO else a if b is ZERO else None
        case "subtract":
            return a if b is ZERO else operation("negate", b) if a is ZERO else None
        case "multiply" if a is ZERO or b is ZERO:
            return ZERO
        case "multiply":
            return b if a is ONE else a if b is ONE else None
        case "divide":
            return a if b is ONE else ZERO if a is ZERO else None
        case "power":
            return a if b is ONE else ONE if b is ZERO or a is ONE else None
    return None


def _merged(
    operands: list[Formula], merge: Callable[[frozenset[int], frozenset[int]], frozenset[int]]
) -> list[Formula]:
    """The operands with all tests of one variable put into one."""
    tests: dict[str, list[Test]] = {}
    for operand in operands:
        if isinstance(operand, Test):
            tests.setdefault(operand.variable, []).append(operand)
    answer: list[Formula] = []
    for operand in operands:
        if not isinstance(operand, Test):
            answer.append(operand)
        elif same := tests.pop(operand.variable, None):
            one = len(same) == 1
            codes = reduce(merge, (t.codes for t in same))
            answer.append(operand if one else Test(operand.variable, codes))
    return answer


def _joined(operator: str, operands: list[Formula], empty: Number) -> Formula:
    if not operands:
        return empty
    return truth(operands[0]) if len(operands) == 1 else Operation(operator, tuple(operands))
