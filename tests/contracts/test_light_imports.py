"""Asking for help and checking a file load no numerics, so both answer at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {"jax", "numpy", "scipy", "pandas", "xarray", "rich", "hypothesis"}
BLANK = """
import sys
sys.argv = ["foedus", *{arguments!r}]
from foedus.cli.main import main
try:
    main()
except SystemExit as stop:
    print("exit", stop.code, file=sys.stderr)
print(*sorted(sys.modules), file=sys.stderr)
"""


def _loaded(code: str, cwd: Path) -> tuple[str, set[str]]:
    """The first line on standard error, and the top-level modules named on the last."""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=cwd, capture_output=True, text=True, check=True
    )
    lines = done.stderr.splitlines()
    return lines[0], {name.partition(".")[0] for name in lines[-1].split()}


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["solve", "--help"],
        ["assess", "--help"],
        ["estimate", "--help"],
        ["schema"],
        ["library"],
        ["explain", "--help"],
        ["studio", "--help"],
        ["play", "--help"],
        ["new", "a"],
    ],
    ids=" ".join,
)
def test_commands_that_load_no_numerics(arguments: list[str], tmp_path: Path) -> None:
    outcome, loaded = _loaded(BLANK.format(arguments=arguments), tmp_path)
    assert outcome == "exit 0"
    assert loaded & HEAVY == set()


def test_check_of_every_library_scenario_loads_no_numerics(tmp_path: Path) -> None:
    from foedus.scenario.library import names

    outcome, loaded = _loaded(BLANK.format(arguments=["check", *names()]), tmp_path)
    assert outcome == "exit 0"
    assert loaded & HEAVY == set()


def test_importing_foedus_and_its_scenarios_loads_no_numerics(tmp_path: Path) -> None:
    code = "import foedus, foedus.scenario.reader, sys; print(*sys.modules, file=sys.stderr)"
    _, loaded = _loaded(code, tmp_path)
    assert loaded & HEAVY == set()
