"""Properties of logit play that hold in every game, and the public face of `solve`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import jax
import numpy as np
import pytest

from foedus.equilibrium.logit import Logit
from foedus.equilibrium.solve import solve
from foedus.equilibrium.stochastic import simultaneous
from foedus.errors import GameError, QueryError, SolveError
from foedus.game.builders import stochastic_game
from foedus.game.game import Game

MakeGame = Callable[..., Game]


@pytest.mark.parametrize("convention", ["expected", "shock"])
@pytest.mark.parametrize("horizon", [None, 3])
def test_payoff_units_do_not_matter(
    random_game: MakeGame, convention: str, horizon: int | None
) -> None:
    """Payoffs of one player times c, its precision over c: the same play, its values times c."""
    game = random_game(4, (2, 2), seed=5, horizon=horizon)
    unit = np.array([4.0, 0.5])
    scaled = replace(
        game,
        tables=replace(
            game.tables,
            payoff=tuple(
                None if p is None else unit.reshape(-1, *(1,) * (p.ndim - 1)) * p
                for p in game.tables.payoff
            ),
        ),
    )
    one = solve(game, Logit(precision=3.0, convention=convention))
    other = solve(scaled, Logit(precision=tuple(3.0 / unit), convention=convention))
    np.testing.assert_allclose(one.strategies, other.strategies, atol=1e-10)
    np.testing.assert_allclose(one.values * unit, other.values, rtol=1e-10)


def test_relabelling_players_relabels_the_answer() -> None:
    rng = np.random.default_rng(3)
    payoffs, weights = rng.random((4, 2, 2, 2)), rng.random((4, 2, 2, 4))
    transitions = weights / weights.sum(axis=-1, keepdims=True)
    swapped = payoffs.transpose(0, 1, 3, 2)[:, ::-1]
    one = solve(stochastic_game(payoffs, transitions, (0.9, 0.8)), Logit(precision=(2.0, 5.0)))
    other = solve(
        stochastic_game(swapped, transitions.transpose(0, 2, 1, 3), (0.8, 0.9)),
        Logit(precision=(5.0, 2.0)),
    )
    np.testing.assert_allclose(one.values, other.values[:, ::-1], rtol=1e-12)
    np.testing.assert_allclose(one.strategies, other.strategies[:, ::-1], atol=1e-12)


def test_a_duplicated_state_changes_nothing() -> None:
    """State 0 split in two copies, each reached half of the time."""
    rng = np.random.default_rng(4)
    payoffs, weights = rng.random((3, 2, 2, 2)), rng.random((3, 2, 2, 3))
    transitions = weights / weights.sum(axis=-1, keepdims=True)
    copies = [0, 0, 1, 2]
    split = transitions[copies][..., copies] * np.array([0.5, 0.5, 1.0, 1.0])
    one = solve(stochastic_game(payoffs, transitions, 0.9), Logit(precision=4.0))
    other = solve(stochastic_game(payoffs[copies], split, 0.9), Logit(precision=4.0))
    np.testing.assert_allclose(other.values, one.values[copies], rtol=1e-12)


def test_precision_zero_is_uniform_play(random_game: MakeGame) -> None:
    equilibrium = solve(random_game(4, (2, 2), seed=6), Logit(precision=0.0))
    np.testing.assert_allclose(equilibrium.strategies, 1 / 2, atol=1e-15)


@pytest.mark.parametrize("convention", ["expected", "shock"])
def test_a_long_horizon_is_stationary_play(random_game: MakeGame, convention: str) -> None:
    """0.8 ** 160 is below 1e-15. Stage games at this precision have one equilibrium."""
    solver = Logit(precision=2.0, convention=convention)
    long = solve(random_game(4, (2, 2), seed=7, discount=0.8, horizon=160), solver)
    stationary = solve(random_game(4, (2, 2), seed=7, discount=0.8), solver)
    np.testing.assert_allclose(long.values, stationary.values, rtol=1e-12)
    np.testing.assert_allclose(long.strategies, stationary.strategies, atol=1e-12)


def test_precision_by_name_and_from_the_game(random_game: MakeGame) -> None:
    game = random_game(4, (2, 2), seed=8)
    named = solve(game, Logit(precision={"player 0": 1.0, "player 1": 3.0}))
    suggested = solve(replace(game, precision=np.array([1.0, 3.0])))
    np.testing.assert_array_equal(named.values, suggested.values)
    assert named.precision.tolist() == [1.0, 3.0]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"precision": -1.0}, "below 0"),
        ({"precision": np.inf}, "high finite"),
        ({"precision": 0.0, "convention": "shock"}, "uniform"),
        ({"precision": {"nobody": 1.0}}, "the players are player 0, player 1"),
        ({"precision": (1.0, 2.0, 3.0)}, "2 players"),
        ({}, "suggests no precision"),
    ],
)
def test_settings_that_do_not_fit(random_game: MakeGame, settings: dict, words: str) -> None:
    with pytest.raises(GameError, match=words):
        solve(random_game(2, (2, 2), seed=8), Logit(**settings))


@pytest.mark.parametrize("settings", [{"convention": "entropy"}, {"tolerance": 0.0}])
def test_solvers_check_themselves(settings: dict) -> None:
    with pytest.raises(GameError):
        Logit(**settings)


def test_failure_carries_what_was_reached() -> None:
    """A payoff that is not a number cannot be solved, and the error says what to look for."""
    game = stochastic_game(np.zeros((4, 2, 2, 2)), np.full((4, 2, 2, 4), 0.25), 0.9)
    payoff = game.tables.payoff[0].copy()
    payoff[0, 0, 0, 0] = np.nan
    game = replace(game, tables=replace(game.tables, payoff=(payoff, game.tables.payoff[1])))
    with pytest.raises(SolveError, match="not finite") as raised:
        solve(game, Logit(precision=1.0))
    assert not raised.value.certificate.passed
    assert raised.value.last.certificate is raised.value.certificate
    assert not solve(game, Logit(precision=1.0), throw=False).certificate.passed


def test_reading_an_equilibrium(random_game: MakeGame) -> None:
    equilibrium = solve(random_game(3, (2, 3), seed=9, horizon=4), Logit(precision=2.0))
    assert equilibrium.value_table.shape == (5, 2, 3)
    assert equilibrium.to_dataframe().loc["state=1", "player 0"] == equilibrium.values[1, 0]
    labelled = equilibrium.to_xarray().sel(period=2, player="player 1", state="state=2")
    assert float(labelled) == equilibrium.value_table[2, 1, 2]
    play = equilibrium.strategy("player 1", state="state=2")
    np.testing.assert_allclose(play, equilibrium.strategies[2, 1], atol=1e-15)
    later = equilibrium.strategy("player 1", period=3)
    last = equilibrium.profile.stages[0][1][3].reshape(3, 3)
    np.testing.assert_allclose(later, last, atol=1e-15)
    assert "4 periods" in repr(equilibrium)
    assert "<table" in equilibrium._repr_html_()
    for wrong in (
        {"move": "nobody"},
        {"move": "player 0", "state": "x"},
        {"move": "player 0", "period": 4},
    ):
        with pytest.raises(QueryError):
            equilibrium.strategy(**wrong)


def test_results_are_read_only() -> None:
    """A certificate would otherwise vouch for numbers that somebody has changed."""
    solved = solve(two_states(), Logit(precision=1.0))
    arrays = [solved.values, solved.value_table, solved.precision, solved.certificate.values]
    arrays += jax.tree_util.tree_leaves(solved.profile)
    assert not any(array.flags.writeable for array in arrays)


def test_states_by_their_level_or_label() -> None:
    """Names of states are enough where nothing else tells states apart."""
    solved = solve(two_states(), Logit(precision=1.0))
    assert solved.strategy("A", state="b").equals(solved.strategy("A", state="state=b"))
    with pytest.raises(QueryError, match="'state=a', 'state=b'"):
        solved.strategy("A", state="c")
    with pytest.raises(QueryError, match="is an ending"):
        solved.strategy("A", state="ended")


def test_a_search_that_stops_short_says_so_first(monkeypatch: pytest.MonkeyPatch) -> None:
    follow = partial(simultaneous.follow_turns, tries=1)
    monkeypatch.setattr(simultaneous, "follow_turns", follow)
    with pytest.raises(SolveError, match=r"^no fixed point reached after .* iterations") as raised:
        solve(two_states(scale=50.0), Logit(precision=20.0, max_iterations=1, tolerance=1e-15))
    assert "max_iterations" in str(raised.value)
    assert "the solver did not reach a fixed point" in str(raised.value.certificate)


def test_what_is_no_game_and_no_solver() -> None:
    with pytest.raises(GameError, match="compile the scenario first"):
        solve("scenario.yaml")  # type: ignore[arg-type]
    with pytest.raises(GameError, match="a solver is a Logit"):
        solve(two_states(), 5.0)  # type: ignore[arg-type]


@pytest.mark.parametrize("precision", ["5", True, {"A": "high"}, [1.0, None], {1.0}])
def test_a_precision_is_made_of_numbers(precision: object) -> None:
    with pytest.raises(GameError, match="precision is a number"):
        Logit(precision=precision)  # type: ignore[arg-type]


def two_states(scale: float = 1.0) -> Game:
    """Two players with opposed interests, two states, and an end."""
    pennies = scale * np.array([[[1.0, -1.0], [-1.0, 1.0]], [[-1.0, 1.0], [1.0, -1.0]]])
    follows = np.full((2, 2, 2, 2), 0.45)
    follows[0, 0, 0] = (0.9, 0.0)
    return stochastic_game(
        [
            pennies,
            2 * pennies + [[[1.0]], [[0.0]]],
        ],
        follows,
        0.99,
        players=("A", "B"),
        states=("a", "b"),
    )
