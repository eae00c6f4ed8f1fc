"""What kind of tree it is: subgames, and whether players remember what they knew and did."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from foedus.game.trees.tree import ExtensiveGame

Sequence = tuple[int, int] | None  # the last own (information set, action); None: none yet


@dataclass(frozen=True, kw_only=True)
class Recall:
    """What players forget.

    - `forgetting`: sets at which the mover forgets something that it knew or did.
    - `absent`: those of them that one play can pass twice (absent-mindedness).
    """

    forgetting: tuple[int, ...]
    absent: tuple[int, ...]

    @property
    def perfect(self) -> bool:
        """Whether nobody forgets anything."""
        return not self.forgetting

    def words(self, game: ExtensiveGame) -> str:
        """In words, with the first set concerned."""
        if self.perfect:
            return "perfect recall"
        kind = "absent-mindedness" if self.absent else "imperfect recall"
        at = (self.absent or self.forgetting)[0]
        player = game.sets[at].player
        assert player is not None
        return f"{kind} of {game.players[player]} at {game.name(at)!r}"


def own_sequences(game: ExtensiveGame) -> list[tuple[Sequence, ...]]:
    """For each node, what each player did last before it."""
    found: list[tuple[Sequence, ...]] = []
    for node in game.nodes:
        if node.parent < 0:
            found.append((None,) * len(game.players))
            continue
        before, at = found[node.parent], game.nodes[node.parent].at
        mover = game.sets[at].player
        if mover is None:
            found.append(before)
        else:
            found.append((*before[:mover], (at, node.branch), *before[mover + 1 :]))
    return found


def recall_of(game: ExtensiveGame) -> Recall:
    """Whether each player, at each of its sets, did the same before at all of its nodes.

    Kuhn (1953): perfect recall says exactly that, as sets determine the sets before them.
    """
    sequences = own_sequences(game)
    forgetting, absent = [], []
    for at, nodes in enumerate(game.members):
        mover = game.sets[at].player
        if mover is None or len({sequences[node][mover] for node in nodes}) <= 1:
            continue
        forgetting.append(at)
        if _passed_twice(game, at, nodes):
            absent.append(at)
    return Recall(forgetting=tuple(forgetting), absent=tuple(absent))


def _passed_twice(game: ExtensiveGame, at: int, nodes: tuple[int, ...]) -> bool:
    last = game.last
    # Depth first: a node below another one of the set directly follows some such node.
    return any(after <= last[node] for node, after in pairwise(nodes))


def subgame_roots(game: ExtensiveGame) -> tuple[int, ...]:
    """The nodes at which a subgame begins, the root first: no set reaches out of what is below."""
    size = len(game.nodes)
    first, last = list(range(size)), list(range(size))
    alone = [True] * size
    for at, nodes in enumerate(game.members):
        if game.sets[at].player is None:
            continue  # draws of nature are made anew at each node
        for node in nodes:
            first[node], last[node], alone[node] = nodes[0], nodes[-1], len(nodes) == 1
    for number in range(size - 1, 0, -1):
        parent = game.nodes[number].parent
        first[parent] = min(first[parent], first[number])
        last[parent] = max(last[parent], last[number])
    return tuple(
        number
        for number, node in enumerate(game.nodes)
        if node.at >= 0
        and alone[number]
        and first[number] >= number
        and last[number] <= game.last[number]
    )
