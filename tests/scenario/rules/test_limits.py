"""Checks end after a bounded number of steps, and say so where the bound was too small."""

from __future__ import annotations

import random
from itertools import count, pairwise

from foedus.scenario.model import Rules
from foedus.scenario.rules import check_alternatives, check_rules
from foedus.scenario.rules.knowledge import Budget

from .build import F, codes, is_, move, op, par, reading, rule, rules, variable


def large(seed: int) -> Rules:
    """50 factors of 50 levels and 1,000 rules whose conditions and numbers read many of them."""
    source = random.Random(seed)
    names = [f"x{i}" for i in range(50)]
    parameters = {f"p{i}": (0.0, 1.0) for i in range(30)}

    def test() -> F:
        return is_(source.choice(names), *source.sample(range(50), source.choice([1, 25])))

    def condition() -> F:
        return op("or", *(op("and", test(), test(), ~test()) for _ in range(3)))

    def probability() -> F:
        shares = [op("abs", par(source.choice(list(parameters))) - 0.3) for _ in range(4)]
        levels = [reading(source.choice(names)) for _ in range(4)]
        terms = [s * level for s, level in zip(shares, levels, strict=True)]
        total = terms[0] + terms[1] * terms[2] + op("exp", -terms[3])
        return total / (total + op("sqrt", levels[0] + shares[1]) + 1e-3)

    return rules(
        factors=[variable(name, map(str, range(50)), numeric=True) for name in names],
        parameters=parameters,
        moves=[variable("a", "l r")],
        sequence=[move("a", 2, when=condition())],
        transitions={
            name: [rule(when=condition(), up=0.5 * probability()) for _ in range(20)]
            for name in names
        },
        parts={("A", f"part{i}"): probability() for i in range(20)},
        starts={name: dict.fromkeys(source.sample(range(50), 10), 0.1) for name in names},
    )


def test_the_largest_files_are_checked_in_a_bounded_number_of_steps() -> None:
    found = check_alternatives([large(0)])
    assert {"F904"} <= set(codes(found))
    assert not {f.code for f in found if f.severity == "error"}


def test_a_number_that_reads_too_much_is_reported_as_open() -> None:
    """One level of each of 20 factors decides; the bound holds, and no one could try all."""
    names = [f"x{i}" for i in range(20)]
    never = op("multiply", is_("x0", 0), is_("x0", 1))
    spread = op("multiply", 1, never)
    for name in names:
        spread = spread + is_(name, 0) * op("exp", reading(name)) * 1e-9 / (1 + spread)
    given = rules(
        factors=[variable(name, map(str, range(10)), numeric=True) for name in names],
        transitions={"x0": [rule(to={1: op("abs", op("logistic", spread) * 2 - 1) * 0 + 1.0})]},
        parts={("A", "sum"): spread},
    )
    assert set(codes(check_rules(given))) <= {"F904"}


def test_a_chain_of_moves_longer_than_the_search_is_deep() -> None:
    names = [f"m{i}" for i in range(400)]
    sequence = [move(names[0], 2)]
    sequence += [move(name, 2, when=is_(before, 1)) for before, name in pairwise(names)]
    given = rules(
        moves=[variable(name, "l r") for name in names],
        sequence=sequence,
        parts={("A", "last"): is_(names[-1], 1)},
    )
    assert not {f.code for f in check_alternatives([given]) if f.severity == "error"}


def test_a_pool_is_shared() -> None:
    pool = Budget(5)
    first, second = Budget(4, pool), Budget(4, pool)
    taken = [next(i for i in count() if not budget.spend()) for budget in (first, second)]
    assert taken == [4, 0]
    assert first.exhausted
    assert second.exhausted
