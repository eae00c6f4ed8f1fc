"""The signalling game: equilibria are fixed points, all are found, and estimates recover truth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import multivariate_normal, norm
from tests.estimation.crisis import CONSTANT, COUNTS, DESIGN, several, truth

from foedus.errors import QueryError
from foedus.estimation import SignallingModel, estimate
from foedus.estimation.account import give_account
from foedus.estimation.search import ascend
from foedus.estimation.signalling import (
    all_equilibria,
    challenge,
    likeliest,
    outcomes_of,
    residual,
    threshold,
)
from foedus.estimation.signalling_constrained import SignallingProgramme
from foedus.estimation.table import Table
from foedus.figures.figure import Figure
from foedus.figures.predicted import predicted


def _forms(**changed: float) -> dict[str, np.ndarray]:
    return {name: np.array([value]) for name, value in {**CONSTANT, **changed}.items()}


@pytest.mark.parametrize(
    ("w_b", "resist"),
    [  # sigInt 0.2.0, its root finder at 1e-12
        (-2.9, [0.25110462, 0.59472283, 0.81332172]),
        (-2.8, [0.29645182, 0.47242323, 0.87403143]),
        (-2.7, [0.90785568]),
        (-2.2, [0.97638711]),
    ],
)
def test_all_equilibria_of_the_constant_example(w_b: float, resist: list[float]) -> None:
    found = norm.cdf(all_equilibria(_forms(W_B=w_b))[0])
    np.testing.assert_allclose(found, resist, atol=5e-9)


def test_equilibria_are_best_replies_by_other_code() -> None:
    """Beliefs, thresholds and replies written out with SciPy's own bivariate normal."""
    f = {name: float(value[0]) for name, value in _forms(W_B=-2.9).items()}
    for x in all_equilibria(_forms(W_B=-2.9))[0]:
        p = norm.cdf(x)
        c = (f["S_A"] - (1 - p) * f["V_A"]) / p
        p_c = 1 - norm.cdf(c - f["W_A"]) * norm.cdf(c - f["a"])
        r = np.sqrt(0.5)
        joint = multivariate_normal(mean=[0, 0], cov=[[1, r], [r, 1]]).cdf(
            [(f["W_A"] - f["a"]) * r, f["W_A"] - c]
        )
        firm = joint / p_c
        reply = norm.cdf((firm * f["W_B"] + (1 - firm) * f["V_B"] - f["C_B"]) / firm)
        assert reply == pytest.approx(p, abs=1e-7)


def played(seed: int, rows: int = 120, months: int = 400) -> pd.DataFrame:
    """Counts drawn from the unique equilibrium of every row."""
    rng = np.random.default_rng(seed)
    data = pd.DataFrame({"x": rng.uniform(-1, 1, rows), "z": rng.uniform(-1, 1, rows)})
    forms = {name: np.full(rows, value) for name, value in CONSTANT.items()}
    forms["W_A"] = -1.6 + 0.2 * data.z.to_numpy()
    forms["W_B"] = -1.5 + 0.4 * data.x.to_numpy()
    x = np.array([roots[0] for roots in all_equilibria(forms, 400)])
    likely = np.exp(np.stack(outcomes_of(forms, threshold(forms, norm.cdf(x)), x), axis=1))
    drawn = rng.multinomial(months, likely / likely.sum(axis=1, keepdims=True))
    return data.assign(**dict(zip(COUNTS, drawn.T, strict=True)))


UTILITIES = {"V_A": "1", "W_A": "1 + z", "W_B": "1 + x", "a": "1", "V_B": "1"}
TRUTH = {"V_A:Intercept": 1.0, "W_A:Intercept": -1.6, "W_A:z": 0.2, "W_B:Intercept": -1.5,
         "W_B:x": 0.4, "a:Intercept": -1.2, "V_B:Intercept": 1.0}  # fmt: skip


def test_parameters_are_recovered_and_derivatives_exact() -> None:
    data = played(1)
    fit = estimate(SignallingModel(utilities=UTILITIES, counts=COUNTS), data, starts=3)
    gap = (fit.params - pd.Series(TRUTH)) / fit.bse
    assert (gap.abs() < 3.5).all()
    step = 1e-5
    for j, unit in enumerate(np.eye(len(fit.point))):
        up, down = (fit.likelihood.derivatives(fit.point + h * unit)[1] for h in (step, -step))
        np.testing.assert_allclose(
            fit.hessian[j],
            (up - down) / (2 * step),
            rtol=2e-4,
            atol=2e-4 * np.abs(fit.hessian).max(),
        )
    again = estimate(SignallingModel(utilities=UTILITIES, counts=COUNTS), fit.simulate(seed=1))
    assert ((again.params - fit.params).abs() / fit.bse < 4.0).all()
    listed = fit.equilibria()
    assert listed.followed.sum() == len(data)
    np.testing.assert_allclose(
        listed[listed.followed].challenge, 1 - fit.predict()["status quo"], atol=1e-9
    )


