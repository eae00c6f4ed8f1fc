"""Simulated histories agree with exact outcomes and share their luck."""

from dataclasses import replace

import numpy as np
import pytest

from foedus.errors import QueryError
from foedus.game.measure import Measure
from foedus.outcomes import (
    Play,
    action_rate,
    distribution,
    occupancy,
    payoffs,
    reach,
    simulate,
    state_distribution,
)

from .games import chain, gambler, random_game

PATHS = 20_000


def agrees(sample, exact):
    """The sample mean lies within three standard errors of the exact value."""
    error = sample.std(ddof=1) / np.sqrt(len(sample))
    assert abs(sample.mean() - exact) <= 3 * error + 1e-12


@pytest.mark.parametrize("seed", [0, 1])
def test_levels_by_period(seed):
    play = random_game(seed)
    played = simulate(play, paths=PATHS, seed=11, start="mixed")
    for factor in ("place", "size"):
        exact = distribution(play, factor, start="mixed")
        for code in range(exact.sizes["level"]):
            for t in range(4):
                agrees((played.levels(factor)[:, t] == code).astype(float), exact[t, code].item())


@pytest.mark.parametrize("seed", [0, 1])
def test_payoffs_over_the_solved_horizon(seed):
    play = random_game(seed)
    played = simulate(play, paths=PATHS, seed=5, start="mixed")
    table = payoffs(play, start="mixed")
    for i, player in enumerate(play.game.players):
        agrees(played.discounted()[:, i], table.loc[player].sum())


@pytest.mark.parametrize("seed", [0, 1])
def test_actions_of_turns_and_blocks(seed):
    """Seed 1's block lets the second member see the first; seed 0's does not."""
    play = random_game(seed)
    played = simulate(play, paths=PATHS, seed=3, start="mixed")
    goes = Measure(np.zeros(4), (np.array([[0, 1], [0, 0], [0, 1]]), None, None))
    moves = Measure(np.zeros(4), (np.array([[1, 1], [0, 0], [1, 1]]), None, None))
    agrees((played.actions["A"] == 1).sum(axis=1), occupancy(play, goes, start="mixed"))
    agrees((played.actions["A"] >= 0).sum(axis=1), occupancy(play, moves, start="mixed"))
    for b, c in ((0, 0), (0, 1), (1, 0), (1, 1)):
        joint = np.zeros((4, 2, 2))
        joint[:, b, c] = 1
        both = (played.actions["B"] == b) & (played.actions["C"] == c)
        exact = occupancy(play, Measure(np.zeros(4), (None, joint, None)), start="mixed")
        agrees(both.sum(axis=1), exact)


def test_a_rate_is_a_ratio_of_counts():
    play = random_game(2)
    played = simulate(play, paths=PATHS, seed=8)
    goes = Measure(np.zeros(4), (np.array([[0, 1], [0, 0], [0, 1]]), None, None))
    given = np.array([0, 0, 1, 0])
    at_it = played.levels("place")[:, :-1] == 1
    went = (played.actions["A"] == 1) & at_it
    exact = action_rate(play, goes, given=given)
    # The delta method: the residual went - rate * given has mean 0.
    agrees((went - exact * at_it).sum(axis=1), 0.0)


def test_a_gambler_is_ruined_as_often_as_he_should_be():
    play = gambler(5, 0.45, evaluate=40)
    played = simulate(play, paths=PATHS, seed=1, start="p1")
    agrees((played.states[:, -1] == 4).astype(float), reach(play, np.arange(6) == 4, start="p1"))


def test_the_same_seed_gives_the_same_histories():
    play = random_game(1)
    first, second = (simulate(play, paths=100, seed=4) for _ in range(2))
    np.testing.assert_array_equal(first.states, second.states)
    assert not np.array_equal(first.states, simulate(play, paths=100, seed=5).states)


def test_fewer_paths_and_periods_are_the_beginning_of_more():
    play = random_game(1)
    few, many = simulate(play, paths=50, periods=2), simulate(play, paths=500, periods=3)
    np.testing.assert_array_equal(few.states, many.states[:50, :3])


def test_luck_is_the_same_in_every_regime():
    """Paths that differ between two chains differ because the odds do: peace is never lost
    to better odds, and another move elsewhere in the period disturbs nothing."""
    mild = chain([[0.8, 0.2], [0.5, 0.5]], n_live=2)
    harsh = chain([[0.6, 0.4], [0.5, 0.5]], n_live=2)
    a, b = (simulate(play, paths=1000, seed=2, start="p0").states for play in (mild, harsh))
    assert (a <= b).all()
    assert (a < b).any()

    structure = mild.game.structure
    idle = replace(
        structure.stages[0],
        name="weather",
        successor=np.array([[0, 0], [1, 1]], np.int32),
        possible=np.ones((2, 2), bool),
    )
    tables = replace(
        mild.game.tables,
        payoff=(np.zeros((1, 2, 2)), *mild.game.tables.payoff),
        probability=(np.full((2, 2), 0.5), *mild.game.tables.probability),
    )
    longer = replace(
        mild.game,
        structure=replace(structure, stages=(idle, *structure.stages)),
        tables=tables,
    )
    profile = replace(mild.profile, stages=(None, None))
    with_weather = simulate(Play(longer, profile), paths=1000, seed=2, start="p0").states
    np.testing.assert_array_equal(a, with_weather)


def test_endings_stay_and_pay_once():
    play = chain([[0.0, 1.0]], n_live=1, flow=[1.0, 10.0], discount=0.5)
    played = simulate(play, paths=3, periods=4)
    np.testing.assert_array_equal(played.states[0], [0, 1, 1, 1, 1])
    np.testing.assert_array_equal(played.payoffs[0, :, 0], [1, 10, 0, 0, 0])
    np.testing.assert_array_equal(played.discounted(), np.full((3, 1), 6.0))


def test_the_period_after_the_last_one_is_not_paid():
    play = chain([[1.0]], n_live=1, flow=[1.0], horizon=5)
    np.testing.assert_array_equal(simulate(play, paths=1, periods=2).payoffs[0, :, 0], [1, 1, 0])


def test_a_table_has_one_row_per_path_and_date():
    play = random_game(0)
    table = simulate(play, paths=200, seed=9, start="mixed").to_dataframe()
    assert table.index.names == ["path", "period"]
    assert len(table) == 200 * 4
    assert list(table) == ["place", "size", "A", "B", "C", "payoff of One", "payoff of Two"]
    ended = table[table["place"] == "over"]
    assert len(ended)
    assert ended["size"].isna().all()
    assert ended["B"].isna().all()
    assert set(table["C"].dropna()) == {"up", "down"}
    exact = state_distribution(play, at=0, start="mixed")
    shares = table.xs(0, level="period")["size"].value_counts(normalize=True)
    assert shares["1"] == pytest.approx(exact.values[0, 1], abs=0.1)


def test_impossible_simulations_are_refused():
    play = random_game(0)
    with pytest.raises(QueryError, match="paths must be a whole number"):
        simulate(play, paths=-1)
    with pytest.raises(QueryError, match="beyond the 3 periods"):
        simulate(play, paths=1, periods=4)
    with pytest.raises(QueryError, match="no factor named 'mood'"):
        simulate(play, paths=1).levels("mood")
