"""Logit equilibria of stochastic games at a given precision, against everything else we know."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest

from foedus.equilibrium.logit import Logit
from foedus.equilibrium.solve import solve
from foedus.equilibrium.stochastic import simultaneous
from foedus.equilibrium.stochastic.arrays import arrays_of, profile_of, stack, strategies_of
from foedus.equilibrium.stochastic.batch import solve_batch
from foedus.equilibrium.stochastic.newton import raise_precision
from foedus.equilibrium.stochastic.response import LogitResponse
from foedus.equilibrium.stochastic.system import Point, System
from foedus.errors import GameError, SolveError
from foedus.game.builders import stochastic_game
from foedus.game.game import Game

MakeGame = Callable[..., Game]


def one_shot(payoffs: object) -> Game:
    table = np.asarray(payoffs, float)
    return stochastic_game([table], np.ones((1, *table.shape[1:], 1)), discount=0.0)


def symmetric_entry() -> Game:
    """Two firms, in or out; Pesendorfer and Schmidt-Dengler (2008), with logit shocks."""
    payoffs, transitions = [], []
    for state in ((0, 0), (0, 1), (1, 0), (1, 1)):
        paid, ahead = np.zeros((2, 2, 2)), np.zeros((2, 2, 4))
        for own in (0, 1):
            for other in (0, 1):
                active = (own, other)
                ahead[own, other, 2 * own + other] = 1.0
                for firm in (0, 1):
                    profit = 0.0
                    if active[firm]:
                        profit = 1.2 - 2.4 * active[1 - firm] - 0.2 * (not state[firm])
                    elif state[firm]:
                        profit = 0.1
                    paid[firm, own, other] = profit
        payoffs.append(paid)
        transitions.append(ahead)
    return stochastic_game(payoffs, transitions, 0.9, states=["00", "01", "10", "11"])


def test_entry_with_logit_shocks() -> None:
    """The one equilibrium that 600 starts of another solver find."""
    found = solve(symmetric_entry(), Logit(precision=1.0, convention="shock")).strategies
    expected = [0.493980, 0.470572, 0.532996, 0.509596]
    np.testing.assert_allclose(found[:, 0, 1], expected, atol=6e-7)
    np.testing.assert_allclose(found[[0, 2, 1, 3], 1, 1], expected, atol=6e-7)


@pytest.mark.parametrize(
    ("precision", "swerve"), [(0.3, 0.667580), (1.0, 0.775841), (5.0, 0.863164)]
)
def test_chicken_is_played_alike(precision: float, swerve: float) -> None:
    chicken = one_shot([[[0.0, -1.0], [1.0, -10.0]], [[0.0, 1.0], [-1.0, -10.0]]])
    play = solve(chicken, Logit(precision=precision)).strategies[0]
    np.testing.assert_allclose(play[:, 0], swerve, atol=6e-7)


def test_stag_hunters_on_the_principal_branch_hunt_hares() -> None:
    hunt = one_shot([[[10.0, 1.0], [8.0, 5.0]], [[10.0, 8.0], [1.0, 5.0]]])
    for precision in (5.0, 100.0):
        play = solve(hunt, Logit(precision=precision)).strategies[0]
        assert (play[:, 1] > 0.99).all()


def test_rock_paper_scissors_are_thirds_at_any_precision() -> None:
    cycle = np.array([[0.0, -1.0, 1.0], [1.0, 0.0, -1.0], [-1.0, 1.0, 0.0]])
    play = solve(one_shot([cycle, -cycle]), Logit(precision=50.0))
    np.testing.assert_allclose(play.strategies[0], 1 / 3, atol=1e-12)
    assert abs(play.values).max() < 1e-12


def test_undamped_newton_cycles_where_the_solver_arrives(random_game: MakeGame) -> None:
    """Full Newton steps from uniform play at precision 30 never settle; raising it does."""
    trapped = 0
    for seed in range(12):
        game = random_game(4, (3, 3), seed=seed)
        arrays = stack([arrays_of(game)])
        response = LogitResponse(precision=np.full((1, 2), 30.0), available=arrays.available)
        system = System(arrays, response)
        point = system.start()
        size = np.inf
        for _ in range(60):
            linear = system.linearise(point, 1.0)
            step = linear.solve(linear.residual)
            point = point.plus(step, -1.0)
            size = float(np.abs(step.values).max())
        trapped += not size < 1e-6
        assert solve(game, Logit(precision=30.0)).certificate.passed
    assert trapped >= 6


@pytest.mark.parametrize(("sizes", "precision"), [((2, 2), 3.0), ((3, 3), 10.0), ((2, 2, 3), 10.0)])
def test_random_games_are_solved_and_certified(
    random_game: MakeGame, sizes: tuple[int, ...], precision: float
) -> None:
    games = [random_game(4, sizes, seed=seed) for seed in range(134)]
    solution = solve_batch(games, precision)
    assert solution.passed.all()
    regret = solution.certificates.regret.max()
    assert regret < np.log(max(sizes)) / precision
    assert solution.certificates.residual.max() < 1e-9


def test_where_the_branch_turns_back_it_is_followed(random_game: MakeGame) -> None:
    found = solve(random_game(16, (3, 3), seed=754), Logit(precision=10.0))
    assert found.certificate.passed
    assert "2 folds" in found.certificate.selection
    assert "arc length" in found.certificate.tried[1]


def test_one_draw_does_not_move_another(random_game: MakeGame) -> None:
    games = [random_game(4, (3, 2), seed=seed) for seed in range(6)]
    precision = np.linspace(1.0, 12.0, 12).reshape(6, 2)
    together = solve_batch(games, precision)
    for draw, game in enumerate(games):
        alone = solve(game, Logit(precision=precision[draw].tolist()))
        np.testing.assert_allclose(together.strategies[draw], alone.strategies, atol=1e-9)
        np.testing.assert_allclose(together.values[draw], alone.values, atol=1e-9)


@pytest.mark.parametrize("convention", ["expected", "shock"])
def test_the_batch_agrees_with_the_certificate_for_single_games(
    random_game: MakeGame, convention: str
) -> None:
    game = random_game(5, (2, 3, 2), seed=3)
    batch = solve_batch([game], 4.0, convention=convention)
    single = solve(game, Logit(precision=4.0, convention=convention)).certificate
    np.testing.assert_allclose(
        batch.certificates.regret[0], list(single.regret_by_player.values()), atol=1e-10
    )
    np.testing.assert_allclose(batch.certificates.values[0], single.values[0].T, atol=1e-10)


def test_a_wrong_profile_has_no_certificate(random_game: MakeGame) -> None:
    from foedus.equilibrium.stochastic.certificates import certify_batch

    arrays = stack([arrays_of(random_game(3, (2, 2), seed=seed)) for seed in range(3)])
    solution = solve_batch(arrays, 2.0)
    wrong = solution.strategies.copy()
    wrong[1, 0, 0] = [0.9, 0.1]
    values = solution.values.copy()
    values[2, 0, 0] += 1e-4
    found = certify_batch(
        arrays, wrong, precision=solution.precision, values=values, solved=np.ones(3, bool)
    )
    assert found.passed.tolist() == [True, False, False]
    assert found.residual[1] > 0.01
    assert found.value_error[2] == pytest.approx(1e-4 / np.abs(found.values[2]).max(), rel=1e-6)


def test_exchanging_players_exchanges_the_answer(random_game: MakeGame) -> None:
    arrays = arrays_of(random_game(3, (2, 3, 4), seed=5))
    order = (2, 0, 1)
    payoffs = arrays.payoffs[:, order].transpose(0, 1, *(2 + i for i in order))
    transitions = np.asarray(arrays.transitions).transpose(0, *(1 + i for i in order), 4)
    precision = np.array([1.0, 4.0, 8.0])
    found = solve_batch([stochastic_game(payoffs, transitions, 0.95)], precision[list(order)])
    known = solve_batch([arrays], precision)
    np.testing.assert_allclose(found.values[0], known.values[0][:, order], atol=1e-9)
    np.testing.assert_allclose(found.strategies[0], known.strategies[0][:, order], atol=1e-9)


def test_a_state_twice_is_the_state_once(random_game: MakeGame) -> None:
    arrays = arrays_of(random_game(3, (2, 3), seed=8))
    twice = [0, 1, 2, 2]
    transitions = np.asarray(arrays.transitions)[twice][..., twice].copy()
    transitions[..., 2:] *= 0.5
    found = solve_batch([stochastic_game(arrays.payoffs[twice], transitions, 0.95)], 9.0)
    known = solve_batch([arrays], 9.0)
    np.testing.assert_allclose(found.values[0], known.values[0][twice], atol=1e-9)
    np.testing.assert_allclose(found.strategies[0], known.strategies[0][twice], atol=1e-9)


def test_an_action_twice_halves_its_weight_in_odds(random_game: MakeGame) -> None:
    """Logit counts labels: a copy of an action has the same probability as the original."""
    arrays = arrays_of(random_game(2, (2, 2), seed=4))
    twice = [0, 1, 1]
    payoffs = arrays.payoffs[:, :, twice]
    transitions = np.asarray(arrays.transitions)[:, twice]
    play = solve_batch([stochastic_game(payoffs, transitions, 0.95)], 5.0).strategies[0]
    np.testing.assert_allclose(play[:, 0, 1], play[:, 0, 2], atol=1e-12)


def test_states_may_differ_in_actions_and_play_may_end() -> None:
    rng = np.random.default_rng(3)
    shapes = [(2, 3), (1, 2), (3, 1)]
    payoffs = [rng.random((2, *shape)) for shape in shapes]
    transitions = [0.3 * rng.random((*shape, 3)) for shape in shapes]
    game = stochastic_game(payoffs, transitions, discount=[1.0, 0.9])
    for convention in ("expected", "shock"):
        found = solve(game, Logit(precision=6.0, convention=convention))
        assert found.certificate.passed
        assert found.certificate.value_error is not None
        assert found.certificate.value_error < 1e-12


def test_profiles_and_strategies_are_two_forms_of_one_thing(random_game: MakeGame) -> None:
    arrays = arrays_of(random_game(3, (2, 4, 3), seed=2))
    play = solve_batch([arrays], 2.0).strategies[0]
    np.testing.assert_array_equal(strategies_of(arrays, profile_of(arrays, play)), play)


def test_one_player_plays_as_in_its_decision_problem() -> None:
    """Soft value iteration, written out here, is the oracle."""
    rng = np.random.default_rng(0)
    payoffs, weights = rng.random((4, 1, 3)), rng.exponential(size=(4, 3, 4))
    transitions = weights / weights.sum(axis=-1, keepdims=True)
    found = solve(stochastic_game(payoffs, transitions, 0.9), Logit(precision=7.0))
    values = np.zeros(4)
    for _ in range(600):
        worth = payoffs[:, 0] + 0.9 * transitions @ values
        play = np.exp(7.0 * (worth - worth.max(axis=1, keepdims=True)))
        play /= play.sum(axis=1, keepdims=True)
        values = (play * worth).sum(axis=1)
    np.testing.assert_allclose(found.values[:, 0], values, atol=1e-10)
    np.testing.assert_allclose(found.strategies[:, 0], play, atol=1e-10)


def test_linear_systems_agree_with_finite_differences(random_game: MakeGame) -> None:
    rng = np.random.default_rng(0)
    for sizes in ((2, 2), (2, 3, 4), (3,), (2, 2, 2, 2)):
        arrays = arrays_of(random_game(3, sizes, seed=1))
        for shock in (False, True):
            precision = np.linspace(1.0, 2.0, len(sizes))
            response = LogitResponse(precision=precision, available=arrays.available, shock=shock)
            system = System(arrays, response)
            start = system.start().vector + 0.1 * rng.normal(size=system.start().vector.shape)
            point = system.point(start)
            point = Point(np.where(arrays.available, point.action_values, 0.0), point.values)
            _check_linear(system, point, rng)


def _check_linear(system: System, point: Point, rng: np.random.Generator) -> None:
    x, step = point.vector, 1e-6
    jacobian = np.stack(
        [
            (
                system.residual(system.point(x + step * unit), 0.7).vector
                - system.residual(system.point(x - step * unit), 0.7).vector
            )
            / (2 * step)
            for unit in np.eye(len(x))
        ],
        axis=1,
    )
    drift = system.residual(point, 0.7 + step).vector - system.residual(point, 0.7 - step).vector
    values = np.ones(point.values.size, bool)
    real = np.concatenate([system.possible.ravel(), values])
    right, row = rng.normal(size=(2, len(x))) * real
    linear = system.linearise(point, 0.7)
    np.testing.assert_allclose(linear.by_parameter.vector, drift / (2 * step), atol=1e-7)
    found = linear.solve(system.point(right)).vector
    np.testing.assert_allclose((jacobian @ found)[real], right[real], atol=1e-5)
    sign, log = np.linalg.slogdet(jacobian[np.ix_(real, real)])
    assert linear.determinant()[0] == sign
    assert linear.determinant()[1] == pytest.approx(log, abs=1e-5)
    moved, share = linear.bordered(system.point(row), 0.3).solve(system.point(right), 0.9)
    left = jacobian @ moved.vector + linear.by_parameter.vector * share
    np.testing.assert_allclose(left[real], right[real], atol=1e-5)
    assert row @ moved.vector + 0.3 * share == pytest.approx(0.9)


def test_what_cannot_be_solved_is_an_error_with_the_last_iterate(
    random_game: MakeGame, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A branch that turns back, and one step to follow it."""
    follow = partial(simultaneous.follow_turns, tries=1)
    monkeypatch.setattr(simultaneous, "follow_turns", follow)
    with pytest.raises(SolveError, match="no fixed point") as refusal:
        solve(random_game(16, (3, 3), seed=754), Logit(precision=10.0))
    last = refusal.value.last
    assert last.strategies.shape == (16, 2, 3)
    assert "the last one solved was 0.75" in last.certificate.tried[0]


