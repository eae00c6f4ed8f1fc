"""Trees: probabilities are those written out by hand, and derivatives those of differences."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import scipy.optimize
from scipy.stats import multivariate_normal, norm
from tests.estimation.conftest import FORMULA, LABELS, crises
from tests.estimation.plain import egame12, egame122, egame123

import foedus as fd
from foedus.errors import DataError, GameError, QueryError
from foedus.estimation import TreeModel, classic_model, estimate, read_tree
from foedus.estimation.backward_induction import induce_backward
from foedus.estimation.bivariate import bivariate_normal_cdf
from foedus.estimation.choice import probit_choice
from foedus.estimation.jets import Jet, variables
from foedus.estimation.play import Behaviour, play

TERMS = {"egame12": 4, "egame122": 6, "egame123": 8}


def _endings(game: str, values: np.ndarray, private: bool) -> np.ndarray:
    from foedus.estimation.classic import CLASSIC

    classic = CLASSIC[game]
    tree = classic.tree([str(i) for i in range(classic.size)])
    utilities = {(int(p) - 1, o): v for (p, o), v in zip(classic.terms, values, strict=True)}
    chosen = play(
        tree, Behaviour(shocks="private" if private else "agent"), utilities, [1.0] * 3, ()
    )
    return np.array(
        [np.exp(sum(chosen[n][a] for n, a in tree.path(t))) for t in range(classic.size)]
    )


@pytest.mark.parametrize("private", [False, True], ids=["agent", "private"])
@pytest.mark.parametrize("game", TERMS)
def test_classic_games_play_as_written_out_by_hand(game: str, private: bool) -> None:
    plain = {"egame12": lambda u, private: egame12(*u, private=private), "egame122": egame122,
             "egame123": egame123}[game]  # fmt: skip
    for seed in range(5):
        values = np.random.default_rng(seed).normal(size=TERMS[game])
        by_hand = plain(values, private=private)
        np.testing.assert_allclose(_endings(game, values, private), by_hand, rtol=1e-12)


def test_private_information_is_what_players_with_drawn_payoffs_do() -> None:
    """Disturb every player's utilities of the endings, let each pick its best, and count."""
    rng, n = np.random.default_rng(3), 400_000
    u11, u13, u14, u24 = 0.2, 0.7, -0.4, 0.3
    shocks = rng.normal(size=(n, 5))
    resists = u24 + shocks[:, 0] > shocks[:, 1]
    p4 = norm.cdf(u24 / np.sqrt(2))  # what player 1 knows of player 2
    acts = (1 - p4) * (u13 + shocks[:, 2]) + p4 * (u14 + shocks[:, 3]) > u11 + shocks[:, 4]
    counted = [np.mean(~acts), np.mean(acts & ~resists), np.mean(acts & resists)]
    found = _endings("egame12", np.array([u11, u13, u14, u24]), private=True)
    np.testing.assert_allclose(found, counted, atol=4 * np.sqrt(0.25 / n))


def test_three_normal_actions_are_an_orthant_probability() -> None:
    values, variances = np.array([0.3, -0.2, 0.5]), np.array([1.0, 0.6, 1.4])
    found = np.exp([float(x) for x in probit_choice(list(values), list(variances))])
    assert found.sum() == pytest.approx(1.0, abs=1e-9)
    for a in range(3):
        b, c = (k for k in range(3) if k != a)
        cov = np.array(
            [
                [variances[a] + variances[b], variances[a]],
                [variances[a], variances[a] + variances[c]],
            ]
        )
        ahead = [values[a] - values[b], values[a] - values[c]]
        orthant = multivariate_normal(mean=[0, 0], cov=cov, seed=1).cdf(ahead)
        assert found[a] == pytest.approx(orthant, abs=1e-6)


def test_jets_have_the_derivatives_of_differences() -> None:
    def function(x, y):
        return bivariate_normal_cdf(x * y, x + 0.3, 0.6) / (1.2 + y * y)

    at, step = np.array([[0.4], [-0.7]]), 1e-4

    def value(dx, dy):
        return float(function(at[0] + dx, at[1] + dy)[0])

    jet = function(*variables(at))
    assert isinstance(jet, Jet)
    slope = (value(step, 0) - value(-step, 0)) / (2 * step)
    assert float(jet.gradient[0][0]) == pytest.approx(slope, abs=1e-8)
    bend = (value(0, step) - 2 * value(0, 0) + value(0, -step)) / step**2
    assert float(jet.hessian[1, 1][0]) == pytest.approx(bend, abs=1e-6)
    cross = (value(step, step) - value(step, -step) - value(-step, step) + value(-step, -step)) / (
        4 * step**2
    )
    assert float(jet.hessian[0, 1][0]) == pytest.approx(cross, abs=1e-6)


