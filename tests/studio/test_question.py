"""Questioning in a browser: assessments watched, stopped and gone on with; claims and ranges."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from served import BORDER, Studio, assess, until

import foedus as fd
from foedus.ensemble import Store
from foedus.findings.reading import latest, read_findings

Visit = Callable[..., Any]


def _shown(page: Any, claim: str) -> tuple[str, str]:
    row = page.locator(f"[data-claim={claim}]")
    return row.locator(".verdict").inner_text(), row.locator(".share .num").inner_text()


def test_an_assessment_shows_the_verdicts_of_its_run(studio: Studio, visit: Visit) -> None:
    page = visit(studio)
    assess(page, studio)
    page.wait_for_selector(".assessment[data-status=done]", timeout=90_000)
    with Store(studio.home / "runs.sqlite", readonly=True) as store:
        run = latest(store, fd.read(BORDER))
        assert run is not None
        _, findings = read_findings(store, run.id)
    for assessed in findings.claims:
        verdict = assessed.finding.verdict
        word, share = _shown(page, assessed.claim.name)
        assert word.endswith(verdict.word)
        assert verdict.share is not None
        assert re.sub(r"\D", "", share) == f"{100 * verdict.share:.0f}" or share[0] in "<>"
    page.click("[data-claim=deters] button")
    page.wait_for_selector("#side .reason")
    assert findings["deters"].finding.sentence in page.inner_text("#side")
    page.click("#see")
    page.wait_for_url("**/explore/border#claim=deters")
    page.wait_for_selector(".claim .verdict")

    # The figures of the briefing, drawn under the page's policy.
    page.goto(f"{studio.base}/question/border")
    page.click("#pictures > summary")
    page.wait_for_selector("[data-figure=verdict-board][data-drawn] svg")
    assert "The treaty deters" in page.text_content("[data-figure=verdict-board] svg")
    page.click("[data-claim=deters] button")
    page.click("#evidence > summary")
    page.wait_for_selector("#side [data-drawn] svg")

    # A claim of one's own, over the same draws.
    page.keyboard.press("Escape")
    page.click("#new-claim")
    page.fill("[name=id]", "mine")
    page.fill("[name=says]", "Ruin is rare")
    page.fill("[name=holds]", "ruin(none) < 0.2")
    page.click("#judge")
    page.wait_for_selector("#judged .verdict")
    base = findings.base
    column = base.values[0, findings.quantities.index("ruin")]
    expected = f"{100 * (column < 0.2).mean():.0f} %"
    assert f"in {expected} of 128 draws" in page.inner_text("#judged")
    page.fill("[name=holds]", "ruin(nowhere) < 0.2")
    page.click("#judge")
    page.wait_for_selector("#judged .refused")
    assert "^" in page.inner_text("#judged")

    # An assumption narrowed: the draws inside are counted, none is solved.
    page.keyboard.press("Escape")
    page.select_option("#doubted", "cost")
    page.focus("#high-cost")
    for _ in range(5):
        page.keyboard.press("PageDown")
    page.wait_for_selector("#moved")
    until(page, "document.getElementById('moved').innerText.includes('of 128 draws')")
    page.wait_for_timeout(300)
    inside = int(page.inner_text("#moved").split()[0])
    assert 0 < inside < 128


def test_an_assessment_is_stopped_and_goes_on_where_it_was(
    own_studio: Callable[..., Studio], visit: Visit
) -> None:
    studio = own_studio(str(BORDER))
    page = visit(studio)
    assess(page, studio, "1000", checks="64")  # long enough to be stopped on a fast machine
    until(
        page,
        "document.querySelector('.assessment [role=progressbar]')?.ariaValueNow > 0",
    )
    page.click(".assessment button:has-text('Stop')")
    page.wait_for_selector(".assessment[data-status=stopped]")
    studio.kill()
    studio.start()
    page.reload()
    page.wait_for_selector(".assessment[data-status=stopped]")
    page.wait_for_selector("#counts:has-text('those so far')")
    page.click(".assessment button:has-text('Go on')")
    page.wait_for_selector(".assessment[data-status=done]", timeout=90_000)
    entry = page.evaluate(
        "fetch('/api/assessments').then(r => r.json()).then(a => fetch('/api/assessments/'"
        " + a.assessments[0].id)).then(r => r.json())"
    )
    assert entry["findings"]["solved"] == 1000
    page.goto(f"{studio.base}/runs")
    page.wait_for_selector(f"[data-run='{entry['findings']['run']}']")
    page.click(f"[data-run='{entry['findings']['run']}'] button")
    page.wait_for_selector("#side:has-text('1000 of 1000 draws count')")


def test_a_claim_is_changed_and_judged_anew(studio: Studio, visit: Visit) -> None:
    page = visit(studio)
    name = page.evaluate(
        "text => fetch('/api/documents', {method: 'POST', body: JSON.stringify("
        "{name: 'changed', text})}).then(r => r.json()).then(d => d.name)",
        BORDER.read_text(),
    )
    assess(page, studio, "64", document=name)
    page.wait_for_selector(".assessment[data-status=done]", timeout=90_000)
    before = _shown(page, "cheap")
    assert before[0].endswith("supported")
    page.click("[data-claim=cheap] button")
    page.click("#side button:has-text('Change it')")
    page.fill("[name=holds]", "war(none) > 0.99")
    page.click("#judge")
    page.wait_for_selector("#judged .verdict:has-text('contradicted')")
    page.click("#add-claim")
    # What was assessed is an older text: the verdict shown is that on the new one, at once.
    page.wait_for_selector("#counts:has-text('has changed since it was assessed')")
    page.wait_for_selector("[data-claim=cheap] .verdict:has-text('contradicted')")
    text = page.evaluate(f"fetch('/api/documents/{name}').then(r => r.json()).then(d => d.text)")
    assert "holds: war(none) > 0.99" in text
    assert "rivals: [deters]" in text
    page.goto(f"{studio.base}/explore/{name}#claim=cheap")
    page.wait_for_selector(".claim a:has-text('Assess it')")


def test_rivals_stand_side_by_side(studio: Studio, visit: Visit) -> None:
    page = visit(studio, "/question/border")
    page.wait_for_selector("#board table")
    page.check("#rivals")
    group = page.locator(".rivals")
    assert group.count() == 1
    assert group.locator("article").count() == 2
