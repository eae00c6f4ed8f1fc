"""Bounds are proved where they hold, and witnesses really break them."""

from __future__ import annotations

import math
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foedus.scenario.formulas import evaluate, parameters
from foedus.scenario.rules.intervals import Interval, IntervalAlgebra
from foedus.scenario.rules.knowledge import Knowledge
from foedus.scenario.rules.period import Period
from foedus.scenario.rules.points import value_at
from foedus.scenario.rules.proof import TOLERANCE
from foedus.scenario.rules.situations import Situations
from foedus.scenario.rules.verdicts import Bound, Verdict, decide

from .build import F, is_, node, op, par, reading, rules, variable

MU, BETA, KAPPA, D = par("mu"), par("beta"), par("kappa"), par("d")
ARMS = reading("arms")


def verdict(
    formula: Any,
    box: dict[str, tuple[float, float]],
    low: float = 0.0,
    high: float = 1.0,
) -> Verdict:
    """The verdict on low <= formula <= high, with a factor `arms` of 0, 1 or 2 to read."""
    world = rules(parameters=box, factors=[variable("arms", "a0 a1 a2", numeric=True)])
    situations = Situations(Period(world), Knowledge())
    return decide(
        Bound(formula=node(formula), domain=situations.period.domain, low=low, high=high),
        situations,
    )


def test_an_extreme_of_a_multilinear_formula_is_found_at_its_vertex() -> None:
    """mu (1 + beta - kappa (arms - 1)) is lowest at 0.25 (1 - 0.5 - 0.9) = -0.1."""
    box = {"mu": (0.05, 0.25), "beta": (-0.5, 0.8), "kappa": (0.3, 0.9)}
    found = verdict(MU * (1 + BETA - KAPPA * (ARMS - 1)), box)
    assert found.witness is not None
    assert found.witness.value == pytest.approx(-0.1)
    assert found.witness.parameters == {"mu": 0.25, "beta": -0.5, "kappa": 0.9}
    assert found.witness.situation == {"arms": 2}


def test_a_clipped_formula_is_proved() -> None:
    """With max(0, .) the same formula lies in [0, 0.25 * 2.7]."""
    box = {"mu": (0.05, 0.25), "beta": (-0.5, 0.8), "kappa": (0.3, 0.9)}
    clipped = MU * op("max", 0, 1 + BETA - KAPPA * (ARMS - 1))
    assert verdict(clipped, box, 0.0, 0.675).proved
    assert verdict(clipped, box, 0.0, 0.67).witness is not None


PROVABLE = {
    "what is added and subtracted cancels": (
        MU * (1 + D) + MU * (1 - D),
        {"mu": (0, 0.5), "d": (-1, 1)},
    ),
    "clipped halves add up to no more than two mu": (
        MU * op("max", 0, 1 + D) + MU * op("max", 0, 1 - D),
        {"mu": (0, 0.5), "d": (-1, 1)},
    ),
    "a level is a parameter too": (
        MU * (1 + D - ARMS / 2) + MU * (1 - D + ARMS / 2),
        {"mu": (0, 0.5), "d": (0, 1)},
    ),
    "shares of a total": (MU / (MU + D) + D / (MU + D), {"mu": (1, 100), "d": (0.1, 5)}),
    "logit shares": (
        op("exp", MU) / (op("exp", MU) + op("exp", D)),
        {"mu": (-3, 3), "d": (-3, 3)},
    ),
    "a logistic and its complement": (
        op("logistic", MU) + (1 - op("logistic", MU)),
        {"mu": (-9, 9)},
    ),
    "the square of a share": (1 - 2 * MU + MU**2, {"mu": (0, 1)}),
    "p (1 - p) is at most a quarter": (4 * MU * (1 - MU), {"mu": (0, 0.99)}),
    "a guard by a condition on levels": (
        op("if", is_("arms", 0), 0.5, MU / ARMS),
        {"mu": (0, 1)},
    ),
    "a clip": (op("min", 1, op("max", 0, MU * D)), {"mu": (-9, 9), "d": (-9, 9)}),
    "the absolute value": (op("abs", MU - D), {"mu": (0, 1), "d": (0, 1)}),
    "short circuits": ((ARMS > 0) & (op("log", ARMS) > 0.5), {}),
}


@pytest.mark.parametrize("name", PROVABLE)
def test_what_holds_is_proved(name: str) -> None:
    formula, box = PROVABLE[name]
    assert verdict(formula, box).proved


