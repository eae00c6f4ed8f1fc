"""What was run, in a browser: looked into, two side by side, and its briefing opened."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from served import BORDER, Studio, assess, until

import foedus as fd
from foedus.ensemble import Store
from foedus.findings.reading import latest, read_findings

Visit = Callable[..., Any]
PATIENCE = 90_000


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """A studio with runs of its own."""
    running = Studio(tmp_path_factory.mktemp("runs"), str(BORDER))
    yield running
    running.stop()


def _finished(page: Any, studio: Studio, draws: str) -> str:
    """The id of a finished assessment."""
    assess(page, studio, draws)
    done = f".assessment[data-status=done]:has-text('{draws} draws')"
    page.wait_for_selector(done, timeout=PATIENCE)
    return str(page.locator(f"{done} a").get_attribute("href")).split("#")[1]


def _briefed(page: Any, studio: Studio) -> tuple[str, Path]:
    """The id of a finished assessment whose briefing was opened, and the briefing's folder."""
    run = _finished(page, studio, "64")
    page.goto(f"{studio.base}/runs")
    page.click(f"[data-run='{run}'] [data-open]")
    page.wait_for_url(f"**/briefings/{run}/", timeout=PATIENCE)
    (folder,) = (studio.home / "studio" / "briefings").glob(f"{run}-*")
    return run, folder


def test_two_runs_stand_side_by_side(place: Studio, visit: Visit) -> None:
    page = visit(place)
    one, two = _finished(page, place, "64"), _finished(page, place, "128")
    page.goto(f"{place.base}/runs")
    for run in (one, two):
        page.check(f"[data-run='{run}'] input")
    page.click("#compare")
    page.wait_for_selector("#compared")
    said = page.inner_text("#side")
    assert "samples.draws.n" in said
    assert "The treaty deters" in said
    page.keyboard.press("Escape")
    page.click(f"[data-run='{one}'] .link")
    page.wait_for_selector(f"#side pre:has-text('foedus brief --run {one}')")
    page.click("#side button:has-text('Open its scenario')")
    page.wait_for_url("**/explore/*")
    page.wait_for_selector("h1:has-text('A border')")


def test_the_briefing_of_a_run_opens(place: Studio, visit: Visit) -> None:
    page = visit(place)
    run = _finished(page, place, "64")
    with Store(place.home / "runs.sqlite", readonly=True) as store:
        newest = latest(store, fd.read(BORDER))
        assert newest is not None
        _, findings = read_findings(store, run)
    page.goto(f"{place.base}/runs")
    page.click(f"[data-run='{run}'] [data-open]")
    # While it is written, the page goes on.
    page.wait_for_selector("#all-kinds:not([disabled])")
    page.check("#all-kinds")
    page.wait_for_url(f"**/briefings/{run}/", timeout=PATIENCE)
    assert page.inner_text("h1") == "A border"
    page.click("a[href='claims/deters.html']")
    page.wait_for_url(f"**/briefings/{run}/claims/deters.html")
    assert findings["deters"].finding.verdict.word in page.inner_text("main")
    # It looks as it does from a folder: the sheet and the drawings are let in.
    assert page.evaluate("[...document.styleSheets].some(s => s.cssRules.length > 20)")
    assert page.locator("svg").count() > 0
    written = (place.home / "studio" / "briefings").glob("*/index.html")
    before = [file.stat().st_mtime_ns for file in written]
    page.goto(f"{place.base}/question/border")
    page.click(f"[data-open='{run}']")
    page.wait_for_url(f"**/briefings/{run}/")
    written = (place.home / "studio" / "briefings").glob("*/index.html")
    assert [file.stat().st_mtime_ns for file in written] == before


def test_a_briefing_is_for_who_has_a_desk_and_runs_nothing(place: Studio, visit: Visit) -> None:
    page = visit(place)
    run, folder = _briefed(page, place)
    (folder / "away.html").symlink_to(place.home / "studio" / "keys.json")
    (folder / "script.html").write_text(
        "<title>still</title><script>document.title = 'ran'</script>"
        "<img src=x onerror='document.title = 1'><script src=/static/main.js></script>"
    )
    page.goto(f"{place.base}/briefings/{run}/script.html")
    page.wait_for_timeout(300)
    assert page.title() == "still"

    cookies = {one["name"]: one["value"] for one in page.context.cookies()}
    with httpx.Client(base_url=place.base, cookies=cookies) as client:
        answer = client.get(f"/briefings/{run}/index.html")
        assert answer.status_code == 200
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; ")
        assert "script" not in policy
        assert "connect" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert client.post(f"/briefings/{run}/index.html").status_code in (403, 405)
        for name in ("away.html", "..%2F..%2Fkeys.json", "%2e%2e/%2e%2e/keys.json", "no.html"):
            assert client.get(f"/briefings/{run}/{name}").status_code == 404
        for other in ("..", "000000000000", "%2e%2e"):
            assert client.get(f"/briefings/{other}/keys.json").status_code == 404
        assert client.post(
            f"/api/runs/{'0' * 12}/briefing", json={}, headers={"origin": place.base}
        ).json() == {"run": "0" * 12, "status": "writing"}
        elsewhere = {"sec-fetch-site": "same-site"}
        assert client.get(f"/briefings/{run}/", headers=elsewhere).status_code == 403
    with httpx.Client(base_url=place.base) as stranger:
        assert stranger.get(f"/briefings/{run}/index.html").status_code == 401


def test_a_briefing_that_cannot_be_written_says_why(place: Studio, visit: Visit) -> None:
    page = visit(place)
    run, folder = _briefed(page, place)
    (folder / "briefing.json").unlink()  # now it is somebody else's folder
    page.goto(f"{place.base}/runs")
    page.click(f"[data-run='{run}'] [data-open]")
    page.wait_for_selector(".briefing .refused:has-text('something else')", timeout=PATIENCE)
    until(page, "!document.querySelector('[data-open]').disabled")
