"""Beliefs as limits of play by rarer and rarer mistakes: which are, and the nearest that are.

A mistake a, an action that is not played, has probability $e^{c_a} \\epsilon^{k_a}$ with order
$k_a \\ge 1$. At a set, only nodes that take the lowest order together keep belief, in proportion
to $e^C$, where C adds up the $c_a$ and the logarithms of what is played on the way. (Kohlberg &
Reny 1997.)
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property

import numpy as np
import scipy.optimize

from foedus.game.trees.tree import ExtensiveGame

Beliefs = tuple[tuple[float, ...], ...]

MOST_ENTRIES = 20_000_000  # of a table of mistakes by node
STEPS = 20


class Mistakes:
    """The actions that are not played, and which nodes of unreached sets take which of them."""

    def __init__(
        self, game: ExtensiveGame, chances: Sequence[Sequence[float]], sets: Sequence[int]
    ) -> None:
        self.game, self.chances, self.sets = game, chances, sets
        missing = [
            (at, action)
            for at in range(len(game.sets))
            for action, chance in enumerate(chances[at])
            if chance <= 1e-12
        ]
        self._places = {step: place for place, step in enumerate(missing)}

    @property
    def too_many(self) -> bool:
        """Whether the table would not fit; then nothing is said to be consistent."""
        nodes = sum(len(self.game.members[at]) for at in self.sets)
        return len(self._places) * nodes > MOST_ENTRIES

    @cached_property
    def _table(self) -> dict[int, tuple[np.ndarray, np.ndarray]]:
        """Of each set: how often each node takes each mistake, and the log weight of the rest."""
        found = {}
        for at in self.sets:
            nodes = self.game.members[at]
            counts, weights = np.zeros((len(nodes), len(self._places))), np.zeros(len(nodes))
            for row, node in enumerate(nodes):
                for step in self.game.path(node):
                    if step in self._places:
                        counts[row, self._places[step]] += 1.0
                    else:
                        weights[row] += math.log(self.chances[step[0]][step[1]])
            found[at] = counts, weights
        return found

    def consistent(self, beliefs: Beliefs) -> bool:
        """Whether mistakes of some orders and weights lead to these beliefs."""
        if self.too_many:
            return False
        equal, wanted, lower = self._conditions(beliefs)
        if not len(equal) and not len(lower):
            return True
        if not self._places:
            return False
        orders = scipy.optimize.linprog(
            np.ones(len(self._places)),
            A_eq=equal if len(equal) else None,
            b_eq=np.zeros(len(equal)) if len(equal) else None,
            A_ub=lower if len(lower) else None,
            b_ub=-np.ones(len(lower)) if len(lower) else None,
            bounds=[(1.0, None)] * len(self._places),
        )
        if orders.status != 0:
            return False
        if not len(equal):
            return True
        solved = np.linalg.lstsq(equal, wanted, rcond=None)[0]
        return bool(np.abs(equal @ solved - wanted).max() <= 1e-7)

    def _conditions(self, beliefs: Beliefs) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Rows over mistakes: equal orders, with differences of log weight; and lower orders."""
        equal, wanted, lower = [], [], []
        for at in self.sets:
            counts, weights = self._table[at]
            belief = beliefs[at]
            main = int(np.argmax(belief))
            for row in range(len(belief)):
                gap = counts[row] - counts[main]
                if row != main and belief[row] > 0:
                    equal.append(gap)
                    ratio = math.log(belief[row] / belief[main])
                    wanted.append(ratio - weights[row] + weights[main])
                elif row != main:
                    lower.append(-gap)
        return np.array(equal), np.array(wanted), np.array(lower)

    def fitted(self, beliefs: Beliefs, worth: Sequence[np.ndarray]) -> Beliefs:
        """The beliefs of mistakes nearest to these at which all that is mixed is worth the same.

        Beliefs at the end of a path are known to its precision. They give the nodes that count; log
        weights are moved by Gauss-Newton steps of smallest size.
        """
        if self.too_many or not self._places:
            return beliefs
        equal, wanted, _ = self._conditions(beliefs)
        if not len(equal):
            return beliefs
        weights = np.linalg.lstsq(equal, wanted, rcond=None)[0]
        for _ in range(STEPS):
            held = self._held(beliefs, weights)
            gap = self._gaps(held, worth)
            if not len(gap) or np.abs(gap).max() < 1e-14:
                break
            slope = np.empty((len(gap), len(weights)))
            for column in range(len(weights)):
                step = 1e-6 * np.eye(len(weights))[column]
                ahead = self._gaps(self._held(beliefs, weights + step), worth)
                behind = self._gaps(self._held(beliefs, weights - step), worth)
                slope[:, column] = (ahead - behind) / 2e-6
            weights = weights - np.linalg.lstsq(slope, gap, rcond=1e-9)[0]
            if not np.isfinite(weights).all():
                return beliefs
        return self._held(beliefs, weights)

    def _held(self, beliefs: Beliefs, weights: np.ndarray) -> Beliefs:
        """The beliefs of mistakes with these log weights, at the nodes that count."""
        found = list(beliefs)
        for at in self.sets:
            counts, rest = self._table[at]
            counted = np.array(beliefs[at]) > 0
            sums = np.where(counted, counts @ weights + rest, -np.inf)
            shares = np.exp(sums - sums.max())
            found[at] = tuple((shares / shares.sum()).tolist())
        return tuple(found)

    def _gaps(self, beliefs: Beliefs, worth: Sequence[np.ndarray]) -> np.ndarray:
        """At each unreached set, what is mixed there against the first of it."""
        gaps = []
        for at in self.sets:
            played = [action for action, chance in enumerate(self.chances[at]) if chance > 1e-9]
            if len(played) == 1:
                continue
            player = self.game.sets[at].player
            belief = np.array(beliefs[at])
            values = [
                belief
                @ [worth[self.game.nodes[n].children[a]][player] for n in self.game.members[at]]
                for a in played
            ]
            gaps += [value - values[0] for value in values[1:]]
        return np.array(gaps)
