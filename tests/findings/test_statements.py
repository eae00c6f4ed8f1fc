"""What statements come to: margins, negation, unknowns, statistics over the region."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foedus.errors import QueryError
from foedus.findings.statements import OPPOSITES, evaluate, measure, opposite, truth
from foedus.scenario.formulas import Number, ParameterValue
from foedus.scenario.statements import (
    All,
    Arithmetic,
    Comparison,
    Not,
    Relation,
    Some,
    Statement,
    Statistic,
    about_region,
    figures,
)
from foedus.testing.draws import toy_draws, toy_figure

A, B = toy_figure("a"), toy_figure("b")
RELATIONS: list[Relation] = list(OPPOSITES)
GAPS = [-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, np.nan]
TABLE: dict[Relation, tuple[str, str]] = {
    # at the gaps above, with a margin of 1: h holds, r reversed, . no difference, ? unknown
    ">": ("r.....h?", "rrr.hhh?"),
    ">=": ("rhhhhhh?", "rrrhhhh?"),
    "<": ("h.....r?", "hhh.rrr?"),
    "<=": ("hhhhhhr?", "hhhhrrr?"),
    "==": ("rhhhhhr?", "rrrhrrr?"),
    "!=": ("hrrrrrh?", "hhhrhhh?"),
}


def gaps(*values: float):  # type: ignore[no-untyped-def]
    """Draws in which figure a is these values and figure b is 0."""
    column = np.array(values)
    return toy_draws(len(values), {"a": lambda x: column, "b": lambda x: 0.0}, names="x")


def letters(statement: Statement, draws, margin: float) -> str:  # type: ignore[no-untyped-def]
    slack = measure(statement, draws, margin=margin)
    marks = zip(slack.holds, slack.reversed, slack.unknown, strict=True)
    return "".join("h" if h else "r" if r else "?" if u else "." for h, r, u in marks)


@pytest.mark.parametrize("relation", RELATIONS)
def test_every_relation_with_and_without_a_margin(relation: Relation) -> None:
    statement, draws = Comparison(A, relation, B), gaps(*GAPS)
    wide, none = TABLE[relation]
    assert letters(statement, draws, 1.0) == wide
    assert letters(statement, draws, 0.0) == none


@pytest.mark.parametrize(("one", "two"), [("<", ">"), ("<=", ">=")])
def test_exchanging_sides_turns_a_relation_round(one: Relation, two: Relation) -> None:
    draws = gaps(*GAPS)
    assert letters(Comparison(A, one, B), draws, 0.5) == letters(Comparison(B, two, A), draws, 0.5)


def test_conditions_on_parameters_have_no_margin() -> None:
    draws = toy_draws(64, {})
    condition = Comparison(ParameterValue("x"), "<", Number(0.5))
    assert measure(condition, draws, margin=0.4).holds.sum() == 32


def test_rounding_is_never_a_difference() -> None:
    """Equal regimes solved in different batches differ in the last digits."""
    draws = toy_draws(2, {"a": lambda x: 100 + 1e-9, "b": lambda x: 100.0}, names="x")
    assert letters(Comparison(A, ">", B), draws, 0.0) == ".."
    assert letters(Comparison(A, "==", B), draws, 0.0) == "hh"


def test_all_fails_and_some_holds_whatever_the_unknown_part_is() -> None:
    draws = gaps(1.0, -1.0, 0.0)
    positive = Comparison(A, ">", Number(0.0))
    unknown = Comparison(Arithmetic("log", (Number(-1.0),)), ">", B)
    assert letters(All((positive, unknown)), draws, 0.5) == "?r."
    assert letters(Some((positive, unknown)), draws, 0.5) == "h??"


def test_a_ratio_to_nothing_is_unknown() -> None:
    draws = gaps(1.0, -1.0, 0.0)
    ratio = Arithmetic("divide", (A, B))
    assert letters(Comparison(ratio, ">", Number(0.0)), draws, 0.0) == "???"


def test_a_condition_on_the_unknown_is_unknown() -> None:
    draws = gaps(1.0, np.nan)
    choice = Arithmetic("if", (Arithmetic("greater", (A, B)), Number(1.0), Number(2.0)))
    np.testing.assert_array_equal(evaluate(choice, draws, margin=0.0), [1.0, np.nan])


def test_facts_are_false_where_unknown_or_unsolved() -> None:
    draws = gaps(1.0, np.nan, 1.0, -1.0)
    draws.solved[2] = False
    assert truth(Comparison(A, ">", B), draws).tolist() == [True, False, False, False]


comparisons = st.builds(
    Comparison, st.sampled_from([A, B, Number(0.3)]), st.sampled_from(RELATIONS), st.just(B)
)
statements = st.recursive(
    comparisons,
    lambda inner: (
        st.builds(Not, inner)
        | st.builds(All, st.tuples(inner, inner))
        | st.builds(Some, st.tuples(inner, inner))
    ),
    max_leaves=6,
)
numbers = st.sampled_from([np.nan, -1.0, -0.2, 0.0, 0.2, 1.0]) | st.floats(-2, 2)


def read(statement: Statement, a: float, margin: float) -> bool | None:
    """Whether it holds, None if unknown: written out for one draw, after Kleene's logic."""
    match statement:
        case Not(inner):
            answer = read(inner, a, margin)
            return None if answer is None else not answer
        case All(parts):
            answers = {read(part, a, margin) for part in parts}
            return False if False in answers else None if None in answers else True
        case Some(parts):
            answers = {read(part, a, margin) for part in parts}
            return True if True in answers else None if None in answers else False
    left = a if statement.left is A else 0.0 if statement.left is B else 0.3
    if np.isnan(left):
        return None
    return {
        ">": left > margin,
        ">=": left >= -margin,
        "<": left < -margin,
        "<=": left <= margin,
        "==": abs(left) <= margin,
        "!=": abs(left) > margin,
    }[statement.relation]


