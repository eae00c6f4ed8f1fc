"""Recipes: equal numbers get one row of a pool, whatever the parameters come to."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from foedus.compiler.arithmetic import Lookup
from foedus.compiler.compile import compile_rules
from foedus.compiler.numbers import FrameNumbers
from foedus.compiler.pools import make_pool
from foedus.compiler.recipes import Recipes
from foedus.scenario import formulas
from foedus.scenario.formulas import Formula, Number, Operation, ParameterValue
from foedus.scenario.model import Variable
from foedus.scenario.reader import examine_text
from foedus.testing.scenarios import scenarios

COST, PRIZE = ParameterValue("cost"), ParameterValue("prize")
WAR = formulas.Test("phase", frozenset({1}))
PHASE = Variable(name="phase", label="", levels=("peace", "war"), values=(0.0, 1.0))


def op(operator: str, *operands: Formula) -> Formula:
    return Operation(operator, operands)


@pytest.fixture
def recipes() -> Recipes:
    return Recipes(Lookup((PHASE,)))


@pytest.mark.parametrize(
    ("formula", "same"),
    [
        (op("multiply", COST, WAR), COST),
        (op("add", COST, op("multiply", Number(2.0), op("subtract", WAR, Number(1.0)))), COST),
        (op("add", PRIZE, COST), op("add", COST, PRIZE)),
        (op("if", WAR, COST, PRIZE), COST),
        (op("or", WAR, op("less", COST, PRIZE)), Number(1.0)),
        (op("divide", COST, Number(1.0)), COST),
        (op("negate", op("multiply", COST, op("not", WAR))), Number(0.0)),
    ],
)
def test_numbers_made_alike_are_one(recipes: Recipes, formula: Formula, same: Formula) -> None:
    war = {"phase": 1}
    assert recipes.of(formula, war) == recipes.of(same, war)


@pytest.mark.parametrize(
    ("formula", "other"),
    [
        (op("subtract", PRIZE, COST), op("subtract", COST, PRIZE)),
        (op("multiply", COST, WAR), op("multiply", PRIZE, WAR)),
        (op("multiply", op("log", COST), Number(0.0)), Number(0.0)),  # not finite at 0
    ],
)
def test_numbers_that_may_differ_stay_two(
    recipes: Recipes, formula: Formula, other: Formula
) -> None:
    assert recipes.of(formula, {"phase": 1}) != recipes.of(other, {"phase": 1})


def test_a_reading_is_the_number_of_its_level(recipes: Recipes) -> None:
    assert recipes.constant(recipes.of(WAR, {"phase": 0})) == 0.0
    assert recipes.constant(recipes.of(WAR, {"phase": -1})) == 0.0


@settings(max_examples=5)
@given(scenarios(simultaneous=False))
def test_a_pool_holds_the_numbers_of_the_tables(text: str) -> None:
    """Every entry, at parameter values that the pool was not made with."""
    scenario, _ = examine_text(text)
    assert scenario is not None
    rules = scenario.rules(regime=scenario.regimes[0].name)
    numbers = compile_rules(rules).origin.numbers
    assert isinstance(numbers, FrameNumbers)
    pool = make_pool(numbers)
    random = np.random.default_rng(0)
    at = {p.name: float(random.uniform(p.low, p.high)) for p in rules.parameters}
    entries, tables = pool.values(at, 1)[:, 0], numbers.tables(at)
    np.testing.assert_allclose(entries[pool.tables.flow], tables.flow, rtol=1e-12, atol=1e-13)
    for k, paid in enumerate(pool.tables.payoff):
        for player, found in paid.items():
            due = tables.payoff[k]
            assert due is not None
            wanted = np.moveaxis(due[player], 0, -1)
            occupied = np.moveaxis(numbers.frame.layers[k].stage.occupied, 0, -1)
            np.testing.assert_allclose(
                entries[found][occupied], wanted[occupied], rtol=1e-12, atol=1e-13
            )
    for found, wanted in zip(pool.tables.probability, tables.probability, strict=True):
        if found is not None and wanted is not None:
            np.testing.assert_allclose(entries[found].T, wanted, rtol=1e-12, atol=1e-13)
