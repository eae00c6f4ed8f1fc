r"""Game trees as data: who moves where, what each action leads to, and the names of endings.

Nodes stand in an order in which every child comes after its parent; node 0 is the root.
A child below zero is terminal: child -1 is terminal 0, child -2 is terminal 1, and so on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from foedus.errors import GameError

CHANCE = -1


@dataclass(frozen=True, kw_only=True)
class Node:
    """A decision, or nature's draw where `player` is `CHANCE`; `draws` then index its chances."""

    player: int
    actions: tuple[str, ...]
    children: tuple[int, ...]
    name: str = ""
    draws: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Tree:
    """A finite game tree without payoffs. `chances` are the fixed probabilities of draws."""

    players: tuple[str, ...]
    nodes: tuple[Node, ...]
    terminals: tuple[str, ...]
    chances: tuple[float, ...] = ()

    def path(self, terminal: int) -> tuple[tuple[int, int], ...]:
        """The (node, action) pairs that lead to a terminal, from the root on."""
        above = {
            child: (position, action)
            for position, node in enumerate(self.nodes)
            for action, child in enumerate(node.children)
        }
        steps, at = [], -1 - terminal
        while at != 0:
            steps.append(above[at])
            at = above[at][0]
        return tuple(reversed(steps))

    def below(self, child: int) -> frozenset[int]:
        """The terminals that a child leads to."""
        if child < 0:
            return frozenset({-1 - child})
        return frozenset().union(*(self.below(c) for c in self.nodes[child].children))

    def moves_once(self) -> str | None:
        """The name of a player who moves twice on some path, if there is one."""
        for terminal in range(len(self.terminals)):
            movers = [self.nodes[node].player for node, _ in self.path(terminal)]
            for player in movers:
                if player != CHANCE and movers.count(player) > 1:
                    return self.players[player]
        return None


def read_tree(nested: Mapping[str, Any]) -> Tree:
    """A tree from nested mappings.

    A decision is `{"player": name, "actions": {action: what follows, ...}}`, a draw is
    `{"chance": {outcome: [probability, what follows], ...}}`, and an ending is its label.

    >>> war = {"player": "D", "actions": {"yield": "concession", "fight": "war"}}
    >>> tree = read_tree({"player": "A", "actions": {"wait": "status quo", "attack": war}})
    >>> tree.players, tree.terminals
    (('A', 'D'), ('status quo', 'concession', 'war'))

    Raises `GameError` for anything else, for a label that is used twice, and for
    probabilities that do not add up to one.
    """
    reading = _Reading()
    reading.enter(nested)
    return reading.tree()


class _Reading:
    def __init__(self) -> None:
        self.players: list[str] = []
        self.nodes: list[Node | None] = []
        self.terminals: list[str] = []
        self.chances: list[float] = []

    def enter(self, part: Any) -> int:
        if isinstance(part, str):
            if part in self.terminals:
                raise GameError(f"the ending {part!r} stands twice in the tree")
            self.terminals.append(part)
            return -len(self.terminals)
        if isinstance(part, Mapping) and set(part) == {"player", "actions"}:
            return self._decision(part)
        if isinstance(part, Mapping) and set(part) == {"chance"}:
            return self._draw(part["chance"])
        raise GameError(
            "a tree is made of {player, actions}, {chance} and labels of endings; "
            f"found {part!r}"
        )

    def _decision(self, part: Mapping[str, Any]) -> int:
        name, actions = str(part["player"]), part["actions"]
        if not isinstance(actions, Mapping) or len(actions) < 2:
            raise GameError(f"{name} needs a mapping of two or more actions; found {actions!r}")
        if name not in self.players:
            self.players.append(name)
        here = len(self.nodes)
        self.nodes.append(None)
        self.nodes[here] = Node(
            player=self.players.index(name),
            actions=tuple(str(action) for action in actions),
            children=tuple([self.enter(follows) for follows in actions.values()]),
            name=name,
        )
        return here

    def _draw(self, outcomes: Mapping[str, Any]) -> int:
        here = len(self.nodes)
        self.nodes.append(None)
        chances = [float(probability) for probability, _ in outcomes.values()]
        if min(chances) < 0 or abs(sum(chances) - 1.0) > 1e-9:
            raise GameError(f"the probabilities of a draw must add up to 1; found {chances}")
        first = len(self.chances)
        self.chances += chances
        self.nodes[here] = Node(
            player=CHANCE,
            actions=tuple(str(outcome) for outcome in outcomes),
            children=tuple([self.enter(follows) for _, follows in outcomes.values()]),
            name="chance",
            draws=tuple(range(first, first + len(chances))),
        )
        return here

    def tree(self) -> Tree:
        return Tree(
            players=tuple(self.players),
            nodes=tuple(node for node in self.nodes if node is not None),
            terminals=tuple(self.terminals),
            chances=tuple(self.chances),
        )
