"""A tree taken apart into its subgames, innermost first; those that are alike are solved once."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from fractions import Fraction

import numpy as np

from foedus.equilibrium.trees.arrays import TreeArrays, tree_arrays
from foedus.game.trees.shape import subgame_roots
from foedus.game.trees.tree import ExtensiveGame

# What a solver returns for one subgame: a row of log probabilities by choice, values at its root.
Solved = tuple[np.ndarray, np.ndarray]


def solve_subgames(
    game: ExtensiveGame, solver: Callable[[TreeArrays], Solved]
) -> tuple[list[np.ndarray | None], np.ndarray, int]:
    """Log probabilities by information set, values at the root, and how many were solved.

    `solver` gets each subgame with its own subgames replaced by their values. Subgames that differ
    by a constant of each player's payoffs only, as they do after different histories with the same
    prospects, are handed to it once.
    """
    play: list[np.ndarray | None] = [None] * len(game.sets)
    roots = subgame_roots(game)
    begins = set(roots)
    known: dict[Hashable, tuple[int, list[np.ndarray], np.ndarray]] = {}
    kinds: dict[int, int] = {}  # of each root: which of the known
    bases: dict[int, tuple[Fraction, ...]] = {}
    worth: dict[int, np.ndarray] = {}
    for root in reversed(roots):
        nodes = _own_nodes(game, root, begins)
        first = next(n for n in nodes if n in worth or game.nodes[n].at < 0)
        base = bases[first] if first in bases else game.collected[first]
        bases[root] = base
        key = _likeness(game, nodes, kinds, bases, base)
        if key not in known:
            cut = {node: worth[node] for node in nodes if node in worth}
            arrays = tree_arrays(game, root, cut)
            row, value = solver(arrays)
            known[key] = len(known), arrays.split(row), value - _floats(base)
        kinds[root], rows, relative = known[key]
        worth[root] = relative + _floats(base)
        for at, own in zip(_own_sets(game, nodes, worth, root), rows, strict=True):
            play[at] = own
    return play, worth[0] if 0 in worth else _floats(game.collected[0]), len(known)


def _own_nodes(game: ExtensiveGame, root: int, begins: set[int]) -> list[int]:
    """The nodes of a subgame, down to the roots of subgames in it, those included."""
    found, node, last = [], root, game.last[root]
    while node <= last:
        found.append(node)
        node = game.last[node] + 1 if node in begins and node != root else node + 1
    return found


def _own_sets(
    game: ExtensiveGame, nodes: list[int], worth: dict[int, np.ndarray], root: int
) -> list[int]:
    """The information sets among these nodes, in the order of their first nodes."""
    return list(
        dict.fromkeys(
            game.nodes[node].at
            for node in nodes
            if (node == root or node not in worth)
            and game.nodes[node].at >= 0
            and game.sets[game.nodes[node].at].player is not None
        )
    )


def _likeness(
    game: ExtensiveGame,
    nodes: list[int],
    kinds: dict[int, int],
    bases: dict[int, tuple[Fraction, ...]],
    base: tuple[Fraction, ...],
) -> Hashable:
    """Everything about a subgame that its solution depends on."""
    places: dict[int, int] = {}
    parts: list[Hashable] = []
    for number, node in enumerate(nodes):
        at = game.nodes[node].at
        if number and node in kinds:
            gap = tuple(a - b for a, b in zip(bases[node], base, strict=True))
            parts.append(("subgame", kinds[node], gap))
        elif at < 0:
            gap = tuple(a - b for a, b in zip(game.collected[node], base, strict=True))
            parts.append(("leaf", gap))
        elif game.sets[at].player is None:
            parts.append(("draw", game.sets[at].probabilities))
        else:
            one = game.sets[at]
            place = places.setdefault(at, len(places))
            parts.append(("set", one.player, place, len(one.actions)))
    return tuple(parts)


def _floats(exact: tuple[Fraction, ...]) -> np.ndarray:
    return np.array([float(x) for x in exact])
