"""A subgame as a game of its own."""

from __future__ import annotations

from fractions import Fraction

from foedus.game.trees.tree import ExtensiveGame, Node, Outcome


def subtree(game: ExtensiveGame, root: int) -> tuple[ExtensiveGame, tuple[int, ...]]:
    """The game that begins at a node, and which sets of the whole game its sets are.

    What was paid on the way to the root stays in the payoffs. The node must be the root of a
    subgame (`subgame_roots`), or sets are torn apart.
    """
    last = game.last[root]
    sets: dict[int, int] = {}
    outcomes: dict[tuple[Fraction, ...], int] = {}
    nodes = []
    for number in range(root, last + 1):
        node = game.nodes[number]
        if node.at >= 0:
            sets.setdefault(node.at, len(sets))
        leaf = node.at < 0
        paid = game.collected[number]
        nodes.append(
            Node(
                -1 if leaf else sets[node.at],
                outcomes.setdefault(paid, len(outcomes)) if leaf else -1,
                node.parent - root if number > root else -1,
                node.branch if number > root else -1,
                tuple(child - root for child in node.children),
                node.label,
            )
        )
    inner = ExtensiveGame(
        players=game.players,
        sets=tuple(game.sets[at] for at in sets),
        outcomes=tuple(Outcome(label="", payoffs=paid) for paid in outcomes),
        nodes=tuple(nodes),
        title=game.title,
    )
    return inner, tuple(sets)
