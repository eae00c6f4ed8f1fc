"""Expressions: the same value as Python gives them, and a place for everything wrong in them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foedus.scenario import formulas
from foedus.scenario.expressions import ExpressionError, Problem, Scope, read_formula
from foedus.scenario.formulas import (
    ONE,
    ZERO,
    Formula,
    Number,
    Operation,
    ParameterValue,
    Reading,
    evaluate,
    nodes,
)
from foedus.scenario.model import Variable
from foedus.scenario.scope import ParameterName, PlayersName, VariableName, define_name

PHASE = Variable(name="phase", levels=("peace", "war", "ruin"), values=(0.0, 1.0, 2.0))
CONTROL = Variable(
    name="control", levels=("0", "1", "2", "3"), values=(0.0, 1.0, 2.0, 3.0), numeric=True
)
US = Variable(name="US", levels=("stay", "help", "raise"), values=(0.0, 1.0, 2.0))
EU = Variable(name="EU", levels=("stay", "help"), values=(0.0, 1.0))
MIXED = Variable(name="mixed", levels=("a", "b"), values=(0.0, math.nan))


def scope(**defines: str) -> Scope:
    """Factors phase and control, moves US, EU and mixed, parameters x and y."""
    made = Scope(
        {
            "phase": VariableName(PHASE, True),
            "control": VariableName(CONTROL, True),
            "US": VariableName(US, False),
            "EU": VariableName(EU, False),
            "mixed": VariableName(MIXED, False),
            "x": ParameterName("x"),
            "y": ParameterName("y"),
            "players": PlayersName(("US", "EU")),
        }
    )
    for name, text in defines.items():
        made.symbols[name] = define_name(name, read_formula(text, made))
    return made


VARIABLES = {v.name: v for v in (PHASE, CONTROL, US, EU)} | {
    "next(phase)": PHASE,
    "next(control)": CONTROL,
}
OPERATIONS: Mapping[str, Callable[..., float]] = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "divide": lambda a, b: a / b,
    "power": lambda a, b: a**b,
    "negate": lambda a: -a,
    "less": lambda a, b: a < b,
    "less_equal": lambda a, b: a <= b,
    "greater": lambda a, b: a > b,
    "greater_equal": lambda a, b: a >= b,
    "equal": lambda a, b: a == b,
    "not_equal": lambda a, b: a != b,
    "and": lambda *a: all(a),
    "or": lambda *a: any(a),
    "not": lambda a: not a,
    "if": lambda c, a, b: a if c else b,
    "min": min,
    "max": max,
    "exp": math.exp,
    "log": math.log,
    "sqrt": math.sqrt,
    "abs": abs,
    "logistic": lambda a: 1 / (1 + math.exp(-a)),
}


class Floats:
    """Formulas as plain numbers at given codes and parameter values."""

    def __init__(self, codes: Mapping[str, int], parameters: Mapping[str, float]) -> None:
        self.codes = codes
        self.parameters = parameters

    def number(self, value: float) -> float:
        return value

    def parameter(self, name: str) -> float:
        return self.parameters[name]

    def reading(self, variable: str) -> float:
        code = self.codes[variable]
        return VARIABLES[variable].values[code] if code >= 0 else 0.0

    def test(self, variable: str, codes: frozenset[int]) -> float:
        return float(self.codes[variable] in codes)

    def operation(self, operator: str, operands: tuple[float, ...]) -> float:
        return float(OPERATIONS[operator](*operands))


class Level(str):
    """A level as Python sees it in the oracle: its name, with a rank and a next level."""

    rank: float
    following: object


class Quantity(float):
    """A numeric factor as Python sees it in the oracle."""

    rank: float
    following: object


def as_python(codes: Mapping[str, int], parameters: Mapping[str, float]) -> dict[str, object]:
    """The names of an expression as Python objects, for `eval` as an independent oracle."""

    def seen(name: str) -> Level | Quantity:
        variable, code = VARIABLES[name], codes[name]
        value = variable.values[code]
        made: Level | Quantity = (
            Quantity(value) if variable.numeric else Level(variable.levels[code])
        )
        made.rank = value
        return made

    names: dict[str, object] = {level: level for v in (PHASE, US, EU) for level in v.levels}
    for name in ("phase", "control"):
        factor = seen(name)
        factor.following = seen(f"next({name})")
        names[name] = factor
    us, eu = seen("US"), seen("EU")
    return names | parameters | {
        "US": us,
        "EU": eu,
        "players": (us, eu),
        "level": lambda v: v.rank,
        "next": lambda v: v.following,
        "clip": lambda v, low, high: min(max(v, low), high),
        "logistic": OPERATIONS["logistic"],
        "exp": math.exp,
        "log": math.log,
        "sqrt": math.sqrt,
    }  # fmt: skip


ATOMS = st.sampled_from(
    ["x", "y", "control", "next(control)", "level(phase)", "level(US)", "level(next(phase))",
     "0", "1", "2", "0.5", "(-3)", "1e-1", "sum(level(p) for p in (US, EU))",
     "sum(p == help for p in players)", "sum(3 if p == stay else level(p) for p in players)"]
)  # fmt: skip
TESTS = st.sampled_from(
    [
        "phase == war",
        "war == phase",
        "phase != peace",
        "phase in (war, ruin)",
        "phase not in (war,)",
        "US == help",
        "EU in (help)",
        "next(phase) == war",
        "next(control) != 0",
        "control == 2",
        "2 == control",
        "control == x",
        "control in (1, 3)",
        "control not in (0, 1)",
        "x == y",
        "0",
        "1",
    ]
)


def _numbers(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    two = st.tuples(inner, inner)
    return st.one_of(
        two.map(lambda p: f"{p[0]} + {p[1]}"),
        two.map(lambda p: f"({p[0]} - ({p[1]}))"),
        two.map(lambda p: f"({p[0]})*({p[1]})"),
        two.map(lambda p: f"({p[0]})/(1 + abs({p[1]}))"),
        two.map(lambda p: f"min({p[0]}, {p[1]}, 2)"),
        two.map(lambda p: f"max({p[0]}, {p[1]})"),
        two.map(lambda p: f"clip({p[0]}, -1, abs({p[1]}))"),
        inner.map(lambda e: f"-({e})"),
        inner.map(lambda e: f"({e})**2"),
        inner.map(lambda e: f"exp(clip({e}, -2, 2))"),
        inner.map(lambda e: f"log(1 + abs({e}))"),
        inner.map(lambda e: f"sqrt(abs({e}))"),
        inner.map(lambda e: f"logistic(clip({e}, -30, 30))"),
        st.tuples(conditions(inner), inner, inner).map(lambda p: f"({p[1]} if {p[0]} else {p[2]})"),
        conditions(inner).map(lambda c: f"2*({c})"),
    )


def conditions(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    compared = st.tuples(inner, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), inner).map(
        lambda p: f"{p[0]} {p[1]} {p[2]}"
    )
    chained = st.tuples(inner, inner, inner).map(lambda p: f"{p[0]} < {p[1]} <= {p[2]}")
    atom = st.one_of(TESTS, compared, chained)
    pair = st.tuples(atom, st.sampled_from([" and ", " or "]), atom)
    return st.one_of(
        atom.map(lambda c: f"({c})"),
        atom.map(lambda c: f"(not ({c}))"),
        pair.map(lambda p: f"(({p[0]}){p[1]}({p[2]}))"),
    )


EXPRESSIONS = st.recursive(ATOMS, _numbers, max_leaves=8)
CODES = st.fixed_dictionaries(
    {name: st.integers(0, len(v.levels) - 1) for name, v in VARIABLES.items()}
)
VALUES = st.sampled_from([-2.0, -0.5, 0.0, 0.25, 1.0, 2.0])


MANY = "US,EU," * 70


@given(EXPRESSIONS, CODES, VALUES, VALUES)
def test_a_formula_has_the_value_that_python_gives_its_text(
    text: str, codes: dict[str, int], x: float, y: float
) -> None:
    formula = read_formula(text, scope())
    found = evaluate(formula, Floats(codes, {"x": x, "y": y}))
    meant = eval(text, as_python(codes, {"x": x, "y": y}))  # noqa: S307
    assert found == pytest.approx(float(meant), rel=1e-12, abs=1e-12)


VOCABULARY = """
    x phase war control US players and or not if else in for lambda is ( ) , + - * ** / == = <
    1 2.5 9**9 1e400 ' [ . level( next( sum( min( exp( é p yield await __
