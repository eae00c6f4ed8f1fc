"""What a briefing holds, whatever the scenario: safe, whole, and the same bytes every time."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from scenarios import SCRIPT, USUAL, WORST, many, material, text

from foedus.briefing.brief import brief, contents
from foedus.briefing.claims import claim_shown
from foedus.briefing.manifest import NAME
from foedus.briefing.material import Material
from foedus.briefing.methods import METHODS
from foedus.errors import BriefingError
from foedus.findings.portray import portray

CASES = {
    "usual": text(USUAL),
    "worst": text(WORST),
    "no claims": text(USUAL, claims=None),
    "no regimes": text(USUAL, regimes=False, claims=None),
    "sixty claims": text(USUAL, claims=many(60)),
    "one claim": text(USUAL, claims=many(1)),
}


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Material:
    return material(CASES["usual"], tmp_path_factory.mktemp("usual"))


@pytest.fixture(scope="module")
def files(usual: Material) -> dict[str, bytes]:
    return contents(usual)


@pytest.mark.parametrize("case", CASES)
def test_every_case_is_a_whole_and_safe_site(case: str, tmp_path: Path) -> None:
    found = contents(material(CASES[case], tmp_path, draws=32))
    assert {"index.html", "play.html", "certainty.html", "assumptions.html"} <= set(found)
    for name, content in found.items():
        assert re.fullmatch(r"[\w./-]+", name), name
        if not name.endswith(".html"):
            continue
        page = content.decode()
        assert SCRIPT not in page
        assert "<script" not in page
        assert "\x00" not in page
        assert not set("\u202e\u2067") & set(page)
        assert page.count("<h1>") == 1
        assert page.count("<!--publication:top-->") == 1
        for link in re.findall(r'(?:href|src)="([^"#]*)', page):
            assert not link.startswith(("http:", "//", "javascript:")), link


def test_the_same_run_gives_the_same_bytes(usual: Material, files: dict[str, bytes]) -> None:
    assert contents(usual) == files


def test_the_run_stands_on_every_page(usual: Material, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        if name.endswith(".html"):
            assert usual.run.id in content.decode(), name
    assert usual.run.id in files["rerun.txt"].decode()
    assert usual.findings.digest in files["rerun.txt"].decode()


def test_play_over_time_is_shown_with_its_own_run(tmp_path: Path) -> None:
    made = material(CASES["usual"], tmp_path, draws=32)
    portrait = portray(made.scenario, made.findings, draws=8, store=tmp_path / "runs.sqlite")
    shown = Material(
        scenario=made.scenario, findings=made.findings, run=made.run, portrait=portrait
    )
    found = contents(shown)
    assert portrait.run in found["play.html"].decode()
    assert sum(name.startswith("figures/paths") for name in found) > 1
    assert "figures/paths" in found["index.html"].decode()


def test_one_regime_and_one_year_are_told_as_such(tmp_path: Path) -> None:
    made = material(CASES["no regimes"], tmp_path, draws=32)
    portrait = portray(made.scenario, made.findings, draws=8, store=tmp_path / "runs.sqlite")
    found = contents(replace(made, portrait=portrait))
    assert "What each regime changes" not in found["index.html"].decode()
    play = found["play.html"].decode()
    assert "times in 1 year<" in play
    assert "takes all actions equally often" in play


def test_a_claim_stands_beside_its_own_rivals_only(
    usual: Material, files: dict[str, bytes]
) -> None:
    [helps] = [one for one in usual.findings.claims if one.claim.name == "helps"]
    rows = csv.DictReader(io.StringIO(files["figures/rivals-helps.csv"].decode()))
    assert [row["claim"] for row in rows] == ["helps", *helps.claim.rivals]


def test_every_picture_has_its_file_its_data_and_words(files: dict[str, bytes]) -> None:
    drawings = [name for name in files if name.startswith("figures/") and name.endswith(".svg")]
    assert len(drawings) > 5
    for name in drawings:
        drawing = files[name].decode()
        assert "var(" not in drawing
        assert "<title" in drawing
        assert list(csv.reader(io.StringIO(files[name.replace(".svg", ".csv")].decode())))


def test_downloads_say_what_the_pages_say(usual: Material, files: dict[str, bytes]) -> None:
    rows = list(csv.DictReader(io.StringIO(files["data/claims.csv"].decode())))
    found = json.loads(gzip.decompress(files["data/findings.json.gz"]))
    for row, one, kept in zip(rows, usual.findings.claims, found["claims"], strict=True):
        verdict = one.finding.verdict
        assert row["claim"] == kept["id"] == one.claim.name
        assert row["verdict"] == kept["verdict"] == verdict.word
        assert (row["share"] == "") == (verdict.share is None)
        page = files[f"claims/{usual.claim_files[one.claim.name]}.html"].decode()
        assert verdict.word in page
    assert "seconds" not in found


def test_what_is_tested_stands_in_words(usual: Material) -> None:
    shown = claim_shown(usual.findings["helps"], usual)
    words = re.sub(r"<[^>]+>", "", str(shown.asks))
    assert words == (
        "In a draw, Help helps under Help helps is greater than the same under No help by more "
        "than 0.05."
    )
    region = re.sub(r"<[^>]+>", "", str(claim_shown(usual.findings["region"], usual).asks))
    assert region.startswith("Over the draws that count, the share of draws in which Help helps")


def test_a_finding_says_what_it_does_not_say(usual: Material) -> None:
    shown = claim_shown(usual.findings["helps"], usual)
    assert shown.not_said[0] == USUAL["note"]
    assert "not a probability" in shown.not_said[1]
    unheard = claim_shown(usual.findings["unheard"], usual)
    assert unheard.not_said == (
        "Nothing is said for or against it: a question that cannot be asked has no answer.",
    )


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_every_method_has_its_source_in_the_code(method: object) -> None:
    assert re.search(r"\(\d{4}\)", str(method.source))  # type: ignore[attr-defined]


def test_somebody_else_s_folder_is_left_as_it_is(usual: Material, tmp_path: Path) -> None:
    other = tmp_path / "thesis"
    other.mkdir()
    (other / "chapter.txt").write_text("years of work")
    with pytest.raises(BriefingError, match="holds something else"):
        brief(usual, other)
    assert [path.name for path in other.iterdir()] == ["chapter.txt"]
    file = tmp_path / "file"
    file.write_text("x")
    with pytest.raises(BriefingError, match="not a folder"):
        brief(usual, file)


def test_an_older_briefing_is_replaced_whole(usual: Material, tmp_path: Path) -> None:
    folder = tmp_path / "briefing"
    brief(usual, folder)
    (folder / "claims" / "stale.html").write_text("old")
    brief(usual, folder)
    assert not (folder / "claims" / "stale.html").exists()
    assert (folder / NAME).is_file()
    assert [path.name for path in tmp_path.iterdir()] == ["briefing"]
