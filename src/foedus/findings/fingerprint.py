"""A fingerprint of rules: what the numbers depend on, without the words around it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from foedus.scenario.model import Rules

WORDS = frozenset(
    ("title", "label", "level_labels", "means", "why", "source", "unit", "period", "base")
)


def fingerprint(rules: Mapping[str, Rules], quantities: tuple[str, ...]) -> str:
    """SHA-256 of the rules of each regime and of these quantities among theirs.

    Labels, reasons and sources do not count; every number and every formula does.
    """
    known: dict[int, str] = {}
    parts = {}
    for regime, one in rules.items():
        asked = [quantity for quantity in one.quantities if quantity.name in quantities]
        rest = {f.name: getattr(one, f.name) for f in fields(one) if f.name != "quantities"}
        numbers = {name: value for name, value in rest.items() if name not in WORDS}
        parts[regime] = _digest(
            [_plain(numbers | {"variant": None, "regime": None}, known), _plain(asked, known)]
        )
    return _digest(parts)


def _plain(value: Any, known: dict[int, str]) -> Any:
    """The value as text, numbers, lists and mappings; equal content is equal.

    Formulas share nodes, so a node is digested once. `known` is by identity, which is safe
    as long as the rules are kept.
    """
    if isinstance(value, float):
        return repr(value + 0.0)  # -0.0 is 0.0
    if value is None or isinstance(value, str | int):
        return value
    if is_dataclass(value) and not isinstance(value, type):
        if id(value) not in known:
            parts = [
                [f.name, _plain(getattr(value, f.name), known)]
                for f in fields(value)
                if f.name not in WORDS
            ]
            known[id(value)] = _digest([type(value).__name__, parts])
        return known[id(value)]
    if isinstance(value, Mapping):
        return [[_plain(key, known), _plain(item, known)] for key, item in value.items()]
    if isinstance(value, frozenset):
        return sorted(_plain(item, known) for item in value)
    return [_plain(item, known) for item in value]


def _digest(value: Any) -> str:
    from foedus.ensemble.text import canonical

    return hashlib.sha256(canonical(value).encode()).hexdigest()
