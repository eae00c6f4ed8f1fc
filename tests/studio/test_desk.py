"""Keys, documents and what is remembered: kept on disk, bounded, and never overwritten unawares."""

from __future__ import annotations

from pathlib import Path

import pytest

from foedus.errors import QueryError
from foedus.studio.access import LIFETIME, TRIES, WINDOW, Access
from foedus.studio.app import listen
from foedus.studio.cases import Memory
from foedus.studio.desk import Desks
from foedus.studio.documents import Conflict, Documents, Missing, TooLarge, TooMuch
from foedus.studio.settings import Settings


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def _access(folder: Path, clock: Clock, password: str | None = None, most: int = 500) -> Access:
    return Access(
        file=folder / "keys.json",
        password=password,
        announce=lambda _: None,
        most=most,
        now=clock,
    )


def test_a_token_opens_once_and_its_cookie_survives_a_restart(tmp_path: Path) -> None:
    clock = Clock()
    access = _access(tmp_path, clock)
    token = access.token
    assert access.enter("wrong") is None
    opened = access.enter(token)
    assert opened is not None
    assert access.enter(token) is None
    cookie, desk = opened
    again = _access(tmp_path, clock)
    assert again.desk(cookie) == desk
    assert again.desk("x") is None
    assert again.desk(None) is None
    clock.now += LIFETIME + 1
    assert again.desk(cookie) is None


def test_passwords_are_not_guessed(tmp_path: Path) -> None:
    clock = Clock()
    access = _access(tmp_path, clock, password="correct horse battery")
    assert access.log_in("correct horse battery") is not None
    for _ in range(TRIES):
        assert access.log_in("wrong") is None
    assert access.log_in("correct horse battery") is None
    clock.now += WINDOW + 1
    assert access.log_in("correct horse battery") is not None
    assert _access(tmp_path, clock).log_in("") is None


def test_the_oldest_keys_go_first(tmp_path: Path) -> None:
    clock = Clock()
    access = _access(tmp_path, clock, most=3)
    cookies = []
    for _ in range(5):
        clock.now += 10
        opened = access.enter(access.token)
        assert opened is not None
        cookies.append(opened[0])
    assert [access.desk(cookie) is not None for cookie in cookies] == [False] * 2 + [True] * 3


def test_a_document_is_changed_only_from_its_last_revision(tmp_path: Path) -> None:
    documents = Documents(tmp_path, 5, 1000)
    made = documents.add("A Name!", "one")
    assert made.name == "a-name"
    two = documents.write("a-name", "two", base=1, tab="x")
    assert (two.revision, two.tab) == (2, "x")
    with pytest.raises(Conflict) as conflict:
        documents.write("a-name", "other", base=1)
    assert conflict.value.current.text == "two"
    assert documents.write("a-name", "two", base=1).revision == 2
    assert documents.add("a name", "x").name == "a-name-2"
    with pytest.raises(TooLarge):
        documents.write("a-name", "x" * 1001, base=2)
    for _ in range(3):
        documents.add("more", "x")
    with pytest.raises(TooMuch, match="holds 5 documents"):
        documents.add("more", "x")


def test_a_library_scenario_is_itself_until_it_is_changed(tmp_path: Path) -> None:
    documents = Documents(tmp_path, 5, 1_000_000)
    kept = documents.get("baltic-tripwire")
    assert (kept.revision, kept.origin) == (0, "library")
    changed = documents.write("baltic-tripwire", "mine", base=0)
    assert documents.get("baltic-tripwire") == changed
    documents.remove("baltic-tripwire")
    assert documents.get("baltic-tripwire") == kept
    with pytest.raises(Missing):
        documents.get("../../keys")


def test_a_file_is_saved_unless_it_has_changed(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("one")
    documents = Documents(tmp_path / "desk", 5, 1000)
    opened = documents.opened(file)
    assert documents.opened(file) == opened
    documents.write(opened.name, "two", base=1)
    documents.save(opened.name)
    assert file.read_text() == "two"
    file.write_text("somebody else's")
    documents.write(opened.name, "three", base=2)
    with pytest.raises(Conflict, match="another program"):
        documents.save(opened.name)
    assert file.read_text() == "somebody else's"
    with pytest.raises(Missing, match="no file"):
        documents.save(documents.add("b", "x").name)


def test_damaged_files_are_left_out(tmp_path: Path) -> None:
    documents = Documents(tmp_path, 5, 1000)
    documents.add("a", "one")
    (tmp_path / "b.json").write_text("{")
    (tmp_path / "c.json").write_text('{"name": "c"}')
    assert [one.name for one in documents.all()] == ["a"]


def test_desks_are_apart(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, store=tmp_path / "runs.sqlite")
    desks = Desks(settings)
    one, two = desks.desk("0" * 16), desks.desk("1" * 16)
    game = one.put("games", {"x": 1})
    assert one.thing("games", game["id"])["x"] == 1
    with pytest.raises(Missing):
        two.thing("games", game["id"])
    assert one.store == two.store == tmp_path / "runs.sqlite"
    others = Desks(Settings(home=tmp_path, store=tmp_path / "r", host="0.0.0.0", password="p"))
    assert others.desk("0" * 16).store != others.desk("1" * 16).store
    with pytest.raises(Missing):
        one.thing("games", "../b")


def test_memory_is_bounded_and_keeps_what_was_used_last() -> None:
    made: list[str] = []

    def make(name: str) -> str:
        made.append(name)
        return name

    memory = Memory(3, lambda _: 1)
    for name in "abcabdabcd":
        assert memory.get(name, lambda name=name: make(name)) == name  # type: ignore[misc]
    assert made == [*"abcd", "c", "d"]
    assert memory.held == 3


def test_other_machines_need_a_password(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, store=tmp_path / "r", host="0.0.0.0")
    with pytest.raises(QueryError, match="FOEDUS_STUDIO_PASSWORD"):
        listen(settings)
