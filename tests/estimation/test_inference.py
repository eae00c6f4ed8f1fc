"""Errors, tests, resamples and what follows from a fit: against other derivations of the same."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest
import scipy.optimize
import scipy.stats
from tests.estimation.conftest import FORMULA, LABELS, crises
from tests.estimation.plain import egame12

import foedus as fd
from foedus.errors import QueryError
from foedus.estimation import Fit, TreeModel, classic_model, estimate, read_tree
from foedus.estimation.comparison import clarke, likelihood_ratio, vuong
from foedus.estimation.tabulation import tabulate


@pytest.fixture(scope="module")
def fit(played: pd.DataFrame) -> Fit:
    model = classic_model("egame12", FORMULA, outcomes=LABELS)
    return estimate(model, played, cluster="country", cov_type="nonrobust")


def _by_hand(data: pd.DataFrame, b: np.ndarray) -> np.ndarray:
    """The log-likelihood of every row, in the terms of the article."""
    p = egame12(
        b[0] * data.trade, b[1], b[2] * data.power, b[3] + b[4] * data.democracy,
        private=False,
    )  # fmt: skip
    return np.log(p[np.arange(len(data)), data.y.map(LABELS.index)])


def test_the_maximum_is_that_of_another_optimiser(fit: Fit, played: pd.DataFrame) -> None:
    found = scipy.optimize.minimize(
        lambda b: -_by_hand(played, b).sum(), np.zeros(5), method="BFGS", options={"gtol": 1e-8}
    )
    assert fit.llf == pytest.approx(-found.fun, abs=1e-8)
    np.testing.assert_allclose(fit.point, found.x, atol=1e-4)
    assert len(fit.optima) == 1
    assert [a.optimum for a in fit.attempts] == [0, 0, 0, 0]


def test_covariances_are_those_of_their_definitions(fit: Fit, played: pd.DataFrame) -> None:
    h = 1e-5
    scores = np.stack(
        [(_by_hand(played, fit.point + h * e) - _by_hand(played, fit.point - h * e)) / (2 * h)
         for e in np.eye(5)], axis=1)  # fmt: skip
    meat = scores.T @ scores
    bread = fit.cov_params("nonrobust").to_numpy()
    np.testing.assert_allclose(fit.cov_params("opg"), np.linalg.inv(meat), rtol=1e-4)
    np.testing.assert_allclose(fit.cov_params("robust"), bread @ meat @ bread, rtol=1e-4)
    sums = pd.DataFrame(scores).groupby(played.country.to_numpy()).sum().to_numpy()
    groups = len(sums)
    np.testing.assert_allclose(
        fit.cov_params("cluster"),
        groups / (groups - 1) * bread @ sums.T @ sums @ bread,
        rtol=1e-4,
    )


def test_a_weight_of_two_is_the_row_twice(played: pd.DataFrame) -> None:
    model = classic_model("egame12", FORMULA, outcomes=LABELS)
    weights = np.random.default_rng(2).integers(0, 4, len(played))
    weighted = estimate(model, played.assign(w=weights), weights="w", starts=1)
    repeated = estimate(model, played.loc[np.repeat(played.index, weights)], starts=1)
    np.testing.assert_allclose(weighted.point, repeated.point, atol=1e-9)
    np.testing.assert_allclose(weighted.bse, repeated.bse, atol=1e-9)
    assert weighted.nobs == weights.sum()


def test_tables_intervals_and_criteria(fit: Fit) -> None:
    table = fit.table()
    assert list(table.columns) == ["estimate", "std err", "z", "P>|z|", "lower", "upper"]
    np.testing.assert_allclose(table["upper"] - table["lower"], 2 * 1.959963984540054 * fit.bse)
    assert fit.aic == -2 * fit.llf + 10
    assert fit.bic == pytest.approx(-2 * fit.llf + 5 * np.log(800))
    statistic, p = fit.wald_test(["1.war:power"])
    assert statistic == pytest.approx(fit.tvalues["1.war:power"] ** 2)
    assert p == pytest.approx(fit.pvalues["1.war:power"])
    text = fit.summary()
    assert "1.war" in text
    assert "4 of 4 led here; 1 distinct optimum" in text
    latex = tabulate([fit, fit.with_errors("robust")], form="latex")
    assert latex.count(r"\begin{tabular}") == 1
    assert "1.war" in latex
    csv = pd.read_csv(io.StringIO(fit.summary("csv")))
    np.testing.assert_allclose(csv["estimate"], fit.point, rtol=0, atol=0)
    with pytest.raises(QueryError):
        fit.summary("html")


def test_effects_are_probabilities_at_the_values_asked_for(fit: Fit, played: pd.DataFrame) -> None:
    effects = fit.effects({"power": [-1.0, 0.0, 1.0]}, draws=300)
    at = pd.DataFrame(
        {
            "power": [-1.0, 0.0, 1.0],
            "democracy": played.democracy.mean(),
            "trade": played.trade.mean(),
        }
    )
    np.testing.assert_allclose(effects.wide(), fit.predict(at), atol=1e-12)
    table = effects.table
    assert (table.lower <= table.probability).all()
    assert (table.probability <= table.upper).all()
    averaged = fit.effects({"power": [1.0]}, at="observed", draws=50).wide()
    by_rows = fit.predict(played.assign(power=1.0)).mean()
    np.testing.assert_allclose(averaged.iloc[0], by_rows, atol=1e-12)


def test_counterfactuals_change_columns_coefficients_and_rules(
    fit: Fit, played: pd.DataFrame
) -> None:
    changed = fit.counterfactual({"democracy": 1.5}, draws=200)
    np.testing.assert_allclose(changed.after, fit.predict(played.assign(democracy=1.5)).mean())
    np.testing.assert_allclose(changed.before, fit.predict().mean())
    none = fit.counterfactual(params={"1.war:power": 0.0}, draws=50)
    assert not np.allclose(none.difference, 0)
    model = TreeModel(
        game=fd.read("extended-deterrence"),
        outcome="y",
        outcomes={"quiet": "A == refrain", "gain": "D == concede", "war": "D == defend"},
        utilities={"war_A": "1 + power", "war_D": "1 + democracy"},
        distribution="gumbel",
        regime="no_pledge",
    )
    scenario = estimate(model, played, starts=1)
    pledged = scenario.counterfactual(regime="pledge", draws=200)
    assert pledged.after["gain"] < pledged.before["gain"]  # giving way costs more
    assert pledged.lower["gain"] <= pledged.difference["gain"] <= pledged.upper["gain"]


def test_goodness_of_fit_adds_up(fit: Fit, played: pd.DataFrame) -> None:
    good = fit.goodness()
    shares = played.y.value_counts(normalize=True)
    null = (played.y.value_counts() * np.log(shares)).sum()
    assert good.pseudo_r2 == pytest.approx(1 - fit.llf / null)
    likeliest = fit.predict().idxmax(axis=1).to_numpy()
    assert good.correct == pytest.approx((likeliest == played.y).mean())
    one_hot = pd.get_dummies(played.y)[list(fit.outcomes)].to_numpy(dtype=float)
    assert good.brier == pytest.approx(((fit.predict() - one_hot) ** 2).sum(axis=1).mean())
    assert good.outcomes.expected.sum() == pytest.approx(800)


def test_simulated_data_have_the_fitted_shares(fit: Fit) -> None:
    drawn = pd.concat([fit.simulate(seed=s) for s in range(20)])
    shares = drawn.y.value_counts(normalize=True)[list(fit.outcomes)]
    np.testing.assert_allclose(shares, fit.predict().mean(), atol=4 * np.sqrt(0.25 / len(drawn)))
    assert fit.simulate(seed=1).equals(fit.simulate(seed=1))


@pytest.mark.parametrize("kind", ["case", "parametric", "block"])
def test_bootstraps_spread_as_the_information_says(fit: Fit, kind: str) -> None:
    found = fit.bootstrap(200, kind=kind, seed=1)
    assert found.failed.sum() == 0
    assert found.separated.sum() == 0
    np.testing.assert_allclose(found.bse, fit.bse, rtol=0.35)
    interval = found.conf_int()
    assert ((interval.lower < fit.point) & (fit.point < interval.upper)).all()


def test_resamples_fitted_side_by_side_are_those_fitted_alone(fit: Fit) -> None:
    from foedus.estimation import bootstrap

    together = fit.bootstrap(5, seed=3).draws
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bootstrap, "LONG", 0)
        alone = fit.bootstrap(5, seed=3).draws
    np.testing.assert_allclose(together, alone, atol=1e-5)  # each stops at its own tolerance


def test_separated_resamples_are_counted_and_kept_out_of_the_spread() -> None:
    data = crises(60, seed=3)
    fit = estimate(
        classic_model("egame12", "y ~ 0|1|0 + power|1 + democracy", outcomes=LABELS), data
    )
    rare = fit.bootstrap(400, seed=0)
    assert rare.separated.sum() + rare.failed.sum() > 0
    assert (rare.bse < 10 * fit.bse).all()
    assert f"{int(rare.separated.sum())} separated" in rare.summary()


def test_nested_models_and_rivals_are_compared(fit: Fit, played: pd.DataFrame) -> None:
    small = estimate(
        classic_model("egame12", "y ~ 0 + trade|1|0|1 + democracy", outcomes=LABELS), played
    )
    ratio = likelihood_ratio(small, fit)
    assert ratio.pvalue == pytest.approx(
        scipy.stats.chi2.sf(2 * (fit.llf - small.llf), 1), abs=1e-15
    )
    assert ratio.favours == "the larger model"
    private = estimate(classic_model("egame12", FORMULA, outcomes=LABELS, type="private"), played)
    gaps = private.each - fit.each
    expected = gaps.sum() / (np.sqrt(800) * gaps.std())
    assert vuong(private, fit).statistic == pytest.approx(expected)
    assert clarke(private, fit).statistic == (gaps > 0).sum()
    with pytest.raises(QueryError, match="different observations"):
        vuong(fit, estimate(classic_model("egame12", FORMULA, outcomes=LABELS), played[:500]))


def test_firth_s_penalty_is_that_of_its_definition() -> None:
    """One binary choice with a constant: Firth adds half an observation to each side."""
    tree = read_tree({"player": "A", "actions": {"no": "n", "yes": "y"}})
    model = TreeModel(game=tree, outcome="z", utilities={"A.y": "1"}, distribution="gumbel")
    data = pd.DataFrame({"z": ["n"] * 9 + ["y"] * 3})
    fit = estimate(model, data, penalty="firth")
    assert fit.point[0] == pytest.approx(np.log(3.5 / 9.5), abs=1e-6)


def _coverage(model: TreeModel, truth: np.ndarray, simulate, replications: int) -> np.ndarray:
    inside = np.zeros(len(truth))
    for seed in range(replications):
        fit = estimate(model, simulate(seed), starts=1)
        interval = fit.conf_int()
        inside += (interval.lower.to_numpy() < truth) & (truth < interval.upper.to_numpy())
    return inside / replications


DETERRENCE = read_tree(
    {"player": "challenger", "actions": {
        "refrain": "status quo",
        "threaten": {"player": "protege", "actions": {
            "submit": "submission",
            "appeal": {"player": "patron", "actions": {
                "abandon": "abandonment", "defend": "war", "mediate": "settlement"}}}}}}
)  # fmt: skip
TRUE = {
    "challenger.submission": {"Intercept": 0.8, "ratio": 0.6},
    "challenger.war": {"Intercept": -0.9},
    "protege.submission": {"Intercept": 0.3, "trade": -0.5},
    "patron.war": {"Intercept": 0.4, "ally": 0.9},
    "patron.settlement": {"Intercept": -0.3, "trade": 0.5},
}


def _deterrence_model() -> TreeModel:
    terms = {k: " + ".join("1" if c == "Intercept" else c for c in v) for k, v in TRUE.items()}
    return TreeModel(game=DETERRENCE, outcome="y", utilities=terms, shocks="private")


def _deterrence_data(seed: int, n: int = 700) -> pd.DataFrame:
    """Played out: every player draws its disturbances and does what is best for it.

    What each believes about those who move later is found by playing a million times over,
    with the patron's three ways out; nothing of the estimator's code is used.
    """
    rng = np.random.default_rng(seed)
    x = pd.DataFrame({name: rng.normal(size=n) for name in ("ratio", "trade", "ally")})

    def worth(name: str) -> np.ndarray:
        return sum(
            b * (1.0 if c == "Intercept" else x[c].to_numpy()) for c, b in TRUE[name].items()
        ) + np.zeros(n)

    zero = np.zeros(n)
    patron = np.stack([zero, worth("patron.war"), worth("patron.settlement")], axis=1)
    grid, weights = np.polynomial.hermite_e.hermegauss(60)
    weights = weights / weights.sum()
    later = np.stack(
        [sum(w * np.prod([scipy.stats.norm.cdf(patron[:, a] - patron[:, b] + g)
                          for b in range(3) if b != a], axis=0)
             for g, w in zip(grid, weights, strict=True)) for a in range(3)], axis=1)  # fmt: skip
    e = rng.normal(size=(n, 12))
    picks = (patron + e[:, :3]).argmax(axis=1)
    appeal_worth = (later * (0.0 + e[:, 3:6])).sum(axis=1)  # protege: only submission has a mean
    appeals = appeal_worth > worth("protege.submission") + e[:, 6]
    spread = np.sqrt(1.0 + (later**2).sum(axis=1))
    p_appeal = scipy.stats.norm.cdf(-worth("protege.submission") / spread)
    challenger = np.stack([zero, worth("challenger.war"), zero], axis=1)
    threat = (1 - p_appeal) * (worth("challenger.submission") + e[:, 7]) + p_appeal * (
        later * (challenger + e[:, 8:11])
    ).sum(axis=1)
    threatens = threat > e[:, 11]
    names = np.array(["abandonment", "war", "settlement"])[picks]
    y = np.where(~threatens, "status quo", np.where(~appeals, "submission", names))
    return x.assign(y=y)


def test_a_three_player_tree_with_private_types_is_recovered() -> None:
    truth = np.array([b for part in TRUE.values() for b in part.values()])
    fit = estimate(_deterrence_model(), _deterrence_data(0, 6000), starts=2)
    assert list(fit.names) == [f"{k}:{c}" for k, v in TRUE.items() for c in v]
    assert (np.abs(fit.point - truth) < 3.5 * fit.bse).all()


@pytest.mark.slow
def test_its_intervals_cover_as_often_as_they_say() -> None:
    truth = np.array([b for part in TRUE.values() for b in part.values()])
    covered = _coverage(_deterrence_model(), truth, lambda s: _deterrence_data(s, 1500), 200)
    sampling = 3.5 * np.sqrt(0.95 * 0.05 / 200)
    assert (np.abs(covered - 0.95) < sampling).all(), covered
