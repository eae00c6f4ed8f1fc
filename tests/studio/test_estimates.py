"""Estimates and bootstraps in the room of runs: their table, their figure, their page."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner
from served import BORDER, Studio, until
from tests.estimation.conftest import crises
from tests.estimation.heavy import resampled

from foedus.briefing import packing
from foedus.cli.main import main
from foedus.cli.studio_briefing import written
from foedus.errors import BriefingError, QueryError
from foedus.estimation import estimate, read_model

Visit = Callable[..., Any]
PATIENCE = 90_000
MODEL = """\
title: "Crises <b>& trade</b>"
game: egame12
formula: y ~ 0 + trade | 1 | 0 + power | 1 + democracy
outcomes: [quiet, gain, war]
"""
SIDEWAYS = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


def _kept(home: Path, *more: str) -> str:
    """The id of an estimate that is made, with a page where one is asked for, and kept."""
    (home / "model.yaml").write_text(MODEL)
    crises(200).to_csv(home / "crises.csv", index=False)
    files = [str(home / "model.yaml"), str(home / "crises.csv")]
    done = CliRunner().invoke(
        main, ["estimate", *files, *more, "--store", str(home / "runs.sqlite")]
    )
    found = re.search("kept as run ([0-9a-f]{12})", done.stderr)
    assert found is not None, done.output
    return found[1]


def _cut_off(home: Path) -> str:
    """The id of a bootstrap of which 8 resamples are finished."""
    resampled("tree", home / "runs.sqlite")
    with closing(sqlite3.connect(home / "runs.sqlite")) as file:
        ((run,),) = file.execute("SELECT id FROM runs WHERE kind = 'bootstrap'").fetchall()
        file.execute("DELETE FROM chunks WHERE run = ? AND chunk >= 2", (run,))
        command = "foedus estimate m.yaml d.csv"
        file.execute("UPDATE runs SET finished = NULL, command = ? WHERE id = ?", (command, run))
        file.commit()
    return str(run)


@dataclass(frozen=True)
class Place:
    """A studio, and the ids of what its store has."""

    studio: Studio
    page: str
    bare: str
    cut: str


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Estimates only: one with a page, one without, and a bootstrap that was cut off."""
    home = tmp_path_factory.mktemp("estimates")
    page = _kept(home, "--bootstrap", "20", "-o", str(home / "page"))
    bare = _kept(home, "--profile", "1.war:power")
    running = Studio(home, str(BORDER))
    yield Place(running, page, bare, _cut_off(home))
    running.stop()


@pytest.fixture
def client(place: Place) -> Iterator[httpx.Client]:
    """Somebody whom the studio has let in."""
    own = {"origin": place.studio.base}  # a solver that starts takes its time
    with httpx.Client(base_url=place.studio.base, headers=own, timeout=90) as found:
        token = place.studio.fresh.split("token=")[1]
        assert found.get("/enter", params={"token": token}).status_code == 200
        yield found


def test_estimates_are_listed_with_what_they_are(place: Place, client: httpx.Client) -> None:
    runs = {run["id"]: run for run in client.get("/api/runs").json()["runs"]}
    assert [run["kind"] for run in runs.values()] == ["bootstrap", "estimate", "estimate"]
    fit = estimate(
        read_model(place.studio.home / "model.yaml").model, place.studio.home / "crises.csv"
    )
    about = runs[place.page]["about"]
    assert about["log_likelihood"] == pytest.approx(fit.llf, rel=1e-12)
    assert (about["observations"], about["resamples"]) == (200, 20)
    assert about["page"]["kept"] is True
    assert runs[place.bare]["about"]["page"] is None
    assert (runs[place.cut]["done"], runs[place.cut]["chunks"]) == (2, 6)
    one = client.get(f"/api/runs/{place.page}").json()
    assert one["source"] == MODEL
    assert one["estimate"]["names"] == list(fit.names)


