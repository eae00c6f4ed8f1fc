"""Briefings in the studio: written once, a few at most, stopped; and nothing else is served."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from served import BORDER as HERE  # noqa: F401  the folder is on the path, also in processes

from foedus.studio.briefings import Briefings
from foedus.studio.desk import Desk, Desks
from foedus.studio.documents import Missing
from foedus.studio.events import Events
from foedus.studio.process import Child
from foedus.studio.settings import Settings

RUNS = [f"{digit}" * 12 for digit in range(5)]


@pytest.fixture(autouse=True)
def _importable(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = str(Path(__file__).parent)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([folder, os.environ.get("PYTHONPATH", "")]))


def _desk(home: Path, seconds: float = 0, name: str = "0" * 16) -> Desk:
    """A desk whose briefings take so long."""
    return Desks(Settings(home=home, store=home / f"{seconds}.sqlite")).desk(name)


def _tell(story: Callable[[Briefings, list[Any]], Awaitable[None]], most: int = 20) -> None:
    """In a thread of its own: Playwright keeps a loop in this one."""
    heard: list[Any] = []

    class Heard(Events):
        def tell(self, desk: str, kind: str, content: Any) -> None:
            heard.append((desk, content))

    async def bounded() -> None:
        briefings = Briefings(Child("work", None), Heard(1), most)
        try:
            await asyncio.wait_for(story(briefings, heard), 90)
        finally:
            await briefings.close()

    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, bounded()).result()


async def _until(briefings: Briefings, desk: Desk, run: str, status: str) -> dict[str, Any]:
    for _ in range(900):
        found = briefings.state(desk, run)
        if found["status"] == status:
            return found
        await asyncio.sleep(0.05)
    raise AssertionError(found)


def test_a_briefing_is_written_once_and_told_of(tmp_path: Path) -> None:
    one, two = _desk(tmp_path), _desk(tmp_path, name="1" * 16)

    async def story(briefings: Briefings, heard: list[Any]) -> None:
        assert briefings.state(one, RUNS[0]) == {"run": RUNS[0], "status": "none"}
        assert briefings.write(one, RUNS[0])["status"] == "writing"
        briefings.write(two, RUNS[0])
        found = await _until(briefings, one, RUNS[0], "ready")
        assert found["address"] == f"/briefings/{RUNS[0]}/"
        assert {desk for desk, said in heard if said["status"] == "ready"} == {one.id, two.id}
        assert {"doing": "writing", "done": 1, "total": 2}.items() <= dict(heard[2][1]).items()
        page = briefings.file(one, RUNS[0], "")
        written = page.stat().st_mtime_ns
        assert briefings.write(two, RUNS[0])["status"] == "ready"
        assert page.read_text() == RUNS[0]
        assert page.stat().st_mtime_ns == written

    _tell(story)


def test_what_was_read_longest_ago_goes_first(tmp_path: Path) -> None:
    desk = _desk(tmp_path)

    async def story(briefings: Briefings, heard: list[Any]) -> None:
        (desk.briefings / ".cut off.part").mkdir(parents=True)
        for age, run in enumerate(RUNS):
            briefings.write(desk, run)
            await _until(briefings, desk, run, "ready")
            os.utime(briefings.file(desk, run, "").parent, (age, age))
            briefings.file(desk, RUNS[0], "")  # read again every time
        kept = [run for run in RUNS if briefings.state(desk, run)["status"] == "ready"]
        assert kept == [RUNS[0], *RUNS[-2:]]
        assert len(list(desk.briefings.iterdir())) == 3

    _tell(story, most=3)


def test_writing_is_stopped_and_what_waits_comes_next(tmp_path: Path) -> None:
    slow, quick = _desk(tmp_path, 60), _desk(tmp_path, 0)

    async def story(briefings: Briefings, heard: list[Any]) -> None:
        briefings.write(slow, RUNS[0])
        briefings.write(quick, RUNS[1])
        briefings.write(quick, RUNS[2])
        assert briefings.stop(quick, RUNS[2])["status"] == "none"
        while not heard:
            await asyncio.sleep(0.05)
        briefings.stop(slow, RUNS[0])
        await _until(briefings, quick, RUNS[1], "ready")
        assert briefings.state(slow, RUNS[0])["status"] == "none"
        assert briefings.state(quick, RUNS[2])["status"] == "none"

    _tell(story)


def test_a_run_without_findings_says_so(tmp_path: Path) -> None:
    desk, run = _desk(tmp_path), "bad" * 4

    async def story(briefings: Briefings, heard: list[Any]) -> None:
        briefings.write(desk, run)
        await _until(briefings, desk, run, "none")
        await asyncio.sleep(0)
        assert heard[-1][1] == {"run": run, "status": "failed", "error": "the run is not finished"}

    _tell(story)


def test_only_the_files_of_a_briefing_are_served(tmp_path: Path) -> None:
    desk = _desk(tmp_path)
    other = Desks(Settings(home=tmp_path, store=tmp_path / "r", host="0.0.0.0", password="p"))
    (tmp_path / "keys.json").write_text("secret")

    async def story(briefings: Briefings, heard: list[Any]) -> None:
        briefings.write(desk, RUNS[0])
        await _until(briefings, desk, RUNS[0], "ready")
        folder = briefings.file(desk, RUNS[0], "index.html").parent
        (folder / "link.html").symlink_to(tmp_path / "keys.json")
        (folder / "up").symlink_to(tmp_path)
        (folder / "same.html").symlink_to(folder / "index.html")
        outside = ("../../keys.json", "link.html", "up/keys.json", "same.html", "a/../index.html")
        for name in (*outside, str(tmp_path / "keys.json"), ".", "a\0b", "no.html", "x" * 5000):
            with pytest.raises(Missing):
                briefings.file(desk, RUNS[0], name)
        for run in ("../desks", "..", RUNS[0] + "0", ""):
            with pytest.raises(Missing):
                briefings.file(desk, run, "index.html")
        with pytest.raises(Missing):
            briefings.file(other.desk("1" * 16), RUNS[0], "index.html")

    _tell(story)
