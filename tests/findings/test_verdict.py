"""Verdicts on toy draws whose shares, effects and statistics are known in closed form."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foedus.errors import QueryError
from foedus.findings.draws import Draws
from foedus.findings.verdict import LADDER, Verdict, weigh, word_for
from foedus.scenario.formulas import Number, ParameterValue
from foedus.scenario.model import Claim
from foedus.scenario.statements import All, Arithmetic, Comparison, Not, Statistic
from foedus.testing.claims import comparison, toy_claim
from foedus.testing.draws import toy_draws, toy_figure

X, Y, Z = (ParameterValue(name) for name in "xyz")


def counts(verdict: Verdict) -> tuple[int, int, int, int]:
    return verdict.holds, verdict.reversed, verdict.no_difference, verdict.unknown


def test_the_share_of_a_region_is_its_volume() -> None:
    """x + y < 1/2 on the unit square: 1/8. Sobol points are spread evenly, so almost exactly."""
    draws = toy_draws(4096, {"sum": lambda x, y, z: x + y})
    verdict = weigh(toy_claim(comparison("sum", "<", Number(0.5))), draws)
    assert verdict.share == pytest.approx(1 / 8, abs=0.002)
    assert verdict.word == "leaning against"
    assert verdict.interval is not None
    assert verdict.interval[0] < 1 / 8 < verdict.interval[1]


def test_a_margin_moves_draws_to_no_difference() -> None:
    """a - b is uniform on -1/2..1/2; a tenth of the draws lies within 0.05 of nothing."""
    draws = toy_draws(4096, {"a": lambda x, y, z: x, "b": lambda x, y, z: 0.5})
    verdict = weigh(toy_claim(comparison("a", ">", "b"), margin=0.05, unit="points"), draws)
    assert verdict.share == pytest.approx(0.45, abs=0.001)
    assert verdict.no_difference / 4096 == pytest.approx(0.1, abs=0.002)
    assert verdict.direction == pytest.approx(0.5, abs=0.001)
    effect = verdict.effect
    assert effect is not None
    assert (effect.median, effect.low, effect.high) == pytest.approx((0, -0.4, 0.4), abs=0.002)
    assert effect.interval[0] < 0 < effect.interval[1]
    assert effect.unit == "points"


def test_an_equality_has_an_effect_and_no_direction() -> None:
    draws = toy_draws(4096, {"a": lambda x, y, z: 0.1 * x, "b": lambda x, y, z: 0.0})
    verdict = weigh(toy_claim(comparison("a", "==", "b"), margin=0.05), draws)
    assert verdict.share == pytest.approx(0.5, abs=0.001)
    assert (verdict.no_difference, verdict.direction) == (0, None)
    assert verdict.effect is not None
    assert verdict.effect.median == pytest.approx(0.05, abs=1e-4)


def test_an_ordering_holds_where_each_step_does() -> None:
    """x < y < z in one of six orders."""
    draws = toy_draws(
        8192, {"a": lambda x, y, z: x, "b": lambda x, y, z: y, "c": lambda x, y, z: z}
    )
    order = All((comparison("a", "<", "b"), comparison("b", "<", "c")))
    verdict = weigh(toy_claim(order), draws)
    assert verdict.share == pytest.approx(1 / 6, abs=0.005)


def test_a_sign_reversal_between_windows() -> None:
    """Lower early where x < 0.6 and higher late where y > 0.5: both in 0.6 x 0.5."""
    draws = toy_draws(8192, {"early": lambda x, y, z: x - 0.6, "late": lambda x, y, z: y - 0.5})
    nothing = Number(0.0)
    reversal = All((comparison("early", "<", nothing), comparison("late", ">", nothing)))
    assert weigh(toy_claim(reversal), draws).share == pytest.approx(0.3, abs=0.003)


def test_given_restricts_what_the_claim_is_about() -> None:
    draws = toy_draws(4096, {"a": lambda x, y, z: x + y})
    claim = toy_claim(comparison("a", ">", Number(1.0)), given=Comparison(X, ">", Number(0.5)))
    verdict = weigh(claim, draws)
    assert verdict.draws == 2048
    assert verdict.share == pytest.approx(3 / 4, abs=0.005)


def test_unknown_draws_are_counted_apart() -> None:
    draws = toy_draws(4096, {"a": lambda x, y, z: np.where(x < 0.25, np.nan, y)})
    verdict = weigh(toy_claim(comparison("a", ">", Number(0.5))), draws)
    assert verdict.unknown == 1024
    assert verdict.share == pytest.approx(0.5, abs=0.005)
    assert verdict.known == 3072


def test_unsolved_draws_do_not_count_at_all() -> None:
    draws = toy_draws(64, {"a": lambda x, y, z: x})
    draws.solved[:30] = False
    assert weigh(toy_claim(comparison("a", ">", Number(0.5))), draws).draws == 34


def test_too_few_draws_make_no_verdict() -> None:
    few = toy_draws(16, {"a": lambda x, y, z: x})
    assert weigh(toy_claim(comparison("a", ">", Number(0.5))), few).word == "too few draws"
    unknown = toy_draws(64, {"a": lambda x, y, z: np.where(x < 0.9, np.nan, x)})
    assert weigh(toy_claim(comparison("a", ">", Number(0.5))), unknown).word == "too few draws"


def test_a_claim_without_a_statement_is_untestable() -> None:
    claim = toy_claim(None, untestable="no such quantity")
    assert weigh(claim, toy_draws(64, {})).word == "untestable"


def test_the_words_for_a_claim_and_for_its_opposite_mirror_each_other() -> None:
    for share in np.linspace(0, 1, 1001).round(3).tolist():
        here, there = word_for(share), word_for(round(1 - share, 3))
        assert LADDER.index(here) + LADDER.index(there) == 4


def test_a_share_near_a_threshold_says_so() -> None:
    draws = toy_draws(256, {"a": lambda x, y, z: x})
    verdict = weigh(toy_claim(comparison("a", "<", Number(0.9))), draws)
    assert verdict.near == (0.9,)
    assert weigh(toy_claim(comparison("a", "<", Number(0.5))), draws).near == ()


def test_a_monotonicity_claim_is_a_rank_correlation() -> None:
    """Of x and x + y: the rank correlation is 12 Cov(x, F(x + y)), F that of the sum."""
    draws = toy_draws(2048, {"a": lambda x, y, z: x + y, "b": lambda x, y, z: z})
    by_x = Statistic(name="correlation", of=toy_figure("a"), by=X)
    grid = (np.arange(1000) + 0.5) / 1000
    total = grid[:, None] + grid[None, :]
    below = np.where(total < 1, total**2 / 2, 1 - (2 - total) ** 2 / 2)
    rho = 12 * float(np.mean((grid[:, None] - 0.5) * (below - 0.5)))
    verdict = weigh(toy_claim(Comparison(by_x, ">", Number(0.5)), effect=by_x), draws)
    assert verdict.word == "supported"
    assert verdict.stands is True
    [value] = verdict.statistics
    assert value.name == "correlation"
    assert value.value == pytest.approx(rho, abs=0.01)
    assert value.interval[0] < rho < value.interval[1]
    assert verdict.effect is not None
    assert verdict.effect.median == value.value
    beyond = weigh(toy_claim(Comparison(by_x, ">", Number(0.8))), draws)
    assert beyond.word == "contradicted"
    assert beyond.stands is False


def test_a_share_of_region_claim_compares_parts_of_the_region() -> None:
    """a > 1/2 in none of the lowest third of x, and in all above one half."""
    draws = toy_draws(2048, {"a": lambda x, y, z: x})
    high = comparison("a", ">", Number(0.5))
    low_share, high_share = (
        Statistic(name="share", of=high, given=part)
        for part in (Comparison(X, "<", Number(1 / 3)), Not(Comparison(X, "<", Number(2 / 3))))
    )
    verdict = weigh(toy_claim(Comparison(low_share, "<", high_share), margin=0.05), draws)
    assert (verdict.word, verdict.resamples) == ("supported", 400)
    assert [s.value for s in verdict.statistics] == [0.0, 1.0]
    assert verdict.effect is not None
    assert verdict.effect.median == -1.0


def test_a_claim_about_the_region_may_have_an_effect_in_each_draw() -> None:
    draws = toy_draws(2048, {"a": lambda x, y, z: x})
    share = Statistic(name="share", of=comparison("a", ">", Number(0.5)))
    claim = toy_claim(Comparison(share, ">", Number(0.4)), effect=toy_figure("a"))
    effect = weigh(claim, draws).effect
    assert effect is not None
    assert (effect.median, effect.low, effect.high) == pytest.approx((0.5, 0.1, 0.9), abs=0.002)


def test_a_statement_about_the_region_at_its_edge_is_contested() -> None:
    """The share of x < 1/2 is one half: half of all resamples are above."""
    draws = toy_draws(2048, {"a": lambda x, y, z: x})
    share = Statistic(name="share", of=comparison("a", "<", Number(0.5)))
    assert weigh(toy_claim(Comparison(share, ">", Number(0.5))), draws).word == "contested"


def test_a_statement_mixes_draws_and_region_at_its_peril() -> None:
    draws = toy_draws(64, {"a": lambda x, y, z: x})
    mixed = Comparison(toy_figure("a"), ">", Statistic(name="mean", of=toy_figure("a")))
    with pytest.raises(QueryError, match="inside a statistic"):
        weigh(toy_claim(mixed), draws)


def shuffled(draws: Draws, seed: int) -> Draws:
    return draws.take(np.random.default_rng(seed).permutation(draws.size))


PER_DRAW = toy_claim(comparison("a", ">", "b"), margin=0.02)
OVER_REGION = toy_claim(
    Comparison(Statistic(name="correlation", of=toy_figure("a"), by=Y), ">", Number(0.0))
)


@pytest.mark.parametrize("claim", [PER_DRAW, OVER_REGION])
@given(seed=st.integers(0, 1000))
def test_the_order_of_draws_does_not_matter(claim: Claim, seed: int) -> None:
    formulas = {"a": lambda x, y, z: x * y, "b": lambda x, y, z: z / 3}
    draws = toy_draws(32, formulas)
    assert weigh(claim, draws, seed=seed) == weigh(claim, shuffled(draws, seed), seed=seed)


@given(
    st.lists(st.sampled_from([-0.2, 0.0, 0.2, np.nan]), min_size=30, max_size=30),
    st.sampled_from([">", ">=", "==", "!=", "<", "<="]),
)
def test_every_draw_is_counted_once(values: list[float], relation: str) -> None:
    draws = toy_draws(30, {"a": lambda x, y, z: np.array(values), "b": lambda x, y, z: 0.0})
    claim = toy_claim(comparison("a", relation, "b"), margin=0.1)  # type: ignore[arg-type]
    verdict = weigh(claim, draws)
    assert sum(counts(verdict)) == verdict.draws == 30
    assert verdict.unknown == sum(np.isnan(values))


def test_the_effect_is_the_first_comparison_unless_the_claim_gives_another() -> None:
    draws = toy_draws(64, {"a": lambda x, y, z: 3.0, "b": lambda x, y, z: 1.0})
    holds = All((Comparison(X, "<", Number(2.0)), comparison("a", ">", "b")))
    given_one = Arithmetic("divide", (toy_figure("a"), toy_figure("b")))
    effects = [
        weigh(claim, draws).effect
        for claim in (toy_claim(holds), toy_claim(holds, effect=given_one))
    ]
    assert [effect and effect.median for effect in effects] == [2.0, 3.0]
