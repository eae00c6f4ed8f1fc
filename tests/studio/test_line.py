"""The line before the solvers: the newest counts, each in turn, and nothing runs for ever."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from served import BORDER as HERE  # noqa: F401  the folder is on the path, also in processes

from foedus.studio.documents import TooMuch
from foedus.studio.line import Line, Superseded
from foedus.studio.process import Child, Ended, Failed, Refused
from foedus.studio.settings import MB, Limits

WORK = "work"


@pytest.fixture(autouse=True)
def _importable(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = str(Path(__file__).parent)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([folder, os.environ.get("PYTHONPATH", "")]))


@asynccontextmanager
async def _line(n: int = 1, **limits: Any) -> AsyncIterator[Line]:
    line = Line([Child(WORK, None) for _ in range(n)], Limits(**limits))
    line.open()
    yield line
    await line.close()


def _run(story: Callable[[], Awaitable[None]]) -> None:
    """In a thread of its own: Playwright keeps a loop in this one."""

    async def bounded() -> None:
        await asyncio.wait_for(story(), 60)

    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, bounded()).result()


def test_answers_refusals_and_mistakes_come_back_as_what_they_are() -> None:
    async def story() -> None:
        async with _line() as line:
            notes: list[Any] = []
            assert (await line.ask(("a",), "echo", 7))["said"] == 7
            assert (await line.ask(("a",), "wait", 0.01, notes.append))["waited"] == 0.01
            assert notes == ["waiting"]
            with pytest.raises(Refused, match="no such thing"):
                await line.ask(("a",), "refuse", None)
            with pytest.raises(Failed, match="ZeroDivisionError: a mistake"):
                await line.ask(("a",), "fail", None)
            with pytest.raises(Ended):
                await line.ask(("a",), "die", None)
            assert (await line.ask(("a",), "echo", 8))["said"] == 8

    _run(story)


def test_only_the_newest_of_a_place_waits_and_others_have_their_turn() -> None:
    async def story() -> None:
        async with _line() as line:
            busy = asyncio.create_task(line.ask(("a", "1"), "wait", 0.4))
            await asyncio.sleep(0.1)
            old = [asyncio.create_task(line.ask(("a", "1"), "echo", i)) for i in range(5)]
            other = asyncio.create_task(line.ask(("b", "1"), "echo", "b"))
            *passed, last = await asyncio.gather(*old, return_exceptions=True)
            assert all(isinstance(one, Superseded) for one in passed)
            assert last["said"] == 4
            assert (await other)["said"] == "b"
            assert (await busy)["waited"] == 0.4

    _run(story)


def test_who_is_not_being_answered_comes_first() -> None:
    async def story() -> None:
        async with _line(2) as line:
            await asyncio.gather(line.ask(("w", "1"), "echo", 0), line.ask(("v", "1"), "echo", 0))
            order: list[str] = []

            async def asked(desk: str, tab: str, seconds: float) -> None:
                await line.ask((desk, tab), "wait", seconds)
                order.append(desk + tab)

            many = [asyncio.create_task(asked("a", str(i), 0.3)) for i in range(4)]
            await asyncio.sleep(0.1)
            await asyncio.gather(asked("b", "0", 0.0), *many)
            assert order.index("b0") <= 2

    _run(story)


def test_what_is_stopped_ends_at_once_and_leaves_others_alone() -> None:
    async def story() -> None:
        async with _line() as line:
            pid = (await line.ask(("a",), "echo", 0))["pid"]
            slow = asyncio.create_task(line.ask(("a", "1"), "wait", 30))
            mine = asyncio.create_task(line.ask(("a", "2"), "echo", 1))
            other = asyncio.create_task(line.ask(("b", "1"), "echo", 2))
            await asyncio.sleep(0.2)
            begun = time.monotonic()
            assert line.cancel(("a",)) == 2
            for task in (slow, mine):
                with pytest.raises(Ended, match="stopped"):
                    await task
            answer = await other
            assert answer["said"] == 2
            assert answer["pid"] != pid
            assert time.monotonic() - begun < 5

    _run(story)


def test_time_and_memory_are_bounded() -> None:
    async def story() -> None:
        async with _line(seconds=6) as line:
            with pytest.raises(Ended, match=r"longer than 6 seconds"):
                await line.ask(("a",), "wait", 30)
            assert (await line.ask(("a",), "echo", 1))["said"] == 1
        async with _line(memory=400 * MB) as line:
            with pytest.raises(Ended, match="more memory"):
                await line.ask(("a",), "hold", 800 * MB)

    _run(story)


def test_a_process_that_holds_much_is_replaced_when_it_is_idle() -> None:
    async def story() -> None:
        async with _line(memory=400 * MB) as line:
            little = [(await line.ask(("a",), "keep", 50 * MB))["pid"] for _ in range(2)]
            much = (await line.ask(("a",), "keep", 150 * MB))["pid"]
            fresh = (await line.ask(("a",), "echo", 1))["pid"]
            assert {*little} == {much} != {fresh}

    _run(story)


def test_the_line_has_an_end() -> None:
    async def story() -> None:
        async with _line(waiting=2) as line:
            tasks = [asyncio.create_task(line.ask((str(i),), "wait", 0.3)) for i in range(6)]
            found = await asyncio.gather(*tasks, return_exceptions=True)
            assert any(isinstance(one, TooMuch) for one in found)
            assert any(isinstance(one, dict) for one in found)

    _run(story)
