"""Model files, the command, and the way from data to a verdict."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import foedus as fd
from foedus.cli.main import main
from foedus.errors import DataError, QueryError, ScenarioError
from foedus.estimation.calibration import calibrate, implied_parameters

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "estimate.md"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page's files, and the data that its script draws."""
    place = tmp_path_factory.mktemp("page") / "files"
    shutil.copytree(PAGE.parent / "estimate", place)
    code: dict[str, object] = {"__name__": "crises"}
    exec((place / "crises.py").read_text(), code)  # noqa: S102  our own script
    code["crises"]().to_csv(place / "crises.csv", index=False)  # type: ignore[operator]
    return place


@pytest.fixture(scope="module")
def fit(folder: Path) -> fd.Fit:
    stated = fd.read_model(folder / "model.yaml")
    return fd.estimate(stated.model, folder / "crises.csv", **stated.options)


def run(*arguments: object) -> tuple[int, str, str]:
    done = CliRunner().invoke(main, ["estimate", *map(str, arguments)])
    return done.exit_code, done.stdout, done.stderr


def test_the_worked_example_recovers_what_its_data_were_drawn_from(fit: fd.Fit) -> None:
    truth = [0.8, 0.6, 0.7, 0.5, -0.6, 1.1]
    assert (np.abs(fit.point - truth) < 3 * fit.bse).all()
    assert fit.cov_type == "cluster"
    assert fit.missing.by_column == {"distance": 15}


def test_the_command_prints_a_table_or_json(folder: Path, fit: fd.Fit) -> None:
    code, text, _ = run(folder / "model.yaml", folder / "crises.csv")
    assert code == 0
    assert "Crises of extended deterrence" in text
    assert "15 left out because of missing values: distance in 15" in text
    code, text, _ = run(
        folder / "model.yaml", folder / "crises.csv", "--errors", "robust", "--starts", 2,
        "--bootstrap", 20, "--json",
    )  # fmt: skip
    found = json.loads(text)
    assert code == 0
    assert found["parameters"]["resolve:ally"]["estimate"] == pytest.approx(
        fit.params["resolve:ally"]
    )
    assert found["errors"] == "robust"
    assert len(found["attempts"]) == 2
    assert found["bootstrap"]["resamples"] == 20
    code, text, _ = run(folder / "model.yaml", folder / "crises.csv", "--table", "csv")
    assert text.startswith("model,coefficient,estimate")


def test_bad_input_has_its_exit_code_and_says_why(folder: Path) -> None:
    code, _, said = run(folder / "model.yaml", folder / "nothing.csv")
    assert (code, "there is no file" in said) == (3, True)
    wrong = folder / "wrong.yaml"
    wrong.write_text("game: crises.yaml\noutcomes: {}\nutilties: {gain: 1}\n")
    code, _, said = run(wrong, folder / "crises.csv")
    assert code == 3
    assert "wrong.yaml:3: `utilties` is no field" in said
    assert "did you mean `utilities`?" in said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is no model"),
        ("utilities: {a: 1}\n", "which `game:`"),
        ("game: [\n", "not valid YAML"),
        ("game: nowhere.yaml\noutcome: y\nutilities: {a: '1'}\n", "nowhere.yaml"),
        ("game: egame12\nformula: y ~ 1\noutcomes: [a, b, c]\n", "needs 4 parts"),
        ("game: egame12\noutcome: y\n", "utilities"),
        ("game: signalling\nformula: y\n", "no field of signalling"),
        ("a: &x [1]\nb: *x\ngame: egame12\n", "aliases"),
        ("game: !!python/object/apply:os.getcwd []\n", "not valid YAML"),
    ],
)
def test_model_files_that_are_none(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "model.yaml").write_text(text)
    with pytest.raises((DataError, QueryError, ScenarioError), match=re.escape(said)):
        fd.read_model(tmp_path / "model.yaml")


def test_trees_and_formulas_in_model_files(tmp_path: Path) -> None:
    (tmp_path / "tree.yaml").write_text(
        "game:\n  player: A\n  actions:\n    wait: quiet\n    attack: war\n"
        "outcome: y\nutilities: {A.war: 1 + x}\n"
    )
    (tmp_path / "data.csv").write_text("y,x\n" + "quiet,0\nwar,1\nquiet,1\nwar,0\nwar,1\n" * 8)
    stated = fd.read_model(tmp_path / "tree.yaml")
    fit = fd.estimate(stated.model, tmp_path / "data.csv")
    shares = fit.predict()["war"].to_numpy()
    np.testing.assert_allclose(shares[:2], [1 / 2, 2 / 3], atol=1e-7)


