"""What follows from the estimates of a dynamic game: fit, predictions, profiles, resamples."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from scipy.stats import chi2
from tests.estimation.entry import duopoly_2008, entry_game, entry_names, entry_states

from foedus.errors import QueryError, SolveError
from foedus.estimation import DynamicGame, DynamicModel, estimate
from foedus.estimation.dynamic_branch import Branch, Followed
from foedus.estimation.dynamic_equilibrium import find_all, solve_game
from foedus.estimation.dynamic_fit import DynamicFit
from foedus.estimation.dynamic_simulation import simulate_play

DEMAND = np.array([[0.8, 0.2, 0.0], [0.2, 0.6, 0.2], [0.0, 0.2, 0.8]])
TRUTH = np.array([-1.2, -1.0, 0.8, 1.0, 1.5])
GAME = entry_game(2, DEMAND, 0.9)
STATED = DynamicModel(
    game=GAME, names=entry_names(2), states=entry_states(2, 3), actions=["a1", "a2"]
)


@pytest.fixture(scope="module")
def fit() -> DynamicFit:
    begin = np.full(GAME.n_states, 1 / GAME.n_states)
    choices = solve_game(GAME, TRUTH).choices
    data = simulate_play(GAME, choices, STATED.states, STATED.actions, begin, 300, 8, seed=2)
    fitted: DynamicFit = estimate(STATED, data, starts=1, cluster="market")
    return fitted


def test_play_of_the_fits_own_equilibrium_is_calibrated(fit: DynamicFit) -> None:
    """New histories judged at the equilibrium that they were drawn from, estimates held."""
    data = fit.simulate(2500, 8, seed=5)
    state = data.merge(
        STATED.states.assign(at=range(GAME.n_states)), on=list(STATED.states.columns), how="left"
    )["at"].to_numpy()
    counts = np.zeros_like(fit.counts)
    for i, span in enumerate(GAME.spans):
        np.add.at(counts, (state, span.start + data[STATED.actions[i]].to_numpy()), 1.0)
    llf = float((counts * GAME.log_choices(fit.at.v)).sum())
    found = replace(fit, counts=counts, llf=llf).goodness()
    table = found.calibration
    error = np.sqrt(table["predicted"] * (1 - table["predicted"]) / table["observations"])
    assert (np.abs(table["observed"] - table["predicted"]) < 3.5 * error).all()
    assert len(table) > 12
    expected = found.outcomes["expected"]
    assert (np.abs(found.outcomes["observed"] - expected) < 4 * np.sqrt(expected)).all()
    # Σ p log p over visits is what the log-likelihood of true predictions comes to.
    p, visits = fit.at.choices, counts[:, :2].sum(axis=1)
    assert llf == pytest.approx(visits @ (p * np.log(p)).sum(axis=1), rel=0.02)
    brier = visits @ (1 - (p**2).sum(axis=1) / 2) / visits.sum()  # mean over both players
    assert found.brier == pytest.approx(brier, rel=0.03)
    assert 0 < found.pseudo_r2 < 1
    assert found.sets == (("a1=0", "a1=1"), ("a2=0", "a2=1"))


def test_saturated_choices_are_expected_as_observed() -> None:
    """A parameter for every player and state and no future: the score is observed - expected."""
    features = np.zeros((2, 3, 2, 2, 6))
    for i in range(2):
        for s in range(3):
            taken = (1, slice(None)) if i == 0 else (slice(None), 1)
            features[(i, s, *taken, 3 * i + s)] = 1.0
    moves = np.full((3, 2, 2, 3), 1 / 3)
    game = DynamicGame(
        features=features, offset=np.zeros((2, 3, 2, 2)), transitions=moves, discount=np.zeros(2)
    )
    rng = np.random.default_rng(0)
    data = pd.DataFrame({"s": rng.integers(0, 3, 200), "w": rng.uniform(0.5, 2.0, 200)})
    data["a"], data["b"] = rng.integers(0, 2, 200), (rng.random(200) < 0.3).astype(int)
    states = pd.DataFrame({"s": [0, 1, 2]})
    model = DynamicModel(game=game, names=list("uvwxyz"), states=states, actions=["a", "b"])
    fit = estimate(model, data, weights="w", starts=1)
    found = fit.goodness()
    np.testing.assert_allclose(found.outcomes["expected"], found.outcomes["observed"], atol=1e-8)
    np.testing.assert_allclose(
        found.calibration["predicted"], found.calibration["observed"], atol=1e-9
    )
    assert found.pseudo_r2 > 0


def test_goodness_of_one_set_of_shares_is_none() -> None:
    """Where every state has the same shares, estimates say no more than shares do."""
    game = DynamicGame(
        features=np.array([0.0, 1.0]).reshape(1, 1, 2, 1), offset=np.zeros((1, 1, 2)),
        transitions=np.ones((1, 2, 1)), discount=np.zeros(1),
    )  # fmt: skip
    model = DynamicModel(
        game=game, names=["u"], states=pd.DataFrame({"s": [0]}), actions=["a"],
        labels=[["stay", "go"]],
    )  # fmt: skip
    data = pd.DataFrame({"s": [0] * 10, "a": ["go"] * 7 + ["stay"] * 3})
    found = estimate(model, data, starts=1).goodness()
    assert found.pseudo_r2 == pytest.approx(0.0, abs=1e-12)
    assert (found.correct, found.modal, found.reduction) == pytest.approx((0.7, 0.7, 0.0))
    assert found.brier == pytest.approx(0.7 * 0.18 + 0.3 * 0.98)
    assert list(found.outcomes.index) == ["a=stay", "a=go"]


def test_intervals_of_choices_are_those_of_the_delta_method() -> None:
    """With many observations the draws' spread is that of exact derivatives."""
    begin = np.full(GAME.n_states, 1 / GAME.n_states)
    choices = solve_game(GAME, TRUTH).choices
    data = simulate_play(GAME, choices, STATED.states, STATED.actions, begin, 4000, 8, seed=3)
    fit = estimate(STATED, data, starts=1)
    found = fit.predict(draws=1000, level=0.6827, seed=1)
    assert found.ended == 0
    assert found.players == ("a1", "a2")
    moved = GAME.slopes(fit.at.v) @ fit.at.solve(fit.at.features)
    jacobian = fit.at.choices[..., None] * moved
    spread = np.sqrt(np.einsum("sak,kl,sal->sa", jacobian, fit.cov_params().to_numpy(), jacobian))
    for i, span in enumerate(GAME.spans):
        own = found.table[found.table["player"] == found.players[i]]
        shape = fit.at.choices[:, span].shape
        np.testing.assert_array_equal(
            own["probability"].to_numpy().reshape(shape), fit.at.choices[:, span]
        )
        half = (own["upper"] - own["lower"]).to_numpy().reshape(shape) / 2
        # The error of a 16 % quantile of 1,000 normal draws is 0.05 standard deviations.
        np.testing.assert_allclose(half, spread[:, span], rtol=0.15)
    assert list(found.table.index.names) == ["pop", "lactive1", "lactive2"]
    assert own["observations"].sum() == 2 * 32_000  # once beside each of two actions


