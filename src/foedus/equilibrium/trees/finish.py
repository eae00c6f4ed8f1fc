"""From the end of a logit path to exact supports: play without noise, as the path's limit.

Actions that the path all but gave up get probability 0. What is left of each set is made
indifferent by Gauss-Newton steps of smallest size, with beliefs by Bayes' rule where play leads,
and those of the path where it does not.
"""

from __future__ import annotations

import numpy as np

from foedus.equilibrium.trees.arrays import TreeArrays
from foedus.equilibrium.trees.system import play_out

STEPS = 30
GIVEN_UP = (1e-4, 1e-3, 1e-2, 1e-6)  # probabilities at which an action may be taken for given up
MOST_MIXED = 200


def exact_play(arrays: TreeArrays, log_play: np.ndarray) -> list[np.ndarray]:
    """Candidates for the limit of a path whose last play this is, the likeliest first."""
    path = play_out(arrays, log_play)
    play = np.exp(log_play)
    found: list[np.ndarray] = []
    for bound in GIVEN_UP:
        support = play > bound
        candidate = indifferent(arrays, np.where(support, play, 0.0), support, path.belief)
        if candidate is not None and not any(np.array_equal(candidate, one) for one in found):
            found.append(candidate)
    return found


def indifferent(
    arrays: TreeArrays, play: np.ndarray, support: np.ndarray, held: np.ndarray
) -> np.ndarray | None:
    """Play near `play` that makes everybody indifferent among what the support holds, if any."""
    first = arrays.first[:-1]
    play = play / np.add.reduceat(play, first)[arrays.owner_set]
    counts = np.add.reduceat(support.astype(int), first)
    mixed = support & (counts[arrays.owner_set] > 1)
    unknown = np.flatnonzero(mixed)
    if not len(unknown):
        return play
    if len(unknown) > MOST_MIXED:
        return None
    for _ in range(STEPS):
        gap = _gaps(arrays, play, unknown, held)
        slope = np.empty((len(gap), len(unknown)))
        for column, choice in enumerate(unknown):
            # Expected values are of low degree in each probability, so differences are exact.
            ahead, behind = play.copy(), play.copy()
            ahead[choice] += 1e-5
            behind[choice] -= 1e-5
            rise = _gaps(arrays, ahead, unknown, held) - _gaps(arrays, behind, unknown, held)
            slope[:, column] = rise / 2e-5
        change = np.linalg.lstsq(slope, gap, rcond=1e-10)[0]
        play = play.copy()
        play[unknown] -= change
        if not np.isfinite(play).all() or play.min() < -1e-9 or play.max() > 1 + 1e-9:
            return None
        if np.abs(change).max() < 1e-14:
            break
    play = np.clip(play, 0.0, 1.0)
    return np.asarray(play / np.add.reduceat(play, first)[arrays.owner_set])


def _gaps(
    arrays: TreeArrays, play: np.ndarray, unknown: np.ndarray, held: np.ndarray
) -> np.ndarray:
    """Sums of probabilities less 1, and action values less those of the set's first supported."""
    action_values, _ = _earned(arrays, play, held)
    rows = []
    own = arrays.owner_set[unknown]
    for at in np.unique(own):
        choices = unknown[own == at]
        a, b = arrays.first[at], arrays.first[at + 1]
        rows.append(play[a:b].sum() - 1.0)
        unit = arrays.units[arrays.mover[choices[0]]]
        rows.extend((action_values[choices[1:]] - action_values[choices[0]]) / unit)
    return np.array(rows)


def _earned(
    arrays: TreeArrays, play: np.ndarray, held: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Action values, with held beliefs where play does not lead; and how likely it leads to sets."""
    weight = np.exp(arrays.chance)
    chosen = arrays.chosen
    weight[chosen] = play[arrays.choice[chosen]]
    reach = np.ones(len(weight))
    for level in arrays.levels[1:]:
        reach[level] = reach[arrays.parent[level]] * weight[level]
    values = arrays.payoffs.copy()
    for level in arrays.levels[:0:-1]:
        np.add.at(values, arrays.parent[level], weight[level, None] * values[level])
    nodes = arrays.decisions
    own = arrays.set_of[nodes]
    total = np.bincount(own, reach[nodes], minlength=len(arrays.sets))
    belief = held.copy()
    there = np.abs(total[own]) > 1e-12
    belief[nodes[there]] = reach[nodes[there]] / total[own[there]]
    worth = values[chosen, arrays.mover[arrays.choice[chosen]]]
    parts = belief[arrays.parent[chosen]] * worth
    return np.bincount(arrays.choice[chosen], parts, minlength=arrays.n_choices), total


def gains(arrays: TreeArrays, play: np.ndarray, held: np.ndarray) -> tuple[float, float]:
    """The most that an agent gains where play leads, and anywhere, in units of its payoffs."""
    action_values, total = _earned(arrays, play, held)
    first = arrays.first[:-1]
    best = np.maximum.reduceat(action_values, first)
    mean = np.add.reduceat(play * action_values, first)
    gain = (best - mean) / arrays.units[arrays.mover[first]]
    return float(gain[total > 0].max(initial=0.0)), float(gain.max())
