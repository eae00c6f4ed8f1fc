"""Play and values of a stationary game with private types as one system of equations.

Unknown are the y that feed back, in every public state, and what each live state is worth to
each player. A solution at share s of the precision is a fixed point of `Period.sweep`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import splu

from foedus.equilibrium.private.derivatives import slopes_of
from foedus.equilibrium.private.fixed import Unknowns
from foedus.equilibrium.private.sweep import Guess, Period, Swept, log_softmax
from foedus.game.game import Game


class Joint:
    """The system of a stationary game. Points are y first, then values, player by player."""

    def __init__(self, game: Game, period: Period) -> None:
        self.period, self.unknowns = period, Unknowns(period)
        self.live = game.structure.states.n_live
        self._endings = np.array(game.tables.flow, float)
        self._blank = period.blank()
        self.count = len(self.unknowns.origin)
        self.size = self.count + len(self._endings) * self.live

    def following(self, point: np.ndarray) -> np.ndarray:
        """(players, states) values at a point, endings among them."""
        values = self._endings.copy()
        values[:, : self.live] = point[self.count :].reshape(len(values), -1)
        return values

    def guess(self, point: np.ndarray) -> Guess:
        """Play at a point."""
        return self.unknowns.written(self._blank, point[: self.count])

    def point(self, guess: Guess, values: np.ndarray) -> np.ndarray:
        """The point of a guess and of (players, states) values."""
        return np.concatenate([self.unknowns.read(guess), values[:, : self.live].reshape(-1)])

    def sweep(self, point: np.ndarray, share: float = 1.0) -> Swept:
        """Everybody's response at a point."""
        return self.period.at(share).sweep(self.guess(point), self.following(point))

    def worst(self, point: np.ndarray, gap: np.ndarray) -> float:
        """The largest entry of a gap, relative to the size of what it belongs to."""
        return float(np.abs(gap / self.scale(point)).max(initial=0.0))

    def gap(self, point: np.ndarray, share: float = 1.0) -> np.ndarray:
        """The point less its image: 0 at a solution."""
        swept = self.sweep(point, share)
        return np.asarray(point - self.point(swept.answer, swept.values))

    def slopes(self, point: np.ndarray, share: float = 1.0) -> Any:
        """Derivatives of the gap in the point, sparse."""
        found = slopes_of(
            self.period.at(share), self.unknowns, self.guess(point), self.following(point)
        )
        return sp.eye_array(self.size, format="csc") - sp.vstack([found.answer, found.values])

    def scale(self, point: np.ndarray) -> np.ndarray:
        """What each unknown is measured by: y as one group, each player's values as another."""
        scale = np.ones(self.size)
        scale[: self.count] += np.abs(point[: self.count]).max(initial=0.0)
        values = np.abs(point[self.count :]).reshape(len(self._endings), -1)
        scale[self.count :] += np.repeat(values.max(axis=1), self.live)
        return scale

    def probabilities(self, point: np.ndarray) -> np.ndarray:
        """How likely every action is that feeds back."""
        guess = self.guess(point)
        logs = tuple(tuple(log_softmax(y) for y in members) for members in guess)
        return np.asarray(np.exp(self.unknowns.read(logs)))

    def even(self) -> np.ndarray:
        """The only solution at a share of 0: even play, and what that is worth."""
        point = np.zeros(self.size)
        for _ in range(2):  # values are linear where play is given: one step, and one to refine
            point = point - solved(self.slopes(point, 0.0), self.gap(point, 0.0))
        return point


def solved(matrix: Any, right: np.ndarray) -> np.ndarray:
    """The solution of a sparse system; not-a-number where it is singular."""
    try:
        return np.asarray(splu(matrix.tocsc()).solve(right))
    except RuntimeError:
        return np.full(len(right), np.nan)
