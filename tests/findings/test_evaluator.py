"""The evaluator against the general solver and the reports of single games, draw by draw."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from foedus.compiler.compile import compile_rules
from foedus.equilibrium import Logit, solve
from foedus.errors import QueryError
from foedus.findings.evaluator import Evaluator
from foedus.findings.numbers import parameter_values
from foedus.outcomes import report
from foedus.scenario.formulas import Number, Operation, ParameterValue
from foedus.scenario.model import Quantity, Rules
from foedus.scenario.reader import examine_text
from foedus.testing.scenarios import scenarios

WAR = """
foedus: 1
title: A rivalry
period: year
horizon: {evaluate: 3, solve: 5}
precision: {range: [1, 4], value: 2}
players:
  A: {label: Player A, discount: delta}
  B: {label: Player B, discount: 0.8}
state:
  phase:
    levels: [peace, war]
    endings: {settled: {label: A settlement, payoffs: {A: 1, B: 0.5}}}
  strength: {levels: 0..2}
parameters:
  cost: {range: [0.2, 1], why: drawn}
  prize: {range: [0.5, 2], why: drawn}
  delta: {range: [0.5, 0.9], why: drawn}
  luck: {range: [0.1, 0.6], why: drawn}
moves:
  - {player: A, actions: {wait: waits, attack: attacks, offer: {when: phase == war}}}
  - {player: B, when: A == attack, actions: [resist, yield]}
next:
  phase:
    - {when: A == offer, to: {settled: luck}}
    - {when: A == attack and B == resist, to: war}
    - {when: phase == war, to: {peace: 0.25}}
  strength:
    - {when: A == attack, up: luck, down: 0.2}
payoffs:
  A: {gain: prize*strength/2, war: -cost*(phase == war), effort: -0.1*(A == attack)}
  B: {gain: -prize*strength/2*(B == yield), war: -cost*(phase == war)}
starts:
  calm: {phase: peace, strength: 0}
  tense: {phase: peace, strength: {0: 0.5, 2: 0.5}}
regimes:
  none: {label: As it is}
  dear: {label: War is dearer, edit: {payoffs: {A: {war: -2*cost*(phase == war)}}}}
quantities:
  reaches_war: {reach: phase == war, within: 3, start: calm}
  settles: {reach: phase == settled, within: 3, start: tense}
  attacks_ever: {reach: A == attack and B == resist, within: 3, start: calm}
  late_war: {hazard: phase == war, after: 1, within: 3, start: tense}
  late_attack: {hazard: A == attack, after: 1, within: 3, start: tense}
  war_years: {occupancy: phase == war, start: calm}
  settled_years: {occupancy: phase == settled, start: calm}
  attacks: {rate: A == attack, start: calm}
  resists: {rate: B == resist, given: A == attack, start: tense}
  never: {rate: A == attack, given: phase == settled and strength == 2, start: calm}
  onsets: {switches: phase == peace, to: phase == war, start: calm}
  stays: {switches: phase == settled, to: phase == settled, start: calm}
  attacks_then_war: {switches: A == attack, to: phase == war, start: calm}
  strength_then: {mean: strength, at: 3, start: calm}
  strong: {probability: strength == 2, at: 2, start: tense}
  worth: {value: A, start: calm}
  worth_of_war: {value: A, part: war, start: calm}
  worth_of_peace: {value: B, part: settled, start: calm}
  moved: {distance: none, at: 3, start: calm}
  moved_in_phase: {distance: none, at: 2, factors: [phase], start: tense}
