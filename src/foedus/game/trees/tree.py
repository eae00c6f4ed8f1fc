"""An extensive game as frozen data: nodes, information sets, nature's draws, exact payoffs.

Nodes stand in depth-first order, so that the subtree below node n is n, n + 1, ..., last[n].
Payoffs of outcomes add up along a path, wherever they stand: at leaves or at inner nodes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from foedus.errors import QueryError

if TYPE_CHECKING:
    from foedus.game.trees.faults import Fault


@dataclass(frozen=True, kw_only=True)
class InformationSet:
    """Nodes that one player cannot tell apart; or a draw of nature.

    - `player`: position among the players; None where nature draws.
    - `probabilities`: of nature's draws, exact, with sum 1; None where a player chooses.
    """

    player: int | None
    label: str
    actions: tuple[str, ...]
    probabilities: tuple[Fraction, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What everybody is paid where play passes a node, one exact number per player."""

    label: str
    payoffs: tuple[Fraction, ...]


class Node(NamedTuple):
    """One node. `at` is its information set, -1 at a leaf; `outcome` is -1 where none stands.

    `branch` says by which action of the `parent` it is reached; the root has -1 for both.
    """

    at: int
    outcome: int
    parent: int
    branch: int
    children: tuple[int, ...]
    label: str


@dataclass(frozen=True, kw_only=True, repr=False)
class ExtensiveGame:
    """A finite game tree with imperfect information and chance; every number is a fraction.

    - `sets`: information sets and draws of nature, in the order of their first nodes.
    - `nodes`: depth first; `nodes[0]` is the root.
    - `remarks`: what the reader of its file noticed and put right.

    Two games are equal if all of this but the remarks is.
    """

    players: tuple[str, ...]
    sets: tuple[InformationSet, ...]
    outcomes: tuple[Outcome, ...]
    nodes: tuple[Node, ...]
    title: str = ""
    comment: str = ""
    remarks: tuple[Fault, ...] = field(default=(), compare=False)

    def __repr__(self) -> str:
        title = f"{self.title!r}: " if self.title else ""
        decisions = sum(one.player is not None for one in self.sets)
        return (
            f"<ExtensiveGame {title}players {', '.join(self.players)}; "
            f"nodes: {len(self.nodes):,}, information sets: {decisions:,}, "
            f"draws of nature: {len(self.sets) - decisions:,}, leaves: {len(self.leaves):,}>"
        )

    @cached_property
    def members(self) -> tuple[tuple[int, ...], ...]:
        """The nodes of each information set."""
        found: list[list[int]] = [[] for _ in self.sets]
        for number, node in enumerate(self.nodes):
            if node.at >= 0:
                found[node.at].append(number)
        return tuple(map(tuple, found))

    @cached_property
    def leaves(self) -> tuple[int, ...]:
        """The nodes where play ends."""
        return tuple(number for number, node in enumerate(self.nodes) if node.at < 0)

    @cached_property
    def last(self) -> tuple[int, ...]:
        """The last node of the subtree below each node."""
        found = list(range(len(self.nodes)))
        for number in range(len(self.nodes) - 1, 0, -1):
            parent = self.nodes[number].parent
            found[parent] = max(found[parent], found[number])
        return tuple(found)

    @cached_property
    def collected(self) -> tuple[tuple[Fraction, ...], ...]:
        """What is paid on the way to each node, its own outcome included, node by player."""
        nothing = tuple(Fraction(0) for _ in self.players)
        found: list[tuple[Fraction, ...]] = []
        for node in self.nodes:
            before = found[node.parent] if node.parent >= 0 else nothing
            if node.outcome >= 0:
                paid = self.outcomes[node.outcome].payoffs
                before = tuple(a + b for a, b in zip(before, paid, strict=True))
            found.append(before)
        return tuple(found)

    @property
    def decisions(self) -> Iterator[int]:
        """The information sets at which a player chooses, in order."""
        return (at for at, one in enumerate(self.sets) if one.player is not None)

    @cached_property
    def _names(self) -> tuple[str, ...]:
        found = []
        counts: dict[int | None, int] = {}
        for one in self.sets:
            place = counts[one.player] = counts.get(one.player, 0) + 1
            owner = "nature" if one.player is None else self.players[one.player]
            found.append(one.label or f"{owner} {place}")
        return tuple(found)

    def name(self, at: int) -> str:
        """What an information set is called: its label, or player and place among their sets."""
        return self._names[at]

    def find(self, name: str | int, player: str | None = None) -> int:
        """The information set of that name or number. Raises `QueryError` if there is not one."""
        if isinstance(name, int):
            if 0 <= name < len(self.sets):
                return name
            top = len(self.sets) - 1
            raise QueryError(f"there is no information set {name}; they go from 0 to {top}")
        owned = [
            at
            for at, one in enumerate(self.sets)
            if player is None or (one.player is not None and self.players[one.player] == player)
        ]
        found = [at for at in owned if name in (self.sets[at].label, self.name(at))]
        if len(found) == 1:
            return found[0]
        if found:
            raise QueryError(f"{len(found)} information sets are called {name!r}; say whose")
        known = ", ".join(repr(self.name(at)) for at in owned[:12])
        raise QueryError(f"no information set is called {name!r}; there are {known}")

    def path(self, node: int) -> tuple[tuple[int, int], ...]:
        """The (information set, action) pairs from the root to a node."""
        steps = []
        while self.nodes[node].parent >= 0:
            parent = self.nodes[node].parent
            steps.append((self.nodes[parent].at, self.nodes[node].branch))
            node = parent
        return tuple(reversed(steps))
