"""Questions for test processes: quick ones, slow ones, and ones that go wrong."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from foedus.errors import QueryError

KEPT: list[bytearray] = []


def echo(payload: Any, note: Any) -> dict[str, Any]:
    return {"said": payload, "pid": os.getpid()}


def wait(payload: Any, note: Any) -> dict[str, Any]:
    note("waiting")
    time.sleep(payload)
    return {"waited": payload}


def hold(payload: Any, note: Any) -> dict[str, Any]:
    held = bytearray(payload)
    held[::4096] = b"x" * len(held[::4096])
    time.sleep(5)
    return {"held": len(held)}


def keep(payload: Any, note: Any) -> dict[str, Any]:
    """Memory that is never given back."""
    KEPT.append(bytearray(b"x") * payload)
    return {"pid": os.getpid()}


def refuse(payload: Any, note: Any) -> None:
    raise QueryError("no such thing")


def fail(payload: Any, note: Any) -> None:
    raise ZeroDivisionError("a mistake")


def die(payload: Any, note: Any) -> None:
    os._exit(3)


def brief(payload: Any, note: Any) -> dict[str, Any]:
    """A briefing of one page, which takes as long as `store` is named."""
    note({"doing": "writing", "done": 1, "total": 2})
    time.sleep(float(Path(payload["store"]).stem))
    if payload["run"].startswith("bad"):
        raise QueryError("the run is not finished")
    folder = Path(payload["folder"])
    folder.mkdir()
    (folder / "index.html").write_text(payload["run"])
    (folder / "briefing.json").write_text("{}")
    return {"files": 2}


TASKS = {
    "echo": echo,
    "wait": wait,
    "hold": hold,
    "keep": keep,
    "refuse": refuse,
    "fail": fail,
    "die": die,
} | {"brief": brief}