def test_batches_of_nothing_or_of_unlike_games_are_refused(random_game: MakeGame) -> None:
    with pytest.raises(GameError, match="at least one game"):
        solve_batch([], 1.0)
    with pytest.raises(GameError, match="one shape"):
        solve_batch([random_game(2, (2, 2), seed=0), random_game(3, (2, 2), seed=0)], 1.0)


@pytest.mark.parametrize("precision", [-1.0, np.nan, np.inf, [1.0, 2.0, 3.0], "high"])
def test_impossible_precisions_are_refused(random_game: MakeGame, precision: object) -> None:
    with pytest.raises(GameError, match="precision"):
        solve_batch([random_game(2, (2, 2), seed=0)], precision)  # type: ignore[arg-type]


def test_games_of_another_kind_say_why(random_game: MakeGame) -> None:
    with pytest.raises(GameError, match="ends after 3 periods"):
        arrays_of(random_game(2, (2, 2), seed=0, horizon=3))


def test_uniform_play_at_precision_0(random_game: MakeGame) -> None:
    arrays = stack([arrays_of(random_game(3, (2, 3), seed=0))])
    response = LogitResponse(precision=np.zeros((1, 2)), available=arrays.available)
    system = System(arrays, response)
    reached = raise_precision(system, system.start())
    assert reached.solved.all()
    play = solve_batch(arrays, 0.0).strategies[0]
    np.testing.assert_allclose(play[:, 0, :2], 0.5)
    np.testing.assert_allclose(play[:, 1], 1 / 3)