def test_where_the_branch_ends_draws_are_counted() -> None:
    """Close to a fold some draws lie beyond it; no other equilibrium is put in their place."""
    game, point = duopoly_2008(free=True), np.array([1.2, -2.4])
    favoured = game.offset.copy()
    favoured[0, :, 1, :] += 0.1  # unlike firms, so that equilibria meet in folds
    game = replace(game, offset=favoured)
    at = next(
        solve_game(game, point, v) for v in find_all(game, point, starts=40)
        if abs(np.exp(game.log_choices(v))[0, 1] - 0.3950) < 1e-3
    )  # fmt: skip
    with pytest.raises(SolveError, match=r"ends .* of the way"):
        Branch(at).to(np.array([1.2, -2.3]))
    states = pd.DataFrame([(a, b) for a in (0, 1) for b in (0, 1)], columns=["l1", "l2"])
    begin = np.full(4, 0.25)
    data = simulate_play(game, at.choices, states, ["a1", "a2"], begin, 2000, 1, seed=0)
    model = DynamicModel(game=game, names=["M", "C"], states=states, actions=["a1", "a2"])
    fit = replace(estimate(model, data, starts=1), at=at, point=point)
    found = fit.predict(draws=16, seed=1, cov_type="nonrobust")
    assert 0 < found.ended < 16
    drawn = fit.draws(16, seed=1, cov_type="nonrobust")
    beyond = [not reaches(fit, theta) for theta in drawn]
    assert found.ended == sum(beyond)
    with pytest.raises(SolveError, match=r"ends .* of the way"):
        fit.counterfactual(dict(zip(fit.names, drawn[beyond.index(True)], strict=True)))
    none = replace(fit.at, missing=fit.at.missing + 0.1)
    with pytest.raises(SolveError, match="no equilibrium at these parameters"):
        replace(fit, at=none).predict(draws=2)