"""


def rules_of(text: str) -> dict[str, Rules]:
    scenario, diagnostics = examine_text(text)
    assert scenario is not None, diagnostics
    return {regime.name: scenario.rules(regime=regime.name) for regime in scenario.regimes}


def table(rules: dict[str, Rules], count: int, seed: int = 0) -> dict[str, np.ndarray]:
    """Uniform draws of every parameter that some regime leaves open."""
    random = np.random.default_rng(seed)
    free = {p.name: p for own in rules.values() for p in own.parameters if p.low < p.high}
    return {name: random.uniform(p.low, p.high, count) for name, p in free.items()}


def one_by_one(
    rules: dict[str, Rules], columns: dict[str, np.ndarray], draw: int, **solver: Any
) -> dict[str, dict[str, float]]:
    """Every quantity of every regime, by the general solver and single reports."""
    at = {name: float(column[draw]) for name, column in columns.items()}
    solved = {
        name: solve(compile_rules(own).at(**parameter_values(own, at)), Logit(**solver))
        for name, own in rules.items()
    }
    return {
        name: report(solved[name], own.quantities, regimes=solved) for name, own in rules.items()
    }


@pytest.fixture(scope="module")
def rules() -> dict[str, Rules]:
    return rules_of(WAR)


@pytest.fixture(scope="module")
def evaluator(rules: dict[str, Rules]) -> Evaluator:
    """Of every quantity, values by part too."""
    return Evaluator(rules, quantities=[q.name for q in rules["none"].quantities])


def agree(rules: dict[str, Rules], evaluator: Evaluator, count: int = 3, **solver: Any) -> None:
    """Asserts that every draw has the numbers of the general solver."""
    columns = table(rules, count)
    found = evaluator(columns)
    assert found.problems == {}
    assert found.solved.all()
    for draw in range(count):
        wanted = one_by_one(rules, columns, draw, **solver)
        for i, regime in enumerate(evaluator.regimes):
            for j, name in enumerate(evaluator.quantities):
                assert found.values[i, j, draw] == pytest.approx(
                    wanted[regime][name], abs=1e-10, nan_ok=True
                ), (regime, name)
    for _, _, residual, _, difference in found.audit:
        assert residual < 1e-10
        assert difference < 1e-10


def test_every_kind_of_quantity_is_that_of_single_games(
    rules: dict[str, Rules], evaluator: Evaluator
) -> None:
    agree(rules, evaluator)


def test_values_leave_out_the_worth_of_private_shocks_as_reports_do(
    rules: dict[str, Rules],
) -> None:
    names = ["worth", "worth_of_war", "attacks"]
    agree(rules, Evaluator(rules, quantities=names, convention="shock"), convention="shock")


def test_a_precision_takes_the_place_of_the_scenarios() -> None:
    rules = rules_of(WAR)
    agree(rules, Evaluator(rules, precision=7.5, quantities=["worth", "attacks"]), precision=7.5)


@settings(max_examples=2)
@given(scenarios(simultaneous=False))
def test_random_scenarios_agree(text: str) -> None:
    rules = rules_of(text)
    agree(rules, Evaluator(rules), 2)


@settings(max_examples=1)
@given(scenarios(max_players=2, max_factors=1, stationary=True))
def test_stationary_games_agree(text: str) -> None:
    rules = rules_of(text)
    agree(rules, Evaluator(rules), 2)


def test_blocks_of_hidden_moves_agree() -> None:
    hidden = WAR.replace(
        "  - {player: A, actions: {wait: waits, attack: attacks, offer: {when: phase == war}}}\n"
        "  - {player: B, when: A == attack, actions: [resist, yield]}\n",
        "  - simultaneous:\n"
        "    - {player: A, actions: {wait: waits, attack: attacks, offer: {when: phase == war}}}\n"
        "    - {player: B, actions: [resist, yield]}\n",
    )
    rules = rules_of(hidden)
    agree(rules, Evaluator(rules), 2)


def test_infinite_precision_is_a_best_reply_everywhere() -> None:
    """Best replies have no regret, and high precision comes close to them."""
    rules = rules_of(WAR)
    columns = table(rules, 4)
    evaluator = Evaluator(rules, precision=math.inf)
    hard, high = evaluator(columns), Evaluator(rules, precision=1e6)(columns)
    assert hard.solved.all()
    np.testing.assert_allclose(hard.values, high.values, atol=1e-4)
    assert [check[3] for check in hard.audit] == [pytest.approx(0.0, abs=1e-12)]


def test_ties_of_best_replies_are_shared_evenly() -> None:
    text = WAR.replace("prize*strength/2, war: -cost*(phase == war), effort: -0.1*(A == attack)",
                       "0*prize, war: 0*cost")  # fmt: skip
    text = text.replace("payoffs: {A: 1, B: 0.5}", "payoffs: {A: 0, B: 0}")
    rules = {"none": rules_of(text)["none"]}
    found = Evaluator(rules, quantities=["attacks"], precision=math.inf)(table(rules, 1))
    window_one = replace(next(q for q in rules["none"].quantities if q.name == "attacks"), within=1)
    first = replace(rules["none"], quantities=(window_one,))
    assert Evaluator({"none": first}, precision=math.inf)(table(rules, 1)).values[0, 0, 0] == 0.5
    assert 0 < found.values[0, 0, 0] < 0.5 + 1e-12


def test_a_regime_is_nowhere_from_itself(rules: dict[str, Rules], evaluator: Evaluator) -> None:
    found = evaluator(table(rules, 5)).values[:, evaluator.quantities.index("moved") :]
    assert (found[0] == 0).all()
    assert (found[1] > 0).all()


def test_distance_to_equilibrium_is_measured_to_the_reference() -> None:
    """With the other regime as reference, it is the distance to that regime."""
    rules = rules_of(WAR)
    away = replace(
        next(q for q in rules["dear"].quantities if q.name == "moved"),
        name="away",
        against="equilibrium",
    )
    dear = {"dear": replace(rules["dear"], quantities=(away,))}
    columns = table(rules, 3)
    wanted = Evaluator(rules, quantities=["moved"])(columns).values[1, 0]
    found = Evaluator(dear, reference={"dear": rules["none"]})(columns).values[0, 0]
    np.testing.assert_array_equal(found, wanted)
    assert (Evaluator(dear)(columns).values == 0).all()


def test_width_adds_up_the_first_periods_rates() -> None:
    rules = rules_of(WAR)["none"]
    attack = next(q for q in rules.quantities if q.name == "attacks")
    width = Quantity(name="width", label="", kind="width", of=attack.of, starts=("calm", "tense"))
    rates = [replace(attack, name=f"rate_{start}", start=start, within=1) for start in width.starts]
    made = {"none": replace(rules, quantities=(width, *rates))}
    found = Evaluator(made)(table(made, 3)).values[0]
    np.testing.assert_allclose(found[0], found[1] + found[2], rtol=1e-14)
    agree(made, Evaluator(made), 2)


def test_a_window_may_begin_later() -> None:
    """What is counted from period 1 on is what is counted in all, less period 0."""
    rules = rules_of(WAR)["none"]
    kinds = {q.name: q for q in rules.quantities}
    asked = tuple(
        replace(kinds[name], name=f"{name}_{after}_{within}", after=after, within=within)
        for name in ("war_years", "attacks")
        for after, within in ((0, 3), (1, 3), (0, 1))
    )
    made = {"none": replace(rules, quantities=asked)}
    found = Evaluator(made)(table(made, 2)).values[0]
    np.testing.assert_allclose(found[0], found[1] + found[2], rtol=1e-13)
    agree(made, Evaluator(made), 2)


def test_a_parameter_fixed_by_the_rules_keeps_its_value() -> None:
    rules = rules_of(WAR)["none"]
    fixed = tuple(
        replace(p, low=0.3, high=0.3, value=0.3) if p.name == "cost" else p
        for p in rules.parameters
    )
    columns = table({"none": rules}, 2)
    pinned = Evaluator({"none": replace(rules, parameters=fixed)}, quantities=["worth"])
    plain = Evaluator({"none": rules}, quantities=["worth"])
    wanted = plain({**columns, "cost": np.full(2, 0.3)}).values
    np.testing.assert_array_equal(pinned(columns).values, wanted)


def _fixed(rules: dict[str, Rules], parameter: str, value: float) -> dict[str, Rules]:
    """The rules with a parameter fixed at a value."""
    return {
        name: replace(
            own,
            parameters=tuple(
                replace(p, low=value, high=value, value=value) if p.name == parameter else p
                for p in own.parameters
            ),
        )
        for name, own in rules.items()
    }


@pytest.mark.parametrize(("parameter", "value"), [("cost", 0.0), ("luck", 0.3), ("delta", 0.99)])
def test_parameters_can_be_fixed_on_the_structure_at_hand(
    rules: dict[str, Rules], evaluator: Evaluator, parameter: str, value: float
) -> None:
    """Inside its range, and outside where payoffs and discounts alone read it."""
    fixed = _fixed(rules, parameter, value)
    shared = evaluator.changed(fixed, quantities=evaluator.quantities, precision=3.0)
    assert shared is not None
    columns = table(rules, 20)
    wanted = Evaluator(fixed, quantities=evaluator.quantities, precision=3.0)(columns)
    np.testing.assert_allclose(shared(columns).values, wanted.values, rtol=1e-12, atol=1e-13)


def test_a_structure_is_not_shared_where_it_may_lack_room(
    rules: dict[str, Rules], evaluator: Evaluator
) -> None:
    """Outside its range a parameter of the transitions may make other states possible."""
    asked = evaluator.quantities
    for other in (_fixed(rules, "luck", 0.7), rules_of(WAR.replace("up: luck", "up: luck/2"))):
        assert evaluator.changed(other, quantities=asked, precision=None) is None
    assert evaluator.changed(rules, quantities=asked, precision=math.inf) is None


def test_a_draws_numbers_depend_on_its_parameters_alone(
    rules: dict[str, Rules], evaluator: Evaluator
) -> None:
    """Bit for bit, whatever stands beside it and in whatever order."""
    columns = table(rules, 37)
    whole = evaluator(columns).values
    order = np.random.default_rng(1).permutation(37)
    mixed = evaluator({name: column[order] for name, column in columns.items()}).values
    alone = evaluator({name: column[5:6] for name, column in columns.items()}).values
    np.testing.assert_array_equal(mixed, whole[:, :, order])
    np.testing.assert_array_equal(alone, whole[:, :, 5:6])


ALONE = """
import sys
import numpy as np
from foedus.findings.evaluator import Evaluator
from tests.findings.test_evaluator import WAR, rules_of, table

