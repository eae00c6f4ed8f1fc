"""What decides a claim, on toy draws where pivots, flips, boxes and Sobol indices are known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foedus.errors import QueryError
from foedus.findings.deciding import Deciding, decide
from foedus.scenario.formulas import Number, ParameterValue
from foedus.scenario.statements import Comparison, Statistic
from foedus.testing.claims import comparison, toy_claim
from foedus.testing.draws import toy_draws, toy_figure

ABOVE_HALF = toy_claim(comparison("a", ">", Number(0.5)))
MANY = "abcdefghijklmnopqrstuvwxyz"


def names(deciding: Deciding) -> list[str]:
    return [pivot.parameter for pivot in deciding.pivots]


def test_the_switching_value_of_a_clean_flip() -> None:
    draws = toy_draws(1024, {"a": lambda x, y, z: 0.2 + y})
    found = decide(ABOVE_HALF, draws)
    [pivot] = found.pivots
    assert pivot.parameter == "y"
    assert pivot.direction > 0.99
    assert pivot.split is not None
    assert pivot.split.at == pytest.approx(0.3, abs=0.001)
    assert (pivot.split.share_below, pivot.split.share_above) == (0.0, 1.0)
    assert pivot.split.flips
    low, high = pivot.split.interval
    assert low <= pivot.split.at <= high < low + 0.02
    assert found.outcome == "holds"
    assert sorted(pivot.parameter for pivot in found.others) == ["x", "z"]


def test_direction_is_towards_the_claim() -> None:
    draws = toy_draws(512, {"a": lambda x, y, z: 1 - x - 0.1 * y})
    found = decide(ABOVE_HALF, draws)
    assert names(found)[0] == "x"
    assert found.pivots[0].direction < 0


def test_two_parameters_flip_along_their_contour() -> None:
    """x + y = 1 divides the square; the contour is found within half a cell."""
    draws = toy_draws(8192, {"a": lambda x, y, z: (x + y) / 2})
    found = decide(ABOVE_HALF, draws)
    assert sorted(names(found)) == ["x", "y"]
    assert found.map is not None
    assert sorted(found.map.parameters) == ["x", "y"]
    pieces = found.map.grid.contour
    assert len(pieces) > 10
    np.testing.assert_allclose(pieces.sum(axis=-1), 1.0, atol=0.06)


def test_a_box_is_read_off_in_words() -> None:
    """The claim fails exactly where x > 0.7 and y < 0.4, in 0.12 of the draws."""
    draws = toy_draws(4096, {"a": lambda x, y, z: np.where((x > 0.7) & (y < 0.4), 0.0, 1.0)})
    rule = decide(ABOVE_HALF, draws).rule
    assert rule is not None
    assert rule.outcome == "fails"
    assert rule.base == pytest.approx(0.12, abs=0.002)
    edges = {limit.name: (limit.low, limit.high) for limit in rule.limits}
    assert edges["x"] == pytest.approx((0.7, 1.0), abs=0.03)
    assert edges["y"] == pytest.approx((0.0, 0.4), abs=0.03)
    assert rule.coverage > 0.9
    assert rule.density > 0.9
    assert "x > 0." in rule.words
    assert "y < 0." in rule.words
    assert rule.words.startswith("fails when ")


def test_the_box_is_of_the_rarer_outcome() -> None:
    draws = toy_draws(2048, {"a": lambda x, y, z: np.where((x > 0.8) & (y < 0.5), 1.0, 0.0)})
    rule = decide(ABOVE_HALF, draws).rule
    assert rule is not None
    assert rule.outcome == "holds"
    assert rule.base == pytest.approx(0.1, abs=0.005)


def test_total_effects_see_parameters_that_act_only_in_company() -> None:
    """Holds where x and y lie on the same side of one half: neither explains anything alone,

    and each decides all of the variance in company: both total effects are 1.
    """
    formulas = {"a": lambda x, y, z: np.where((x > 0.5) == (y > 0.5), 1.0, 0.0)}
    draws, design = toy_draws(1024, formulas), toy_draws(1024, formulas, kind="saltelli")
    assert names(decide(ABOVE_HALF, draws)) == []
    found = decide(ABOVE_HALF, draws, saltelli=design)
    assert sorted(names(found)) == ["x", "y"]
    assert found.blocks == 1024
    for pivot in found.pivots:
        assert pivot.total == pytest.approx(1.0, abs=0.05)
        assert pivot.first == pytest.approx(0.0, abs=0.05)
        assert pivot.evidence == ("total",)
        assert pivot.total_interval is not None
        assert pivot.total_interval[0] < pivot.total < pivot.total_interval[1]
    [other] = found.others
    assert other.total == pytest.approx(0.0, abs=1e-12)


def test_total_effects_leave_out_incomplete_blocks_and_need_whole_ones() -> None:
    formulas = {"a": lambda x, y, z: x}
    draws, design = toy_draws(256, formulas), toy_draws(64, formulas, kind="saltelli")
    design.solved[3] = False
    assert decide(ABOVE_HALF, draws, saltelli=design).blocks == 63
    with pytest.raises(QueryError, match="whole blocks of 5 rows"):
        decide(ABOVE_HALF, draws, saltelli=design.take(np.arange(319)))


def test_a_rule_may_need_parameters_of_which_none_decides_alone() -> None:
    """The claim fails in a corner of 0.1 x 0.3 x 0.5, of which only x tells 5 % by itself."""
    corner = {"a": lambda x, y, z: np.where((x > 0.9) & (y > 0.7) & (z > 0.5), 0.0, 1.0)}
    found = decide(ABOVE_HALF, toy_draws(8192, corner))
    assert names(found) == ["x"]
    assert found.rule is not None
    edges = {limit.name: limit.low for limit in found.rule.limits}
    assert edges == pytest.approx({"x": 0.9, "y": 0.7, "z": 0.5}, abs=0.02)
    assert found.rule.density > 0.9


def test_no_single_assumption_decides_what_chance_decides() -> None:
    """26 parameters that do nothing: a false pivot turns up in at most 1 of 20 such claims."""
    noise = np.random.default_rng(3).random((20, 800))
    found = 0
    for row in noise:
        draws = toy_draws(800, {"a": lambda *columns, row=row: row}, names=MANY, kind="latin")
        found += bool(decide(ABOVE_HALF, draws).pivots)
    assert found <= 1


def test_a_weak_but_certain_influence_is_no_pivot() -> None:
    """Of 8192 draws a per cent of the variance is certain to be there, and decides nothing."""
    draws = toy_draws(8192, {"a": lambda x, y, z: x + 0.05 * (y - 0.5)})
    found = decide(ABOVE_HALF, draws)
    assert names(found) == ["x"]


def test_where_the_claim_always_holds_pivots_are_those_of_its_size() -> None:
    draws = toy_draws(1024, {"a": lambda x, y, z: 1 + 3 * z})
    found = decide(ABOVE_HALF, draws)
    assert found.outcome == "effect"
    assert names(found) == ["z"]
    assert found.pivots[0].split is None
    assert (found.map, found.rule) == (None, None)


def test_a_claim_about_the_region_is_decided_by_what_its_statistic_is_of() -> None:
    draws = toy_draws(1024, {"a": lambda x, y, z: x**2})
    share = Statistic(name="share", of=comparison("a", ">", Number(0.25)))
    found = decide(toy_claim(Comparison(share, ">", Number(0.4))), draws)
    assert found.outcome == "statistic"
    assert names(found) == ["x"]
    assert found.pivots[0].split is not None
    assert found.pivots[0].split.at == pytest.approx(0.5, abs=0.001)
    middle = Statistic(name="correlation", of=toy_figure("a"), by=ParameterValue("x"))
    found = decide(toy_claim(Comparison(middle, ">", Number(0.4))), draws)
    assert names(found) == ["x"]
    assert found.pivots[0].split is None


def test_given_and_unknown_draws_are_left_out() -> None:
    """Where x < 0.3 the figure is unknown; elsewhere only y counts."""
    formulas = {"a": lambda x, y, z: np.where(x < 0.3, np.nan, np.where(z > 0.5, y, x))}
    claim = toy_claim(
        comparison("a", ">", Number(0.5)), given=Comparison(ParameterValue("z"), ">", Number(0.5))
    )
    assert names(decide(claim, toy_draws(2048, formulas))) == ["y"]


@settings(max_examples=6)
@given(st.integers(0, 1000))
def test_the_order_of_draws_does_not_matter(seed: int) -> None:
    draws = toy_draws(64, {"a": lambda x, y, z: x * y + 0.3 * z})
    order = np.random.default_rng(seed).permutation(64)
    one, other = (decide(ABOVE_HALF, rows) for rows in (draws, draws.take(order)))
    assert (one.pivots, one.others, one.rule) == (other.pivots, other.others, other.rule)
