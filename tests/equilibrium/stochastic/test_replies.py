"""Best replies, welfare, minmax values and commitment, against closed forms and programmes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import scipy.optimize as optimize
import scipy.sparse as sparse

from foedus.equilibrium.certificate import certify
from foedus.equilibrium.stochastic.arrays import arrays_of, profile_of
from foedus.equilibrium.stochastic.commitment import commitment
from foedus.equilibrium.stochastic.decision import decide
from foedus.equilibrium.stochastic.finish import finish
from foedus.equilibrium.stochastic.induced import decision_problem, gains
from foedus.equilibrium.stochastic.minmax import against_all, matrix_game, minmax
from foedus.equilibrium.stochastic.nash import nash_equilibrium
from foedus.equilibrium.stochastic.replies import best_reply
from foedus.equilibrium.stochastic.welfare import social_welfare
from foedus.errors import GameError
from foedus.game.builders import stochastic_game
from foedus.game.game import Game

MakeGame = Callable[..., Game]


def linear_programme_values(rewards: np.ndarray, chain: np.ndarray, discount: float) -> np.ndarray:
    """Values of a decision problem by the textbook programme: the least V with V >= r + δPV."""
    n_states, n_actions = rewards.shape
    rows = np.repeat(np.eye(n_states), n_actions, axis=0) - discount * chain
    found = optimize.linprog(
        np.ones(n_states), A_ub=-rows, b_ub=-rewards.ravel(), bounds=(None, None)
    )
    return np.asarray(found.x)


def test_a_decision_problem_has_the_values_of_its_linear_programme() -> None:
    rng = np.random.default_rng(0)
    rewards, chain = rng.normal(size=(6, 4)), rng.exponential(size=(24, 6))
    chain *= 0.98 / chain.sum(axis=1, keepdims=True)
    decided = decide(rewards, chain, 0.95, np.ones((6, 4), bool))
    expected = linear_programme_values(rewards, chain, 0.95)
    np.testing.assert_allclose(decided.values, expected, rtol=1e-9)


def test_no_reply_beats_the_best_one(random_game: MakeGame) -> None:
    game = random_game(4, (3, 2), seed=2)
    given = np.full((4, 2, 3), 1 / 3)
    given[:, 1] = [0.4, 0.6, 0.0]
    reply = best_reply(game, given, "player 0")
    assert (reply.gain >= 0).all()
    arrays = arrays_of(game)
    rng = np.random.default_rng(0)
    for _ in range(40):
        play = given.copy()
        play[:, 0] = rng.dirichlet(np.full(3, 0.3), size=4)
        values = certify(game, profile_of(arrays, play)).values[0, 0]
        assert (values <= reply.values + 1e-10).all()
    replied = certify(game, reply.profile)
    np.testing.assert_allclose(replied.values[0, 0], reply.values, rtol=1e-12)


def test_equilibrium_play_is_its_own_best_reply(random_game: MakeGame) -> None:
    game = random_game(4, (3, 3), seed=0)
    equilibrium = nash_equilibrium(game)
    for player in range(2):
        reply = best_reply(game, equilibrium.strategies, player)
        np.testing.assert_allclose(reply.gain, 0.0, atol=1e-9)


@pytest.mark.parametrize(
    ("play", "player", "words"),
    [
        (np.full((1, 2, 2), 0.5), "C", "no player 'C'"),
        (np.full((1, 2, 2), 0.5), 2, "no player 2"),
        (np.full((2, 2, 2), 0.5), 0, r"play has shape \(2, 2, 2\)"),
        (np.full((1, 2, 2), 0.4), 0, "adds up to 0.8"),
        (np.array([[[1.5, -0.5], [0.5, 0.5]]]), 0, "has -0.5 on action 1"),
    ],
)
def test_play_and_players_that_do_not_fit_are_refused(
    play: np.ndarray, player: str | int, words: str
) -> None:
    game = stochastic_game(np.zeros((1, 2, 2, 2)), np.ones((1, 2, 2, 1)), 0.5)
    with pytest.raises(GameError, match=words):
        best_reply(game, play, player)


def test_welfare_bounds_every_play(random_game: MakeGame) -> None:
    game = random_game(4, (2, 3), seed=1)
    weights = {"player 0": 1.0, "player 1": 2.0}
    best = social_welfare(game, weights)
    np.testing.assert_allclose(best.values @ [1.0, 2.0], best.total, rtol=1e-12)
    assert (best.lost(nash_equilibrium(game).values) >= -1e-10).all()
    only = social_welfare(game, {"player 1": 1.0})
    assert (only.values[:, 1] >= best.values[:, 1] - 1e-10).all()


def test_welfare_needs_one_discount_and_some_weight(random_game: MakeGame) -> None:
    game = stochastic_game(np.zeros((1, 2, 2, 2)), np.ones((1, 2, 2, 1)), (0.5, 0.9))
    with pytest.raises(GameError, match=r"differently \(0.5, 0.9\)"):
        social_welfare(game)
    assert social_welfare(game, [0.0, 1.0]).total.tolist() == [0.0]
    for weights in ([0.0, 0.0], [1.0], {"Z": 1.0}, [-1.0, 1.0]):
        with pytest.raises(GameError):
            social_welfare(game, weights)


@pytest.mark.parametrize("shape", [(2, 2), (3, 4), (5, 5), (6, 2), (1, 3)])
def test_matrix_games_have_no_gap(shape: tuple[int, int]) -> None:
    for seed in range(5):
        table = np.random.default_rng(seed).normal(size=shape)
        x, y = matrix_game(table)
        assert abs(x.sum() - 1) + abs(y.sum() - 1) < 1e-14
        assert (table @ y).max() - (x @ table).min() <= 1e-12


def test_minmax_is_the_zero_sum_equilibrium(random_game: MakeGame) -> None:
    """Both sides of the game of one player's payoffs get what a Nash solver finds for it."""
    game = random_game(5, (3, 3), seed=7, discount=0.9)
    found = minmax(game, 1)
    assert found.gap <= 1e-10
    sides = against_all(arrays_of(game), 1)
    assert isinstance(sides.transitions, np.ndarray)
    zero_sum = stochastic_game(sides.payoffs, sides.transitions, 0.9)
    np.testing.assert_allclose(nash_equilibrium(zero_sum).values[:, 0], found.values, rtol=1e-10)


