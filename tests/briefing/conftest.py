"""Makes this folder's modules importable by its tests, and finds a browser."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium, from FOEDUS_CHROMIUM or the system; the test skips where there is none."""
    place = os.environ.get("FOEDUS_CHROMIUM") or shutil.which("chromium")
    if not place or not Path(place).exists():
        pytest.skip("there is no Chromium; FOEDUS_CHROMIUM says where one is")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=place, args=ARGUMENTS)
        yield opened
        opened.close()
