"""Which programs made the numbers: what a run's identity says of its versions."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path

NUMBERS = ("jax", "jaxlib", "numpy", "scipy")  # whose versions may change a last digit


@cache
def versions() -> dict[str, str]:
    """The versions of foedus and of what it computes with, by name; none of it is imported.

    That of foedus ends in eight digits of the hash of its sources: a copy that somebody has
    changed keeps its number, and must not be answered from what it computed before.

    >>> sorted(versions())
    ['foedus', 'jax', 'jaxlib', 'numpy', 'scipy']
    """
    found = {name: version(name) for name in NUMBERS}
    return {"foedus": f"{version('foedus')}+{_sources()}"} | found


def _sources() -> str:
    package = Path(__file__).parents[1]
    seen = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        seen.update(path.relative_to(package).as_posix().encode() + b"\0" + path.read_bytes())
    return seen.hexdigest()[:8]
