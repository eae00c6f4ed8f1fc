"""A tree under construction: nodes are added depth first, each where the last one left off."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from fractions import Fraction

from foedus.errors import GameError
from foedus.game.trees.tree import ExtensiveGame, InformationSet, Node, Outcome


class Growth:
    """Adds nodes in depth-first order: after a node come its first branch's nodes, and so on.

    >>> growth = Growth(["A", "B"])
    >>> growth.choose("A", ["war", "peace"])
    0
    >>> growth.end([-1, -2])
    1
    >>> growth.end([0, 0])
    2
    >>> growth.finish(title="crisis")
    <ExtensiveGame 'crisis': players A, B; nodes: 3, information sets: 1, draws of nature: 0, \
leaves: 2>
    """

    def __init__(self, players: Sequence[str]) -> None:
        self.players = tuple(players)
        self._sets: list[InformationSet] = []
        self._known: dict[Hashable, int] = {}
        self._outcomes: dict[Hashable, int] = {}
        self._paid: list[Outcome] = []
        self._nodes: list[tuple[int, int, int, int, str]] = []
        self._children: list[list[int]] = []
        self.open: list[int] = []  # nodes that still need branches, innermost last

    def choose(
        self,
        player: str | int,
        actions: Sequence[str],
        *,
        of: Hashable = None,
        label: str = "",
        node: str = "",
        outcome: int = -1,
    ) -> int:
        """A node where a player chooses; nodes with the same `of` are one information set."""
        mover = player if isinstance(player, int) else self.players.index(player)
        key = (mover, len(self._nodes)) if of is None else (mover, "shared", of)
        at = self._known.get(key)
        if at is None:
            at = self._add_set(
                key, InformationSet(player=mover, label=label, actions=tuple(actions))
            )
        elif len(self._sets[at].actions) != len(actions):
            raise GameError(
                f"the nodes of information set {of!r} have {len(self._sets[at].actions)} "
                f"and {len(actions)} actions"
            )
        return self._add_node(at, outcome, node)

    def draw(
        self,
        actions: Sequence[str],
        probabilities: Sequence[Fraction | int | str],
        *,
        of: Hashable = None,
        label: str = "",
        node: str = "",
        outcome: int = -1,
    ) -> int:
        """A node where nature draws. Raises `GameError` unless the probabilities sum to 1."""
        chances = tuple(Fraction(chance) for chance in probabilities)
        if sum(chances) != 1 or min(chances) < 0 or len(chances) != len(actions):
            raise GameError(f"probabilities {', '.join(map(str, chances))} do not sum to 1")
        key = (None, len(self._nodes)) if of is None else (None, "shared", of)
        at = self._known.get(key)
        if at is None:
            drawn = InformationSet(
                player=None, label=label, actions=tuple(actions), probabilities=chances
            )
            at = self._add_set(key, drawn)
        return self._add_node(at, outcome, node)

    def end(
        self,
        payoffs: Sequence[Fraction | int | str] | None = None,
        *,
        label: str = "",
        node: str = "",
        outcome: int | None = None,
    ) -> int:
        """A leaf, paid by `payoffs` or by an `outcome` known already."""
        if outcome is None:
            outcome = -1 if payoffs is None else self.outcome(payoffs, label=label)
        return self._add_node(-1, outcome, node)

    def outcome(
        self,
        payoffs: Sequence[Fraction | int | str],
        *,
        label: str = "",
        key: Hashable = None,
    ) -> int:
        """The number of an outcome; a new one for each call, unless a `key` is known already."""
        if key is not None and key in self._outcomes:
            return self._outcomes[key]
        paid = tuple(Fraction(payoff) for payoff in payoffs)
        if len(paid) != len(self.players):
            raise GameError(f"{len(paid)} payoffs for {len(self.players)} players")
        self._paid.append(Outcome(label=label, payoffs=paid))
        if key is not None:
            self._outcomes[key] = len(self._paid) - 1
        return len(self._paid) - 1

    def pay(self, outcome: int, payoffs: Sequence[Fraction], label: str) -> None:
        """Say what an outcome pays that was only named before."""
        label = label or self._paid[outcome].label
        self._paid[outcome] = Outcome(label=label, payoffs=tuple(payoffs))

    def missing(self) -> int:
        """How many branches have no node yet."""
        return sum(
            len(self._sets[self._nodes[number][0]].actions) - len(self._children[number])
            for number in self.open
        )

    def __len__(self) -> int:
        return len(self._nodes)

    def _add_set(self, key: Hashable, found: InformationSet) -> int:
        self._known[key] = len(self._sets)
        self._sets.append(found)
        return len(self._sets) - 1

    def _add_node(self, at: int, outcome: int, label: str) -> int:
        number, parent, branch = len(self._nodes), -1, -1
        if self.open:
            parent = self.open[-1]
            branch = len(self._children[parent])
            self._children[parent].append(number)
            if branch + 1 == len(self._sets[self._nodes[parent][0]].actions):
                self.open.pop()
        elif number:
            raise GameError("every branch of the tree has its node already")
        self._nodes.append((at, outcome, parent, branch, label))
        self._children.append([])
        if at >= 0:
            self.open.append(number)
        return number

    def finish(self, *, title: str = "", comment: str = "") -> ExtensiveGame:
        """The finished game. Raises `GameError` where a branch has no node yet."""
        if self.open or not self._nodes:
            raise GameError(f"the tree is not finished: {len(self.open)} nodes lack branches")
        return ExtensiveGame(
            players=self.players,
            sets=tuple(self._sets),
            outcomes=tuple(self._paid),
            nodes=tuple(
                Node(at, outcome, parent, branch, tuple(children), label)
                for (at, outcome, parent, branch, label), children in zip(
                    self._nodes, self._children, strict=True
                )
            ),
            title=title,
            comment=comment,
        )
