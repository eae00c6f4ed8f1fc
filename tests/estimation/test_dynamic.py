"""Dynamic games: equilibria, derivatives, methods that agree, and parameters recovered."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from benchmarks import competition
from tests.estimation.entry import duopoly_2008, entry_game, entry_names, entry_states

import foedus as fd
from foedus.equilibrium.logit import Logit
from foedus.equilibrium.solve import solve
from foedus.errors import DataError, GameError, QueryError, SolveError
from foedus.estimation import DynamicGame, DynamicModel, estimate, scenario_model
from foedus.estimation.constrained import maximise_constrained
from foedus.estimation.dynamic_constrained import DynamicProgramme
from foedus.estimation.dynamic_equilibrium import (
    find_all,
    linearise,
    missing_of,
    solve_game,
)
from foedus.estimation.dynamic_methods import NestedFixedPoint, given_choices, values_of
from foedus.estimation.dynamic_simulation import simulate_play
from foedus.estimation.two_step import slopes_in_choices
from foedus.game.builders import stochastic_game

DEMAND = np.array([[0.8, 0.2, 0.0], [0.2, 0.6, 0.2], [0.0, 0.2, 0.8]])
TRUTH = np.array([-1.2, -1.0, 0.8, 1.0, 1.5])


@pytest.fixture(scope="module")
def game() -> DynamicGame:
    return entry_game(2, DEMAND, 0.9)


@pytest.fixture(scope="module")
def histories(game: DynamicGame) -> pd.DataFrame:
    choices = solve_game(game, TRUTH).choices
    begin = np.full(game.n_states, 1 / game.n_states)
    return simulate_play(game, choices, entry_states(2, 3), ["a1", "a2"], begin, 300, 8, seed=2)


def model(game: DynamicGame, **more: object) -> DynamicModel:
    return DynamicModel(
        game=game, names=entry_names(2), states=entry_states(2, 3), actions=["a1", "a2"], **more
    )


def test_equilibria_are_those_of_the_general_solver(game: DynamicGame) -> None:
    at = solve_game(game, TRUTH)
    payoffs = np.moveaxis(game.features @ TRUTH, 0, 1)
    general = solve(
        stochastic_game(payoffs, game.transitions, 0.9), Logit(precision=1.0, convention="shock")
    )
    for i, span in enumerate(game.spans):
        np.testing.assert_allclose(general.strategies[:, i], at.choices[:, span], atol=1e-8)


def test_all_five_equilibria_of_the_duopoly() -> None:
    """Pesendorfer and Schmidt-Dengler (2008): one is symmetric, two come with their mirrors."""
    game = duopoly_2008()
    found = [
        np.exp(game.log_choices(v))[:, 1::2].T for v in find_all(game, np.zeros(0), starts=200)
    ]
    assert len(found) == 5
    for printed in (
        [[0.7326, 0.6135, 0.8002, 0.7515], [0.2757, 0.4204, 0.2228, 0.2938]],
        [[0.6153, 0.3123, 0.8309, 0.6060], [0.5281, 0.8398, 0.3031, 0.5776]],
        [[0.5756, 0.3045, 0.8423, 0.5948], [0.5756, 0.8423, 0.3045, 0.5948]],
    ):
        near = [np.abs(play - printed).max() < 5.1e-5 for play in found]
        assert sum(near) == 1
    for play in found:  # the mirror image of an equilibrium is one
        mirror = play[::-1][:, [0, 2, 1, 3]]
        assert any(np.abs(mirror - other).max() < 1e-9 for other in found)


def test_the_jacobian_is_that_of_differences(game: DynamicGame) -> None:
    rng = np.random.default_rng(0)
    v = rng.normal(size=(game.n_states, 4))
    at = linearise(game, v, TRUTH)
    for _ in range(3):
        direction = rng.normal(size=v.shape)
        step = 1e-6
        moved = missing_of(game, v + step * direction, TRUTH)
        moved = (moved - missing_of(game, v - step * direction, TRUTH)) / (2 * step)
        np.testing.assert_allclose(at.solve(moved[..., None])[..., 0], direction, atol=1e-7)


def test_full_likelihood_and_epl_agree_and_recover_the_truth(
    game: DynamicGame, histories: pd.DataFrame
) -> None:
    full = estimate(model(game), histories, starts=3, cluster="market")
    sequential = estimate(model(game, method="epl"), histories)
    np.testing.assert_allclose(full.point, sequential.point, atol=1e-7)
    assert full.llf == pytest.approx(sequential.llf, abs=1e-9)
    assert len(full.optima) == 1
    assert (np.abs(full.point - TRUTH) < 3.5 * full.bse).all()
    np.testing.assert_allclose(full.errors("nonrobust"), sequential.bse, rtol=1e-5)
    weighted = full.scores.sum(axis=0)
    np.testing.assert_allclose(weighted, 0, atol=1e-4)
    np.testing.assert_allclose(full.errors("opg"), full.errors("nonrobust"), rtol=0.15)
    resampled = full.bootstrap(25, seed=1)
    assert resampled.failed.sum() == 0
    np.testing.assert_allclose(resampled.bse, full.errors("cluster"), rtol=0.5)
    # Play of the model itself: its spread is that of the information, around the estimate.
    played = full.bootstrap(60, kind="parametric", seed=1)
    assert played.failed.sum() == 0
    np.testing.assert_allclose(played.bse, full.errors("nonrobust"), rtol=0.35)
    gap = (played.draws.mean(axis=0) - full.point) / (played.bse / np.sqrt(60))
    assert np.abs(gap).max() < 4.0


def test_sequential_methods_lie_below_the_maximum(
    game: DynamicGame, histories: pd.DataFrame
) -> None:
    fits = {
        method: estimate(model(game, method=method), histories)
        for method in ("two-step", "npl", "epl")
    }
    assert fits["two-step"].llf < fits["npl"].llf <= fits["epl"].llf + 1e-9
    assert len(fits["two-step"].rounds) == 1
    robust = estimate(model(game, method="epl"), histories, cov_type="robust")
    np.testing.assert_allclose(robust.bse, fits["epl"].errors("robust"), rtol=1e-9)
    with pytest.raises(QueryError, match="penalty"):
        estimate(model(game), histories, penalty="log-f")


def test_a_counterfactual_is_followed_and_histories_have_its_shares(
    game: DynamicGame, histories: pd.DataFrame
) -> None:
    fit = estimate(model(game), histories, starts=1)
    free = fit.counterfactual({"RN": 0.0})
    assert free.choices[:, 1::2].mean() > fit.at.choices[:, 1::2].mean()  # no rivalry, more entry
    direct = solve_game(game, np.r_[fit.point[:3], 0.0, fit.point[4]])
    np.testing.assert_allclose(free.choices, direct.choices, atol=1e-9)
    drawn = fit.simulate(4000, 3, seed=1)
    shares = fit.stationary() @ fit.at.choices[:, 1::2]
    np.testing.assert_allclose(drawn[["a1", "a2"]].mean(), shares, atol=0.02)
    assert len(fit.equilibria(starts=10)) == 1


def test_the_precision_of_quantal_response_is_estimated() -> None:
    """Ochs (1995), matching pennies: one state, no future, payoffs times an unknown precision."""
    features = np.zeros((2, 1, 2, 2, 1))
    features[0, 0, :, :, 0] = [[1.1141, 0], [0, 0.2785]]
    features[1, 0, :, :, 0] = [[0, 1.1141], [1.1141, 0]]
    pennies = DynamicGame(
        features=features, offset=np.zeros((2, 1, 2, 2)), transitions=np.ones((1, 2, 2, 1)),
        discount=np.zeros(2),
    )  # fmt: skip
    rows, columns = 128 * np.array([0.527, 0.473]), np.array([0.366, 0.634])
    data = pd.DataFrame(
        [(0, a, b, rows[a] * columns[b]) for a in (0, 1) for b in (0, 1)],
        columns=["s", "a", "b", "w"],
    )
    fit = estimate(
        DynamicModel(game=pennies, names=["precision"], states=data[["s"]][:1], actions=["a", "b"]),
        data, weights="w",
    )  # fmt: skip
    assert fit.point[0] == pytest.approx(1.8456097536855864, abs=1e-7)  # pygambit 16.7
    assert fit.llf == pytest.approx(-174.76453191087444, abs=1e-8)
    assert fit.bse.iloc[0] == pytest.approx(0.7713, abs=5e-5)
    np.testing.assert_allclose(fit.at.choices[0, ::2], [0.6156513, 0.3832909], atol=5e-8)


def test_bad_histories_are_refused(game: DynamicGame, histories: pd.DataFrame) -> None:
    data = histories.copy()
    data.loc[3, "pop"] = 9
    with pytest.raises(DataError, match=r"1 rows are in no state of the game: .*line 4"):
        estimate(model(game), data)
    data = histories.copy()
    data["a1"] = data["a1"].astype(float)
    data.loc[5, "a1"] = 2.0
    with pytest.raises(DataError, match=r"column `a1`: actions are 0 to 1 \(line 6\)"):
        estimate(model(game), data)
    with pytest.raises(DataError, match="only one action is ever taken"):
        estimate(model(game), histories.assign(a2=0))
    with pytest.raises(QueryError, match="a method is"):
        model(game, method="gmm")
    with pytest.raises(GameError, match="add up to 1"):
        DynamicGame(
            features=game.features, offset=game.offset, transitions=game.transitions * 1.5,
            discount=game.discount,
        )  # fmt: skip


def test_no_equilibrium_is_an_error_that_carries_the_last_point(game: DynamicGame) -> None:
    with pytest.raises(SolveError) as caught:
        solve_game(game, TRUTH * 1e3, steps=2)
    assert caught.value.last.shape == (game.n_states, 4)


@pytest.mark.slow
def test_intervals_of_a_rivalry_cover_as_often_as_they_say(game: DynamicGame) -> None:
    choices, begin = solve_game(game, TRUTH).choices, np.full(game.n_states, 1 / game.n_states)
    inside = np.zeros(5)
    for seed in range(200):
        data = simulate_play(
            game, choices, entry_states(2, 3), ["a1", "a2"], begin, 300, 5, seed=seed
        )
        interval = estimate(model(game), data, starts=1).conf_int()
        inside += (interval.lower.to_numpy() < TRUTH) & (interval.upper.to_numpy() > TRUTH)
    assert (np.abs(inside / 200 - 0.95) < 3.5 * np.sqrt(0.95 * 0.05 / 200)).all(), inside / 200


def test_strong_competition_is_estimated_where_npl_fails() -> None:
    """Dearing and Blevins (2025): five firms, θ_RN = 4, 1,600 markets; NPL never settles.

    `benchmarks/competition.py` does this for 200 data sets. Two are enough here, as scores at
    the truth take most of the noise away.
    """
    game = entry_game(5, competition.DEMAND, 0.95)
    truth = competition.at_truth(game)
    visits = competition.long_run(game, truth.choices)
    inverse = np.linalg.inv(competition.information(truth, 1600 * visits))
    moved = game.slopes(truth.v) @ truth.solve(truth.features)
    left = []
    for seed in range(2):
        counts = competition.draw(game, truth.choices, visits, 1600, seed)
        point, errors, converged, _ = competition.by_epl(game, counts)
        assert converged
        gap, noise = point - competition.TRUTH, inverse @ np.einsum("sa,sak->k", counts, moved)
        assert (np.abs(gap) < 4 * errors).all()
        left.append((gap - noise)[competition.RIVALS])
    assert abs(np.mean(left)) < 0.1
    full, _, _, _ = competition.by_full_likelihood(game, counts)
    np.testing.assert_allclose(full, point, atol=1e-6)
    assert not competition.by_npl(game, counts)[2]


def test_the_hessian_is_that_of_differences_of_the_score() -> None:
    rng = np.random.default_rng(5)
    moves = rng.random((3, 2, 2, 2, 3))
    three = DynamicGame(
        features=rng.normal(size=(3, 3, 2, 2, 2, 2)), offset=rng.normal(size=(3, 3, 2, 2, 2)),
        transitions=moves / moves.sum(axis=-1, keepdims=True),
        discount=np.array([0.8, 0.5, 0.6]), shocks="normal",
    )  # fmt: skip
    for game, theta in (
        (entry_game(3, DEMAND, 0.9), np.r_[TRUTH[:1], TRUTH]),
        (three, rng.normal(size=2)),
    ):
        at = solve_game(game, theta)
        counts = rng.integers(0, 30, at.v.shape).astype(float)
        right = rng.normal(size=(*at.v.shape, 2))
        through = at.jacobian().T @ at.solve_transposed(right).reshape(at.v.size, 2)
        np.testing.assert_allclose(through, right.reshape(at.v.size, 2), atol=1e-12)
        hessian = NestedFixedPoint(game, counts, at.v).exact(theta)[2]
        for j, unit in enumerate(np.eye(len(theta))):
            up, down = (
                NestedFixedPoint(game, counts, at.v).derivatives(theta + h * unit)[1]
                for h in (1e-5, -1e-5)
            )
            gap = hessian[j] - (up - down) / 2e-5
            assert np.abs(gap).max() < 1e-8 * np.abs(hessian).max()


def test_constrained_and_nested_maxima_are_one(game: DynamicGame, histories: pd.DataFrame) -> None:
    full = estimate(model(game), histories, starts=1)
    fit = estimate(model(game, method="cmle"), histories, starts=4)
    np.testing.assert_allclose(fit.point, full.point, atol=1e-7)
    np.testing.assert_allclose(fit.hessian, full.hessian, rtol=1e-6)
    assert fit.llf == pytest.approx(full.llf, abs=1e-9)
    assert sum(attempt.optimum == 0 for attempt in fit.attempts) >= 3
    # Without the nested steps at its end, and from an equilibrium far from the data.
    ended = maximise_constrained(
        DynamicProgramme(game, full.counts), np.zeros(5), solve_game(game, np.zeros(5)).v
    )
    assert ended.converged
    assert ended.missing < 1e-9
    np.testing.assert_allclose(ended.point, full.point, atol=1e-7)


def test_constrained_likelihood_goes_on_where_the_nested_map_folds() -> None:
    """Data from an asymmetric equilibrium close to where it merges with the symmetric one."""
    game, truth = duopoly_2008(free=True), np.array([1.2, -2.4])
    played = next(
        v for v in find_all(game, truth, starts=40)
        if abs(np.exp(game.log_choices(v))[0, 1] - 0.6153) < 1e-3
    )  # fmt: skip
    choices = np.exp(game.log_choices(played))
    chain = game.expected(game.transitions, game.others(choices))
    states = pd.DataFrame([(a, b) for a in (0, 1) for b in (0, 1)], columns=["l1", "l2"])
    visits = np.linalg.matrix_power(chain, 512)[0]
    data = simulate_play(game, choices, states, ["a1", "a2"], visits / visits.sum(), 100, 1, seed=4)
    stated = DynamicModel(
        game=game, names=["M", "C"], states=states, actions=["a1", "a2"], method="cmle"
    )
    nested_fit = estimate(replace(stated, method="nfxp"), data, starts=2)
    assert any(not attempt.converged for attempt in nested_fit.attempts)  # stuck at the fold
    found = estimate(stated, data, starts=1)
    assert found.converged
    assert found.llf > nested_fit.llf + 0.2
    assert np.abs(missing_of(game, found.at.v, found.point)).max() < 1e-10
    nested = NestedFixedPoint(game, found.counts, found.at.v)
    value, score, hessian = nested.exact(found.point)  # by the method that got stuck: a maximum
    assert value == pytest.approx(found.llf, abs=1e-9)
    np.testing.assert_allclose(score, 0, atol=1e-6)
    assert (np.linalg.eigvalsh(hessian) < 0).all()


@pytest.mark.parametrize("shocks", ["gumbel", "normal"])
def test_action_values_move_with_choices_as_differences_say(shocks: str) -> None:
    rng, game = np.random.default_rng(0), replace(duopoly_2008(free=True), shocks=shocks)
    theta, direction, choices = np.array([1.2, -2.4]), np.empty((4, 4)), np.empty((4, 4))
    for span in game.spans:
        p, e = rng.uniform(0.2, 0.8, 4), rng.normal(size=4)
        choices[:, span], direction[:, span] = np.stack([1 - p, p], 1), np.stack([-e, e], 1)

    def values(p: np.ndarray) -> np.ndarray:
        constant, slopes = given_choices(game, p)
        return constant + slopes @ theta

    exact = slopes_in_choices(game, choices, values(choices), theta, values_of(game, choices))
    step = 1e-6
    moved = (values(choices + step * direction) - values(choices - step * direction)) / (2 * step)
    np.testing.assert_allclose(np.einsum("satb,tb->sa", exact, direction), moved, atol=1e-7)


@pytest.mark.parametrize("method", ["two-step", "npl"])
def test_errors_of_sequential_estimates_are_their_spread(game: DynamicGame, method: str) -> None:
    """Over data sets drawn anew, and by the bootstrap; intervals cover the estimates' mean."""
    choices, begin = solve_game(game, TRUTH).choices, np.full(game.n_states, 1 / game.n_states)
    points, errors, naive = [], [], []
    for seed in range(60):
        data = simulate_play(
            game, choices, entry_states(2, 3), ["a1", "a2"], begin, 600, 2, seed=seed
        )
        fit = estimate(model(game, method=method), data)
        points.append(fit.point)
        errors.append(fit.bse)
        naive.append(fit.errors("nonrobust"))
    spread = np.std(points, axis=0, ddof=1)
    ratio = np.mean(errors, axis=0) / spread
    assert (np.abs(np.log(ratio)) < 3.5 / np.sqrt(2 * 60)).all(), ratio
    covered = np.abs(np.array(points) - np.mean(points, axis=0)) < 1.959964 * np.array(errors)
    assert abs(covered.mean() - 0.95) < 0.04, covered.mean(axis=0)
    if method == "two-step":  # what takes beliefs as known is too small
        assert (np.mean(naive, axis=0) / spread).min() < 0.9
    resampled = fit.bootstrap(60, kind="case", seed=1)
    assert resampled.failed.sum() == 0
    assert (np.abs(np.log(resampled.bse / fit.bse)) < 3.5 / np.sqrt(2 * 60)).all()


