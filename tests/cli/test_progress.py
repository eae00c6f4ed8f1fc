"""The progress line: late, on a terminal only, and gone afterwards."""

from __future__ import annotations

import io
import time

import pytest

from foedus.cli import progress as module
from foedus.cli.progress import ERASE, RunLine, progress
from foedus.ensemble import Progress


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
    monkeypatch.setattr("threading.Thread", None)
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    with progress("solving pact"):
        pass
    assert stream.getvalue() == ""


def run_line(monkeypatch: pytest.MonkeyPatch, stream: io.StringIO, progress: Progress) -> str:
    """What a run's line says while nothing new comes in, until it says something."""
    monkeypatch.setattr("sys.stderr", stream)
    for name in ("PATIENCE", "LULL", "TICK"):
        monkeypatch.setattr(module, name, 0.01)
    with RunLine() as line:
        line("draws", progress)
        give_up = time.monotonic() + 10
        while not stream.getvalue() and time.monotonic() < give_up:
            time.sleep(0.01)
    return stream.getvalue()


@pytest.mark.parametrize("stream", [Terminal(), io.StringIO()])
def test_a_run_is_told_of_before_its_first_chunk_is_done(
    monkeypatch: pytest.MonkeyPatch, stream: io.StringIO
) -> None:
    """Compiling takes a minute, and nobody should wonder whether anything happens."""
    begun = Progress(done=0, total=8, seconds=0.0, remaining=None)
    text = run_line(monkeypatch, stream, begun)
    assert "draws: 0 %, for 0 s so far" in text
    assert text.endswith(ERASE) == isinstance(stream, Terminal)


def test_a_run_counts_down_between_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    some = Progress(done=4, total=8, seconds=9.0, remaining=61.2)
    assert "draws: 50 %, about 1 min 1 s left" in run_line(monkeypatch, Terminal(), some)
