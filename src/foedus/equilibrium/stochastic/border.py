"""The linear system of a path with one more equation, and its determinant."""

from __future__ import annotations

import numpy as np

from foedus.equilibrium.stochastic.linearised import Bordered, Linearised
from foedus.equilibrium.stochastic.point import Point


class Border(Bordered):
    """The bordered system with its determinant."""

    def __init__(self, linear: Linearised, row: Point, corner: float, *, s: float) -> None:
        super().__init__(linear, row, corner)
        self.s = s

    def determinant(self) -> tuple[float, float]:
        """Sign and log size of the determinant of the whole system, states before reduction."""
        lu, pivots = self._factors
        diagonal = np.diagonal(lu)
        swaps = int((pivots != np.arange(len(pivots))).sum()) % 2
        signs, logs = self.linear.blocks.determinant()
        sign = signs.prod() * np.sign(diagonal).prod() * (1.0 - 2.0 * swaps) * parity(self.linear)
        with np.errstate(divide="ignore"):
            return float(sign), float(logs.sum() + np.log(np.abs(diagonal)).sum())


def parity(linear: Linearised) -> float:
    """The sign of putting columns (player, state) in the order (state, player)."""
    n, n_states = linear.system.n_players, linear.system.n_states
    return 1.0 - 2.0 * ((n * (n - 1) // 2) * (n_states * (n_states - 1) // 2) % 2)