"""
WORDS = st.sampled_from(VOCABULARY.split())


def read(text: str) -> tuple[Problem, ...]:
    """What is wrong with the text; anything but an `ExpressionError` passes through."""
    try:
        read_formula(text, scope())
    except ExpressionError as error:
        return error.problems or (Problem("none", "an error must have problems", -1, -1),)
    return ()


@given(st.lists(WORDS, max_size=14))
def test_whatever_is_written_is_read_or_refused_within_its_text(words: list[str]) -> None:
    text = " ".join(words)
    for problem in read(text):
        assert 0 <= problem.start < problem.stop <= max(1, len(text))


@pytest.mark.parametrize(
    "text",
    [
        "-" * 1999 + "1",
        "(" * 1000 + ")" * 1000,
        "2" + "**2" * 600,
        "+".join("1" * 990),
        "not " * 490 + "x",
        "x if x else " * 160 + "x",
        "1" * 400 + "." + "1" * 400,
        "f(" * 900,
        "-(" * 300 + "x" + ")" * 300,
        "sum(" * 4
        + "level(p)*level(q)*level(r)*level(s)"
        + "".join(f" for {p} in (" + "US,EU," * 70 + "))" for p in "pqrs"),
    ],
)
def test_a_long_text_is_refused_before_it_can_exhaust_anything(text: str) -> None:
    codes = {problem.code for problem in read(text)}
    assert codes
    assert codes <= {"F401", "F402", "F408"}


def test_a_long_comparison_is_fine() -> None:
    assert not read("x < " * 490 + "x")


@pytest.mark.parametrize(
    ("text", "code", "marked"),
    [
        ("x + hled", "F404", "hled"),
        ("phase == wra", "F407", "wra"),
        ("wra == phase", "F407", "wra"),
        ("phase in (war, wra)", "F407", "wra"),
        ("phase == 1", "F406", "1"),
        ("phase + 1", "F406", "phase"),
        ("war", "F406", "war"),
        ("phase < war", "F406", "phase"),
        ("phase == US", "F407", "US"),
        ("US == EU", "F407", "EU"),
        ("level(mixed)", "F409", "mixed"),
        ("level(x)", "F410", "x"),
        ("next(US)", "F405", "US"),
        ("next(US) == help", "F405", "US"),
        ("next(x)", "F410", "x"),
        ("next(next(control))", "F403", "next(control)"),
        ("next(fight)", "F405", "fight"),
        ("1/0", "F408", "1/0"),
        ("x/(1 - 1)", "F408", "x/(1 - 1)"),
        ("9**9**9", "F408", "9**9**9"),
        ("exp(1000)", "F408", "exp(1000)"),
        ("log(-1)", "F408", "log(-1)"),
        ("(-8)**0.5", "F408", "(-8)**0.5"),
        ("1e999", "F408", "1e999"),
        ("x.real", "F403", "."),
        ("x if y", "F401", "x"),
        ("2x", "F401", "x"),
        ("x y", "F401", "y"),
        ("x = 1", "F403", "="),
        ("x is y", "F403", "x is y"),
        ("foo(x)", "F403", "foo"),
        ("min(x)", "F410", "min(x)"),
        ("exp(x, y)", "F410", "exp(x, y)"),
        ("clip(x, 0)", "F410", "clip(x, 0)"),
        ("sum(x)", "F410", "sum(x)"),
        ("sum(p for p in 3)", "F410", "3"),
        ("sum(x for x in players)", "F410", "x"),
        ("sum(p for p in (US, XX))", "F404", "XX"),
        ("players", "F403", "players"),
        ("x, y", "F403", "x, y"),
        ("True", "F403", "True"),
        ("phase == 'war'", "F403", "'war'"),
    ],
)
def test_what_is_wrong_is_marked(text: str, code: str, marked: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        read_formula(text, scope(fight="US == raise"))
    first = caught.value.problems[0]
    assert (first.code, text[first.start : first.stop]) == (code, marked)


def test_all_problems_of_an_expression_are_found_at_once() -> None:
    with pytest.raises(ExpressionError) as caught:
        read_formula("hled + 1/0 + (phase == wra) + foo(2)", scope())
    assert [p.code for p in caught.value.problems] == ["F404", "F408", "F407", "F403"]
    assert str(caught.value).count("^") >= 4


def test_what_cannot_be_known_is_not_read() -> None:
    narrow = scope(fight="US == raise").narrowed({"phase"}, "is out of sight", {"EU": "is later"})
    assert isinstance(read_formula("phase == war", narrow), formulas.Test)
    for text, reason in [
        ("EU == help", "later"),
        ("fight", "out of sight"),
        ("next(phase) == war", "sight"),
    ]:
        with pytest.raises(ExpressionError, match=reason) as caught:
            read_formula(text, narrow)
        assert caught.value.problems[0].code == "F405"


def test_comparisons_of_a_move_nobody_made_are_false() -> None:
    nobody = Floats({"US": -1}, {})
    for text in ("US == help", "US != help", "US in (stay, help)", "US not in (stay)"):
        assert evaluate(read_formula(text, scope()), nobody) == 0
    assert evaluate(read_formula("level(US)", scope()), nobody) == 0
    assert evaluate(read_formula("not US == help", scope()), nobody) == 1


@pytest.mark.parametrize(
    ("text", "simple"),
    [
        ("0*x + 1*x - 0", "x"),
        ("x**1 / 1", "x"),
        ("x if 1 else y", "x"),
        ("x if 2 > 3 else y", "y"),
        ("x/0 if 0 else y", "y"),
        ("x and 0", "0"),
        ("(x > 1) and 1", "x > 1"),
        ("x or 1", "1"),
        ("(x > 1) or 0", "x > 1"),
        ("not not (x > 1)", "x > 1"),
        ("phase == war or phase == ruin", "phase in (war, ruin)"),
        ("phase == war and phase == ruin", "0"),
        ("2*3 + 1", "7"),
        ("1 if x > 1 else 0", "x > 1"),
        ("--x", "x"),
    ],
)
def test_constants_are_folded(text: str, simple: str) -> None:
    assert shape(read_formula(text, scope())) == shape(read_formula(simple, scope()))


def shape(formula: Formula) -> object:
    match formula:
        case Number():
            return formula.value
        case ParameterValue():
            return formula.name
        case Reading():
            return formula.variable
        case formulas.Test():
            return formula.variable, formula.codes
    assert isinstance(formula, Operation)
    return formula.operator, *map(shape, formula.operands)


def test_every_constant_is_a_float_and_truth_is_one() -> None:
    formula = read_formula("3", scope())
    assert isinstance(formula, Number)
    assert type(formula.value) is float
    assert read_formula("1", scope()) is ONE
    assert read_formula("x*0", scope()) is ZERO


def test_definitions_are_shared_and_not_copied() -> None:
    doubled = scope(a="x + control")
    for step in range(60):
        name, before = f"b{step}", f"b{step - 1}" if step else "a"
        doubled.symbols[name] = define_name(name, read_formula(f"{before} + {before}", doubled))
    assert len(list(nodes(read_formula("b59", doubled)))) < 70
    assert len(list(nodes(read_formula("next(b59)", doubled)))) < 70


def test_words_that_only_python_reserves_are_names() -> None:
    assert shape(read_formula("US == raise", scope())) == ("US", frozenset({2}))


def test_a_level_may_have_the_name_of_something_else() -> None:
    made = scope(war="phase == war")
    assert shape(read_formula("phase == war and x > war", made)) == (
        "and",
        ("phase", frozenset({1})),
        ("greater", "x", ("phase", frozenset({1}))),
    )
