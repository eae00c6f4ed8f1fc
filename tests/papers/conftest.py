"""Published numbers, read from `expected/<name>.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

EXPECTED = Path(__file__).parent / "expected"


@pytest.fixture
def expected() -> Callable[[str], dict[str, Any]]:
    def read(name: str) -> dict[str, Any]:
        return tomllib.loads((EXPECTED / f"{name}.toml").read_text(encoding="utf-8"))

    return read
