"""A tree, or a subgame with its own subgames cut off, as flat arrays for the solvers.

The choices of all information sets stand in one row: choice k belongs to set `owner_set[k]` of
player `mover[k]`. Nodes stand in depth-first order and are grouped by depth.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float, Int

from foedus.game.trees.tree import ExtensiveGame


@dataclass(frozen=True, eq=False, kw_only=True)
class TreeArrays:
    """The numbers of a tree.

    - `sets`: which information sets of the game these are, in the order of their choices.
    - `first`: of each, the position of its first choice; one more entry at the end.
    - `parent`: of each node; -1 at the root.
    - `choice`: the choice that leads to each node, -1 where nature draws and at the root.
    - `chance`: log probability of the draw that leads to each node, 0 elsewhere.
    - `set_of`: the set of each node, by place in `sets`; -1 elsewhere.
    - `levels`: nodes by depth.
    - `payoffs`: (nodes, players), of leaves; 0 elsewhere.
    """

    sets: tuple[int, ...]
    first: Int[np.ndarray, "sets_and_end"]
    mover: Int[np.ndarray, "choices"]
    owner_set: Int[np.ndarray, "choices"]
    parent: Int[np.ndarray, "nodes"]
    choice: Int[np.ndarray, "nodes"]
    chance: Float[np.ndarray, "nodes"]
    set_of: Int[np.ndarray, "nodes"]
    levels: tuple[Int[np.ndarray, "own"], ...]
    payoffs: Float[np.ndarray, "nodes players"]

    @property
    def n_choices(self) -> int:
        return len(self.mover)

    @cached_property
    def decisions(self) -> Int[np.ndarray, "deciding"]:
        """The nodes at which a player chooses."""
        return np.flatnonzero(self.set_of >= 0)

    @cached_property
    def chosen(self) -> Int[np.ndarray, "edges"]:
        """The nodes that a choice leads to."""
        return np.flatnonzero(self.choice >= 0)

    @cached_property
    def passed(self) -> Float[np.ndarray, "nodes choices"]:
        """How often the path to each node makes each choice."""
        found = np.zeros((len(self.parent), self.n_choices))
        for level in self.levels[1:]:
            found[level] = found[self.parent[level]]
            made = level[self.choice[level] >= 0]
            found[made, self.choice[made]] += 1.0
        return found

    @cached_property
    def units(self) -> Float[np.ndarray, "players"]:
        """The range of each player's payoffs at leaves; 1 where it is 0."""
        leaves = np.ones(len(self.parent), bool)
        leaves[self.parent[1:]] = False
        paid = self.payoffs[leaves]
        spread = paid.max(axis=0) - paid.min(axis=0)
        return np.where(spread > 0, spread, 1.0)

    def spread(self, by_set: Sequence[np.ndarray]) -> np.ndarray:
        """One row from one array for each set."""
        return np.concatenate([np.asarray(by_set[at], float) for at in range(len(self.sets))])

    def split(self, row: np.ndarray) -> list[np.ndarray]:
        """One array for each set from one row."""
        return [row[a:b] for a, b in zip(self.first[:-1], self.first[1:], strict=True)]


def tree_arrays(
    game: ExtensiveGame,
    root: int = 0,
    cut: Mapping[int, Float[np.ndarray, "players"]] | None = None,
) -> TreeArrays:
    """The arrays of what is below `root`; nodes in `cut` end play and pay what stands there."""
    cut = cut or {}
    place: dict[int, int] = {}  # of a set among `sets`
    first = [0]
    number: dict[int, int] = {}  # of a node of the game here
    parent: list[int] = []
    depth: list[int] = []
    choice, chance, set_of, paid = [], [], [], []
    nothing = np.zeros(len(game.players))
    node, last = root, game.last[root]
    while node <= last:
        at = game.nodes[node].at if node not in cut else -1
        number[node] = len(parent)
        above = game.nodes[node].parent if node != root else -1
        parent.append(number[above] if above >= 0 else -1)
        depth.append(depth[parent[-1]] + 1 if above >= 0 else 0)
        before = game.sets[game.nodes[above].at] if above >= 0 else None
        branch = game.nodes[node].branch
        if before is None:
            choice.append(-1)
            chance.append(0.0)
        elif before.player is None:
            assert before.probabilities is not None
            choice.append(-1)
            chance.append(_log(float(before.probabilities[branch])))
        else:
            choice.append(first[place[game.nodes[above].at]] + branch)
            chance.append(0.0)
        if at >= 0 and game.sets[at].player is not None:
            if at not in place:
                place[at] = len(place)
                first.append(first[-1] + len(game.sets[at].actions))
            set_of.append(place[at])
        else:
            set_of.append(-1)
        if node in cut:
            paid.append(cut[node])
        else:
            paid.append(np.array([float(x) for x in game.collected[node]]) if at < 0 else nothing)
        node = game.last[node] + 1 if node in cut else node + 1
    sets = tuple(place)
    sizes = np.diff(first)
    owners = np.array([game.sets[at].player for at in sets], dtype=np.int64)
    return TreeArrays(
        sets=sets,
        first=np.array(first),
        mover=np.repeat(owners, sizes),
        owner_set=np.repeat(np.arange(len(sets)), sizes),
        parent=np.array(parent),
        choice=np.array(choice),
        chance=np.array(chance),
        set_of=np.array(set_of),
        levels=_levels(np.array(depth)),
        payoffs=np.stack(paid),
    )


def _levels(depth: np.ndarray) -> tuple[np.ndarray, ...]:
    order = np.argsort(depth, kind="stable")
    return tuple(np.split(order, np.cumsum(np.bincount(depth))[:-1]))


def _log(value: float) -> float:
    # What nature never draws still has beliefs: those of a draw too rare to count.
    return float(np.log(value)) if value > 0 else -1e4
