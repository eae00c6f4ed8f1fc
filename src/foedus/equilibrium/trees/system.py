r"""The equations of agent-logit play on a tree, with their exact derivatives.

Every information set h has an agent. With beliefs $\mu$ by Bayes' rule,

    Q(h, a) = \sum_{n \in h} \mu(n)\, V_i(n a),    \log\sigma(h, a) = \lambda_i Q(h, a) - \log
    \sum_b e^{\lambda_i Q(h, b)}

McKelvey & Palfrey (1998). Play is kept as logarithms, so that beliefs at sets that hardly any
play reaches have all their digits, at any precision.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from foedus.equilibrium.trees.arrays import TreeArrays

Row = Float[np.ndarray, "choices"]


@dataclass(frozen=True, eq=False, kw_only=True)
class Played:
    """What play makes of a tree.

    - `weight`: probability of the step that leads to each node.
    - `belief`: of each node at which a player chooses, given its set; 0 elsewhere.
    - `values`: (nodes, players).
    - `action_values`: of every choice to its mover.
    """

    weight: Float[np.ndarray, "nodes"]
    belief: Float[np.ndarray, "nodes"]
    values: Float[np.ndarray, "nodes players"]
    action_values: Row


def log_response(arrays: TreeArrays, odds: Row) -> Row:
    """Log probabilities with these log odds, set by set."""
    top = np.maximum.reduceat(odds, arrays.first[:-1])[arrays.owner_set]
    weight = np.exp(odds - top)
    total = np.add.reduceat(weight, arrays.first[:-1])[arrays.owner_set]
    return np.asarray(odds - top - np.log(total))


def play_out(arrays: TreeArrays, log_play: Row) -> Played:
    """Reach, beliefs, values and action values."""
    steps = arrays.chance.copy()
    chosen = arrays.chosen
    steps[chosen] = log_play[arrays.choice[chosen]]
    reach = np.zeros(len(steps))
    for level in arrays.levels[1:]:
        reach[level] = reach[arrays.parent[level]] + steps[level]
    weight = np.exp(steps)
    values = arrays.payoffs.copy()
    for level in arrays.levels[:0:-1]:
        np.add.at(values, arrays.parent[level], weight[level, None] * values[level])
    belief = np.zeros(len(steps))
    nodes = arrays.decisions
    own = arrays.set_of[nodes]
    top = np.full(len(arrays.sets), -np.inf)
    np.maximum.at(top, own, reach[nodes])
    shares = np.exp(reach[nodes] - np.where(np.isfinite(top), top, 0.0)[own])
    belief[nodes] = shares / np.bincount(own, shares, minlength=len(arrays.sets))[own]
    worth = _worth(arrays, values)
    parts = belief[arrays.parent[chosen]] * worth
    action_values = np.bincount(arrays.choice[chosen], parts, minlength=arrays.n_choices)
    return Played(weight=weight, belief=belief, values=values, action_values=action_values)


def _worth(arrays: TreeArrays, values: np.ndarray) -> np.ndarray:
    """Of each node that a choice leads to, to the one who chose."""
    chosen = arrays.chosen
    return np.asarray(values[chosen, arrays.mover[arrays.choice[chosen]]])


def derivative(arrays: TreeArrays, played: Played) -> Float[np.ndarray, "choices choices"]:
    """Of action values by log probabilities of choices."""
    size, n_players = arrays.n_choices, arrays.payoffs.shape[1]
    moved = np.zeros((len(arrays.parent), n_players, size))
    for level in arrays.levels[:0:-1]:
        weight = played.weight[level, None, None]
        above = arrays.parent[level]
        np.add.at(moved, above, weight * moved[level])
        made = arrays.choice[level] >= 0
        nodes = level[made]
        direct = played.weight[nodes, None] * played.values[nodes]
        for player in range(n_players):
            np.add.at(moved[:, player], (above[made], arrays.choice[nodes]), direct[:, player])
    chosen = arrays.chosen
    choices, at = arrays.choice[chosen], arrays.parent[chosen]
    nodes = arrays.decisions
    # Beliefs move with what is done on the way, relative to its mean over the set.
    mean = np.zeros((len(arrays.sets), size))
    np.add.at(mean, arrays.set_of[nodes], played.belief[nodes, None] * arrays.passed[nodes])
    tilt = arrays.passed[at] - mean[arrays.set_of[at]]
    worth = _worth(arrays, played.values)
    rows = moved[chosen, arrays.mover[choices]] + worth[:, None] * tilt
    found = np.zeros((size, size))
    np.add.at(found, choices, played.belief[at, None] * rows)
    return found
