"""Takes the pictures of the studio in the how-to page: `python docs/screenshots.py`.

Needs Chromium, from FOEDUS_CHROMIUM or the system. Everything is made afresh in a temporary
folder, so the pictures show what the code does now.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

PICTURES = Path(__file__).parent / "how-to" / "images"
COMMAND = "from foedus.cli.main import main; main()"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-component-update", "--no-first-run"]
SIZE = {"width": 1180, "height": 760}
TALL = {"width": 1180, "height": 1040}
PHONE = {"width": 360, "height": 940}
PATIENCE = 600_000  # milliseconds


def explore(page: Any, base: str) -> None:
    """Two settings of the flagship side by side."""
    page.goto(f"{base}/explore/us-ukraine-pact#regime=pact&p.sigma=0.8&pin=file")
    page.wait_for_selector(".ladders figure + figure")
    page.wait_for_selector("#certificate.good")
    page.wait_for_timeout(500)
    page.screenshot(path=PICTURES / "studio-explore.png")


def question(page: Any, base: str) -> None:
    """Verdicts over 64 draws."""
    page.goto(f"{base}/question/us-ukraine-pact")
    page.wait_for_selector("#board table")
    page.select_option("#draws", "64")
    page.click("#assess")
    page.wait_for_selector(".assessment[data-status=done]")
    page.evaluate("scrollTo(0, document.getElementById('board').offsetTop - 150)")
    page.wait_for_timeout(300)
    page.screenshot(path=PICTURES / "studio-question.png")


def edit(page: Any, base: str) -> None:
    """A mistake in a scenario, marked and explained."""
    page.goto(f"{base}/edit/baltic-tripwire")
    page.wait_for_selector("#problems.good")
    text = page.input_value("#text")
    at = text.index("    blame: -blame")
    page.focus("#text")
    page.evaluate("at => document.getElementById('text').setSelectionRange(at, at)", at + 17)
    page.keyboard.type("x")
    page.wait_for_selector("#problems.bad")
    page.keyboard.press("Escape")
    page.evaluate("document.querySelector('.problems .link').click()")
    page.wait_for_timeout(500)
    page.screenshot(path=PICTURES / "studio-edit.png")
    page.focus("#text")
    page.keyboard.press("Control+z")
    page.wait_for_selector("#problems.good")
    page.wait_for_selector("#kept.good")


def estimate(page: Any, base: str) -> None:
    """An estimate beside the list of runs."""
    page.set_viewport_size(TALL)
    page.goto(f"{base}/runs")
    page.locator("tr:has-text('200 resamples') button.link").first.click()
    page.wait_for_selector("#side figure[data-drawn=yes]")
    page.wait_for_timeout(300)
    page.screenshot(path=PICTURES / "studio-estimate.png")


def kept(home: Path, environment: dict[str, str]) -> None:
    """Keep two estimates from the data of the how-to page."""
    files = PICTURES.parent / "estimate"
    command = [sys.executable, "-c", COMMAND, "estimate", str(files / "model.yaml"), "crises.csv"]
    subprocess.run([sys.executable, str(files / "crises.py")], check=True, cwd=home)
    for more in (["--errors", "nonrobust"], ["--bootstrap", "200", "-o", "page"]):
        subprocess.run([*command, *more], check=True, cwd=home, env=environment)


def play(page: Any, base: str) -> None:
    """A seat on a phone, with hindsight."""
    page.set_viewport_size(PHONE)
    page.goto(f"{base}/play/baltic-tripwire")
    page.uncheck("#seat-CH")
    page.check("#seat-AL")
    page.fill("#seed", "3")
    page.click("#begin")
    for _ in range(2):
        page.wait_for_selector(".options button:not([disabled])")
        page.click(".options button")
        page.wait_for_timeout(1000)
    page.wait_for_selector(".hindsight")
    page.evaluate("scrollTo(0, 0)")
    page.screenshot(path=PICTURES / "studio-play.png")


def main() -> None:
    """All pictures."""
    PICTURES.mkdir(exist_ok=True)
    place = os.environ.get("FOEDUS_CHROMIUM") or shutil.which("chromium")
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        environment = {**os.environ, "FOEDUS_STORE": f"{home}/runs.sqlite"}
        kept(Path(home), environment)
        server = subprocess.Popen(
            [sys.executable, "-c", COMMAND, "studio", "--no-open", "--port", "0"],
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        try:
            assert server.stdout is not None
            (url,) = re.findall(r"http://\S+", server.stdout.readline())
            browser = playwright.chromium.launch(executable_path=place, args=ARGUMENTS)
            page = browser.new_context(viewport=SIZE).new_page()
            page.set_default_timeout(PATIENCE)
            page.goto(url)
            page.wait_for_selector(".tiles")
            for take in (explore, edit, question, estimate, play):
                take(page, url.split("/enter")[0])
            browser.close()
        finally:
            server.terminate()
            server.wait()


if __name__ == "__main__":
    main()