def test_nobody_gets_less_than_minmax_in_equilibrium(random_game: MakeGame) -> None:
    """With three players the threat may be correlated, which only lowers what it holds one to."""
    game = random_game(3, (2, 2, 2), seed=3)
    equilibrium = nash_equilibrium(game)
    for player in range(3):
        found = minmax(game, player)
        assert found.threat.shape == (3, 4)
        assert (equilibrium.values[:, player] >= found.values - 1e-9).all()


def one_shot(first: np.ndarray, second: np.ndarray, discount: float = 0.0) -> Game:
    return stochastic_game([np.stack([first, second])], np.ones((1, *first.shape, 1)), discount)


def test_a_leader_commits_to_a_mixture() -> None:
    """Conitzer and Sandholm's example: 1/2 on each row, and the column player comes over; 3.5."""
    game = one_shot(np.array([[2.0, 4.0], [1.0, 3.0]]), np.array([[1.0, 0.0], [0.0, 1.0]]), 0.8)
    found = commitment(game, "player 0")
    assert found.value == pytest.approx(3.5 / 0.2, abs=1e-9)
    np.testing.assert_allclose(found.strategies[0], [[0.5, 0.5], [0.0, 1.0]], atol=1e-9)
    assert found.certainty.startswith("exact")
    assert found.slack <= 1e-9


def test_commitment_to_pure_play_in_chicken() -> None:
    """Whoever can be bound not to swerve gets the best there is."""
    chicken = np.array([[0.0, -1.0], [1.0, -10.0]])
    found = commitment(one_shot(chicken, chicken.T), 1)
    assert found.value == pytest.approx(1.0, abs=1e-12)
    assert found.strategies[0].round(9).tolist() == [[1.0, 0.0], [0.0, 1.0]]


def test_in_zero_sum_games_commitment_changes_nothing(random_game: MakeGame) -> None:
    """The leader gets the value, also where its actions move the state."""
    sides = against_all(arrays_of(random_game(2, (2, 2), seed=1, discount=0.7)), 0)
    assert isinstance(sides.transitions, np.ndarray)
    game = stochastic_game(sides.payoffs, sides.transitions, 0.7)
    found = commitment(game, 0, starts=8)
    assert found.value == pytest.approx(float(minmax(game, 0).values[0]), abs=1e-5)
    assert "better one may exist" in found.certainty


def test_commitment_is_worth_at_least_equilibrium(random_game: MakeGame) -> None:
    for seed in range(2):
        game = random_game(2, (2, 2), seed=seed, discount=0.8)
        equilibrium = nash_equilibrium(game)
        for leader in range(2):
            found = commitment(game, leader, start="1", starts=4)
            assert found.slack <= 1e-6
            assert found.value >= equilibrium.values[1, leader] - 1e-6


def test_a_leader_that_does_not_move_the_state_has_an_exact_answer(random_game: MakeGame) -> None:
    """The linear programmes agree with the nonlinear search, from where it starts."""
    rng = np.random.default_rng(5)
    rows = rng.exponential(size=(2, 1, 2, 2)) * np.ones((2, 2, 2, 2))
    rows /= rows.sum(axis=-1, keepdims=True)
    payoffs = rng.random((2, 2, 2, 2))
    exact = commitment(stochastic_game(payoffs, rows, 0.8), 0)
    assert exact.certainty.startswith("exact")
    rows[0, 0, 0] += [1e-9, -1e-9]
    near = commitment(stochastic_game(payoffs, rows, 0.8), 0, starts=40)
    assert "may exist" in near.certainty
    assert near.value == pytest.approx(exact.value, abs=1e-5)


def test_three_players_and_unknown_starts_are_refused(random_game: MakeGame) -> None:
    with pytest.raises(GameError, match="one follower; the game has 3"):
        commitment(random_game(2, (2, 2, 2), seed=0), 0)
    with pytest.raises(GameError, match="no state 'war'"):
        commitment(random_game(2, (2, 2), seed=0), 0, start="war")


def test_sparse_transitions_give_what_dense_ones_give(random_game: MakeGame) -> None:
    arrays = arrays_of(random_game(5, (2, 3, 2), seed=2))
    assert isinstance(arrays.transitions, np.ndarray)
    thin = replace(arrays, transitions=sparse.csr_array(arrays.transitions.reshape(-1, 5)))
    play = np.random.default_rng(0).random(arrays.available.shape) * arrays.available
    play /= play.sum(axis=-1, keepdims=True)
    for one, other in zip(gains(arrays, play), gains(thin, play), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-12)
    for player in range(3):
        mine, theirs = (decision_problem(each, play, player) for each in (arrays, thin))
        np.testing.assert_allclose(mine[0], theirs[0], atol=1e-14)
        np.testing.assert_allclose(mine[1], theirs[1].toarray(), atol=1e-14)
        dense, sides = against_all(arrays, player), against_all(thin, player)
        np.testing.assert_array_equal(
            dense.transitions, sides.transitions.toarray().reshape(dense.transitions.shape)
        )
    start = nash_equilibrium(random_game(5, (2, 3, 2), seed=2)).strategies
    assert finish(thin, start, tolerance=1e-11).within(1e-11)
