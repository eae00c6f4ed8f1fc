"""Settings shared by all tests: double precision, bounded random examples, no silent skips."""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import jax
import pytest
from hypothesis import HealthCheck, settings

jax.config.update("jax_enable_x64", True)

# Compilation makes the first example slow whatever it is, so deadlines mean nothing here.
settings.register_profile(
    "foedus",
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "explore", parent=settings.get_profile("foedus"), max_examples=500, derandomize=False
)
settings.load_profile("foedus")


# Rooms whose files take longest come first, so that no process waits for another at the end.
LONGEST = ("flow", "studio", "briefing", "cli", "findings")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def rank(item: pytest.Item) -> int:
        room = item.nodeid.split("/")[1] if item.nodeid.startswith("tests/") else ""
        return LONGEST.index(room) if room in LONGEST else len(LONGEST)

    items.sort(key=rank)


@pytest.fixture(autouse=True, scope="session")
def _nobody_s_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep what tests run out of the user's own run store."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FOEDUS_STORE", str(tmp_path_factory.mktemp("store") / "runs.sqlite"))
        yield


CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium, from FOEDUS_CHROMIUM or the system; the test skips where there is none.

    One for all tests of a process: Playwright runs only once in a thread.
    """
    place = os.environ.get("FOEDUS_CHROMIUM") or shutil.which("chromium")
    if not place or not Path(place).exists():
        pytest.skip("there is no Chromium; FOEDUS_CHROMIUM says where one is")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=place, args=CHROMIUM)
        yield opened
        opened.close()


NO_SKIP = os.environ.get("FOEDUS_NO_SKIP") == "1"


def _refuse(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Turn a skip into a failure; an expected failure also reports as skipped and stays."""
    if NO_SKIP and report.outcome == "skipped" and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"FOEDUS_NO_SKIP is set, but this was skipped: {report.longrepr}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _refuse(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _refuse(report)
    return report
