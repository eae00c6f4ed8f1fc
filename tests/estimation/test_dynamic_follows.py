"""What follows from the estimates of a dynamic game: fit, predictions, profiles, resamples."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from tests.estimation.entry import entry_game, entry_names, entry_states

from foedus.estimation import DynamicGame, DynamicModel, estimate
from foedus.estimation.dynamic_equilibrium import solve_game
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
