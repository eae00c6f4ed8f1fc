"""Published dynamic games and choices: equilibria, estimates and a counterfactual."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tests.estimation.entry import entry_game, entry_names, entry_states

from foedus.estimation import DynamicGame, DynamicModel, estimate
from foedus.estimation.dynamic_equilibrium import solve_game
from foedus.estimation.dynamic_fit import DynamicFit

TRIDIAGONAL = np.diag([0.8, 0.6, 0.6, 0.6, 0.8]) + np.diag([0.2] * 4, 1) + np.diag([0.2] * 4, -1)


@pytest.fixture(scope="module")
def dynamic(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "dynamic" / "reference_fits.json").read_text())


def test_six_equilibria_of_five_firms(folder: Path) -> None:
    """Aguirregabiria and Mira (2007): 4,800 choice probabilities."""
    text = (folder / "dynamic" / "am2007_equilibria.json").read_text()
    game = entry_game(5, TRIDIAGONAL, 0.95)
    for case in json.loads(text)["experiments"].values():
        theta = np.array([-1.9, -1.8, -1.7, -1.6, -1.5, 1, case["theta_rn"], case["theta_ec"]])
        found = solve_game(game, theta).choices[:, 1::2]
        np.testing.assert_allclose(found, case["P"], atol=1e-10)
        if case["theta_rn"] == 0:
            np.testing.assert_allclose(
                found[0], [0.1667, 0.1846, 0.2042, 0.2254, 0.2482], atol=5.1e-5
            )


def club_stores(folder: Path, method: str, starts: int = 1) -> DynamicFit:
    counts = pd.read_csv(folder / "dynamic" / "clubstore_transition_counts.csv", index_col=0)
    demand = counts.div(counts.sum(axis=1), axis=0).to_numpy()
    model = DynamicModel(
        game=entry_game(3, demand, 0.95),
        names=entry_names(3),
        states=entry_states(3, 5),
        actions=["active1", "active2", "active3"],
        method=method,
    )
    return estimate(model, folder / "dynamic" / "clubstore_county.csv", starts=starts)


def test_club_stores(folder: Path, dynamic: dict[str, Any]) -> None:
    wanted = dynamic["clubstore"]
    for method in ("nfxp", "epl"):
        fit = club_stores(folder, method)
        np.testing.assert_allclose(fit.point, wanted["ml_coef"], atol=5.1e-7)
        np.testing.assert_allclose(fit.bse, wanted["se_observed_information"], atol=1e-7)
        assert fit.llf == pytest.approx(wanted["loglik"], abs=5.1e-7)
        np.testing.assert_allclose(fit.point, wanted["published_EPL"], atol=5.1e-5)
    nested = club_stores(folder, "npl")
    np.testing.assert_allclose(nested.point, wanted["published_NPL"], atol=5.1e-5)


def test_club_stores_without_competition(folder: Path) -> None:
    """Published: 0.349 to 0.398 firms a market, 0.010 to 0.016 entries, 11.3 to 34.2 triopolies."""
    fit = club_stores(folder, "nfxp")
    game, states = fit.model.game, fit.model.states
    data = pd.read_csv(folder / "dynamic" / "clubstore_county.csv").query("year == 2010")
    first = data.merge(states.assign(x=range(40)), on=list(states.columns))["x"]
    absent = 1 - states.iloc[:, 1:].to_numpy()
    found = []
    for at in (fit.at, fit.counterfactual({"RN": 0.0})):
        chain = game.expected(game.transitions, game.others(at.choices))
        here, active, years = np.bincount(first, minlength=40) / 1610, at.choices[:, 1::2], []
        for _ in range(12):
            entries = here @ (active * absent).sum(axis=1)
            years.append([here @ active.sum(axis=1), entries, 1610 * here @ active.prod(axis=1)])
            here = here @ chain
        found.append(np.mean(years, axis=0))
    np.testing.assert_allclose(found[0], [0.349, 0.010, 11.3], rtol=0.04)
    np.testing.assert_allclose(found[1], [0.398, 0.016, 34.2], rtol=0.04)


@pytest.mark.parametrize("method", ["nfxp", "epl"])
def test_bus_engines(folder: Path, dynamic: dict[str, Any], method: str) -> None:
    """Rust (1987), group 4: replacement cost and the slope of maintenance."""
    wanted, bins = dynamic["rust1987_group4"], 90
    buses = pd.read_csv(folder / "dynamic" / "rust1987_group4.csv")
    data = buses[buses.groupby("bus_id").cumcount() > 0]
    features, moves = np.zeros((1, bins, 2, 2)), np.zeros((bins, 2, bins))
    features[0, :, 0, 1], features[0, :, 1, 0] = -0.001 * np.arange(bins), -1.0
    for x in range(bins):
        for more, chance in enumerate(wanted["transition_probs"]):
            moves[x, 0, min(x + more, bins - 1)] += chance
            moves[x, 1, more] += chance
    game = DynamicGame(
        features=features,
        offset=np.zeros((1, bins, 2)),
        transitions=moves,
        discount=np.array([0.9999]),
    )
    states = pd.DataFrame({"state": range(bins)})
    model = DynamicModel(
        game=game, names=["RC", "theta11"], states=states, actions=["decision"], method=method
    )
    fit = estimate(model, data, starts=2)
    np.testing.assert_allclose(fit.point, list(wanted["ml_coef"].values()), atol=1e-5)
    assert fit.llf == pytest.approx(wanted["loglik_choice"], abs=1e-6)
    assert fit.nobs == 4292
    shares = data["usage"].value_counts(normalize=True).sort_index()
    np.testing.assert_allclose(shares, wanted["transition_probs"], atol=2e-7)
