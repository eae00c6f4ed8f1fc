r"""Play of a tree whose payoffs are disturbed: from utilities to the probability of each ending.

`agent`: a fresh disturbance for every action at every node, seen by its mover alone, as in
quantal response equilibrium (Signorino 1999). `private`: each player's utility of every ending
is disturbed once; the player knows its own disturbances from the start and nobody else does, so
that each expects what the others' disturbances make them do (Signorino 2003).

    agent:    Q_a = value of what follows a,            disturbed by ε_a / λ
    private:  Q_a = Σ_t P(t | a) (u_t + ε_t / λ),       variance Σ_t P(t | a)² / λ²
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from foedus.estimation.choice import logit_choice, probit_choice
from foedus.estimation.jets import Number, exp, log, log_sum_exp
from foedus.estimation.tree import CHANCE, Node, Tree

Shocks = Literal["agent", "private"]
Distribution = Literal["normal", "gumbel"]
Convention = Literal["expected", "shock"]
EULER = float(np.euler_gamma)


@dataclass(frozen=True, kw_only=True)
class Behaviour:
    """How payoffs are disturbed, and what a mover expects of its own later moves."""

    shocks: Shocks = "agent"
    distribution: Distribution = "normal"
    convention: Convention = "expected"


@dataclass(frozen=True, kw_only=True)
class Prospect:
    """What lies below a node: each player's value, and how likely each ending is."""

    values: Mapping[int, Number]
    endings: Mapping[int, Number]


def play(
    tree: Tree,
    behaviour: Behaviour,
    utilities: Mapping[tuple[int, int], Number],
    precision: Sequence[Number],
    chances: Sequence[Number],
) -> list[list[Number]]:
    """Log-probabilities of the actions at every node.

    `utilities[player, terminal]` may leave out zeros; `precision` has one number per player.
    """
    answer: list[list[Number]] = [[] for _ in tree.nodes]
    prospects: dict[int, Prospect] = {
        -1 - t: Prospect(
            values={p: utilities.get((p, t), 0.0) for p in range(len(tree.players))},
            endings={t: 1.0},
        )
        for t in range(len(tree.terminals))
    }
    movers = _movers_above(tree)
    for position in reversed(range(len(tree.nodes))):
        node = tree.nodes[position]
        below = [prospects[child] for child in node.children]
        chosen = _chosen(node, behaviour, below, precision, chances)
        answer[position] = chosen
        if position:
            prospects[position] = _prospect(
                node, behaviour, below, chosen, precision, movers[position]
            )
    return answer


def _movers_above(tree: Tree) -> list[set[int]]:
    """Who moves before each node: only their values are needed there."""
    above: list[set[int]] = [set() for _ in tree.nodes]
    for position, node in enumerate(tree.nodes):
        for child in node.children:
            if child > 0:
                above[child] = above[position] | ({node.player} - {CHANCE})
    return above


def _chosen(
    node: Node,
    behaviour: Behaviour,
    below: Sequence[Prospect],
    precision: Sequence[Number],
    chances: Sequence[Number],
) -> list[Number]:
    if node.player == CHANCE:
        return [log(np.asarray(c)) if isinstance(c, float) else log(c)
                for c in (chances[d] for d in node.draws)]  # fmt: skip
    sharp = precision[node.player]
    values = [prospect.values[node.player] * sharp for prospect in below]
    if behaviour.distribution == "gumbel":
        return logit_choice(values)
    if behaviour.shocks == "agent":
        return probit_choice(values, [1.0] * len(values))
    return probit_choice(values, [_variance(prospect) for prospect in below])


def _variance(prospect: Prospect) -> Number:
    total: Number = 0.0
    for probability in prospect.endings.values():
        total = total + probability * probability
    return total


def _prospect(
    node: Node,
    behaviour: Behaviour,
    below: Sequence[Prospect],
    chosen: Sequence[Number],
    precision: Sequence[Number],
    needed: set[int],
) -> Prospect:
    likely = [exp(log_probability) for log_probability in chosen]
    values: dict[int, Any] = {}
    for player in needed:
        total: Number = 0.0
        for probability, prospect in zip(likely, below, strict=True):
            worth = prospect.values[player]
            if not (isinstance(worth, float) and worth == 0.0):
                total = total + probability * worth
        values[player] = total
    if node.player in needed and behaviour.convention == "shock":
        own = precision[node.player]
        inclusive = log_sum_exp([prospect.values[node.player] * own for prospect in below])
        values[node.player] = (inclusive + EULER) / own
    endings: dict[int, Number] = {}
    if behaviour.shocks == "private":
        for probability, prospect in zip(likely, below, strict=True):
            for terminal, chance in prospect.endings.items():
                endings[terminal] = probability * chance
    return Prospect(values=values, endings=endings)
