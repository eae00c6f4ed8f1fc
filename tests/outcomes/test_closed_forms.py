"""Outcomes of chains whose answers are known in closed form."""

import math
from dataclasses import replace

import numpy as np
import pytest

from foedus.game.game import StateSpace
from foedus.game.measure import Measure
from foedus.outcomes import (
    Play,
    action_rate,
    distance,
    distribution,
    first_passage,
    hazard,
    mean,
    occupancy,
    payoffs,
    probability,
    reach,
    report,
    state_distribution,
    switches,
)

from .games import chain, gambler, quantity

BREAKS, ENDS = 0.3, 0.2
WAR = np.array([False, True])


def two_states(**settings):
    return chain([[1 - BREAKS, BREAKS], [ENDS, 1 - ENDS]], n_live=2, **settings)


@pytest.mark.parametrize("up", [0.5, 0.4, 0.7])
def test_gamblers_ruin(up):
    """P(rich | capital i) = (1 - r^i) / (1 - r^N), r = (1 - p)/p; i/N in a fair game."""
    top, ratio = 6, (1 - up) / up
    rich = np.arange(top + 1) == top
    for capital in range(1, top):
        expected = capital / top if up == 0.5 else (1 - ratio**capital) / (1 - ratio**top)
        got = reach(gambler(top, up), rich, within=math.inf, start=f"p{capital - 1}")
        assert got == pytest.approx(expected, rel=1e-13)


def test_how_long_a_fair_gambler_lasts():
    """i (N - i) rounds, and just as many periods spent in play."""
    over = np.arange(8) >= 6
    play = gambler(7, 0.5)
    for capital in range(1, 7):
        start = f"p{capital - 1}"
        passage = first_passage(play, over, within=math.inf, start=start)
        assert passage.arrives == pytest.approx(1.0, rel=1e-13)
        assert passage.mean == pytest.approx(capital * (7 - capital), rel=1e-12)
        assert occupancy(play, ~over, within=math.inf, start=start) == pytest.approx(
            capital * (7 - capital), rel=1e-12
        )


def test_conditional_duration_of_a_fair_game():
    """Given that the gambler gets rich, (N² - i²)/3 rounds."""
    rich = np.arange(7) == 6
    for capital in range(1, 6):
        passage = first_passage(gambler(6, 0.5), rich, within=math.inf, start=f"p{capital - 1}")
        assert passage.mean == pytest.approx((36 - capital**2) / 3, rel=1e-12)


def test_first_war_is_geometric():
    passage = first_passage(two_states(), WAR, within=9, start="p0")
    times = np.arange(10)
    expected = np.where(times > 0, BREAKS * (1 - BREAKS) ** (times - 1.0), 0.0)
    np.testing.assert_allclose(passage.probability, expected, rtol=1e-13)
    np.testing.assert_allclose(passage.hazard[1:], BREAKS, rtol=1e-13)
    assert passage.hazard[0] == 0
    assert passage.arrives == pytest.approx(1 - (1 - BREAKS) ** 9, rel=1e-13)
    assert passage.mean == pytest.approx(expected @ times / expected.sum(), rel=1e-13)
    assert first_passage(two_states(), WAR, within=math.inf).mean == pytest.approx(1 / BREAKS)


def test_hazard_has_no_memory_where_play_has_none():
    for after in range(4):
        expected = 1 - (1 - BREAKS) ** 3
        got = hazard(two_states(), WAR, after=after, within=after + 3, start="p0")
        assert got == pytest.approx(expected, rel=1e-13)
    assert hazard(two_states(), WAR, after=2, within=math.inf) == pytest.approx(1.0)


def test_hazard_of_what_has_surely_happened_is_nan():
    assert math.isnan(hazard(two_states(), WAR, after=1, within=3, start="p1"))
    assert math.isnan(first_passage(two_states(), WAR, start="p1").hazard[1])


def test_two_states_by_eigenvalue():
    """P(war at t) = π + (1[start] - π) ρ^t, π = b/(b + e), ρ = 1 - b - e."""
    share, rho = BREAKS / (BREAKS + ENDS), 1 - BREAKS - ENDS
    for start, at_war in (("p0", 0.0), ("p1", 1.0)):
        path = share + (at_war - share) * rho ** np.arange(11)
        for t in (0, 1, 7):
            got = probability(two_states(), WAR, at=t, start=start)
            assert got == pytest.approx(path[t], rel=1e-13)
        got = occupancy(two_states(), WAR, within=10, start=start)
        assert got == pytest.approx(path[:10].sum(), rel=1e-13)
        got = switches(two_states(), ~WAR, WAR, within=10, start=start)
        assert got == pytest.approx(BREAKS * (1 - path[:10]).sum(), rel=1e-13)
        levels = distribution(two_states(), "place", start=start)
        np.testing.assert_allclose(levels.sel(level="p1"), path, rtol=1e-13)


def test_what_recurs_is_counted_without_end():
    assert occupancy(two_states(), WAR, within=math.inf) == math.inf
    assert reach(two_states(), WAR, within=math.inf, start="p0") == pytest.approx(1.0)


def test_an_ending_holds_in_every_later_period():
    """One period in play, then ended: 1[t >= 1] of ten periods, for ever without end."""
    play = chain([[0.0, 1.0]], n_live=1)
    assert occupancy(play, np.array([False, True]), within=10) == 9.0
    assert occupancy(play, np.array([False, True]), within=math.inf) == math.inf
    assert occupancy(play, np.array([True, False]), within=math.inf) == 1.0