@pytest.mark.parametrize("precision", [1.0, "free"])
@pytest.mark.parametrize("shocks", ["agent", "private"])
def test_scores_and_hessians_are_those_of_differences(
    played: pd.DataFrame, shocks: str, precision: object
) -> None:
    model = classic_model("egame12", FORMULA, outcomes=LABELS, type=shocks, precision=precision)
    from foedus.estimation.table import Table

    likelihood = model.prepare(
        Table.of(played), weights=None, cluster=None, missing="drop"
    ).likelihood
    point = np.random.default_rng(0).normal(size=len(likelihood.names)) * 0.4
    value, score, hessian = likelihood.derivatives(point)
    assert value == pytest.approx(likelihood.value(point))
    np.testing.assert_allclose(likelihood.scores(point).sum(axis=0), score, atol=1e-9)
    for j, unit in enumerate(np.eye(len(point))):
        up, down = (likelihood.derivatives(point + h * unit) for h in (1e-5, -1e-5))
        assert score[j] == pytest.approx((up[0] - down[0]) / 2e-5, abs=1e-4)
        np.testing.assert_allclose(hessian[j], (up[1] - down[1]) / 2e-5, atol=1e-4)


def test_actions_and_labels_are_the_same_observations(played: pd.DataFrame) -> None:
    labelled = estimate(classic_model("egame12", FORMULA, outcomes=LABELS), played, starts=1)
    acted = estimate(
        classic_model("egame12", FORMULA.replace("y ~", "a1 + a2 ~")), played, starts=1
    )
    np.testing.assert_allclose(labelled.point, acted.point, atol=1e-9)
    assert acted.outcomes == ("~a1", "a1,~a2", "a1,a2")


def test_a_scenario_is_estimated_as_the_tree_it_is() -> None:
    data = crises(600, seed=4)
    tree = classic_model(
        "egame12",
        "y ~ 0 | 1 | 1 + power | 1 + democracy",
        outcomes=LABELS,
        link="logit",
        precision=1.0,
    )
    as_tree = estimate(tree, data, starts=1)
    scenario = fd.read("extended-deterrence")
    as_scenario = estimate(
        TreeModel(
            game=scenario,
            outcome="y",
            outcomes={"quiet": "A == refrain", "gain": "D == concede", "war": "D == defend"},
            utilities={"capitulation_A": "1", "war_A": "1 + power", "war_D": "1 + democracy"},
            parameters={"capitulation_D": 0.0},
            distribution="gumbel",
        ),
        data,
        starts=1,
    )
    assert as_scenario.llf == pytest.approx(as_tree.llf, abs=1e-9)
    np.testing.assert_allclose(as_scenario.point, as_tree.point, atol=1e-7)
    by_part = estimate(
        TreeModel(
            game=scenario,
            outcome="y",
            outcomes={"quiet": "A == refrain", "taken": "D == concede", "fought": "D == defend"},
            utilities={"A.gain": "1", "A.war": "1 + power", "D.war": "1 + democracy"},
            parameters={"capitulation_D": 0.0},
            distribution="gumbel",
        ),
        data.assign(y=data.y.map({"quiet": "quiet", "gain": "taken", "war": "fought"})),
        starts=1,
    )  # weights on payoff parts, whose values are 1, -1 and -0.5 at the centre
    assert by_part.llf == pytest.approx(as_tree.llf, abs=1e-9)
    np.testing.assert_allclose(by_part.point / as_tree.point, [1, -1, -1, -2, -2], atol=1e-6)


def test_parameters_that_are_not_affine_are_differentiated_by_the_scenario_s_formulas() -> None:
    """The discounted payoff of a two-step tree is a product of two free parameters."""
    from foedus.estimation.scenario_payoffs import ScenarioPayoffs

    text = (
        "foedus: 1\ntitle: Product\nperiod: crisis\nhorizon: {evaluate: 1, solve: 1}\n"
        "precision: {value: 1, why: unit}\n"
        "players: {A: {label: A}, D: {label: D}}\n"
        "parameters:\n  stake: {value: 1, range: [0.1, 3], why: t}\n"
        "  risk: {value: 0.4, range: [0, 1], why: t}\n"
        "moves:\n  - {player: A, actions: {wait: w, press: p}}\n"
        "  - {player: D, when: A == press, actions: {concede: c, defend: d}}\n"
        "payoffs:\n  A:\n    gain: stake*(D == concede) - stake*risk*(D == defend)\n"
        "  D:\n    loss: -stake*risk*(D == concede)\n"
        "starts: {now: {}}\n"
    )
    from foedus.scenario.reader import examine_text

    scenario, problems = examine_text(text, "product.yaml")
    assert scenario is not None, problems
    data = crises(500, seed=5).assign(
        y=lambda d: d.y.map({"quiet": "wait", "gain": "concede", "war": "defend"})
    )
    model = TreeModel(
        game=scenario,
        outcome="y",
        utilities={"stake": "1", "risk": "1 + power"},
        distribution="gumbel",
    )
    from foedus.estimation.table import Table

    likelihood = model.prepare(
        Table.of(data), weights=None, cluster=None, missing="drop"
    ).likelihood
    payoffs = likelihood.rows.payoffs
    assert isinstance(payoffs, ScenarioPayoffs)
    assert payoffs._slopes is None
    point = np.array([0.8, 0.5, 0.2])
    value, score, hessian = likelihood.derivatives(point)
    assert value == pytest.approx(likelihood.value(point), abs=1e-9)
    for j, unit in enumerate(np.eye(3)):
        up, down = (likelihood.derivatives(point + h * unit) for h in (1e-5, -1e-5))
        assert score[j] == pytest.approx((up[0] - down[0]) / 2e-5, abs=1e-4)
        np.testing.assert_allclose(hessian[j], (up[1] - down[1]) / 2e-5, atol=1e-4)