@settings(max_examples=100, deadline=None)
@given(
    statements,
    st.lists(st.sampled_from([np.nan, -1.5, -0.5, 0.0, 0.5, 1.5]), min_size=1, max_size=6),
    st.sampled_from([0.1, 0.4, 1.0]),
)
def test_the_same_as_reading_it_out_draw_by_draw(
    statement: Statement, values: list[float], margin: float
) -> None:
    slack = measure(statement, gaps(*values), margin=margin)
    holds, unknown = (np.broadcast_to(marks, len(values)) for marks in (slack.holds, slack.unknown))
    for value, holding, missing in zip(values, holds, unknown, strict=True):
        assert read(statement, value, margin) == (None if missing else bool(holding))


@settings(max_examples=60, deadline=None)
@given(statements, st.lists(numbers, min_size=1, max_size=8), st.sampled_from([0.0, 0.2, 1.0]))
def test_every_draw_has_one_outcome_and_not_is_classical(
    statement: Statement, values: list[float], margin: float
) -> None:
    draws = gaps(*values)
    slack, negated = (measure(part, draws, margin=margin) for part in (statement, Not(statement)))
    assert not (slack.holds & slack.reversed).any()
    assert not (slack.unknown & (slack.holds | slack.reversed)).any()
    np.testing.assert_array_equal(slack.unknown, negated.unknown)
    np.testing.assert_array_equal(negated.holds, ~slack.holds & ~slack.unknown)
    assert not (negated.reversed & ~slack.holds).any()
    np.testing.assert_array_equal(slack.strict, -negated.strict)
    twice = measure(opposite(opposite(statement)), draws, margin=margin)
    np.testing.assert_array_equal(twice.holds, slack.holds)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([">", "<"]),
    st.lists(numbers, min_size=1, max_size=8),
    st.floats(0, 1),
    st.floats(0, 1),
)
def test_a_wider_margin_never_helps_a_direction_and_never_reverses_one(
    relation: Relation, values: list[float], margin: float, more: float
) -> None:
    draws, statement = gaps(*values), Comparison(A, relation, B)
    narrow, wide = (measure(statement, draws, margin=m) for m in (margin, margin + more))
    assert not (wide.holds & ~narrow.holds).any()
    assert not (wide.reversed & ~narrow.reversed).any()


def test_statistics_are_those_of_the_known_draws_in_their_part_of_the_region() -> None:
    draws = toy_draws(4096, {"a": lambda x, y, z: np.where(z < 0.25, np.nan, x)})
    upper = Comparison(ParameterValue("z"), ">", Number(0.5))

    def number(statistic: Statistic) -> float:
        return float(evaluate(statistic, draws, margin=0.0))

    high = Comparison(A, ">", Number(0.9))
    assert number(Statistic(name="share", of=high)) == pytest.approx(0.1, abs=0.01)
    assert number(Statistic(name="mean", of=A)) == pytest.approx(0.5, abs=0.01)
    assert number(Statistic(name="median", of=A, given=upper)) == pytest.approx(0.5, abs=0.01)
    tenth = Statistic(name="quantile", of=A, by=Number(0.1))
    assert number(tenth) == pytest.approx(0.1, abs=0.01)
    assert number(Statistic(name="mean", of=A, given=Not(Some((upper,))))) == pytest.approx(
        0.5, abs=0.01
    )
    rising = Statistic(name="correlation", of=A, by=Arithmetic("exp", (ParameterValue("x"),)))
    assert number(rising) == pytest.approx(1.0)
    nowhere = Comparison(ParameterValue("z"), ">", Number(2.0))
    assert np.isnan(number(Statistic(name="mean", of=A, given=nowhere)))


def test_a_figure_that_was_not_computed_is_named() -> None:
    with pytest.raises(QueryError, match="absent"):
        evaluate(toy_figure("absent"), toy_draws(2, {}), margin=0.0)
    assert figures(Comparison(A, ">", B)) == (A, B)
    assert not about_region(Comparison(A, ">", B))
