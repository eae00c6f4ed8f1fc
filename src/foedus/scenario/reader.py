"""Reads scenario files: a scenario without errors, or every problem at once."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from foedus.errors import ScenarioError
from foedus.scenario import library
from foedus.scenario.diagnostics import Diagnostic, EnoughError, Report, render_all
from foedus.scenario.document import parse, read_bytes, shown
from foedus.scenario.nodes import WHOLE_FILE

if TYPE_CHECKING:
    from foedus.scenario.scenario import Scenario

SHOWN = 20  # errors written out in an exception's message


def read(source: str | Path) -> Scenario:
    """The scenario in a file, or the shipped scenario of that name.

    Raises `ScenarioError` with all diagnostics where the file has an error.

    >>> read("us-ukraine-pact").horizon.evaluate
    10
    """
    report, data, name = _opened(source)
    scenario = None if data is None else _scenario(data, name, report)
    if scenario is not None:
        return scenario
    raise _error(report, shown(data))


def examine(source: str | Path) -> tuple[Scenario | None, tuple[Diagnostic, ...]]:
    """The scenario, None where it has errors, and every diagnostic in the order of the file.

    Nothing is raised for bad input, whatever it is.
    """
    report, data, name = _opened(source)
    scenario = None if data is None else _scenario(data, name, report)
    return scenario, report.diagnostics()


def examine_text(
    text: str, name: str = "scenario"
) -> tuple[Scenario | None, tuple[Diagnostic, ...]]:
    """Like `examine`, for the text of a file."""
    report = Report(name)
    data = text.encode("utf-8", errors="surrogatepass")
    return _scenario(data, name, report), report.diagnostics()


def source_lines(source: str | Path) -> list[str]:
    """The lines of the file that `source` means, for printing diagnostics; none if unreadable."""
    _, data, _ = _opened(source)
    return shown(data)


def _opened(source: str | Path) -> tuple[Report, bytes | None, str]:
    """The report, the content, and the scenario's name."""
    path = Path(source)
    name = str(source)
    if not path.suffix and not os.path.lexists(name):
        report = Report(name)
        full = library.full_name(name)
        if full is None:
            message = f"there is no file and no shipped scenario `{name}`"
            report.error("F115", WHOLE_FILE, message, hint=library.hint(name))
            return report, None, name
        return report, read_bytes(library.path(full), report), full
    report = Report(name)
    return report, read_bytes(path, report), path.stem


def _scenario(data: bytes, name: str, report: Report) -> Scenario | None:
    try:
        root = parse(data, report)
        if root is None:
            return None
        from foedus.scenario.file import ScenarioFile  # all of the language, once it is needed

        return ScenarioFile(name, root, report).scenario()
    except EnoughError:
        return None


def _error(report: Report, lines: list[str]) -> ScenarioError:
    diagnostics = report.diagnostics()
    errors = [d for d in diagnostics if d.severity == "error"]
    number = "an error" if len(errors) == 1 else f"{len(errors)} errors"
    blocks = render_all(errors[:SHOWN], lines)
    more = f"\n\nand {len(errors) - SHOWN} more" if len(errors) > SHOWN else ""
    return ScenarioError(f"{report.file} has {number}\n\n{blocks}{more}", diagnostics)
