"""The progress line: late, on a terminal only, and gone afterwards."""

from __future__ import annotations

import io
import time

import pytest

from foedus.cli import progress as module
from foedus.cli.progress import ERASE, progress


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def shown(monkeypatch: pytest.MonkeyPatch, stream: io.StringIO, patience: float) -> str:
    """What appears while something takes until the line is there, or a moment."""
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setattr(module, "PATIENCE", patience)
    give_up = time.monotonic() + 10 * (patience < 1)
    with progress("solving pact"):
        while not stream.getvalue() and time.monotonic() < give_up:
            time.sleep(0.01)
    return stream.getvalue()


def test_a_long_step_is_announced_and_erased(monkeypatch: pytest.MonkeyPatch) -> None:
    text = shown(monkeypatch, Terminal(), patience=0.01)
    assert "solving pact ... 0 s" in text
    assert text.endswith(ERASE)


def test_a_quick_step_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown(monkeypatch, Terminal(), patience=60) == ""


def test_nothing_is_written_where_there_is_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.threading, "Thread", None)
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    with progress("solving pact"):
        pass
    assert stream.getvalue() == ""