def reaches(fit: DynamicFit, theta: np.ndarray) -> bool:
    """Whether the branch arrives by forty small steps of plain Newton, without a jump."""
    at = fit.at
    for share in np.linspace(0, 1, 41)[1:]:
        there = fit.point + share * (theta - fit.point)
        guess = at.v + at.solve(at.features) @ (there - at.theta)
        try:
            new = solve_game(fit.model.game, there, guess, steps=12)
        except SolveError:
            return False
        if np.abs(new.choices - at.choices).max() > 0.15:
            return False
        at = new
    return True


def test_symmetric_play_is_followed_past_where_asymmetric_play_begins() -> None:
    game = duopoly_2008(free=True)
    there = np.array([1.2, -1.0])
    at = Branch(solve_game(game, np.array([1.2, -2.4]))).to(there).at
    np.testing.assert_allclose(at.choices[:, 1], at.choices[[0, 2, 1, 3], 3], atol=1e-9)
    assert len(find_all(game, there, starts=40)) == 1
    assert Branch(at).sign != 0


def brute(fit: DynamicFit, place: int, value: float) -> float:
    """The highest likelihood with one parameter at a value, by a search without derivatives.

    Equilibria are carried there by forty small steps, and then from each trial to the next.
    """
    free = [k for k in range(len(fit.names)) if k != place]
    game, v = fit.model.game, fit.at.v
    for there in np.linspace(fit.point[place], value, 41):
        v = solve_game(game, np.insert(fit.point[free], place, there), v).v

    def minus(x: np.ndarray) -> float:
        nonlocal v
        v = solve_game(game, np.insert(x, place, value), v).v
        return -float((fit.counts * game.log_choices(v)).sum())

    found = minimize(minus, fit.point[free], method="Nelder-Mead",
                     options={"xatol": 1e-7, "fatol": 1e-9, "maxiter": 4000})  # fmt: skip
    return -float(found.fun)


def test_a_profile_is_the_brute_force_maximum() -> None:
    game = replace(GAME, features=GAME.features[..., 3:], offset=GAME.features[..., :3] @ TRUTH[:3])
    model = replace(STATED, game=game, names=["RN", "EC"])
    choices = solve_game(game, TRUTH[3:]).choices
    begin = np.full(game.n_states, 1 / game.n_states)
    data = simulate_play(game, choices, STATED.states, STATED.actions, begin, 40, 3, seed=1)
    fit = estimate(model, data, starts=1)
    found = fit.profile("RN")
    for at_value, height in zip(found.values[::3], found.llf[::3], strict=True):
        assert brute(fit, 0, at_value) == pytest.approx(height, abs=1e-6)
    low, high = found.conf_int()
    for end in (low, high):
        assert 2 * (fit.llf - brute(fit, 0, end)) == pytest.approx(chi2.ppf(0.95, 1), abs=1e-5)
    assert found.better is None


def test_a_profile_is_the_normal_interval_where_the_likelihood_is_quadratic() -> None:
    begin = np.full(GAME.n_states, 1 / GAME.n_states)
    choices = solve_game(GAME, TRUTH).choices
    data = simulate_play(GAME, choices, STATED.states, STATED.actions, begin, 20_000, 8, seed=4)
    fit = estimate(STATED, data, starts=1)
    low, high = fit.profile("RN", alpha=0.05).conf_int()
    wald, error = fit.conf_int().loc["RN"], fit.bse["RN"]
    np.testing.assert_allclose([low, high], wald, atol=0.03 * error)
    assert tuple(fit.profile_conf_int(names=["RN"]).loc["RN"]) == (low, high)


def test_a_profile_ends_where_its_equilibrium_does(fit: DynamicFit) -> None:
    nothing = Followed(fit.at, fit.counts)
    assert nothing.value(fit.point) == pytest.approx(fit.llf, abs=1e-9)
    game, point = duopoly_2008(free=True), np.array([1.2, -2.4])
    favoured = game.offset.copy()
    favoured[0, :, 1, :] += 0.1
    game = replace(game, offset=favoured)
    at = next(
        solve_game(game, point, v) for v in find_all(game, point, starts=40)
        if abs(np.exp(game.log_choices(v))[0, 1] - 0.3950) < 1e-3
    )  # fmt: skip
    followed = Followed(at, np.ones((4, 4)))
    assert followed.value(np.array([1.2, -2.3])) == -np.inf
    assert followed.derivatives(np.array([1.2, -2.3]))[0] == -np.inf
    assert np.isfinite(followed.value(np.array([1.2, -2.5])))


def test_a_pseudo_likelihood_has_no_profile(fit: DynamicFit) -> None:
    sequential = replace(fit, model=replace(STATED, method="npl"))
    with pytest.raises(QueryError, match="npl maximises a pseudo-likelihood"):
        sequential.profile("RN")
    with pytest.raises(QueryError, match="no coefficient named"):
        fit.profile("RM")