def test_the_page_is_for_who_has_a_desk_and_nothing_else_is_served(
    place: Place, client: httpx.Client, own_studio: Callable[..., Studio]
) -> None:
    run, home = place.page, place.studio.home
    state = client.post(f"/api/runs/{run}/briefing", json={}).json()
    for _ in range(900):
        if state["status"] == "ready":
            break
        time.sleep(0.1)
        state = client.get(f"/api/runs/{run}/briefing").json()
    assert state["address"] == f"/briefings/{run}/"
    for file in (home / "page").rglob("*.*"):
        if file.is_file():
            served = client.get(f"/briefings/{run}/{file.relative_to(home / 'page').as_posix()}")
            assert served.content == file.read_bytes()
    page = client.get(state["address"])
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "script" not in policy
    assert page.headers["x-content-type-options"] == "nosniff"
    (folder,) = (home / "studio" / "briefings").glob(f"{run}-*")
    (folder / "away.html").symlink_to(home / "studio" / "keys.json")
    for name in ("away.html", "..%2F..%2Fkeys.json", "%2e%2e/%2e%2e/keys.json", "no.html"):
        assert client.get(f"/briefings/{run}/{name}").status_code == 404
    elsewhere = {"sec-fetch-site": "same-site"}
    assert client.get(state["address"], headers=elsewhere).status_code == 403

    (name,) = client.cookies
    other = own_studio(str(BORDER))
    with httpx.Client(base_url=other.base) as theirs:
        theirs.get("/enter", params={"token": other.fresh.split("token=")[1]})
        (cookie,) = theirs.cookies.values()
        assert theirs.get(state["address"]).status_code == 404
    for value in (cookie, "0" * len(cookie), ""):
        with httpx.Client(base_url=place.studio.base, cookies={name: value}) as stranger:
            for path in (state["address"], "/api/runs", f"/api/runs/{run}"):
                assert stranger.get(path).status_code == 401
            asked = stranger.post(
                f"/api/runs/{run}/coefficients", json={}, headers={"origin": place.studio.base}
            )
            assert asked.status_code == 401


def test_questions_about_other_runs_are_answered_in_words(
    place: Place, client: httpx.Client
) -> None:
    for run, said in (("0" * 12, "there is no run"), ("..", ""), ("x" * 500, "there is no run")):
        answer = client.post(f"/api/runs/{run}/coefficients", json={})
        assert answer.status_code in (404, 405, 422)
        assert said in answer.text
    wide = client.post(f"/api/runs/{place.bare}/coefficients", json={"width": 10**9})
    assert wide.json()["figures"][0]["spec"]["width"] == 1000
    assert (
        client.post(f"/api/runs/{place.bare}/coefficients", json={"width": "a"}).status_code == 422
    )


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)], ids=str)
def test_an_estimate_opens_its_table_and_its_figure(
    place: Place, visit: Visit, violations: Callable[[Any], list[str]], scheme: str, width: int
) -> None:
    page = visit(
        place.studio, "/runs", color_scheme=scheme, viewport={"width": width, "height": 780}
    )
    page.wait_for_selector("table.runs")
    assert page.locator(".notice").count() == 0
    assert "200 observations, 20 resamples" in page.inner_text(f"[data-run='{place.page}']")
    assert violations(page) == []
    assert not page.evaluate(SIDEWAYS)
    # By keyboard: the focus goes into the panel and comes back.
    link = f"[data-run='{place.page}'] button.link"
    page.focus(link)
    page.keyboard.press("Enter")
    page.wait_for_selector("#side figure[data-drawn=yes]", timeout=PATIENCE)
    assert page.evaluate("document.activeElement.textContent") == f"Run {place.page}"
    assert "Crises <b>& trade</b>" in page.inner_text("#side")
    one = page.evaluate("id => fetch(`/api/runs/${id}`).then(r => r.json())", place.page)
    table = page.locator("#side table.coefficients").first
    assert table.locator("tbody tr:has(td)").count() == len(one["estimate"]["names"])
    power = one["estimate"]["parameters"]["1.war:power"]
    row = table.locator("tbody", has=page.locator("th:text-is('1.war')")).locator("tr").nth(1)
    assert row.locator("td").first.inner_text() == f"{power['estimate']:.3g}"
    low, high = power["interval"]
    assert row.locator("td").nth(1).inner_text() == f"{low:.3g} to {high:.3g}"
    assert "20 case resamples: 0 failed" in page.inner_text("#side")
    drawn = page.evaluate("document.querySelector('#side .drawing svg').getBoundingClientRect()")
    assert drawn["right"] <= width
    assert violations(page) == []
    assert not page.evaluate(SIDEWAYS)
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.textContent") == place.page


