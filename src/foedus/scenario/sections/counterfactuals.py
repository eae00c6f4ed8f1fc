"""The section `counterfactuals`: play that takes the place of equilibrium play."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from foedus.scenario.model import Block, Rules
from foedus.scenario.nodes import Mapping, Node, Place, Scalar, child
from foedus.scenario.scope import Scope
from foedus.scenario.sections.context import Context
from foedus.scenario.sections.entries import Entry
from foedus.scenario.sections.plays import Item, read_plays, replaced


@dataclass(frozen=True, eq=False, kw_only=True)
class Assembly:
    """Rules, and what they were read from.

    `origins`: for each move of the rules, its number in the file or the place it comes from.
    """

    rules: Rules
    entries: list[Entry]
    scope: Scope
    origins: tuple[int | Place, ...]


def under(context: Context, assembly: Assembly, key: Scalar, node: Node) -> Assembly:
    """The rules with one player's play replaced. They hold only if nothing was reported."""
    players = [player.name for player in assembly.rules.players]
    player = context.known(child(node, "player"), players, "player")
    if player is None or not isinstance(node, Mapping):
        return assembly
    if ("as" in node.entries) == ("plays" in node.entries):
        both = "as" in node.entries
        context.report.error(
            "F207" if both else "F202",
            key.place,
            f"`{key.text}` has both `as` and `plays`" if both else f"`{key.text}` changes nothing",
            hint="`as: PLAYER` for whose payoffs to choose, or `plays:` with what is played",
        )
        return assembly
    if not any(entry.player == player for entry in assembly.entries):
        message = f"{player} makes no move whose play could be another"
        context.report.error("F617", key.place, message)
        return assembly
    if "as" in node.entries:
        other = context.known(node.get("as"), players, "player")
        return assembly if other is None else _chosen_for(context, assembly, node, player, other)
    rules = list(read_plays(context, assembly.entries, node.get("plays"), player))
    sequence = replaced(context, assembly.rules.sequence, assembly.entries, assembly.scope, rules)
    return replace(
        assembly,
        rules=replace(assembly.rules, sequence=tuple(item for item, _ in sequence)),
        origins=tuple(origin for _, origins in sequence for origin in origins),
    )


def _chosen_for(
    context: Context, assembly: Assembly, node: Mapping, player: str, other: str
) -> Assembly:
    """Every move of the player is chosen by the other, for the other's payoffs."""
    place = node.entries["as"][1].place
    if other == player:
        context.report.error("F617", place, f"{player} chooses for its own payoffs already")
        return assembly
    sequence = assembly.rules.sequence
    for block in sequence:
        if isinstance(block, Block) and {player, other} <= {move.player for move in block.moves}:
            names = " and ".join(f"`{move.variable}`" for move in block.moves)
            context.report.error(
                "F618",
                place,
                f"{player} and {other} decide together, in the moves {names}",
                why="one player cannot make two moves at once without knowing both",
                hint="let them move one after the other in a variant, or use `plays`",
            )
    return replace(
        assembly, rules=replace(assembly.rules, sequence=tuple(_moved(sequence, player, other)))
    )


def _moved(sequence: tuple[Item, ...], player: str, other: str) -> Iterator[Item]:
    for item in sequence:
        if isinstance(item, Block):
            moves = (replace(m, player=other) if m.player == player else m for m in item.moves)
            yield replace(item, moves=tuple(moves))
        else:
            yield item