def test_a_calibrated_scenario_has_the_estimates_in_it(fit: fd.Fit) -> None:
    values, covariance = implied_parameters(fit, {"ally": 1, "stakes": 1.0})
    assert values["resolve"] == pytest.approx(fit.point[4] + fit.point[5])
    variance = fit.cov_params().to_numpy()[4:, 4:].sum()
    assert covariance.loc["resolve", "resolve"] == pytest.approx(variance)
    scenario = calibrate(fit, {"ally": 1, "stakes": 1.0}, kind="interval")
    gain = next(p for p in scenario.parameters if p.name == "gain")
    assert gain.value == pytest.approx(values["gain"])
    width = 1.959963984540054 * np.sqrt(covariance.loc["gain", "gain"])
    assert (gain.low, gain.high) == pytest.approx((gain.value - width, gain.value + width))


def test_draws_of_a_calibrated_scenario_follow_the_sampling_distribution(fit: fd.Fit) -> None:
    """The definitions evaluated on uniform draws have the estimates' mean and covariance."""
    values, covariance = implied_parameters(fit, {"ally": 1})
    scenario = calibrate(fit, {"ally": 1})
    game = fd.compile_scenario(scenario)
    rng = np.random.default_rng(0)
    luck = {name: rng.uniform(0.0001, 0.9999, 20_000) for name in game.values}
    paid = game.parametric.tables(luck).payoff[-1]  # (draws, players, nodes, actions)
    drawn = np.stack(
        [paid[:, 0, -1, 0], -paid[:, 0, -1, 1], paid[:, 1, -1, 1] - paid[:, 1, -1, 0]], axis=1
    )
    np.testing.assert_allclose(drawn.mean(axis=0), values, atol=0.02)
    np.testing.assert_allclose(np.cov(drawn.T), covariance, atol=0.03 * covariance.to_numpy().max())


def test_only_a_model_on_a_scenario_can_be_calibrated() -> None:
    import pandas as pd

    tree = fd.read_tree({"player": "A", "actions": {"no": "n", "yes": "y"}})
    data = pd.DataFrame({"z": ["n", "y"] * 10})
    fit = fd.estimate(fd.TreeModel(game=tree, outcome="z", utilities={"A.y": "1"}), data)
    with pytest.raises(QueryError, match="on a scenario"):
        calibrate(fit)


def test_the_page_s_python_runs(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    monkeypatch.syspath_prepend(str(folder))
    blocks = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.M | re.S)
    assert len(blocks) == 2
    for block in blocks:
        exec(block, {})  # noqa: S102  our own page


def test_the_page_shows_the_model_file() -> None:
    assert (PAGE.parent / "estimate" / "model.yaml").read_text() in PAGE.read_text()


def test_a_stationary_scenario_is_estimated_from_the_command_line(tmp_path: Path) -> None:
    from foedus.estimation import scenario_model
    from foedus.estimation.dynamic_equilibrium import solve_game
    from foedus.estimation.dynamic_simulation import simulate_play

    free = ["alpha", "threat_cost", "attack_cost", "hostility"]
    stated = scenario_model(fd.read("audience-costs-dynamic"), free)
    at = solve_game(stated.game, np.array([-2.0, 1.0, 2.0, 0.5]))
    play = simulate_play(
        stated.game, at.choices, stated.states, stated.actions, np.ones(3) / 3, 200, 8, seed=3
    )
    for column, labels in zip(stated.actions, stated.labels, strict=True):
        play[column] = np.array(labels)[play[column]]
    play.to_csv(tmp_path / "play.csv", index=False)
    (tmp_path / "model.yaml").write_text(f"game: audience-costs-dynamic\nfree: {free}\n")
    code, text, _ = run(
        tmp_path / "model.yaml", tmp_path / "play.csv", "--cluster", "market", "--json"
    )
    found = json.loads(text)
    assert code == 0
    assert found["errors"] == "cluster"
    for name, truth in zip(free, [-2.0, 1.0, 2.0, 0.5], strict=True):
        one = found["parameters"][name]
        assert abs(one["estimate"] - truth) < 4 * one["std_err"]


def test_draws_go_to_xarray_as_arviz_reads_them(fit: fd.Fit) -> None:
    drawn = fit.to_dataset(4000, seed=1)
    assert dict(drawn.sizes) == {"chain": 1, "draw": 4000}
    for name in fit.names:
        assert float(drawn[name].std()) == pytest.approx(fit.bse[name], rel=0.1)
