"""Nash equilibria of stochastic games: exact supports, no gain, and honest failures."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from foedus.equilibrium.certificate import certify
from foedus.equilibrium.stochastic.arrays import arrays_of, profile_of
from foedus.equilibrium.stochastic.finish import finish
from foedus.equilibrium.stochastic.nash import Nash, nash_equilibrium
from foedus.equilibrium.stochastic.supports import mixed_play
from foedus.errors import GameError, SolveError
from foedus.game.builders import stochastic_game
from foedus.game.game import Game

MakeGame = Callable[..., Game]


def one_shot(first: list[list[float]], second: list[list[float]]) -> Game:
    return stochastic_game([[first, second]], np.ones((1, *np.shape(first), 1)), 0.0)


def rock_paper_scissors(discount: float) -> Game:
    """Who alone played scissors last wins the next tie on them; states: nobody, first, second."""
    base = np.array([[0.0, -1.0, 1.0], [1.0, 0.0, -1.0], [-1.0, 1.0, 0.0]])
    payoffs, rows = [], np.zeros((3, 3, 3, 3))
    for tie in (0.0, 1.0, -1.0):
        paid = base.copy()
        paid[2, 2] = tie
        payoffs.append(np.stack([paid, -paid]))
    for first in range(3):
        for second in range(3):
            alone = (first == 2) - (second == 2)
            rows[:, first, second, {0: 0, 1: 1, -1: 2}[alone]] = 1.0
    return stochastic_game(payoffs, rows, discount)


@pytest.mark.parametrize(("actions", "seeds"), [((2, 2), 8), ((3, 3), 6), ((2, 2, 2), 4)])
def test_nobody_gains_in_random_games(
    random_game: MakeGame, actions: tuple[int, ...], seeds: int
) -> None:
    for seed in range(seeds):
        equilibrium = nash_equilibrium(random_game(4, actions, seed=seed))
        assert equilibrium.certificate.passed
        assert equilibrium.certificate.regret <= 1e-10
        assert np.isinf(equilibrium.precision).all()


def test_no_deviation_tried_at_random_gains(random_game: MakeGame) -> None:
    """A deviation for ever by one player, mixed at random in every state, gains nothing."""
    game = random_game(4, (3, 3), seed=3, discount=0.9)
    equilibrium = nash_equilibrium(game)
    arrays = arrays_of(game)
    rng = np.random.default_rng(0)
    for number in range(50):
        play = np.array(equilibrium.strategies)
        player = number % 2
        play[:, player] = rng.dirichlet(np.ones(3), size=4)
        values = certify(game, profile_of(arrays, play)).values[0, player]
        assert (values <= equilibrium.values[:, player] + 1e-10).all()


@pytest.mark.parametrize("discount", [0.5, 0.95])
def test_dynamic_rock_paper_scissors(discount: float) -> None:
    """Scissors has probability 1/3 everywhere, so the values 0 and 1/9 do not depend on δ."""
    equilibrium = nash_equilibrium(rock_paper_scissors(discount))
    np.testing.assert_allclose(equilibrium.values[:, 0], [0.0, 1 / 9, -1 / 9], atol=1e-13)
    np.testing.assert_allclose(equilibrium.strategies[:, :, 2], 1 / 3, atol=1e-12)
    if discount == 0.95:
        printed = [
            [0.368519, 0.298148, 0.333333],
            [0.257407, 0.409259, 0.333333],
            [0.479630, 0.187037, 0.333333],
        ]
        np.testing.assert_allclose(equilibrium.strategies[:, 0], printed, atol=5e-7)


def test_wrong_supports_are_repaired() -> None:
    """From play on actions that are dominated, to the only equilibrium."""
    dilemma = one_shot([[2.0, 0.0], [3.0, 1.0]], [[2.0, 3.0], [0.0, 1.0]])
    start = np.array([[[1.0, 0.0], [1.0, 0.0]]])
    found = finish(arrays_of(dilemma), start, tolerance=1e-12)
    assert found.gain == 0.0
    assert found.strategies.tolist() == [[[0.0, 1.0], [0.0, 1.0]]]
    assert found.repairs > 0


def test_the_slope_of_indifferences_is_that_of_finite_differences(random_game: MakeGame) -> None:
    game = random_game(3, (3, 2, 3), seed=0)
    arrays = arrays_of(game)
    rng = np.random.default_rng(1)
    play = rng.random(arrays.available.shape) * arrays.available
    play /= play.sum(axis=-1, keepdims=True)
    # Without tolerance for any residual, a search that may not move returns where it began.
    mixture = mixed_play(arrays, play, arrays.available, tolerance=np.inf)
    at = mixture.places

    def gap(change: np.ndarray) -> np.ndarray:
        moved = play.copy()
        np.add.at(moved, (at.state, at.player, at.action), change)
        np.add.at(moved, (at.state, at.player, at.reference), -change)
        worth = mixed_play(arrays, moved, arrays.available, tolerance=np.inf).action_values
        own = worth[at.state, at.player, at.action]
        return np.asarray(own - worth[at.state, at.player, at.reference])

    columns = [(gap(step) - gap(-step)) / 2e-6 for step in 1e-6 * np.eye(len(mixture.slope))]
    np.testing.assert_allclose(mixture.slope, np.stack(columns, axis=1), atol=1e-7)


def test_permuted_players_play_the_same(random_game: MakeGame) -> None:
    game = random_game(3, (2, 3), seed=5)
    arrays = arrays_of(game)
    assert isinstance(arrays.transitions, np.ndarray)
    turned = stochastic_game(
        arrays.payoffs[:, ::-1].swapaxes(2, 3), arrays.transitions.swapaxes(1, 2), 0.95
    )
    one, other = nash_equilibrium(game), nash_equilibrium(turned)
    np.testing.assert_allclose(other.values, one.values[:, ::-1], atol=1e-9)
    np.testing.assert_allclose(other.strategies, one.strategies[:, ::-1], atol=1e-8)


def test_a_search_that_finds_nothing_says_so(random_game: MakeGame) -> None:
    """One step of a path and no random start is not enough for a mixed equilibrium."""
    game = random_game(4, (3, 3), seed=3)
    with pytest.raises(SolveError, match="more random starts than 0") as failure:
        nash_equilibrium(game, Nash(max_steps=1, starts=0))
    assert not failure.value.certificate.passed
    assert failure.value.certificate.regret > 1e-6


def test_units_of_payoffs_change_nothing(random_game: MakeGame) -> None:
    game = random_game(3, (2, 2), seed=1)
    arrays = arrays_of(game)
    expected = nash_equilibrium(game).strategies
    for unit in (1e-9, 1e6):
        scaled = stochastic_game(unit * arrays.payoffs, arrays.transitions, 0.95)
        found = nash_equilibrium(scaled)
        np.testing.assert_allclose(found.strategies, expected, atol=1e-9)
        assert found.certificate.regret <= 1e-10 * unit


def test_random_starts_take_over_where_the_path_ends_early(random_game: MakeGame) -> None:
    found = nash_equilibrium(random_game(2, (3, 3), seed=3), Nash(max_steps=1, starts=20))
    assert found.certificate.passed
    assert "random start" in found.certificate.selection


@pytest.mark.parametrize(
    "settings", [{"tolerance": 0.0}, {"max_steps": 0}, {"starts": -1}, {"tolerance": np.nan}]
)
def test_settings_that_make_no_sense_are_refused(settings: dict[str, float]) -> None:
    with pytest.raises(GameError):
        Nash(**settings)  # type: ignore[arg-type]


def test_a_horizon_is_no_stationary_game(random_game: MakeGame) -> None:
    with pytest.raises(GameError, match="3 periods"):
        nash_equilibrium(random_game(2, (2, 2), seed=0, horizon=3))


@pytest.mark.slow
@pytest.mark.parametrize("actions", [(2, 2), (3, 3), (2, 2, 2), (2, 4)])
def test_nobody_gains_in_four_hundred_games(
    random_game: MakeGame, actions: tuple[int, ...]
) -> None:
    for seed in range(100):
        equilibrium = nash_equilibrium(random_game(4, actions, seed=seed))
        assert equilibrium.certificate.passed
        assert equilibrium.certificate.regret <= 1e-10


@pytest.mark.slow
def test_the_printed_stress_cases(random_game: MakeGame) -> None:
    """Larger games, whose paths have folds."""
    for shape, seed in [((16, (4, 4)), 8), ((16, (4, 4)), 2), ((64, (4, 4)), 42)]:
        equilibrium = nash_equilibrium(random_game(*shape, seed=seed))
        assert equilibrium.certificate.regret <= 1e-10
