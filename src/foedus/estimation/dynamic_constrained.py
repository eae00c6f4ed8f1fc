r"""A dynamic game's likelihood with its equilibrium equations, for constrained maximisation.

One direction of v is bordered: with u and w near the null vectors of J,

    [ J  u ] [dv]   [ A dθ - F ]
    [ w' 0 ] [ τ] = [    t     ]

is regular at a simple fold, t is a variable of its own, and τ = 0 is the equation that is left.
"""

from __future__ import annotations

import numpy as np
import scipy.linalg

from foedus.errors import SolveError
from foedus.estimation.constrained import QuadraticProgramme
from foedus.estimation.dynamic_curvature import bent
from foedus.estimation.dynamic_equilibrium import linearise, missing_of, solve_game
from foedus.estimation.dynamic_game import DynamicGame


class DynamicProgramme:
    """ℓ(v) = Σ c log P(v) subject to the equilibrium equations in (θ, v)."""

    def __init__(self, game: DynamicGame, counts: np.ndarray) -> None:
        self.game, self.counts = game, counts
        rng = np.random.default_rng(0)
        self.left, self.right = rng.standard_normal((2, counts.size)) / np.sqrt(counts.size)

    def value(self, theta: np.ndarray, y: np.ndarray) -> tuple[float, np.ndarray]:
        value = float((self.counts * self.game.log_choices(y)).sum())
        return value, missing_of(self.game, y, theta)

    def model(self, theta: np.ndarray, y: np.ndarray) -> QuadraticProgramme:
        game, size, shape = self.game, len(theta), y.shape
        at = linearise(game, y, theta)
        n = y.size
        bordered = np.zeros((n + 1, n + 1))
        bordered[:n, :n] = at.jacobian()
        bordered[:n, n], bordered[n, :n] = self.left, self.right
        factors = scipy.linalg.lu_factor(bordered)
        right = np.zeros((n + 1, size + 2))
        right[:n, 0] = -at.missing.reshape(-1)
        right[:n, 1:-1] = at.features.reshape(n, size)
        right[n, -1] = 1.0
        found = scipy.linalg.lu_solve(factors, right)
        columns, tau = found[:n], found[n]
        slope = np.einsum("sa,sab->sb", self.counts, game.slopes(y)).reshape(-1)
        first = slope @ columns[:, 1:]
        border = tau[None, 1:]
        share = np.linalg.lstsq(border.T, first, rcond=None)[0]
        weights = scipy.linalg.lu_solve(factors, np.r_[slope, -share], trans=1)[:n]
        self._turn(factors, n)
        directions = np.zeros((size, size + 2))
        directions[:, 1:-1] = np.eye(size)
        spread = columns.reshape(*shape, -1)
        bend = bent(at, self.counts, weights.reshape(shape), spread, directions)
        curved = game.curved(y, self.counts)
        tame = np.einsum("sak,sab,sbl->kl", spread, curved, spread, optimize=True)

        def move(z: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
            moved = (columns[:, 0] + columns[:, 1:] @ z).reshape(shape)
            reach = np.einsum("sab,sb->sa", game.slopes(y), moved)
            return z[:size], moved, float(np.abs(reach).max())

        return QuadraticProgramme(
            slope=first, bend=bend, tame=tame, border=border, rest=-tau[:1], move=move
        )

    def restore(self, theta: np.ndarray, y: np.ndarray) -> np.ndarray | None:
        try:
            return solve_game(self.game, theta, y).v
        except SolveError:
            return None

    def _turn(self, factors: tuple[np.ndarray, np.ndarray], n: int) -> None:
        """Borders turned towards the null vectors, for the next step."""
        unit = np.r_[np.zeros(n), 1.0]
        right = scipy.linalg.lu_solve(factors, unit)[:n]
        left = scipy.linalg.lu_solve(factors, unit, trans=1)[:n]
        if np.isfinite(right).all() and np.isfinite(left).all():
            self.right = right / np.linalg.norm(right)
            self.left = left / np.linalg.norm(left)