def test_pseudo_likelihoods_lie_below_the_likelihood_s_maximum() -> None:
    data = played(2)
    fits = {
        method: estimate(SignallingModel(utilities=UTILITIES, counts=COUNTS, method=method), data)
        for method in ("pl", "npl", "nfxp")
    }
    at = {name: fits["nfxp"].likelihood.value(fit.point) for name, fit in fits.items()}
    assert at["pl"] < at["npl"] <= at["nfxp"]
    assert fits["npl"].llf == pytest.approx(at["npl"], abs=1e-3)  # beliefs are equilibrium's


def test_predictions_over_other_rows_are_equilibria_and_have_a_page() -> None:
    utilities = {"V_A": "1", "W_A": "1 + z", "W_B": "1 + x", "a": "1"}  # V_B has no formula
    data = played(4)
    fit = estimate(SignallingModel(utilities=utilities, counts=COUNTS), data, starts=2)
    effects = fit.effects({"x": [-1.0, 0.0, 1.0]}, draws=50)
    assert effects.lost == 0.0
    wide = effects.wide()
    np.testing.assert_allclose(wide.sum(axis=1), 1.0, atol=1e-9)
    other = pd.DataFrame({"x": [-1.0, 0.0, 1.0], "z": data.z.mean()})
    np.testing.assert_allclose(fit.predict(other), wide, atol=1e-9)
    forms = fit.prepared.over(other).named(
        list(fit.prepared.over(other).etas(fit.point, slice(0, 3)))
    )
    roots = np.array([r[0] for r in all_equilibria(forms)])
    likely = np.exp(np.stack(outcomes_of(forms, threshold(forms, norm.cdf(roots)), roots), axis=1))
    np.testing.assert_allclose(fit.predict(other), likely, atol=1e-9)
    account = give_account(fit, draws=50, profiles=())
    assert {one.changed for one in account.effects} == {("x",), ("z",)}
    assert all(isinstance(predicted(one), Figure) for one in account.effects)


def test_a_counterfactual_keeps_every_row_to_its_own_equilibrium() -> None:
    fit = estimate(DESIGN, several(2, 60, 100, -1.9, -2.9), starts=2)
    found = fit.counterfactual({"x": 0.5}, draws=20)
    np.testing.assert_allclose(found.before, fit.predict().mean(), atol=1e-9)
    # Terciles play different equilibria, and a small change of x moves none to another.
    followed = fit.likelihood.rows.followed
    assert np.ptp(norm.cdf(followed)) > 0.3
    np.testing.assert_allclose(found.after, found.before, atol=0.03)


@pytest.mark.parametrize("method", ["pl", "npl"])
def test_scores_of_both_steps_are_what_a_row_s_weight_does_to_the_estimate(method: str) -> None:
    """Refits with a row's weight moved, against the influence that errors are made of."""
    data = played(5, rows=60).assign(weight=1.0)
    model = SignallingModel(utilities=UTILITIES, counts=COUNTS, method=method)
    fit = estimate(model, data, weights="weight")
    assert fit.cov_type == "robust"
    influence = fit.scores @ fit.bread
    step = 1e-3
    for row in (0, 17, 42):
        moved = [
            estimate(model, data.assign(weight=data.weight + h * (data.index == row)),
                     weights="weight").point
            for h in (step, -step)
        ]  # fmt: skip
        found = (moved[0] - moved[1]) / (2 * step)
        scale = np.abs(found).max()
        np.testing.assert_allclose(influence[row], found, rtol=2e-3, atol=2e-3 * scale)


@pytest.mark.parametrize("method", ["pl", "npl"])
def test_a_bootstrap_estimates_beliefs_anew(method: str) -> None:
    """Else its spread would be that of errors which take beliefs as known, a fifth of it."""
    data = played(6, rows=80)
    fit = estimate(SignallingModel(utilities=UTILITIES, counts=COUNTS, method=method), data)
    resampled = fit.bootstrap(40, seed=1)
    assert resampled.failed.sum() == 0
    spread = resampled.draws.std(axis=0, ddof=1)
    np.testing.assert_allclose(spread, fit.bse, rtol=0.5)
    known = np.sqrt(np.diag(fit.bread))
    assert spread[3] > 2.0 * known[3]  # the constant of W_B


