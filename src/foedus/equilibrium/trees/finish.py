"""From the end of a logit path to exact supports: play without noise, as the path's limit.

Actions that the path all but gave up get probability 0. What is left of each set is made
indifferent by Gauss-Newton steps of smallest size, with beliefs by Bayes' rule where play leads,
and by mistakes as likely as on the path where it does not.
"""

from __future__ import annotations

import numpy as np

from foedus.equilibrium.trees.arrays import TreeArrays

STEPS = 30
GIVEN_UP = (1e-4, 1e-3, 1e-2, 1e-6)  # probabilities at which an action may be taken for given up
MOST_MIXED = 200
DIFFERENCE = 1e-5
COUNTED = 1e-5  # share of a belief below which mistakes are of a higher order


def exact_play(arrays: TreeArrays, log_play: np.ndarray) -> list[np.ndarray]:
    """Candidates for the limit of a path whose last play this is, the likeliest first."""
    play = np.exp(log_play)
    found: list[np.ndarray] = []
    for bound in GIVEN_UP:
        support = play > bound
        candidate = indifferent(arrays, np.where(support, play, 0.0), support, log_play)
        if candidate is not None and not any(np.array_equal(candidate, one) for one in found):
            found.append(candidate)
    return found


def indifferent(
    arrays: TreeArrays, play: np.ndarray, support: np.ndarray, log_path: np.ndarray
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
    # Where play does not lead, what is mixed also depends on how likely mistakes are.
    _, total = beliefs_of(arrays, play, log_path)
    idle = (total[arrays.owner_set[unknown]] == 0.0).any()
    loose = np.flatnonzero(~support)[:MOST_MIXED] if idle else np.zeros(0, int)
    for _ in range(STEPS):
        gap = _gaps(arrays, play, unknown, log_path)
        columns = [_rise(arrays, play, unknown, log_path, play_at=at) for at in unknown.tolist()]
        columns += [_rise(arrays, play, unknown, log_path, path_at=at) for at in loose.tolist()]
        change = np.linalg.lstsq(np.stack(columns, axis=1), gap, rcond=1e-10)[0]
        play, log_path = play.copy(), log_path.copy()
        play[unknown] -= change[: len(unknown)]
        log_path[loose] -= np.clip(change[len(unknown) :], -1.0, 1.0)
        if not np.isfinite(play).all() or play.min() < -1e-9 or play.max() > 1 + 1e-9:
            return None
        if np.abs(change).max() < 1e-14:
            break
    play = np.clip(play, 0.0, 1.0)
    return np.asarray(play / np.add.reduceat(play, first)[arrays.owner_set])


def _rise(
    arrays: TreeArrays,
    play: np.ndarray,
    unknown: np.ndarray,
    log_path: np.ndarray,
    *,
    play_at: int | None = None,
    path_at: int | None = None,
) -> np.ndarray:
    """How gaps rise with a probability, or with the log weight of a mistake.

    Expected values are of low degree in each probability, so differences are exact.
    """
    found = []
    for step in (DIFFERENCE, -DIFFERENCE):
        moved, path = play.copy(), log_path.copy()
        if play_at is not None:
            moved[play_at] += step
        if path_at is not None:
            path[path_at] += step
        found.append(_gaps(arrays, moved, unknown, path))
    return np.asarray((found[0] - found[1]) / (2.0 * DIFFERENCE))


def _gaps(
    arrays: TreeArrays, play: np.ndarray, unknown: np.ndarray, log_path: np.ndarray
) -> np.ndarray:
    """Sums of probabilities less 1, and action values less those of the set's first supported."""
    action_values, _ = _earned(arrays, play, log_path)
    rows = []
    own = arrays.owner_set[unknown]
    for at in np.unique(own):
        choices = unknown[own == at]
        a, b = arrays.first[at], arrays.first[at + 1]
        rows.append(play[a:b].sum() - 1.0)
        unit = arrays.units[arrays.mover[choices[0]]]
        rows.extend((action_values[choices[1:]] - action_values[choices[0]]) / unit)
    return np.array(rows)


def beliefs_of(
    arrays: TreeArrays, play: np.ndarray, log_path: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Of each node in its set; and how likely play leads to each set.

    Where it does not lead, mistakes are as likely as on the path, to leading order.
    """
    weight = np.exp(arrays.chance)
    steps = arrays.chance.copy()
    chosen = arrays.chosen
    taken = play[arrays.choice[chosen]]
    weight[chosen] = taken
    known = np.log(np.maximum(taken, 1e-300))
    steps[chosen] = np.where(taken > 1e-12, known, log_path[arrays.choice[chosen]])
    reach, rare = np.ones(len(weight)), np.zeros(len(weight))
    for level in arrays.levels[1:]:
        reach[level] = reach[arrays.parent[level]] * weight[level]
        rare[level] = rare[arrays.parent[level]] + steps[level]
    nodes = arrays.decisions
    own, size = arrays.set_of[nodes], len(arrays.sets)
    total = np.bincount(own, reach[nodes], minlength=size)
    top = np.full(size, -np.inf)
    np.maximum.at(top, own, rare[nodes])
    shares = np.exp(rare[nodes] - top[own])
    shares = np.where(shares > COUNTED, shares, 0.0)
    shares /= np.bincount(own, shares, minlength=size)[own]
    there = np.abs(total[own]) > 1e-12
    belief = np.zeros(len(weight))
    belief[nodes] = np.where(there, reach[nodes] / np.where(there, total[own], 1.0), shares)
    return belief, total


def _earned(
    arrays: TreeArrays, play: np.ndarray, log_path: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Action values with those beliefs; and how likely play leads to each set."""
    belief, total = beliefs_of(arrays, play, log_path)
    weight, chosen = np.exp(arrays.chance), arrays.chosen
    weight[chosen] = play[arrays.choice[chosen]]
    values = arrays.payoffs.copy()
    for level in arrays.levels[:0:-1]:
        np.add.at(values, arrays.parent[level], weight[level, None] * values[level])
    worth = values[chosen, arrays.mover[arrays.choice[chosen]]]
    parts = belief[arrays.parent[chosen]] * worth
    return np.bincount(arrays.choice[chosen], parts, minlength=arrays.n_choices), total


def gains(arrays: TreeArrays, play: np.ndarray, log_path: np.ndarray) -> tuple[float, float]:
    """The most that an agent gains where play leads, and anywhere, in units of its payoffs."""
    action_values, total = _earned(arrays, play, log_path)
    first = arrays.first[:-1]
    best = np.maximum.reduceat(action_values, first)
    mean = np.add.reduceat(play * action_values, first)
    gain = (best - mean) / arrays.units[arrays.mover[first]]
    return float(gain[total > 0].max(initial=0.0)), float(gain.max())
