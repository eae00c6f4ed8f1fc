"""Plain data as text: the same data always gives the same JSON."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from foedus.errors import EnsembleError


def canonical(value: Any) -> str:
    """`value` as JSON with sorted keys and no spaces. NumPy's numbers and arrays may be in it.

    NaN and infinities are written as Python writes them.

    Raises `EnsembleError` if the value is not made of mappings with text keys, sequences,
    text, numbers, booleans and None.

    >>> canonical({"b": (1, np.float64(0.5)), "a": None})
    '{"a":null,"b":[1,0.5]}'
    """
    try:
        return json.dumps(value, sort_keys=True, separators=(",", ":"), default=_plain)
    except (TypeError, ValueError) as fault:
        raise EnsembleError(f"this cannot be written as JSON: {fault}") from fault


def parsed(text: str) -> Any:
    """The data that `canonical` wrote."""
    return json.loads(text)


def _plain(value: object) -> object:
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} is not plain data")
