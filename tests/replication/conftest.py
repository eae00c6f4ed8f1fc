"""Published fits, checked on the original data where `FOEDUS_REPLICATION_DATA` says they lie.

The data belong to others and are not in the repository. Where the setting is absent nothing here
is collected; the same methods are tested on made-up data in `tests/estimation`.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

FOLDER = os.environ.get("FOEDUS_REPLICATION_DATA")
if FOLDER is None:
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture(scope="session")
def folder() -> Path:
    assert FOLDER is not None
    return Path(FOLDER)


@pytest.fixture(scope="session")
def games(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "games" / "reference_fits.json").read_text())["fits"]