def test_a_closed_loop_is_no_arrival():
    """From the middle, half of play is caught for ever where nothing happens."""
    play = chain([[0.0, 0.5, 0.5], [0.0, 1.0, 0.0]], n_live=2)
    passage = first_passage(play, np.array([False, False, True]), within=math.inf, start="p0")
    assert passage.arrives == pytest.approx(0.5)
    assert passage.mean == pytest.approx(1.0)
    never = first_passage(play, np.array([False, False, True]), within=math.inf, start="p1")
    assert never.arrives == 0
    assert math.isnan(never.mean)


def test_stationary_payoffs_discount_a_perpetuity():
    """1 per period for ever, except that play ends with probability q: 1/(1 - δ(1 - q))."""
    play = chain([[0.9, 0.1]], n_live=1, flow=[1.0, 0.0], discount=0.8)
    assert payoffs(play).loc["A", "payoff"] == pytest.approx(1 / (1 - 0.8 * 0.9), rel=1e-13)


def test_an_ending_pays_once_on_arrival():
    """δ q / (1 - δ(1 - q)) times what it pays."""
    play = chain([[0.9, 0.1]], n_live=1, flow=[0.0, -5.0], discount=0.8)
    expected = -5 * 0.8 * 0.1 / (1 - 0.8 * 0.9)
    assert payoffs(play).loc["A", "payoff"] == pytest.approx(expected, rel=1e-13)
    long = chain([[0.9, 0.1]], n_live=1, flow=[0.0, -5.0], discount=0.8, horizon=200)
    assert payoffs(long).loc["A", "payoff"] == pytest.approx(expected, rel=1e-13)
    assert payoffs(long, start="p1").loc["A", "payoff"] == -5.0


def test_means_leave_out_play_that_has_ended():
    play = chain([[0.5, 0.2, 0.3], [0.0, 0.6, 0.4]], n_live=2)
    assert mean(play, np.array([1.0, 2.0, 99.0]), at=1) == pytest.approx((0.5 + 0.4) / 0.7)
    assert math.isnan(mean(play, np.array([1.0, 2.0, 99.0]), at=1, start="p2"))


def test_rows_of_the_state_distribution_sum_to_one():
    rows = state_distribution(gambler(5, 0.3), at=range(8), start="p1")
    np.testing.assert_allclose(rows.sum("state"), 1.0, rtol=1e-14)
    assert list(rows.period.values) == list(range(8))


@pytest.mark.parametrize("within", [1, 4, 9])
def test_a_rate_among_all_periods_leaves_out_those_after_an_ending(within):
    """Play ends in each period with probability q: so the share of periods that end it is q."""
    play, ending = chain([[1 - ENDS, ENDS]], n_live=1), np.array([0.0, 1.0])
    ends = Measure(np.zeros(2), (ending[None],))
    assert action_rate(play, ends, within=within) == pytest.approx(ENDS, rel=1e-13)
    assert action_rate(play, np.ones(2), within=within) == 1.0
    assert action_rate(play, ending, within=within) == 0.0
    assert math.isnan(action_rate(play, ends, within=within, start="p1"))
    asked = quantity("q", "rate", of=ends, within=within)
    assert report(play, [asked])["q"] == action_rate(play, ends, within=within)


def two_factors(first, second):
    """Two factors that move independently, each with two levels, from level 0 of both."""
    play = chain(np.kron(first, second), n_live=4)
    space = StateSpace(
        factors=("mood", "arms"),
        levels=(("calm", "tense"), ("0", "1")),
        codes=np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=np.int16),
        n_live=4,
    )
    structure = replace(play.game.structure, states=space)
    return Play(replace(play.game, structure=structure), play.profile)


def test_a_distance_may_leave_factors_out():
    """Of independent factors only the one that counts matters, whatever the other does."""
    still, calm, tense = np.eye(2), [[0.9, 0.1], [0.0, 1.0]], [[0.6, 0.4], [0.0, 1.0]]
    a, b = two_factors(calm, still), two_factors(tense, calm)
    for t in range(4):
        apart = 0.9**t - 0.6**t
        assert distance(a, b, factors=["mood"], at=t) == pytest.approx(apart, abs=1e-15)
        assert distance(a, b, factors=["arms"], at=t) == pytest.approx(1 - 0.9**t, abs=1e-15)
        asked = quantity("d", "distance", against="b", factors=("mood",), at=t)
        assert report(a, [asked], regimes={"b": b})["d"] == distance(a, b, factors=["mood"], at=t)
        both = distance(a, b, factors=["arms", "mood"], at=t)
        assert both == pytest.approx(distance(a, b, at=t), abs=1e-15)


def test_each_ending_is_one_outcome_of_a_distance():
    """Play that ends badly differs from play that goes on, whichever factors count."""
    a, b = (chain([[1 - q, q]], n_live=1) for q in (BREAKS, ENDS))
    assert distance(a, b, factors=[], at=1) == pytest.approx(BREAKS - ENDS)
    assert distance(a, b, factors=["place"], at=1) == pytest.approx(BREAKS - ENDS)


def test_distance_is_a_metric_on_distributions_by_label():
    a, b = two_states(), chain([[0.0, 1.0], [1.0, 0.0]], n_live=2)
    assert distance(a, a, at=4) == 0.0
    assert distance(a, b, at=1) == pytest.approx(1 - BREAKS)
    assert distance(a, b, at=3) == pytest.approx(distance(b, a, at=3), rel=1e-14)
    longer = gambler(4, 0.5)  # p0 and p1 are live in both, the rest only here
    assert distance(a, longer, at=0, start="p0") == 0.0
    assert 0 < distance(a, longer, at=2, start="p0") <= 1.0
