"""`foedus play`: a game in the terminal, asked or given, the same every time."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from foedus.cli.main import main

Run = Callable[..., Result]
PLAY = ["play", "baltic-tripwire", "--seat", "AL", "--seed", "3"]


def _typed(*arguments: str, keys: str) -> Result:
    return CliRunner().invoke(main, list(arguments), input=keys)


def test_a_game_is_asked_for_and_ends_with_the_regret(tmp_path: Path) -> None:
    log = tmp_path / "game.json"
    done = _typed(*PLAY, "--coach", "--log", str(log), keys="1\n" * 12)
    assert done.exit_code == 0, done.output
    assert "Ally chooses:" in done.output
    assert "equilibrium play: " in done.output
    assert "worth to you: " in done.output
    assert "Ally has forgone" in done.output
    found = json.loads(log.read_text())
    again = CliRunner().invoke(main, [*PLAY, "--choices", ",".join(found["choices"]), "--json"])
    assert json.loads(again.stdout) == found
    assert found["over"]
    assert found["regret"]["AL"] >= 0


def test_what_the_mover_has_not_seen_is_not_told() -> None:
    told = _typed(*PLAY, keys="1\n").output.split("your choice")[0]
    assert "prepares unseen" not in told
    assert "rests" not in told


def test_choices_that_do_not_fit_are_refused() -> None:
    done = CliRunner().invoke(main, [*PLAY, "--choices", "fly", "--json"])
    assert done.exit_code == 2
    assert "cannot choose 'fly'" in done.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--host", "0.0.0.0"], "can be reached from other machines"),
        (["--password"], "at least 12 characters"),
        (["nowhere"], "no file and no shipped scenario"),
    ],
)
def test_a_studio_that_is_not_safe_does_not_start(
    arguments: list[str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FOEDUS_STUDIO_PASSWORD", raising=False)
    done = CliRunner().invoke(main, ["studio", *arguments])
    assert done.exit_code == 2
    assert said in done.output
