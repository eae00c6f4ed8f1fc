"""Questions that make no sense are refused with what was found and what to do."""

import math

import numpy as np
import pytest

from foedus.errors import QueryError
from foedus.outcomes import (
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
    simulate,
    state_distribution,
    switches,
)

from .games import chain, quantity, random_condition, random_game

HERE = np.array([1.0, 0, 0, 0])


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda p: reach(p, HERE, start="war"), "no start named 'war'; the game has a, mixed"),
        (lambda p: reach(p, HERE, start=np.ones(3)), "distribution over 4 states"),
        (lambda p: reach(p, HERE, within=-1), "whole number of periods from 0 on, not -1"),
        (lambda p: reach(p, HERE, within=1.5), "whole number"),
        (lambda p: reach(p, HERE, within=4), "within=4 lies beyond the 3 periods"),
        (lambda p: reach(p, HERE, within=math.inf), "make it stationary"),
        (lambda p: occupancy(p, HERE, within=math.inf), "make it stationary"),
        (lambda p: switches(p, HERE, HERE, within=math.inf), "not infinity"),
        (lambda p: reach(p, "phase == war"), "built from arrays, so 'phase == war'"),
        (lambda p: reach(p, np.ones(3)), "one entry for each of the 4 states"),
        (lambda p: reach(p, np.array([0, 2, 0, 0])), "compare it with a number"),
        (lambda p: probability(p, np.array([0, 2, 0, 0])), "true or false"),
        (lambda p: hazard(p, HERE, after=3, within=2), "before it begins"),
        (lambda p: mean(p, HERE, at=9), "at=9 lies beyond"),
        (lambda p: distribution(p, "mood"), "no factor named 'mood'; the game has place, size"),
        (lambda p: state_distribution(p, at=[]), "at least one period"),
        (lambda p: distance(p, p, at=5), "beyond"),
        (lambda p: distance(p, p, factors=["mood"]), "no factor named 'mood'"),
        (lambda p: payoffs(p, start="war"), "no start named"),
        (lambda p: payoffs(p, start=2 * HERE), "adds up to 2"),
        (lambda p: state_distribution(p, start=np.array([2.0, -1, 0, 0])), "-1.0 in state"),
        (lambda p: simulate(p, paths=1, start=HERE * math.nan), "nan in state"),
        (lambda p: reach(p, HERE, start={"a": 1.0}), "name of one of the game's starts"),
        (lambda p: reach(p, None), "condition `of` is None"),
        (lambda p: reach(p, HERE, within=math.nan), "not nan"),
        (lambda p: reach(p, HERE, within=True), "not True"),
        (lambda p: simulate(p, paths=1, periods=math.inf), "periods must be"),
        (lambda p: payoffs(p.game), "solve the game first"),
        (lambda p: distance(p, p.game), "solve the game first"),
        (lambda p: report(p, ["war"]), "scenario.rules"),
    ],
)
def test_refused(ask, message):
    with pytest.raises(QueryError, match=message):
        ask(random_game(0))


def test_a_state_at_a_date_has_no_moves_yet():
    play = random_game(0)
    of = random_condition(play.game.structure, 1, stages=(0,))
    for ask in (
        lambda: mean(play, of, at=1),
        lambda: probability(play, of, at=1),
        lambda: switches(play, HERE, of),
    ):
        with pytest.raises(QueryError, match="reads moves"):
            ask()


def test_a_rate_given_what_never_happens_is_nan():
    assert math.isnan(action_rate(random_game(0), HERE, given=np.zeros(4)))


def test_no_discount_and_no_end_is_refused():
    with pytest.raises(QueryError, match="without bound"):
        payoffs(chain([[1.0]], n_live=1, flow=[1.0]))


def test_a_report_lists_every_problem_at_once():
    play = random_game(0)
    asked = [
        quantity("a", "reach", of=HERE, within=9),
        quantity("b", "mood", of=HERE),
        quantity("c", "switches", of=HERE),
        quantity("d", "reach", of=HERE, start="war"),
        quantity("e", "reach", of=HERE),
    ]
    with pytest.raises(QueryError) as caught:
        report(play, asked)
    lines = str(caught.value).splitlines()
    assert [line.split(":")[0] for line in lines] == [f"quantity {name}" for name in "abcd"]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (quantity("x", "value", player="Nobody"), "quantity x: no player 'Nobody'"),
        (quantity("x", "value", player="One", part="fun"), "no part 'fun' of 'One'; there are"),
        (
            quantity("x", "distance", against="pact"),
            "equilibrium of regime 'pact'; given were none",
        ),
        (quantity("x", "reach", of=2 * HERE), "quantity x: a reach needs a condition"),
    ],
)
def test_a_report_says_whose_quantity_is_wrong(asked, message):
    with pytest.raises(QueryError, match=message):
        report(random_game(0), [asked])


def test_an_empty_window_counts_nothing():
    play = random_game(0)
    assert reach(play, HERE, within=0, start="a") == 1.0
    assert occupancy(play, HERE, within=0) == 0.0
    assert switches(play, HERE, HERE, within=0) == 0.0
    assert math.isnan(action_rate(play, HERE, given=HERE, within=0))


def test_a_report_on_nothing_is_empty():
    assert report(random_game(0), []) == {}


def test_windows_default_to_what_was_solved_and_evaluated():
    """The chain is evaluated over ten periods, but solved for four."""
    play = chain([[0.5, 0.5]], n_live=1, horizon=4)
    assert len(first_passage(play, np.array([0, 1])).probability) == 5
    assert state_distribution(play).sizes["period"] == 5


def test_a_start_may_be_a_distribution():
    play = chain([[0.5, 0.5], [0.0, 1.0]], n_live=2)
    half = np.array([0.5, 0.5])
    assert probability(play, np.array([0, 1]), at=1, start=half) == 0.75


def test_results_print_in_a_line():
    play = random_game(0)
    for shown in (play, simulate(play, paths=3), first_passage(play, HERE)):
        assert "array" not in repr(shown)
        assert len(repr(shown)) < 200