def test_the_page_of_an_estimate_opens(place: Place, visit: Visit) -> None:
    page = visit(place.studio, "/runs")
    page.click(f"[data-run='{place.page}'] [data-open]")
    page.wait_for_url(f"**/briefings/{place.page}/", timeout=PATIENCE)
    assert page.inner_text("h1") == "Crises <b>& trade</b>"
    assert page.evaluate("[...document.styleSheets].some(s => s.cssRules.length > 20)")
    assert page.locator("svg").count() > 0
    page.goto(f"{place.studio.base}/runs#{place.bare}")
    page.wait_for_selector("#side p:has-text('No page is kept with it')")
    assert page.locator("#side [data-open]").count() == 0
    assert "Profile likelihoods" in page.inner_text("#side")


def test_a_bootstrap_says_how_far_it_is_and_what_goes_on(
    place: Place, visit: Visit, violations: Callable[[Any], list[str]]
) -> None:
    page = visit(place.studio, "/runs")
    page.wait_for_selector(f"[data-run='{place.cut}']:has-text('33 %')")
    assert "not finished: its command goes on" in page.inner_text(f"[data-run='{place.cut}']")
    page.click(f"[data-run='{place.cut}'] button.link")
    page.wait_for_selector("#side caption:has-text('8 case resamples')", timeout=PATIENCE)
    assert "33 % of its resamples" in page.inner_text("#resamples")
    assert page.inner_text("#side pre") == "foedus estimate m.yaml d.csv"
    assert violations(page) == []


def test_two_estimates_stand_side_by_side(place: Place, visit: Visit) -> None:
    page = visit(place.studio, "/runs")
    for run in (place.page, place.bare):
        page.check(f"[data-run='{run}'] input")
    page.click("#compare")
    page.wait_for_selector("#side table.coefficients")
    assert page.locator("#side table.coefficients").count() == 2
    assert "profiles.0" in page.inner_text("#side")


def test_a_damaged_entry_says_so(
    visit: Visit, own_studio: Callable[..., Studio], tmp_path: Path
) -> None:
    run = _kept(tmp_path, "-o", str(tmp_path / "page"))
    with closing(sqlite3.connect(tmp_path / "runs.sqlite")) as file:
        file.execute("UPDATE chunks SET result = substr(result, 1, 900) || x'00'")
        file.commit()
    page = visit(own_studio(str(BORDER)), "/runs")
    page.click(f"[data-run='{run}'] [data-open]")
    page.wait_for_selector(".briefing .refused:has-text('is damaged')", timeout=PATIENCE)
    # The process is awake now, so that its answer may overtake the one that it was asked.
    for _ in range(8):
        page.click(f"[data-run='{run}'] [data-open]")
        until(page, "!document.querySelector('[data-open]').disabled")
    assert page.locator(".briefing[data-status=failed]").count() == 1
    page.click(f"[data-run='{run}'] button.link")
    page.wait_for_selector("#side .figures .refused:has-text('is damaged')", timeout=PATIENCE)
    assert page.locator("#side table.coefficients tbody").count() > 0


def test_a_page_that_cannot_be_written_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = _kept(tmp_path, "-o", str(tmp_path / "page"))
    payload = {"store": str(tmp_path / "runs.sqlite"), "run": run, "folder": str(tmp_path / "out")}
    assert written(payload, lambda _: None)["files"] > 10
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("mine")
    with pytest.raises(BriefingError, match="something else"):
        written({**payload, "folder": str(tmp_path / "mine")}, lambda _: None)
    monkeypatch.setattr(packing, "UNPACKED", 1000)
    with pytest.raises(BriefingError, match="are the most"):
        written({**payload, "folder": str(tmp_path / "large")}, lambda _: None)
    assert not (tmp_path / "large").exists()
    without = _kept(tmp_path, "--seed", "5")
    with pytest.raises(QueryError, match="it was made without -o"):
        written({**payload, "run": without}, lambda _: None)


def test_the_server_loads_no_numerics_for_this() -> None:
    code = (
        "import sys, foedus.studio.app, foedus.studio.estimates, foedus.cli.studio_briefing\n"
        "print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert "starlette" in loaded
    assert loaded & {"jax", "numpy", "scipy", "pandas", "xarray"} == set()
