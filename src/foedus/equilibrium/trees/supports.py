"""Equilibria with given supports at every information set, by Gauss-Newton from random starts."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np

from foedus.equilibrium.trees.arrays import TreeArrays
from foedus.equilibrium.trees.finish import indifferent

MOST_SUPPORTS = 4_000


def count_supports(arrays: TreeArrays) -> int:
    """How many ways there are to pick the actions that are played at all sets."""
    total = 1
    for size in np.diff(arrays.first):
        total *= 2 ** int(size) - 1
    return total


def supported_play(arrays: TreeArrays, starts: int, seed: int) -> Iterator[np.ndarray]:
    """Play that makes everybody indifferent among what it uses, for all supports; not yet checked.

    Sets that a support keeps play from are played by a single action. Systems of equations with
    several solutions are solved from `starts` random points, so some may be missed.
    """
    rng = np.random.default_rng(seed)
    mistakes = np.full(arrays.n_choices, -20.0)
    sizes = np.diff(arrays.first)
    options = [range(1, 2 ** int(size)) for size in sizes]
    for picked in product(*options):
        support = np.concatenate(
            [
                np.array([bool(bits >> a & 1) for a in range(int(size))])
                for bits, size in zip(picked, sizes, strict=True)
            ]
        )
        counts = np.add.reduceat(support.astype(int), arrays.first[:-1])
        if not _led_to(arrays, support)[counts > 1].all():
            continue
        pure = counts.max() == 1
        for _ in range(1 if pure else starts):
            play = np.where(support, rng.exponential(size=len(support)) + 1e-3, 0.0)
            play /= np.add.reduceat(play, arrays.first[:-1])[arrays.owner_set]
            found = indifferent(arrays, play, support, mistakes)
            if found is not None and (pure or found[support].min() > 1e-9):
                yield found


def _led_to(arrays: TreeArrays, support: np.ndarray) -> np.ndarray:
    """Which sets play with this support reaches."""
    reached = np.ones(len(arrays.parent), bool)
    step = arrays.chance > -1e3
    chosen = arrays.chosen
    step[chosen] = support[arrays.choice[chosen]]
    for level in arrays.levels[1:]:
        reached[level] = reached[arrays.parent[level]] & step[level]
    found = np.zeros(len(arrays.sets), bool)
    nodes = arrays.decisions
    np.logical_or.at(found, arrays.set_of[nodes], reached[nodes])
    return found
