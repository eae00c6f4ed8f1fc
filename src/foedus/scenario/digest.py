"""A fingerprint of what a scenario says, whatever its comments and layout."""

from __future__ import annotations

from typing import Any

from foedus.scenario.nodes import Mapping, Node, Scalar, Sequence
from foedus.scenario.shapes import Either, ListOf, MapOf, Record, Shape, Tagged


def digest(root: Mapping, shape: Shape) -> str:
    """SHA-256 of the content. The order of keys counts only where it has meaning."""
    import hashlib
    import json

    content = json.dumps(_canonical(root, shape), ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(content.encode("utf-8", errors="surrogatepass")).hexdigest()


def _canonical(node: Node, shape: Shape | None) -> Any:
    """Plain data in which equal content looks equal."""
    if isinstance(shape, Either):
        chosen = {Scalar: shape.scalar, Sequence: shape.sequence, Mapping: shape.mapping}
        shape = chosen[type(node)]
    if isinstance(shape, Tagged) and isinstance(node, Mapping):
        shape = next((r for kind, r in shape.records.items() if kind in node.entries), None)
    match node:
        case Scalar():
            if node.null:
                return None
            return node.number if node.number is not None else " ".join(node.text.split())
        case Sequence():
            item = shape.item if isinstance(shape, ListOf) else None
            return [_canonical(inner, item) for inner in node.items]
    pairs = [[key.text, _canonical(value, _inner(shape, key.text))] for key, value in node.pairs()]
    if isinstance(shape, Record) or (isinstance(shape, MapOf) and not shape.ordered):
        return dict(sorted(pairs))
    return pairs  # the order has meaning, or may have: the table says nothing of what is in an edit


def _inner(shape: Shape | None, key: str) -> Shape | None:
    match shape:
        case MapOf():
            return shape.value
        case Record() if key in shape.fields:
            return shape.fields[key].shape
        case Record(others=MapOf() as others):
            return others.value
    return None