def test_a_stationary_scenario_is_estimated_from_states_and_actions_by_name() -> None:
    """Audience costs: the scenario in the library, its play drawn, its parameters recovered."""
    free = ["alpha", "threat_cost", "attack_cost", "hostility"]
    scenario = fd.read("audience-costs-dynamic")
    stated = scenario_model(scenario, free)
    truth = np.array([-2.0, 1.0, 2.0, 0.5])
    at = solve_game(stated.game, truth)
    general = solve(fd.compile_scenario(scenario), Logit(precision=1.0, convention="shock"))
    for i, span in enumerate(stated.game.spans):
        np.testing.assert_allclose(general.strategies[:, i], at.choices[:, span], atol=1e-8)
    data = simulate_play(
        stated.game, at.choices, stated.states, stated.actions, np.ones(3) / 3, 400, 10, seed=3
    )
    named = data.assign(
        **{
            column: np.array(labels)[data[column]]
            for column, labels in zip(stated.actions, stated.labels, strict=True)
        }
    )
    fit = estimate(stated, named, starts=2)
    assert (np.abs(fit.point - truth) < 3.5 * fit.bse).all()
    with pytest.raises(DataError, match=r"actions are calm, threaten, attack \(line 1\)"):
        estimate(stated, named.assign(A=np.where(named.index == 0, "peace", named.A)))
    with pytest.raises(QueryError, match="TreeModel"):
        scenario_model(fd.read("extended-deterrence"), ["war_A"])
    with pytest.raises(QueryError, match="did you mean `alpha`"):
        scenario_model(scenario, ["alhpa"])
