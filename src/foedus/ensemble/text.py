"""Plain data as text: the same data always gives the same JSON."""

from __future__ import annotations

import json
from typing import Any

from foedus.errors import EnsembleError


def canonical(value: Any) -> str:
    """`value` as JSON with sorted keys and no spaces. NumPy's numbers and arrays may be in it.

    NaN and infinities are written as Python writes them.

    Raises `EnsembleError` if the value is not made of mappings with text keys, sequences,
    text, numbers, booleans and None.

    >>> import numpy as np
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


def _plain(value: Any) -> object:
    # Asked of the value's class, since whoever only lists runs need not load NumPy.
    if type(value).__module__ == "numpy":
        return value.tolist()
    raise TypeError(f"{type(value).__name__} is not plain data")
