"""Dataclasses out of the plain data that `finding.plain` makes of them."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

import numpy as np
from jaxtyping import Int

T = TypeVar("T")


def rebuilt(kind: type[T], data: Mapping[str, Any]) -> T:
    """The dataclass of this kind whose plain data these are; further entries are left aside.

    >>> from foedus.findings.shifts import Shift
    >>> from foedus.findings.verdict import Verdict
    >>> rebuilt(Shift, {"kind": "same", "verdict": {"word": "leaning", "interval": [0.7, 0.8]}})
    Shift(kind='same', verdict=Verdict(word='leaning', share=None, interval=(0.7, 0.8), ...
    """
    hints = get_type_hints(kind, vars(sys.modules[kind.__module__]))
    known = {entry.name for entry in fields(kind) if entry.init}  # type: ignore[arg-type]
    return kind(**{name: _value(hints[name], data[name]) for name in known if name in data})


def _value(hint: Any, data: Any) -> Any:
    if hasattr(hint, "array_type"):
        return _array(hint, data)
    origin = get_origin(hint)
    if origin in (Union, UnionType):
        others = [kind for kind in get_args(hint) if kind is not NoneType]
        return None if data is None else _value(others[0], data)
    if origin is tuple:
        kinds = get_args(hint)
        if kinds[-1] is Ellipsis:
            kinds = (kinds[0],) * len(data)
        return tuple(_value(kind, one) for kind, one in zip(kinds, data, strict=True))
    if is_dataclass(hint) and isinstance(hint, type):
        return rebuilt(hint, data)
    if hint is float:
        return float("nan") if data is None else float(data)
    return data


def _array(hint: Any, data: Any) -> np.ndarray:
    """An array, in which None stands for NaN. An empty one has the lengths that never vary."""
    kind = int if hint.dtype is Int else float
    found = np.array(data, dtype=kind)
    if found.size:
        return found
    lengths = (int(axis) if axis.isdigit() else 0 for axis in hint.dim_str.split())
    return np.empty(tuple(lengths), dtype=kind)
