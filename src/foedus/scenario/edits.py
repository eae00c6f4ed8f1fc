"""Applies the edits of regimes and variants to a scenario's tree; unchanged parts are shared."""

from __future__ import annotations

from foedus.scenario.diagnostics import Report
from foedus.scenario.fields import EDIT
from foedus.scenario.nodes import Mapping, Node, Scalar, Sequence, child, items, pairs
from foedus.scenario.suggestions import did_you_mean


def edited(root: Mapping, edit: Node | None, report: Report) -> Mapping:
    """The tree with one edit applied.

    Mappings are merged key by key, `null` removes an entry, lists and values
    replace. In the list `moves`, a mapping changes moves by name. `order` then
    re-sorts the moves by name.
    """
    entries = dict(root.entries)
    for key, change in pairs(edit):
        if key.text == "moves" and isinstance(change, Mapping):
            if isinstance(moves := root.get("moves"), Sequence):
                entries["moves"] = root.entries["moves"][0], _with_moves(moves, change, report)
        elif key.text in EDIT.fields and key.text != "order":
            _set(entries, key, change, report)
    order = child(edit, "order")
    if isinstance(order, Sequence) and "moves" in entries:
        key, moves = entries["moves"]
        if isinstance(moves, Sequence):
            entries["moves"] = key, _ordered(moves, order, report)
    return Mapping(root.source, root.start, root.stop, entries)


def _set(
    entries: dict[str, tuple[Scalar, Node]], key: Scalar, change: Node, report: Report
) -> None:
    before = entries.get(key.text)
    if isinstance(change, Scalar) and change.null:
        if before is None:
            hint = did_you_mean(key.text, entries, "there are")
            message = f"there is no `{key.text}` to remove here"
            report.warning("F702", key.place, message, hint=hint)
        entries.pop(key.text, None)
        return
    entries[key.text] = (before[0] if before else key, _merged(before, change, report))


def _merged(before: tuple[Scalar, Node] | None, change: Node, report: Report) -> Node:
    if not isinstance(change, Mapping):
        return change
    old = before[1] if before else None
    base = old if isinstance(old, Mapping) else None
    entries = dict(base.entries) if base else {}
    for key, value in change.pairs():
        _set(entries, key, value, report)
    # What is changed stands where it stood; what is new stands in the edit.
    frame = base or change
    return Mapping(frame.source, frame.start, frame.stop, entries)


def _with_moves(moves: Sequence, change: Mapping, report: Report) -> Sequence:
    """The moves with those that are named replaced; new entries stand where the first one stood."""
    known = dict.fromkeys(name for entry in moves.items for name in _names(entry))
    for key, value in change.pairs():
        if isinstance(value, Scalar) and value.null:
            if key.text not in known:
                hint = did_you_mean(key.text, known, "moves")
                message = f"there is no move `{key.text}` to remove here"
                report.warning("F702", key.place, message, hint=hint)
            moves = _replaced(moves, key.text, [])
        elif key.text not in known:
            report.error(
                "F703",
                key.place,
                f"there is no move `{key.text}` to change",
                why="a new move needs all of `moves` as a list, which says where it stands",
                hint=did_you_mean(key.text, known, "moves"),
            )
        elif not isinstance(value, Sequence):
            message = f"expected the new entries of `{key.text}` as a list, or `null`"
            report.error("F203", value.place, message)
        elif _are_all(value, key.text, report):
            moves = _replaced(moves, key.text, list(value.items))
    return moves


def _are_all(entries: Sequence, name: str, report: Report) -> bool:
    """Whether all entries are of the move; those without a name are reported elsewhere."""
    others = [entry for entry in entries.items if set(_names(entry)) - {name}]
    for entry in others:
        said = ", ".join(f"`{other}`" for other in _names(entry))
        report.error(
            "F703",
            entry.place,
            f"this is an entry of {said}, not of `{name}`",
            hint="to change several moves together, give all of `moves` as a list",
        )
    return not others


def _replaced(moves: Sequence, name: str, new: list[Node]) -> Sequence:
    """The list of moves with the entries of one name taken out and `new` put at the first."""
    found: list[Node] = []
    for entry in moves.items:
        block = child(entry, "simultaneous")
        if name not in _names(entry):
            found.append(entry)
        elif isinstance(entry, Mapping) and isinstance(block, Sequence):
            inside = _replaced(block, name, new)
            key, _ = entry.entries["simultaneous"]
            entries = {**entry.entries, "simultaneous": (key, inside)}
            found.append(Mapping(entry.source, entry.start, entry.stop, entries))
            new = []
        else:
            found += new
            new = []
    return Sequence(moves.source, moves.start, moves.stop, tuple(found))


def _ordered(moves: Sequence, order: Sequence, report: Report) -> Sequence:
    """The moves sorted as listed; a block of moves stands where the first of its names does."""
    names = [_names(entry) for entry in moves.items]
    known = [name for together in names for name in together]
    listed = [item.text for item in order.items if isinstance(item, Scalar)]
    for item in order.items:
        if isinstance(item, Scalar) and item.text not in known:
            hint = did_you_mean(item.text, known, "moves")
            report.error("F701", item.place, f"there is no move `{item.text}`", hint=hint)
        elif isinstance(item, Scalar) and listed.count(item.text) > 1:
            report.error("F701", item.place, f"`{item.text}` stands twice in `order`")
    missing = [name for name in dict.fromkeys(known) if name not in listed]
    if missing:
        said = ", ".join(f"`{name}`" for name in missing)
        report.error(
            "F701",
            order.place,
            f"`order` leaves out {said}",
            why="every move has one place in the period",
        )
        return moves
    ranks = [min(map(listed.index, together), default=len(listed)) for together in names]
    by_rank = sorted(range(len(ranks)), key=ranks.__getitem__)
    return Sequence(moves.source, moves.start, moves.stop, tuple(moves.items[i] for i in by_rank))


def _names(entry: Node) -> list[str]:
    """Names of the moves in an entry of `moves`."""
    block = child(entry, "simultaneous")
    if block is not None:
        return [name for inner in items(block) for name in _names(inner)]
    name = child(entry, "name") or child(entry, "chance") or child(entry, "player")
    return [name.text] if isinstance(name, Scalar) and name.text else []
