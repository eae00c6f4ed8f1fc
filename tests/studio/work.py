"""Questions for test processes: quick ones, slow ones, and ones that go wrong."""

from __future__ import annotations

import os
import time
from typing import Any

from foedus.errors import QueryError


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


def refuse(payload: Any, note: Any) -> None:
    raise QueryError("no such thing")


def fail(payload: Any, note: Any) -> None:
    raise ZeroDivisionError("a mistake")


def die(payload: Any, note: Any) -> None:
    os._exit(3)


TASKS = {"echo": echo, "wait": wait, "hold": hold, "refuse": refuse, "fail": fail, "die": die}
