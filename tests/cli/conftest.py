"""A small scenario, and commands run in a folder of their own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from foedus.cli.main import main

BORDER = """\
foedus: 1
title: A border
period: year
horizon: {evaluate: 3, solve: 5}
precision: 2
players:
  A: {label: North, discount: 0.9}
  B: {label: South, discount: 0.9}
state:
  phase: {levels: [peace, war]}
parameters:
  cost: {range: [0.2, 0.6], why: tried}
moves:
  - {player: A, when: phase == peace, actions: [respect, attack]}
  - {player: B, when: phase == war, actions: [stop, fight]}
next:
  phase:
    - {when: A == attack, to: war}
    - {when: B == stop, to: {peace: 0.9}}
payoffs:
  A: {gain: 1*(phase == war), cost: -2*cost*(phase == war)}
  B: {cost: -cost*(phase == war), effort: -0.1*(B == fight)}
starts:
  calm: {phase: peace}
  fighting: {phase: war}
regimes:
  none: {label: No treaty}
  treaty: {label: A treaty, edit: {payoffs: {A: {shame: -0.5*(A == attack)}}}}
variants:
  patient: {label: Patient players, edit: {players: {A: {discount: 0.99}}}}
quantities:
  war_ever: {reach: phase == war, within: 3, label: War within three years}
  war_years: {occupancy: phase == war, unit: years}
  worth: {value: A}
  fights: {rate: B == fight, given: phase == war, within: 1}
  moved: {distance: none, at: 3}
"""


@pytest.fixture
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the run store is, once there is one."""
    return tmp_path_factory.mktemp("store") / "runs.sqlite"


@pytest.fixture
def folder(tmp_path: Path, store: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current directory: empty but for border.yaml. No compiled program is kept."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FOEDUS_STORE", str(store))
    monkeypatch.setenv("FOEDUS_CACHE_DIR", "off")
    (tmp_path / "border.yaml").write_text(BORDER, encoding="utf-8")
    return tmp_path


@pytest.fixture
def foedus(folder: Path) -> Callable[..., Result]:
    """Run the command line inside `folder`."""

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(main, arguments, catch_exceptions=False)

    return run
