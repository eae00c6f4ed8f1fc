"""Dynamic games: equilibria, derivatives, methods that agree, and parameters recovered."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tests.estimation.entry import duopoly_2008, entry_game, entry_names, entry_states

import foedus as fd
from foedus.equilibrium.logit import Logit
from foedus.equilibrium.solve import solve
from foedus.errors import DataError, GameError, QueryError, SolveError
from foedus.estimation import DynamicGame, DynamicModel, estimate, scenario_model
from foedus.estimation.dynamic_game import find_all, linearise, missing_of, solve_game
from foedus.estimation.dynamic_methods import epl, frequencies, npl, values_of
from foedus.estimation.dynamic_simulation import simulate_play
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


@pytest.mark.slow
def test_strong_competition_is_estimated_where_npl_fails() -> None:
    """Dearing and Blevins (2025): five firms, θ_RN = 4, 1,600 markets; NPL never settles."""
    demand = np.diag([0.8, 0.6, 0.6, 0.6, 0.8]) + np.diag([0.2] * 4, 1) + np.diag([0.2] * 4, -1)
    game, truth = entry_game(5, demand, 0.95), np.array([-1.9, -1.8, -1.7, -1.6, -1.5, 1, 4.0, 1])
    v = None
    for competition in range(5):
        at = solve_game(game, np.r_[truth[:6], competition, 1.0], v)
        v = at.v
    chain = game.expected(game.transitions, game.others(at.choices))
    long_run = np.linalg.matrix_power(chain, 4096)[0]
    gaps = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        state, counts = rng.choice(160, 1600, p=long_run / long_run.sum()), np.zeros((160, 10))
        for i in range(5):
            taken = (rng.random(1600) < at.choices[state, 2 * i + 1]).astype(int)
            np.add.at(counts, (state, 2 * i + taken), 1)
        observed = frequencies(game, counts)
        found = epl(
            game, counts, npl(game, counts, observed, rounds=1).point, values_of(game, observed)
        )
        assert found.converged
        gaps.append(found.point - truth)
    assert abs(np.mean(gaps, axis=0)[6]) <= 0.03 + 3 * np.std(gaps, axis=0)[6] / np.sqrt(200)


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