rules = rules_of(WAR)
found = Evaluator(rules, quantities=[q.name for q in rules["none"].quantities])(table(rules, 20))
sys.stdout.buffer.write(found.values.tobytes())
"""


def test_a_draws_numbers_do_not_depend_on_the_number_of_threads(
    rules: dict[str, Rules], evaluator: Evaluator
) -> None:
    """Bit for bit, in a process whose compiler sees another number of processors."""
    root = Path(__file__).parents[2]
    threads = "1" if (os.cpu_count() or 1) > 1 else "4"
    paths = os.pathsep.join([str(root), *filter(None, [os.environ.get("PYTHONPATH")])])
    process = subprocess.run(
        [sys.executable, "-c", ALONE],
        env={**os.environ, "NPROC": threads, "PYTHONPATH": paths},
        capture_output=True,
        check=True,
    )
    here = evaluator(table(rules, 20)).values
    np.testing.assert_array_equal(np.frombuffer(process.stdout).reshape(here.shape), here)


def test_a_draw_that_is_no_game_does_not_stop_the_others(
    rules: dict[str, Rules], evaluator: Evaluator
) -> None:
    columns = table(rules, 4)
    wanted = evaluator(columns).values
    spoilt = {name: column.copy() for name, column in columns.items()}
    spoilt["luck"][1], spoilt["prize"][2] = 1.5, math.nan
    found = evaluator(spoilt)
    assert found.solved.tolist() == [True, False, False, True]
    assert found.problems[1][0] == "GameError"
    assert "probability of" in found.problems[1][1]
    assert "regime none" in found.problems[1][1]
    assert "finite" in found.problems[2][1]
    assert np.isnan(found.values[:, :, 1:3]).all()
    np.testing.assert_array_equal(found.values[:, :, [0, 3]], wanted[:, :, [0, 3]])


def test_derivatives_are_those_of_finite_differences(
    rules: dict[str, Rules], evaluator: Evaluator
) -> None:
    at = {p.name: p.value for p in rules["none"].parameters}
    exact = evaluator.derivatives(at)
    step = 1e-5
    columns = {name: np.full(2 * len(at), value) for name, value in at.items()}
    for i, name in enumerate(at):
        columns[name][2 * i] += step
        columns[name][2 * i + 1] -= step
    values = evaluator(columns).values
    differences = (values[:, :, ::2] - values[:, :, 1::2]) / (2 * step)
    np.testing.assert_allclose(exact, differences, atol=1e-6, equal_nan=True)


def test_players_own_precisions_follow_the_draw() -> None:
    rules = rules_of(WAR)
    own = Operation("multiply", (Number(2.0), ParameterValue("prize")))
    players = tuple(replace(p, precision=own) for p in rules["none"].players)
    made = {"none": replace(rules["none"], players=players)}
    columns = table(made, 2)
    found = Evaluator(made, quantities=["worth", "attacks"])(columns)
    for draw in range(2):
        wanted = one_by_one(made, columns, draw, precision=float(2 * columns["prize"][draw]))
        assert found.values[0, 0, draw] == pytest.approx(wanted["none"]["worth"], abs=1e-12)


def test_questions_that_make_no_sense_are_refused() -> None:
    rules = rules_of(WAR)
    with pytest.raises(QueryError, match="no quantity `worht`"):
        Evaluator(rules, quantities=["worht"])
    with pytest.raises(QueryError, match="no parameter `costs`"):
        Evaluator(rules, quantities=["worth"])({"costs": np.ones(2)})
    with pytest.raises(QueryError, match="regime 'none'"):
        Evaluator({"dear": rules["dear"]}, quantities=["moved"])
