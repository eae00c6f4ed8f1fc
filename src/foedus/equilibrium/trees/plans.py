"""From mixtures of plans to play at information sets, filled in where a plan never leads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, product

import numpy as np

from foedus.equilibrium.trees.evidence import certify_tree
from foedus.game.trees.strategies import Strategy
from foedus.game.trees.tree import ExtensiveGame

MOST_FILLINGS = 64

Play = list[np.ndarray | None]


def behaviour(
    game: ExtensiveGame,
    strategies: Sequence[Sequence[Strategy]],
    mixtures: Sequence[Sequence[float]],
) -> Play:
    """Play at each set that the mixtures of plans come to; None where a player's own plans never
    lead. Kuhn (1953): with perfect recall it is worth the same against everybody."""
    play: Play = [None] * len(game.sets)
    for at in game.decisions:
        player = game.sets[at].player
        assert player is not None
        weights = np.zeros(len(game.sets[at].actions))
        for plan, share in zip(strategies[player], mixtures[player], strict=True):
            if at in plan:
                weights[plan[at]] += float(share)
        if weights.sum() > 0:
            play[at] = weights / weights.sum()
    return play


def from_pure(game: ExtensiveGame, plan: Mapping[int, int]) -> Play:
    """Play at each set that a plan for it names."""
    play: Play = [None] * len(game.sets)
    for at, action in plan.items():
        play[at] = np.eye(len(game.sets[at].actions))[action]
    return play


def filled(game: ExtensiveGame, play: Play) -> Iterator[Play]:
    """Ways to fill in play at the sets where it says nothing, the most sensible first.

    First best replies to the beliefs of equally likely mistakes, last sets first; then every
    choice of pure actions, up to a number.
    """
    gaps = [at for at in game.decisions if play[at] is None]
    yield _sensible(game, play, gaps)
    options = [range(len(game.sets[at].actions)) for at in gaps]
    for picked in islice(product(*options), MOST_FILLINGS if gaps else 0):
        found = list(play)
        for at, action in zip(gaps, picked, strict=True):
            found[at] = np.eye(len(game.sets[at].actions))[action]
        yield found


def _sensible(game: ExtensiveGame, play: Play, gaps: list[int]) -> Play:
    found = list(play)
    for at in gaps:
        found[at] = np.full(len(game.sets[at].actions), 1.0 / len(game.sets[at].actions))
    for at in reversed(gaps):
        earned = certify_tree(game, [() if p is None else p.tolist() for p in found]).action_values
        found[at] = np.eye(len(game.sets[at].actions))[int(np.argmax(earned[at]))]
    return found