FAULTS = {
    "a division by zero": 1 / (MU - 0.5),
    "the logarithm of a number that is not positive": op("log", MU),
    "the square root of a negative number": op("sqrt", MU - 0.1),
    "a number too large to hold": op("exp", 1000 * MU),
    "a negative power of zero": MU ** (-1),
    "a fractional power of a negative number": (MU - 0.5) ** 0.5,
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_missing_value_is_named(fault: str) -> None:
    found = verdict(FAULTS[fault], {"mu": (0, 1)}, -math.inf, math.inf)
    assert found.witness is not None
    assert found.witness.fault == fault


def test_an_open_question_is_neither_proved_nor_broken() -> None:
    """1/mu is finite wherever mu > 0, which no splitting of (0, 1] can show."""
    found = verdict(op("if", MU > 0, 1 / MU, 0), {"mu": (0, 1)}, -math.inf, math.inf)
    assert not found.proved
    assert found.witness is None


BOX = {"p": (0.0, 1.0), "q": (-1.0, 2.0), "r": (0.5, 3.0)}


def _grow(inner: st.SearchStrategy[F]) -> st.SearchStrategy[F]:
    pairs = ["add", "subtract", "multiply", "divide", "min", "max", "greater", "and", "or"]
    singles = ["negate", "abs", "logistic", "exp", "sqrt", "log", "not"]
    return st.one_of(
        st.builds(lambda o, a, b: op(o, a, b), st.sampled_from(pairs), inner, inner),
        st.builds(lambda o, a: op(o, a), st.sampled_from(singles), inner),
        st.builds(lambda c, a, b: op("if", c, a, b), inner, inner, inner),
        st.builds(lambda a, n: a**n, inner, st.sampled_from([2, 3, -1, 0.5])),
    )


FORMULAS = st.recursive(
    st.sampled_from([par("p"), par("q"), par("r"), ARMS, is_("arms", 1), is_("arms", 0, 2)])
    | st.sampled_from([F(node(x)) for x in (0, 0.25, 1, 2)]),
    _grow,
    max_leaves=12,
)


@settings(max_examples=150)
@given(FORMULAS, st.floats(0, 1), st.integers(0, 10**6))
def test_sampling_never_contradicts_a_verdict(formula: F, share: float, seed: int) -> None:
    """The bound lies inside the sampled values or at their edge, where proofs are hardest."""
    random_source = random.Random(seed)
    world = rules(parameters=BOX, factors=[variable("arms", "a0 a1 a2", numeric=True)])
    period = Period(world)
    edges = [tuple(b) for b in BOX.values()]
    samples = [
        (
            {
                name: random_source.choice([*edge, random_source.uniform(*edge)])
                for name, edge in zip(BOX, edges, strict=True)
            },
            {"arms": random_source.randrange(3)},
        )
        for _ in range(300)
    ]
    values = [value_at(formula.node, p, s, period.values)[0] for p, s in samples]
    defined = sorted(v for v in values if v == v)
    if not defined:
        return
    low, high = defined[int(share * (len(defined) - 1) / 2)], defined[-1]
    situations = Situations(period, Knowledge())
    bound = Bound(formula=formula.node, domain=period.domain, low=low, high=high)
    found = decide(bound, situations)
    if found.proved:
        scale = max(1.0, abs(low), abs(high))
        assert all(low - 1e-8 * scale <= v <= high + 1e-8 * scale for v in values)
    if found.witness is not None:
        w = found.witness
        again, _ = value_at(formula.node, w.parameters, w.situation, period.values)
        assert again == w.value or (again != again and w.value != w.value)
        assert bound.excess(again) > TOLERANCE
        assert all(BOX[n][0] <= x <= BOX[n][1] for n, x in w.parameters.items())


@settings(max_examples=150)
@given(FORMULAS, st.integers(0, 10**6))
def test_intervals_contain_every_value(formula: F, seed: int) -> None:
    random_source = random.Random(seed)
    world = rules(parameters=BOX, factors=[variable("arms", "a0 a1 a2", numeric=True)])
    period = Period(world)
    box = {}
    for name, (low, high) in BOX.items():
        a, b = sorted(random_source.uniform(low, high) for _ in range(2))
        box[name] = Interval(a, b)
    algebra = IntervalAlgebra(box, {"arms": (0, 2)}, period.values)
    interval = evaluate(formula.node, algebra)
    for _ in range(30):
        chosen = {n: random_source.uniform(i.low, i.high) for n, i in box.items()}
        arms = {"arms": random_source.choice([0, 2])}
        value, _ = value_at(formula.node, chosen, arms, period.values)
        if value != value:
            assert not interval.defined
        else:
            slack = 1e-9 * max(1.0, abs(value))
            assert interval.low - slack <= value <= interval.high + slack


def test_only_what_is_read_is_in_a_witness() -> None:
    found = verdict(2 * MU, {"mu": (0, 1), "unread": (0, 1)})
    assert found.witness is not None
    assert set(found.witness.parameters) == set(parameters(node(2 * MU)))
