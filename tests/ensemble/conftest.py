"""Makes this folder's modules importable by worker processes, which know only `sys.path`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.insert(0, str(Path(__file__).parent))

if TYPE_CHECKING:
    from kept import Chunks


@pytest.fixture(scope="session")
def unbroken(tmp_path_factory: pytest.TempPathFactory) -> Chunks:
    """The chunks of `waves.PLAN`, computed in one go."""
    from kept import dump
    from waves import carry_out

    from foedus.ensemble import InProcess

    path = tmp_path_factory.mktemp("unbroken") / "runs.sqlite"
    carry_out(path, InProcess())
    return dump(path)
