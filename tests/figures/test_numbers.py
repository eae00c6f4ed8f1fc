"""The table of every figure has the numbers of the findings, worked out here once more."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import foedus as fd
from foedus.figures.effect import effect
from foedus.figures.facts import facts
from foedus.figures.failure_box import failure_box
from foedus.figures.figure import Figure, NoFigure
from foedus.figures.ladder import ladder
from foedus.figures.paths import measures, paths
from foedus.figures.robustness import robustness
from foedus.figures.sensitivity import sensitivity
from foedus.figures.strategies import strategies
from foedus.figures.structure import structure
from foedus.figures.switching import switching
from foedus.figures.tornado import tornado
from foedus.figures.waterfall import waterfall
from foedus.figures.worth import worth
from foedus.findings.portrait import Portrait
from foedus.findings.result import Findings
from foedus.scenario.scenario import Scenario


def rows(figure: Figure | NoFigure) -> list[dict[str, Any]]:
    assert isinstance(figure, Figure), figure
    return [dict(zip(figure.table.columns, row, strict=True)) for row in figure.table.rows]


def acting(findings: Findings) -> tuple[np.ndarray, np.ndarray]:
    """P(acts) without help and with it in the plausible draws, straight from the arrays."""
    kept = np.isin(findings.base.rows, findings.plausible_rows)
    values = findings.base.values[:, findings.quantities.index("acts")][:, kept]
    return values[findings.regimes.index("none")], values[findings.regimes.index("help")]


def test_effects_are_counted_into_bins(findings: Findings) -> None:
    none, helped = acting(findings)
    sizes = helped - none
    found = rows(effect(findings, "helps"))
    assert sum(row["draws"] for row in found) == len(sizes)
    for row in found:
        last = row is found[-1]
        inside = (sizes >= row["from"] - 1e-12) & (
            (sizes <= row["to"]) if last else (sizes < row["to"] - 1e-12)
        )
        assert abs(inside.sum() - row["draws"]) <= 1  # a size on an edge may fall either way
    assert any(abs(row["from"]) < 1e-12 or abs(row["to"]) < 1e-12 for row in found) or (
        found[0]["from"] > 0
    )


def test_claims_without_sizes_say_so(findings: Findings) -> None:
    for claim in ("region", "unheard"):
        assert isinstance(effect(findings, claim), NoFigure)


def test_shares_elsewhere_are_those_of_the_shifts(findings: Findings) -> None:
    found = {row["setting"]: row for row in rows(robustness(findings, "helps"))}
    one = findings["helps"]
    assert set(found) == {"as assessed", *one.shifts}
    none, helped = acting(findings)
    assert found["as assessed"]["share"] == pytest.approx((helped - none > 0.05).mean())
    every = findings.base.values[:, findings.quantities.index("acts")]
    assert found["all draws, plausible or not"]["share"] == pytest.approx(
        (every[1] - every[0] > 0.05).mean()
    )
    for label, shift in one.shifts.items():
        if shift.change is not None:
            row = found[label]
            assert row["share"] - row["base share"] == pytest.approx(shift.change)


def test_every_parameter_that_varies_is_ranked(findings: Findings) -> None:
    found = rows(sensitivity(findings, "acts"))
    assert [row["parameter"] for row in found] == [
        pivot.parameter
        for pivot in (
            *findings["acts"].finding.deciding.pivots,
            *findings["acts"].finding.deciding.others,
        )
    ]
    assert {row["parameter"] for row in found} == {"theta", "c"}
    none, _ = acting(findings)
    kept = np.isin(findings.base.rows, findings.plausible_rows)
    for row in found:
        column = findings.base.parameters[kept][:, findings.samples.names.index(row["parameter"])]
        assert np.sign(np.corrcoef(column, none)[0, 1]) == np.sign(row["direction"])


def test_the_map_has_every_draw_with_its_outcome(findings: Findings) -> None:
    figure = switching(findings, "acts")
    none, _ = acting(findings)
    kept = np.isin(findings.base.rows, findings.plausible_rows)
    names = findings.samples.names
    expected = {
        (round(float(theta), 12), round(float(c), 12)): bool(p > 0.5)
        for theta, c, p in zip(
            findings.base.parameters[kept][:, names.index("theta")],
            findings.base.parameters[kept][:, names.index("c")],
            none,
            strict=True,
        )
    }
    found = {(round(row["theta"], 12), round(row["c"], 12)): row["holds"] for row in rows(figure)}
    assert found == expected


def test_slopes_are_the_closed_form_s(findings: Findings) -> None:
    """d P(acts)/d theta = precision P (1 - P), at the centre, where P = 1/2."""
    found = {row["parameter"]: row for row in rows(tornado(findings, "acts"))}
    assert found["theta"]["slope"] == pytest.approx(4 * 0.25)
    assert found["c"]["slope"] == pytest.approx(-4 * 0.25)
    assert found["theta"]["turns at"] == "0.5"


def test_the_box_is_the_rule(findings: Findings) -> None:
    rule = findings["acts"].finding.deciding.rule
    assert rule is not None
    found = rows(failure_box(findings, "acts"))
    assert [(row["parameter"], row["from"], row["to"]) for row in found] == [
        (limit.name, limit.low, limit.high) for limit in rule.limits
    ]
    assert all((row["range low"], row["range high"]) == (0.0, 1.0) for row in found)


def test_facts_are_counted_over_the_right_draws(findings: Findings) -> None:
    found = {row["fact"]: row for row in rows(facts(findings))}
    every = findings.base.values[0, findings.quantities.index("acts")]
    assert found["some"]["share"] == pytest.approx((every >= 0.2).mean())
    none, _ = acting(findings)
    assert found["rare"]["share"] == pytest.approx((none <= 0.7).mean())
    assert (found["some"]["use"], found["rare"]["use"]) == ("filter", "hold-out")


def test_fans_are_quantiles_of_the_draws(rivals: Scenario, portrait: Portrait) -> None:
    measure = next(one for one in measures(portrait) if one.name == "strength-calm")
    found = rows(paths(portrait, measure))
    strength = portrait.factors[1]
    means = portrait.mean(strength, portrait.levels[:, 1, 0])
    row = next(r for r in found if r["regime"] == "B is guarded" and r["year"] == 3)
    assert row["10 %"] == pytest.approx(np.quantile(means[:, 3], 0.1))
    assert row["median"] == pytest.approx(np.median(means[:, 3]))


def test_reaching_never_becomes_less_likely(portrait: Portrait) -> None:
    for measure in measures(portrait):
        if measure.reach is not None:
            medians = [r["median"] for r in rows(paths(portrait, measure))]
            by_regime = np.array(medians).reshape(len(portrait.regimes), -1)
            assert (np.diff(by_regime, axis=1) >= -1e-7).all()


def test_worth_is_what_single_games_say(rivals: Scenario, portrait: Portrait) -> None:
    found = rows(worth(portrait, portrait.starts[0]))
    equilibrium = fd.solve(fd.compile_scenario(rivals, regime="guarded"))
    expected = equilibrium.game.structure.starts["calm"] @ equilibrium.values
    for player, value in zip(("Player A", "Player B"), expected, strict=True):
        row = next(r for r in found if (r["player"], r["regime"]) == (player, "B is guarded"))
        assert row["central draw"] == pytest.approx(value)


def test_a_waterfall_leads_from_one_payoff_to_the_other(
    rivals: Scenario, portrait: Portrait
) -> None:
    found = rows(waterfall(portrait, portrait.regimes[1], portrait.starts[0]))
    for regime in ("none", "guarded"):
        equilibrium = fd.solve(fd.compile_scenario(rivals, regime=regime))
        label = {"none": "As it is", "guarded": "B is guarded"}[regime]
        table = fd.payoffs(equilibrium, start="calm")
        for row in found:
            player = {"Player A": "A", "Player B": "B"}[row["player"]]
            assert row[label] == pytest.approx(table.loc[player, row["part"]])
    assert isinstance(waterfall(portrait, portrait.regimes[0], portrait.starts[0]), NoFigure)


def test_shares_of_actions_add_up(portrait: Portrait) -> None:
    for move in portrait.moves:
        for row in rows(strategies(portrait, move, portrait.starts[0])):
            shares = [row[a.label] for a in move.actions if row[a.label] is not None]
            if row["expected times"] > 0:
                assert sum(shares) == pytest.approx(1.0)


def test_moves_on_the_ladder_are_expected_switches(rivals: Scenario, portrait: Portrait) -> None:
    found = rows(ladder(portrait, portrait.starts[0]))
    equilibrium = fd.solve(fd.compile_scenario(rivals, regime="none"))
    expected = fd.switches(equilibrium, "phase == peace", "phase == war", within=4, start="calm")
    [row] = [
        r
        for r in found
        if (r["regime"], r["from"], r["to"]) == ("As it is", "there is peace", "there is war")
    ]
    assert row["expected moves in 4 years"] == pytest.approx(expected)


def test_the_structure_lists_every_action_in_order(rivals: Scenario) -> None:
    found = rows(structure(rivals))
    assert [(row["step"], row["who"], row["action"]) for row in found] == [
        (1, "Player A", "waits"),
        (1, "Player A", "attacks"),
        (1, "Player A", "offers"),
        (2, "Player B", "resist"),
        (2, "Player B", "yield"),
    ]
    assert found[3]["when"] == "A is attack"
