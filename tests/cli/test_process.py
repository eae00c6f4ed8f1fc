"""The installed command as a process: streams, pipes, interrupts, its cache."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from foedus.cli.jax_session import cache_directory

FOEDUS = Path(sysconfig.get_path("scripts")) / "foedus"


def run(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [FOEDUS, *arguments],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_results_go_to_standard_output_and_nothing_else_when_piped(folder: Path) -> None:
    done = run("solve", "border.yaml", cwd=folder)
    assert done.returncode == 0
    assert done.stderr == ""
    assert "\x1b" not in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_compiled_programs_are_kept_for_the_user_alone(folder: Path) -> None:
    cache = folder / "cache"
    done = run("solve", "border.yaml", cwd=folder, FOEDUS_CACHE_DIR=str(cache))
    assert done.returncode == 0
    (directory,) = cache.iterdir()
    assert directory.stat().st_mode & 0o777 == 0o700
    assert any(directory.iterdir())
    again = run("solve", "border.yaml", "--fresh", cwd=folder, FOEDUS_CACHE_DIR=str(cache))
    assert (again.returncode, again.stdout, again.stderr) == (0, done.stdout, "")


def test_a_home_that_cannot_hold_a_cache_breaks_nothing(folder: Path) -> None:
    """A path below a file can be made by nobody, not even by root."""
    blocked = str(folder / "border.yaml" / "cache")
    done = run("solve", "border.yaml", "--json", cwd=folder, FOEDUS_CACHE_DIR=blocked)
    assert done.returncode == 0
    assert done.stderr == ""
    assert json.loads(done.stdout)["scenario"] == "A border"


@pytest.mark.parametrize(
    ("environment", "parent"),
    [
        ({"FOEDUS_CACHE_DIR": "off", "HOME": "/h"}, None),
        ({"FOEDUS_CACHE_DIR": "/here", "XDG_CACHE_HOME": "/x", "HOME": "/h"}, "/here"),
        ({"XDG_CACHE_HOME": "/x", "HOME": "/h"}, "/x/foedus"),
        ({"HOME": "/h"}, "/h/.cache/foedus"),
        ({}, None),
    ],
)
def test_where_the_cache_is(environment: dict[str, str], parent: str | None) -> None:
    directory = cache_directory(environment)
    assert (directory and str(directory.parent)) == parent
    assert directory is None or directory.name.startswith("jax-")


def test_a_closed_pipe_is_no_error(folder: Path) -> None:
    command = f"'{FOEDUS}' library us-ukraine-pact --text | head -n 1"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_an_interrupt_exits_with_130(folder: Path) -> None:
    """The command interrupts itself where a person would: while the regimes are being solved."""
    code = (
        "import os, signal, sys, foedus.cli.solving as solving\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from foedus.cli.main import main\n"
        "solving.start_jax = lambda: os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.argv = ['foedus', 'solve', 'border.yaml']\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (130, "")
    assert done.stderr.strip() == "foedus: stopped"


@pytest.mark.parametrize("arguments", [["solve"], ["slove"], ["solve", "border.yaml", "--regme"]])
def test_usage_errors_exit_with_2(folder: Path, arguments: list[str]) -> None:
    done = run(*arguments, cwd=folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert "foedus" in done.stderr


def test_a_near_miss_has_a_suggestion(folder: Path) -> None:
    assert "did you mean `solve`?" in run("slove", cwd=folder).stderr
    assert "--regime" in run("solve", "border.yaml", "--regme", cwd=folder).stderr


@pytest.mark.parametrize("target", [">/dev/full", ">&-"])
@pytest.mark.parametrize("arguments", ["--help", "explain", "explain F999 --json"])
def test_output_that_cannot_be_written_is_one_line(
    folder: Path, arguments: str, target: str
) -> None:
    done = subprocess.run(
        ["bash", "-c", f"'{FOEDUS}' {arguments} {target}"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3
    assert done.stderr.splitlines()[-1].startswith("foedus: the output could not be written: ")
    assert "Traceback" not in done.stderr
    assert "ignored" not in done.stderr
