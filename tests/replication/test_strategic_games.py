"""Every fit of the R package `games` on its own data, to the tight optimum."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from foedus.estimation import Fit, TreeModel, classic_model, estimate
from foedus.estimation.comparison import clarke, vuong

SPECULATION = (
    "outcome ~ 0 + capcont + lreserves + overval + creditgrow + USinterest + service + contagion "
    "+ prioratt | 1 | 1 | unifgov + lexports + preelec + postelec + rightgov + realinterest "
    "+ capcont + lreserves"
)
MODELS: dict[str, tuple[str, str, list[str] | None]] = {
    "war1800": ("egame12", "esc + war ~ s_wt_re1 + revis1 | 0 | regime1 | balanc + regime2", None),
    "data_122": (
        "egame122", "y ~ x1 + x2 | x3 + f1 | 0 | x4 + x5 | z1 + z2 | z3 + f2",
        ["LL", "LR", "RL", "RR"],
    ),
    "data_123": (
        "egame123", "y ~ x1 + x2 | 0 | x3 | x4 + x5 | 0 | x6 | x7 | x8", ["1", "3", "5", "6"]
    ),
    "leblang2003": ("egame12", SPECULATION, ["no attack", "devaluation", "defense"]),
}  # fmt: skip
FITS = [
    f"{data} {link} {shocks}"
    for data, link, shocks in [
        ("war1800 egame12", "probit", "agent"),
        ("war1800 egame12", "logit", "agent"),
        ("war1800 egame12", "probit", "private"),
        ("data_122 egame122", "probit", "agent"),
        ("data_122 egame122", "logit", "agent"),
        ("data_122 egame122", "probit", "private"),
        ("data_123 egame123", "probit", "private"),
        ("data_123 egame123", "probit", "agent"),
        ("leblang2003 egame12", "probit", "private"),
        ("leblang2003 egame12", "probit", "agent"),
        ("leblang2003 egame12", "logit", "agent"),
    ]
]


def fitted(folder: Path, name: str, starts: int = 1) -> Fit:
    data, _, link, shocks = name.split()
    game, formula, outcomes = MODELS[data]
    model = classic_model(game, formula, outcomes=outcomes, link=link, type=shocks)
    return estimate(model, folder / "games" / f"{data}.csv", starts=starts)


@pytest.mark.parametrize("name", FITS)
def test_the_tight_optimum(folder: Path, games: dict[str, Any], name: str) -> None:
    fit, wanted = fitted(folder, name), games[name]
    assert fit.llf == pytest.approx(wanted["loglik"], abs=1e-7)
    np.testing.assert_allclose(fit.point, wanted["coef"], atol=1e-6)
    np.testing.assert_allclose(fit.errors("nonrobust"), wanted["se_hessian"], atol=1e-5)
    np.testing.assert_allclose(fit.errors("robust"), wanted["se_sandwich"], atol=1e-5)
    assert fit.nobs == wanted["n"]


def test_a_free_scale_with_fixed_utilities(folder: Path) -> None:
    """R prints log sigma -0.00651437; a precision is one over sigma."""
    model = TreeModel(
        game="egame12",
        outcome=["esc", "war"],
        utilities={"1.~esc": -1, "1.esc,~war": 0, "1.esc,war": -1.4, "2.esc,war": 0.1},
        precision="free",
    )
    fit = estimate(model, folder / "games" / "war1800.csv")
    assert fit.llf == pytest.approx(-338.016862, abs=5e-7)
    assert fit.point[0] == pytest.approx(0.00651437, abs=5e-6)


def test_published_comparisons(folder: Path) -> None:
    private = fitted(folder, "leblang2003 egame12 probit private")
    agent = fitted(folder, "leblang2003 egame12 probit agent")
    assert vuong(private, agent).statistic == pytest.approx(-0.1479, abs=5e-5)
    assert vuong(private, agent).pvalue == pytest.approx(0.88, abs=5e-3)
    assert 0 < clarke(private, agent).pvalue < 1


def test_log_f_penalty_of_the_second_package(folder: Path) -> None:
    game, formula, outcomes = MODELS["leblang2003"]
    model = classic_model(game, formula, outcomes=outcomes, type="private")
    fit = estimate(model, folder / "games" / "leblang2003.csv", starts=1, penalty="log-f")
    assert fit.params["1.no attack:capcont"] == pytest.approx(-0.38793, abs=5e-5)
    assert fit.params["2.defense:realinterest"] == pytest.approx(1.62971, abs=2e-4)


def test_weights_are_rows(folder: Path) -> None:
    game, formula, _ = MODELS["war1800"]
    data = pd.read_csv(folder / "games" / "war1800.csv").assign(w=2.0)
    double = estimate(classic_model(game, formula), data, weights="w", starts=1)
    assert double.llf == pytest.approx(2 * -286.12375471852664, abs=1e-6)


def test_the_ultimatum_game(folder: Path) -> None:
    from foedus.estimation import UltimatumModel

    data = folder / "games" / "data_ult.csv"
    for accept, wanted, close in (("accept", -3717.6792257, 1e-7), (None, -3313.949853, 5e-7)):
        model = UltimatumModel(
            proposer="x1 + x2 + x3 + x4 + w1 + w2", receiver="z1 + z2 + z3 + z4 + w1 + w2",
            offer="offer", accept=accept, prize=15,
        )  # fmt: skip
        fit = estimate(model, data)
        assert fit.llf == pytest.approx(wanted, abs=close)
        assert len(fit.optima) == 1


def test_offers_of_students_without_floors(folder: Path) -> None:
    """The R package prints -662.996725: probabilities below machine epsilon count as epsilon.

    The likelihood is written out again here, from the game, with and without that floor.
    """
    from scipy.special import log_expit

    from foedus.estimation import UltimatumModel

    path = folder / "games" / "student_offers.csv"
    model = UltimatumModel(
        proposer="gender1", receiver="gender2", offer="offer", accept="accept", prize=100,
        scales={"receiver": 1.0},
    )  # fmt: skip
    fit = estimate(model, path, starts=12)
    assert fit.llf == pytest.approx(-696.80914871, abs=1e-7)
    assert len(fit.optima) == 1
    data = pd.read_csv(path)
    y, accepted = data.offer.to_numpy(float), data.accept.to_numpy() == 1
    floor = np.log(np.finfo(float).eps)

    def height(point: np.ndarray, least: float) -> float:
        first, second = point[0] + point[1] * data.gender1, point[2] + point[3] * data.gender2
        ahead = (100 - y - first - 1 - np.exp(y - second)) / np.exp(point[4])
        at_zero = (100 - first - 1 - np.exp(-second)) / np.exp(point[4])
        density = log_expit(ahead) + log_expit(-ahead) - point[4] + np.logaddexp(0, y - second)
        offered = np.where(y == 0, log_expit(-at_zero), density)
        answered = log_expit(np.where(accepted, y - second, second - y))
        return float(np.maximum(offered, least).sum() + np.maximum(answered, least).sum())

    assert height(fit.point, -np.inf) == pytest.approx(fit.llf, abs=1e-9)
    assert height(fit.point, floor) == pytest.approx(-664.6010, abs=1e-4)
    # Where half of the offers are all but impossible, the floor hides it.
    away = np.array([81.647, -12.07, 17.797, 2.012, 2.814])
    assert height(away, floor) > -506
    assert height(away, -np.inf) < -1e12
    for name in fit.names:
        found = fit.profile(name)
        assert found.better is None
        assert not any("monotone" in note or "branch" in note for note in found.notes)
