"""`foedus assess`: the table of claims, one claim whole, exit codes, kills and resumption."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sysconfig
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from tests.cli.conftest import BORDER

from foedus.ensemble import Store
from foedus.errors import StoreError

FOEDUS = Path(sysconfig.get_path("scripts")) / "foedus"
CLAIMS = """\
margin: 0
mechanisms:
  shame: {label: Shame at breaking the treaty, off: {shame: 0}}
plausible:
  uncertain: {says: War is not certain., date: 2020-01-01, holds: war_ever(none) <= 0.9}
claims:
  calmer:
    {label: A treaty makes war rarer, by: the paper, says: It binds., mechanisms: [shame],
     holds: war_ever(treaty) < war_ever(none), rivals: [useless]}
  useless:
    {label: A treaty does nothing, by: a critic, says: It is paper., margin: 0.01,
     holds: war_ever(treaty) == war_ever(none)}
  unheard: {by: a critic, says: Nobody listens., untestable: it says nothing of play}
"""


@pytest.fixture
def claims(folder: Path) -> Path:
    """The border with claims about its treaty."""
    return written(folder)


def written(folder: Path) -> Path:
    text = BORDER.replace("moves:", "define:\n  shame: 0\nmoves:", 1)
    text = text.replace("{payoffs: {A: {shame: -0.5*(A == attack)}}}", "{define: {shame: 0.5}}")
    text = text.replace(
        "-2*cost*(phase == war)}", "-2*cost*(phase == war), s: -shame*(A == attack)}"
    )
    path = folder / "claims.yaml"
    path.write_text(text + CLAIMS, encoding="utf-8")
    return path


FEW = ("--draws", "70", "--checks", "24")


def answer(result: Result) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(result.stdout)
    del found["seconds"]
    return found


def test_the_table_has_verdicts_facts_and_how_to_read_on(
    foedus: Callable[..., Result], claims: Path
) -> None:
    result = foedus("assess", str(claims), *FEW)
    assert result.exit_code == 0
    assert max(map(len, result.stdout.splitlines())) <= 80
    for words in (
        "A border",
        "70 sobol draws (seed 7) x 2 regimes",
        "By the paper",
        "calmer  A treaty makes war",
        "supported",
        "contradicted",
        "true by construction",
        "unheard: it says nothing of play",
        "uncertain, 2020-01-01",
        "--claim calmer",
        "Equilibria are unique",
    ):
        assert words in result.stdout


def test_one_claim_is_shown_whole_with_its_rival(
    foedus: Callable[..., Result], claims: Path
) -> None:
    result = foedus("assess", str(claims), *FEW, "--claim", "calmer")
    assert result.exit_code == 0
    assert max(map(len, result.stdout.splitlines())) <= 80
    for words in (
        "the paper: It binds.",
        "Tested as: war_ever(treaty) < war_ever(none)",
        "Reversed",
        "variant patient",
        "all draws, plausible or not",
        "shame",
        "Side by side",
        "useless  A treaty does nothing",
    ):
        assert words in result.stdout


def test_json_carries_the_contract(foedus: Callable[..., Result], claims: Path) -> None:
    found = answer(foedus("assess", str(claims), *FEW, "--json"))
    assert found["draws"] == 70
    assert 20 <= found["plausible"] <= 70
    calmer = found["claims"][0]
    assert calmer["id"] == "calmer"
    for key in ("verdict", "share", "interval", "effect", "pivots", "by_construction"):
        assert key in calmer
    assert found["claims"][2]["verdict"] == "untestable"


def test_a_claim_that_fails_fails_the_command_if_asked(
    foedus: Callable[..., Result], claims: Path
) -> None:
    few = (*FEW, "--checks", "0")
    assert foedus("assess", str(claims), *few).exit_code == 0
    assert foedus("assess", str(claims), *few, "--fail-on-claims").exit_code == 1
    only = foedus("assess", str(claims), *few, "--fail-on-claims", "--only", "calmer")
    assert only.exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--claim", "calm"), 2, "has no claim `calm`; did you mean `calmer`?"),
        (("--draws", "0"), 2, "x>=1"),
        (("--workers", "2", "--cluster", "tcp://127.0.0.1:1"), 2, "exclude each other"),
        (("--cluster", "tcp://192.0.2.1:8786"), 3, "not encrypted"),
    ],
)
def test_mistakes_are_told(
    foedus: Callable[..., Result], claims: Path, arguments: tuple[str, ...], code: int, words: str
) -> None:
    result = foedus("assess", str(claims), *FEW, *arguments)
    assert result.exit_code == code
    assert words in result.stderr


def test_a_file_without_claims_says_so(foedus: Callable[..., Result]) -> None:
    result = foedus("assess", "border.yaml", "--draws", "4")
    assert result.exit_code == 0
    assert "states no claims" in result.stdout


def begin(claims: Path, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    """The command as a process in a group of its own, as a terminal would start it."""
    return subprocess.Popen(
        [FOEDUS, "assess", str(claims), *arguments],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def chunks_in(store: Path) -> int:
    """How many chunks are kept; 0 in the first moments, when the file is not yet a store."""
    with suppress(StoreError), Store(store, readonly=True) as kept:
        return sum(run.n_done for run in kept.runs())
    return 0


def wait_for_chunks(store: Path, count: int, process: subprocess.Popen[str]) -> None:
    """Until so many chunks are kept, or the process has ended."""
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        if chunks_in(store) >= count:
            return
        time.sleep(0.02)


MANY = ("--draws", "400", "--checks", "24", "--json")


@pytest.fixture(scope="module")
def unbroken(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[dict[str, Any], dict[str, str]]:
    """What an assessment says that is not stopped, and where its compiled programs are."""
    folder = tmp_path_factory.mktemp("unbroken")
    environment = {"FOEDUS_CACHE_DIR": str(folder / "cache")}
    store = str(folder / "runs.sqlite")
    with begin(written(folder), *MANY, "--store", store, **environment) as process:
        whole, _ = process.communicate(timeout=120)
    return json.loads(whole), environment


@pytest.mark.parametrize("stop", [signal.SIGKILL, signal.SIGINT])
def test_stopped_at_any_moment_the_same_command_ends_the_same(
    claims: Path,
    tmp_path: Path,
    unbroken: tuple[dict[str, Any], dict[str, str]],
    stop: signal.Signals,
) -> None:
    first, environment = unbroken
    many, interrupted = MANY, tmp_path / "runs.sqlite"
    for more in (1, 2, 5):
        # Of what this process keeps itself: before that it may not have begun to listen.
        count = chunks_in(interrupted) + more
        with begin(claims, *many, "--store", str(interrupted), **environment) as process:
            wait_for_chunks(interrupted, count, process)
            if process.poll() is None:
                os.killpg(process.pid, stop)
            _, said = process.communicate(timeout=60)
        if stop == signal.SIGINT and process.returncode != 0:
            assert process.returncode == 130
            assert "goes on from there" in said
    with begin(claims, *many, "--store", str(interrupted), **environment) as process:
        resumed, said = process.communicate(timeout=120)
    assert (process.returncode, said) == (0, "")
    second = json.loads(resumed)
    assert {**first, "seconds": 0.0} == {**second, "seconds": 0.0}