@pytest.mark.slow
@pytest.mark.parametrize("method", ["pl", "npl"])
def test_errors_of_both_steps_are_the_spread_of_estimates(method: str) -> None:
    model = SignallingModel(utilities=UTILITIES, counts=COUNTS, method=method)
    fits = [estimate(model, played(100 + seed), check=False) for seed in range(150)]
    points = np.array([fit.point for fit in fits])
    told = np.mean([fit.bse for fit in fits], axis=0)
    np.testing.assert_allclose(told, points.std(axis=0, ddof=1), rtol=0.2)


def test_what_is_no_signalling_model() -> None:
    data = played(3, rows=12)
    with pytest.raises(QueryError, match="no utility `W_C`"):
        estimate(SignallingModel(utilities={"W_C": "1"}, counts=COUNTS), data)
    with pytest.raises(QueryError, match="four columns"):
        estimate(SignallingModel(utilities={"W_B": "1"}, counts=COUNTS[:2]), data)


def test_probabilities_of_a_challenge_split_into_meant_and_bluff() -> None:
    forms, c = _forms(W_B=-2.9), np.array([0.3])
    meant, bluff = challenge(forms, c)
    whole = 1 - norm.cdf(c + 1.9) * norm.cdf(c + 1.2)
    np.testing.assert_allclose(meant + bluff, whole, atol=1e-12)


def test_several_equilibria_in_the_data_are_told_apart() -> None:
    """Searches from pooled beliefs end in other optima here; those from relaxed ones do not."""
    data = several(2, 100, 100, -1.9, -2.9)
    true = truth(-1.9, -2.9)
    fit = estimate(DESIGN, data, starts=2)
    from_truth = estimate(DESIGN, data, first=true, starts=1)
    assert fit.llf == pytest.approx(from_truth.llf, abs=1e-6)
    assert np.sqrt(((fit.point - true) ** 2).sum()) < 0.5


def test_a_search_goes_on_where_the_branch_of_a_row_ends() -> None:
    data = several(1000, 25, 50, -1.8, -2.45)
    prepared = DESIGN.prepare(Table.of(data), weights=None, cluster=None, missing="raise")
    likelihood = prepared.likelihood
    start = DESIGN.begin(prepared, 2, 0)[1]
    alone, _ = ascend(replace(likelihood, rows=start.rows.apart()), start.point, "", None)
    assert not alone.converged
    found, reached = DESIGN.climb(replace(likelihood, rows=start.rows), start.point, "", None)
    assert found.converged
    assert found.value > alone.value + 0.01
    forms = reached.named(list(reached.etas(found.point, slice(0, reached.n_rows))))
    np.testing.assert_allclose(residual(forms, reached.rows.followed), 0, atol=1e-9)
    # No row has an equilibrium under which its counts are likelier.
    best = likeliest(forms, reached.rows.counts)
    np.testing.assert_allclose(best, reached.rows.followed, atol=1e-8)


def test_a_constrained_step_is_the_derivative_of_equilibria_and_likelihood() -> None:
    """Along the equations, the programme's slope and bend are differences of the likelihood."""
    data = several(3, 12, 60, -1.9, -2.9)
    prepared = DESIGN.prepare(Table.of(data), weights=None, cluster=None, missing="raise")
    theta = truth(-1.9, -2.9)
    rows = prepared.likelihood.rows
    likelihood = replace(prepared.likelihood, rows=rows.apart())
    likelihood.derivatives(theta)  # leaves the likeliest equilibria in `followed`
    programme = SignallingProgramme(likelihood)
    y = programme.restore(theta, likelihood.rows.followed)
    found = programme.model(theta, y)
    assert len(found.border) == 0
    value, score, hessian = likelihood.derivatives(theta)
    assert programme.value(theta, y)[0] == pytest.approx(value, abs=1e-9)
    np.testing.assert_allclose(found.slope, score, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(found.bend[1:, 1:], hessian, rtol=1e-5, atol=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize(("w_a", "w_b", "printed"), [(-1.9, -2.9, 0.40), (-1.8, -2.45, 0.179)])
def test_the_published_design_is_solved_more_often_than_in_print(
    w_a: float, w_b: float, printed: float
) -> None:
    """100 games, 100 months: print has 66 and 85 % solved."""
    fits = [estimate(DESIGN, several(1000 + seed, 100, 100, w_a, w_b)) for seed in range(60)]
    assert all(fit.converged for fit in fits)
    gaps = np.array([fit.point - truth(w_a, w_b) for fit in fits])
    # 60 data sets: the root mean square itself is known to a tenth.
    assert np.sqrt((gaps**2).sum(axis=1).mean()) < 1.15 * printed
