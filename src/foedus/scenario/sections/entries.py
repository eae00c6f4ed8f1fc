"""The section `moves`, first reading: who moves, in which order, with which actions."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from foedus.scenario.model import Variable
from foedus.scenario.names import is_name
from foedus.scenario.nodes import Mapping, Node, Place, Scalar, Sequence, child, items, text
from foedus.scenario.scope import BrokenName, VariableName
from foedus.scenario.sections.context import Context, named


@dataclass(frozen=True, eq=False, kw_only=True)
class Entry:
    """An entry of `moves`. `player` is None for a chance move."""

    name: str
    place: Place
    player: str | None
    node: Mapping
    whens: tuple[Node, ...]  # the block's condition, if any, and its own
    choices: tuple[tuple[Scalar, Node | None], ...]  # actions or outcomes, and what is said of them
    hidden: frozenset[str] = frozenset()  # players who do not see it
    block: int | None = None  # number of the simultaneous block


def read_entries(context: Context) -> list[Entry]:
    """All entries in order, blocks written out."""
    players = [key.text for key, _ in context.section("players")]
    entries: list[Entry] = []
    for number, item in enumerate(items(context.tree.get("moves"))):
        if not isinstance(item, Mapping):
            continue
        if "simultaneous" in item.entries:
            for inner in items(item.get("simultaneous")):
                entries += _entry(context, players, inner, item.get("when"), number)
        else:
            entries += _entry(context, players, item, None, None)
    return entries


def is_read(item: Node) -> bool:
    """Whether an item of `moves` says what its moves are called."""
    inner = items(child(item, "simultaneous"))
    named = child(item, "player") or child(item, "chance")
    return all(map(is_read, inner)) if inner else isinstance(named, Scalar)


def _entry(
    context: Context, players: list[str], node: Node, when: Node | None, block: int | None
) -> Iterator[Entry]:
    if not isinstance(node, Mapping):
        return
    chance = node.get("chance")
    player = None if chance is not None else context.known(node.get("player"), players, "player")
    name = chance or node.get("name") or node.get("player")
    if not isinstance(name, Scalar) or not is_name(name.text):
        return
    own = node.get("when")
    yield Entry(
        name=name.text,
        place=name.place,
        player=player,
        node=node,
        whens=tuple(condition for condition in (when, own) if condition is not None),
        choices=tuple(_choices(node.get("actions") if chance is None else node.get("outcomes"))),
        hidden=_hidden(context, players, node.get("hidden"), player),
        block=block,
    )


def _choices(node: Node | None) -> Iterator[tuple[Scalar, Node | None]]:
    if isinstance(node, Sequence):
        for item in node.items:
            if isinstance(item, Scalar) and is_name(item.text):
                yield item, None
    else:
        yield from named(node)


def _hidden(
    context: Context, players: list[str], node: Node | None, player: str | None
) -> frozenset[str]:
    match node:
        case Scalar() if node.truth:
            return frozenset(players) - {player or ""}
        case Sequence():
            found = (context.known(item, players, "player") for item in node.items)
            return frozenset(name for name in found if name is not None and name != player)
    return frozenset()


def read_variables(context: Context, entries: list[Entry]) -> dict[str, VariableName | BrokenName]:
    """The variables of all moves by name, in order of first appearance."""
    together: dict[str, list[Entry]] = {}
    for entry in entries:
        first = together.setdefault(entry.name, [entry])[0]
        if first is entry:
            continue
        if (first.node.get("chance") is None) != (entry.node.get("chance") is None):
            message = f"`{entry.name}` is a chance move and a player's move"
            context.report.error("F303", entry.place, message)
        elif first.player and entry.player and first.player != entry.player:
            context.report.error(
                "F501",
                entry.place,
                f"`{entry.name}` is a move of {first.player} and of {entry.player}",
                why="entries of one name are one move, made in different situations",
                hint="give one of them another `name`",
            )
        together[entry.name].append(entry)
    return {
        name: context.memory.once(
            "move",
            (name, *(entry.node for entry in same)),
            partial(_variable, context, name, same),
        )
        for name, same in together.items()
    }


def _variable(context: Context, name: str, entries: list[Entry]) -> VariableName | BrokenName:
    """The union of the entries' actions; one at different positions has no level."""
    labels: dict[str, str] = {}
    values: dict[str, float] = {}
    for entry in entries:
        seen: set[str] = set()
        for position, (key, said) in enumerate(entry.choices):
            if key.text in seen:
                context.report.error("F303", key.place, f"the action `{key.text}` stands twice")
                continue
            seen.add(key.text)
            label = text(said if isinstance(said, Scalar) else child(said, "label"))
            chance = entry.node.get("chance") is not None
            labels.setdefault(key.text, key.text if chance or not label else label)
            if values.setdefault(key.text, float(position)) != position:
                values[key.text] = math.nan
    if not labels:
        return BrokenName(name)
    written = [text(entry.node.get("label")) for entry in entries]
    variable = Variable(
        name=name,
        label=next(filter(None, written), name),
        levels=tuple(labels),
        values=tuple(values.values()),
        level_labels=tuple(labels.values()),
    )
    return VariableName(variable, False)
