"""The process that answers questions: started afresh, so that it can be ended at any moment."""

from __future__ import annotations

import os
import signal
import threading
import time
import traceback
from collections.abc import Callable
from importlib import import_module
from multiprocessing import parent_process
from multiprocessing.connection import Connection, wait
from typing import Any

from foedus.errors import FoedusError, ScenarioError

Note = Callable[[Any], None]


def serve(connection: Connection, tasks: str, prepare: Callable[[], None] | None) -> None:
    """Answer `(kind, payload)` after `(kind, payload)` with the functions in the module `tasks`.

    Each is called with the payload and with `note`, which sends something ahead of the answer.
    What goes out is `("note" | "answer" | "refused" | "failed", content)`.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if prepare is not None:
        prepare()
    module = import_module(tasks)
    while True:
        try:
            kind, payload = connection.recv()
        except (EOFError, OSError):
            return
        connection.send(_answer(module.TASKS[kind], payload, connection))


def _answer(
    task: Callable[[Any, Note], Any], payload: Any, connection: Connection
) -> tuple[str, Any]:
    started = time.monotonic()
    try:
        content = task(payload, lambda note: connection.send(("note", note)))
    except ScenarioError as error:
        return "refused", {"kind": "scenario", "message": str(error)}
    except FoedusError as error:
        return "refused", {"kind": type(error).__name__, "message": str(error)}
    except RecursionError:
        return "refused", {"kind": "scenario", "message": "this is nested too deeply"}
    except MemoryError:
        return "refused", {"kind": "memory", "message": "this needs more memory than there is"}
    except Exception:  # the server must hear of it, whatever it is
        return "failed", traceback.format_exc()
    if isinstance(content, dict):
        content["seconds"] = time.monotonic() - started
    return "answer", content


def _end_with_parent() -> None:
    """A solve cannot be interrupted from inside: end the process when the server is gone."""
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
