"""A solve that takes for ever is stopped, and everything else goes on meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from served import BORDER, Studio

Visit = Callable[..., Any]
SLOW = BORDER.read_text().replace("solve: 6", "solve: 10000")


def test_a_slow_solve_is_stopped_and_the_next_one_answers(
    own_studio: Callable[..., Studio], visit: Visit
) -> None:
    studio = own_studio(str(BORDER))
    page = visit(studio, "/explore/border")
    page.wait_for_selector("#certificate.good")
    name = page.evaluate(
        "text => fetch('/api/documents', {method: 'POST', body: JSON.stringify("
        "{name: 'slow', text})}).then(r => r.json()).then(d => d.name)",
        SLOW,
    )
    page.goto(f"{studio.base}/explore/{name}")
    page.wait_for_selector("#stop")
    begun = time.monotonic()
    # While it solves, pages and other questions are answered at once.
    assert page.evaluate("fetch('/api/gallery').then(r => r.status)") == 200
    assert time.monotonic() - begun < 2
    page.click("#stop")
    page.wait_for_selector("#certificate:has-text('stopped')")
    page.goto(f"{studio.base}/explore/border")
    page.wait_for_selector("#certificate.good")
