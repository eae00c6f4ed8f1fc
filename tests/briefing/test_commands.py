"""`foedus brief` and `foedus publish` as people type them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from scenarios import USUAL, text

from foedus.cli.main import main

QUICK = ["--draws", "32", "--checks", "4", "--quick"]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a scenario, assessed and briefed once."""
    found = tmp_path_factory.mktemp("commands")
    (found / "choice.yaml").write_text(text(USUAL))
    made = run(found, "brief", str(found / "choice.yaml"), "-o", str(found / "briefing"), *QUICK)
    assert made.exit_code == 0, made.output
    return found


def run(place: Path, *words: str) -> Result:
    store = {"FOEDUS_STORE": str(place / "runs.sqlite")}
    return CliRunner(env=store).invoke(main, list(words))


def test_a_kept_run_is_written_about_without_solving(place: Path) -> None:
    made = run(place, "brief", str(place / "choice.yaml"), "-o", str(place / "again"), "--json")
    found = json.loads(made.stdout)
    assert Path(found["index"]).is_file()
    first, again = (
        {path.relative_to(place / name): path.read_bytes() for path in (place / name).rglob("*.*")}
        for name in ("briefing", "again")
    )
    assert first == again


def test_a_kept_run_needs_no_scenario(place: Path) -> None:
    manifest = json.loads((place / "briefing" / "briefing.json").read_text())
    made = run(place, "brief", "--run", manifest["run"][:6], "-o", str(place / "of a run"))
    assert made.exit_code == 0, made.output
    assert json.loads((place / "of a run" / "briefing.json").read_text()) == manifest
    assert run(place, "brief", "-o", str(place / "of nothing")).exit_code == 2


def test_no_folder_of_the_author_stands_in_a_briefing(place: Path) -> None:
    for path in (place / "briefing").rglob("*.*"):
        assert str(place).encode() not in path.read_bytes(), path


def test_a_run_and_settings_exclude_each_other(place: Path) -> None:
    made = run(place, "brief", str(place / "choice.yaml"), "--run", "ab", *QUICK, "-o", "x")
    assert made.exit_code == 2
    assert "--draws is not" in made.stderr


def test_a_folder_of_others_is_refused_before_anything_is_solved(place: Path) -> None:
    (place / "others").mkdir()
    (place / "others" / "file").write_text("x")
    made = run(place, "brief", str(place / "choice.yaml"), "-o", str(place / "others"))
    assert made.exit_code == 3
    assert "left as it is" in made.stderr


@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
def test_publishing_says_what_it_did_and_announces_nothing_by_itself(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = place / "site"
    site.mkdir()
    (site / "site.toml").write_text('base_url = "https://example.org"\n')
    networks = place / "networks.toml"
    networks.write_text('[mastodon]\nurl_from = "MASTODON_URL"\n')
    words = ["publish", str(place / "briefing"), "--site", str(site)]
    made = run(place, *words)
    assert made.exit_code == 0, made.output
    assert "A choice is new" in made.stdout
    monkeypatch.delenv("MASTODON_URL", raising=False)
    made = run(place, *words, "--announce", str(networks))
    assert made.exit_code == 3
    assert "MASTODON_URL is not set" in made.stderr
    monkeypatch.setenv("MASTODON_URL", "mastodon://token@127.0.0.1:9")
    made = run(place, *words, "--announce", str(networks))
    assert made.exit_code == 0, made.output
    assert "would send" in made.stdout
    assert "A dry run" in made.stdout
    assert "token" not in made.stdout
    assert run(place, *words, "--send").exit_code == 2
