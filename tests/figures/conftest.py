"""Findings to draw, made once."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "findings"))

from choice import CHOICE, choice

from foedus.findings.assess import assess
from foedus.findings.result import Findings


@pytest.fixture(scope="session")
def findings() -> Findings:
    """A scenario with rivals, a claim about the region and one that cannot be tested."""
    return assess(choice(), draws=128, checks=24, quick=True)


@pytest.fixture(scope="session")
def claimless() -> Findings:
    """The same without claims."""
    return assess(choice(CHOICE[: CHOICE.index("claims:")]), draws=32, checks=0, quick=True)