def test_trees_with_chance_and_pooled_outcomes() -> None:
    """Nature decides whether an attack succeeds; only attacks are observed."""
    nested = {
        "player": "A",
        "actions": {
            "wait": "quiet",
            "attack": {"chance": {"success": [0.25, "won"], "failure": [0.75, "lost"]}},
        },
    }
    data = pd.DataFrame({"y": ["quiet"] * 60 + ["won"] * 9 + ["lost"] * 31})
    model = TreeModel(game=read_tree(nested), outcome="y", utilities={"A.won": "1", "A.lost": -1})
    fit = estimate(model, data)
    worth = 0.25 * fit.point[0] - 0.75
    assert norm.cdf(worth / np.sqrt(2)) == pytest.approx(0.4, abs=1e-8)
    assert fit.llf == pytest.approx(
        60 * np.log(0.6) + 40 * np.log(0.4) + 9 * np.log(0.25) + 31 * np.log(0.75)
    )


def test_a_player_who_moves_twice_has_no_private_types_in_a_tree() -> None:
    again = {"player": "A", "actions": {"back down": "bluff", "fight": "war"}}
    resist = {"player": "B", "actions": {"concede": "gain", "resist": again}}
    tree = read_tree({"player": "A", "actions": {"wait": "quiet", "challenge": resist}})
    model = TreeModel(game=tree, outcome="y", utilities={"A.war": "1"}, shocks="private")
    with pytest.raises(QueryError, match="SignallingModel"):
        estimate(model, pd.DataFrame({"y": ["quiet", "war"]}))


@pytest.mark.parametrize(
    ("nested", "said"),
    [
        ({"player": "A", "actions": {"only": "x"}}, "two or more"),
        ({"player": "A", "actions": {"a": "x", "b": "x"}}, "twice"),
        ({"chance": {"a": [0.5, "x"], "b": [0.4, "y"]}}, "add up to 1"),
        ({"players": "A"}, "made of"),
    ],
)
def test_what_is_no_tree_is_refused(nested: dict, said: str) -> None:
    with pytest.raises(GameError, match=said):
        read_tree(nested)


def test_formulas_cannot_run_code(played: pd.DataFrame) -> None:
    for text in ("__import__('os').getcwd()", "power.sum()", "open('x')", "[x for x in y]"):
        model = TreeModel(
            game="egame12", outcome="y", outcomes=LABELS, utilities={"1.war": f"1 + {{{text}}}"}
        )
        with pytest.raises(DataError):
            estimate(model, played)


def test_backward_induction_fits_the_last_choice_first(played: pd.DataFrame) -> None:
    """The last node is a plain probit; the first is one on fitted expected utilities."""
    fit = estimate(classic_model("egame12", FORMULA, outcomes=LABELS), played)
    assert [attempt.start for attempt in fit.attempts][1] == "backward induction"
    assert fit.attempts[1].optimum == 0
    found = dict(zip(fit.names, induce_backward(fit.likelihood), strict=True))
    asked = played[played.y != "quiet"]
    root = np.sqrt(2)

    def last(b: np.ndarray) -> float:
        d = (b[0] + b[1] * asked.democracy) / root
        return -norm.logcdf(np.where(asked.y == "war", d, -d)).sum() + 5e-4 * b @ b

    second = scipy.optimize.minimize(last, np.zeros(2), tol=1e-10).x
    p = norm.cdf((second[0] + second[1] * played.democracy) / root)

    def first(b: np.ndarray) -> float:
        d = ((1 - p) * b[1] + p * b[2] * played.power - b[0] * played.trade) / root
        return -norm.logcdf(np.where(played.y == "quiet", -d, d)).sum() + 5e-4 * b @ b

    rest = scipy.optimize.minimize(first, np.zeros(3), tol=1e-10).x
    wanted = np.r_[rest, second]
    np.testing.assert_allclose(list(found.values()), wanted, atol=1e-4)
    assert (np.abs(wanted - fit.point) < 4 * fit.bse).all()


def test_pooled_endings_have_no_backward_induction(played: pd.DataFrame) -> None:
    model = classic_model("egame12", FORMULA, outcomes=LABELS)
    rows = estimate(model, played, starts=1).likelihood
    pooled = replace(rows, rows=replace(rows.rows, outcome_of=(0, 1, 1), outcomes=("quiet", "act")))
    assert induce_backward(pooled) is None
