"""Answers of `solve` kept in the run store: found again, never in the way."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import Result

Foedus = Callable[..., Result]


@pytest.fixture
def no_solver(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From this call on nothing can be solved any more."""

    def forbid() -> None:
        def refuse(*_: object) -> None:
            raise AssertionError("solved again")

        monkeypatch.setattr("foedus.cli.solving.Study.solve_all", refuse)

    return forbid


def kept(store: Path) -> list[str]:
    with closing(sqlite3.connect(store)) as file:
        return [row[0] for row in file.execute("SELECT kind FROM runs")]


@pytest.mark.parametrize("form", [[], ["--json"], ["--all"]], ids=["few", "json", "all"])
def test_the_same_question_is_answered_once(
    foedus: Foedus, no_solver: Callable[[], None], store: Path, form: list[str]
) -> None:
    first = foedus("solve", "border.yaml", "--precision", "3", *form)
    assert first.stderr == ""
    assert kept(store) == ["solve"]
    no_solver()
    again = foedus("solve", "border.yaml", "--precision", "3", *form)
    assert again.stdout == first.stdout
    assert again.stderr.startswith("kept from run ")
    assert "--fresh solves again" in again.stderr


def test_a_whole_answer_serves_a_shorter_question(
    foedus: Foedus, folder: Path, no_solver: Callable[[], None]
) -> None:
    text = (folder / "border.yaml").read_text()
    more = "".join(f"  q{i}: {{reach: phase == war, within: 2}}\n" for i in range(12))
    (folder / "border.yaml").write_text(text + more)
    short = foedus("solve", "border.yaml").stdout
    assert "5 quantities not shown" in short
    whole = foedus("solve", "border.yaml", "--json", "--fresh").stdout
    assert len(json.loads(whole)["regimes"]["none"]["quantities"]) == 17
    no_solver()
    assert foedus("solve", "border.yaml").stdout == short
    assert foedus("solve", "border.yaml", "--json").stdout == whole


@pytest.mark.parametrize(
    "change",
    [
        ["--precision", "5"],
        ["--convention", "shock"],
        ["--variant", "patient"],
        ["--set", "cost=0.3"],
        ["--start", "fighting"],
        ["--regime", "treaty"],
        ["--fresh"],
    ],
    ids=" ".join,
)
def test_another_question_is_solved(
    foedus: Foedus, no_solver: Callable[[], None], change: list[str]
) -> None:
    foedus("solve", "border.yaml")
    no_solver()
    with pytest.raises(AssertionError, match="solved again"):
        foedus("solve", "border.yaml", *change)


def test_another_text_is_solved_but_another_comment_is_not(
    foedus: Foedus, folder: Path, no_solver: Callable[[], None]
) -> None:
    first = foedus("solve", "border.yaml").stdout
    text = (folder / "border.yaml").read_text()
    no_solver()
    (folder / "border.yaml").write_text("# a comment\n" + text)
    assert foedus("solve", "border.yaml").stdout == first
    (folder / "border.yaml").write_text(text.replace("discount: 0.9}", "discount: 0.8}", 1))
    with pytest.raises(AssertionError, match="solved again"):
        foedus("solve", "border.yaml")


def test_fresh_replaces_what_is_kept(foedus: Foedus, store: Path) -> None:
    first = foedus("solve", "border.yaml")
    again = foedus("solve", "border.yaml", "--fresh")
    assert (again.stdout, again.stderr) == (first.stdout, "")
    assert kept(store) == ["solve"]


@pytest.mark.parametrize("content", [b"", b"no database\n" * 400], ids=["empty", "damaged"])
def test_a_store_that_cannot_be_used_never_stops_a_solve(
    foedus: Foedus, store: Path, content: bytes
) -> None:
    """An empty file becomes a store. A damaged one is left as it is, with one warning."""
    want = foedus("solve", "border.yaml", "--store", "other.sqlite").stdout
    store.write_bytes(content)
    found = foedus("solve", "border.yaml")
    assert (found.exit_code, found.stdout) == (0, want)
    if content:
        assert found.stderr.count("\n") == 1
        assert "is damaged or is not a run store" in found.stderr
        assert store.read_bytes() == content


def test_a_store_in_a_place_that_cannot_be_made_never_stops_a_solve(foedus: Foedus) -> None:
    found = foedus("solve", "border.yaml", "--store", "border.yaml/runs.sqlite")
    assert found.exit_code == 0
    assert "A border" in found.stdout
    assert found.stderr.startswith("foedus: the answer is not kept: ")
    assert found.stderr.count("\n") == 1


def test_a_damaged_answer_is_solved_again_and_replaced(
    foedus: Foedus, store: Path, no_solver: Callable[[], None]
) -> None:
    first = foedus("solve", "border.yaml").stdout
    with closing(sqlite3.connect(store)) as file:
        file.execute("UPDATE chunks SET result = replace(result, 'A border', 'A BORDER')")
        (count,) = file.execute("SELECT total_changes()").fetchone()
        file.commit()
    assert count == 1
    assert foedus("runs", "verify").exit_code == 3
    again = foedus("solve", "border.yaml")
    assert again.stdout == first
    assert "is damaged" in again.stderr
    no_solver()
    assert foedus("solve", "border.yaml").stdout == first
    assert foedus("runs", "verify").exit_code == 0


def test_somebody_without_a_home_can_solve(foedus: Foedus, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FOEDUS_STORE", "XDG_DATA_HOME", "HOME", "USERPROFILE"):
        monkeypatch.delenv(name, raising=False)
    found = foedus("solve", "border.yaml")
    assert found.exit_code == 0
    assert found.stderr == (
        "foedus: the answer is not kept: there is no place to keep runs: neither HOME nor "
        "XDG_DATA_HOME is set\n"
    )
    assert foedus("runs").exit_code == 3
