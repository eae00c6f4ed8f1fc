"""The page of an estimate: written whole, the same bytes again, and every number the fit's own."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from tests.estimation.conftest import crises
from tests.estimation.test_ultimatum import played

import foedus as fd
from foedus.cli.main import main
from foedus.estimation import estimate, read_model, scenario_model
from foedus.estimation.dynamic_equilibrium import solve_game
from foedus.estimation.dynamic_simulation import simulate_play

MODEL = """\
title: "Crises <b>& trade</b>"
game: egame12
formula: y ~ 0 + trade | 1 | 0 + power | 1 + democracy
outcomes: [quiet, gain, war]
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("estimate")
    (folder / "model.yaml").write_text(MODEL)
    data = crises(300)
    data.loc[4, "trade"] = np.nan
    data.to_csv(folder / "crises.csv", index=False)
    return folder


def run(folder: Path, *more: str) -> Result:
    command = ["estimate", str(folder / "model.yaml"), str(folder / "crises.csv"), *more]
    return CliRunner().invoke(main, command)


@pytest.fixture(scope="module")
def page(folder: Path) -> Path:
    done = run(folder, "--bootstrap", "20", "-o", str(folder / "page"))
    assert done.exit_code == 0, done.output
    assert f"Read it: {folder / 'page' / 'index.html'}" in done.output
    return folder / "page"


class Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.hrefs: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.hrefs += [str(given["href"])] if "href" in given else []
        self.ids += [str(given["id"])] if "id" in given else []


def test_every_link_leads_somewhere_and_every_figure_is_there(page: Path) -> None:
    text = (page / "index.html").read_text()
    found = Links()
    found.feed(text)
    assert len(found.ids) == len(set(found.ids))
    for href in found.hrefs:
        if href.startswith("#"):
            assert href[1:] in found.ids
        else:
            assert (page / href).is_file(), href
    for part in ("coefficients", "predicted", "goodness", "profile", "optima"):
        assert list((page / "figures").glob(f"{part}*.svg")), part
        assert list((page / "figures").glob(f"{part}*.csv")), part
    assert len(list((page / "figures").glob("predicted-*.svg"))) == 3
    assert len(list((page / "figures").glob("profile-*.svg"))) == 5
    assert "<b>&" not in text
    assert "Crises &lt;b&gt;&amp; trade&lt;/b&gt;" in text
    assert "299 rows used, 1 left out" in text


def test_numbers_are_the_fits_own(folder: Path, page: Path) -> None:
    stated = read_model(folder / "model.yaml")
    fit = estimate(stated.model, folder / "crises.csv")
    kept = json.loads((page / "estimate.json").read_text())
    for name in fit.names:
        assert kept["parameters"][name]["estimate"] == fit.params[name]
        assert kept["profiles"][name]["interval"] == list(fit.profile(name).conf_int())
    assert kept["origin"]["data_file"] == "crises.csv"
    assert re.fullmatch(r"[0-9a-f]{64}", kept["origin"]["data_sha256"])
    assert kept["bootstrap"]["resamples"] == 20
    assert (page / "data" / "model.yaml").read_text() == MODEL


def test_the_same_estimate_gives_the_same_bytes_and_no_folder_names(
    folder: Path, page: Path
) -> None:
    before = {p.relative_to(page): p.read_bytes() for p in page.rglob("*") if p.is_file()}
    assert run(folder, "--bootstrap", "20", "-o", str(page)).exit_code == 0
    after = {p.relative_to(page): p.read_bytes() for p in page.rglob("*") if p.is_file()}
    assert before == after
    assert not [path for path, content in after.items() if str(folder).encode() in content]


def test_other_folders_are_left_alone(folder: Path) -> None:
    (folder / "mine").mkdir()
    (folder / "mine" / "thesis.txt").write_text("mine")
    done = run(folder, "-o", str(folder / "mine"))
    assert done.exit_code != 0
    assert [path.name for path in (folder / "mine").iterdir()] == ["thesis.txt"]


def test_profiles_on_the_command_line(folder: Path) -> None:
    done = run(folder, "--profile", "1.war:power", "--json")
    assert done.exit_code == 0, done.output
    found = json.loads(done.output)
    assert list(found["profiles"]) == ["1.war:power"]
    low, high = found["profiles"]["1.war:power"]["interval"]
    assert low < found["parameters"]["1.war:power"]["estimate"] < high
    assert "Profile likelihood" in run(folder, "--profile", "all").output
    wrong = run(folder, "--profile", "1.war:pwer")
    assert wrong.exit_code != 0
    assert "1.war:power" in str(wrong.output) + str(wrong.exception)


def test_pages_of_other_games_have_predictions_and_fit(tmp_path: Path) -> None:
    played(150, seed=1).to_csv(tmp_path / "offers.csv", index=False)
    (tmp_path / "offers.yaml").write_text(
        "game: ultimatum\nproposer: 1 + x\nreceiver: 1 + z\noffer: offer\naccept: accept\n"
        "prize: 15\n"
    )
    free = ["alpha", "threat_cost"]
    stated = scenario_model(fd.read("audience-costs-dynamic"), free)
    at = solve_game(stated.game, np.array([-2.0, 1.0]))
    play = simulate_play(
        stated.game, at.choices, stated.states, stated.actions, np.ones(3) / 3, 60, 6, seed=3
    )
    for column, labels in zip(stated.actions, stated.labels or (), strict=True):
        play[column] = np.array(labels)[play[column]]
    play.to_csv(tmp_path / "moves.csv", index=False)
    (tmp_path / "moves.yaml").write_text(f"game: audience-costs-dynamic\nfree: {free}\n")
    shown = {
        "offers": ["predicted-offer-x", "predicted-acceptance-z", "goodness-offers", "goodness"],
        "moves": ["predicted-a", "predicted-b", "goodness", "profile-alpha"],
    }
    for name, figures in shown.items():
        command = ["estimate", str(tmp_path / f"{name}.yaml"), str(tmp_path / f"{name}.csv")]
        done = CliRunner().invoke(main, [*command, "--starts", "1", "-o", str(tmp_path / name)])
        assert done.exit_code == 0, done.output
        text = (tmp_path / name / "index.html").read_text()
        assert "Observed and expected counts" in text
        for figure in figures:
            assert (tmp_path / name / "figures" / f"{figure}.csv").is_file(), figure
