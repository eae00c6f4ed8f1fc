r"""Derivatives through an equilibrium, by the implicit function theorem and one factorisation.

At an equilibrium G(x; θ) = 0, so that dx = -J^{-1} (dG/dθ) dθ. The factors of J serve every
direction of the parameters (`Sensitivity.forward`), and transposed every function of the
equilibrium at once (`Sensitivity.gradient`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.linalg
from jaxtyping import Float

from foedus.equilibrium.stochastic.arrays import StochasticArrays
from foedus.equilibrium.stochastic.response import LogitResponse
from foedus.equilibrium.stochastic.system import Point, System
from foedus.errors import SolveError

SINGULAR = 1e12  # condition number above which derivatives would have no correct digits to speak of


@dataclass(frozen=True, eq=False, kw_only=True)
class Change:
    """How an equilibrium moves: strategies by state, player and action; values by state, player."""

    strategies: Float[np.ndarray, "states players most"]
    values: Float[np.ndarray, "states players"]


@dataclass(frozen=True, eq=False, kw_only=True)
class Gradient:
    """How a function of the equilibrium moves with each number of the game."""

    payoffs: Float[np.ndarray, "states players *actions"]
    transitions: Float[np.ndarray, "states *actions states"]
    discount: Float[np.ndarray, "players"]
    precision: Float[np.ndarray, "players"]


class Sensitivity:
    """Derivatives at one logit equilibrium of one game with dense transitions.

    `values` are those of the equilibrium, (states, players); `precision` is (players,). `condition`
    bounds by how much rounding is amplified.

    Raises `SolveError` where the linear system is singular, or nearly so: at a fold or a
    bifurcation an equilibrium has no derivative.
    """

    def __init__(
        self,
        arrays: StochasticArrays,
        strategies: Float[np.ndarray, "states players most"],
        values: Float[np.ndarray, "states players"],
        precision: Float[np.ndarray, "players"],
        *,
        convention: str = "expected",
    ) -> None:
        self.response = LogitResponse(
            precision=precision, available=arrays.available, shock=convention == "shock"
        )
        self.system = System(arrays, self.response)
        action_values = self.system.expected(self.system.joint_worth(values), strategies)
        self.point = Point(action_values, values)
        with np.errstate(all="ignore"):
            self.linear = self.system.linearise(self.point, 1.0)
            self.condition = self._condition()
        if not self.condition <= SINGULAR:
            raise SolveError(
                f"the equilibrium has no derivative: its linear system is singular (condition "
                f"{self.condition:.1e}), as at a fold or a bifurcation",
                hints=["another precision", "trace(...) shows where the path folds or branches"],
            )

    def forward(
        self,
        *,
        payoffs: np.ndarray | None = None,
        transitions: np.ndarray | None = None,
        discount: np.ndarray | None = None,
        precision: np.ndarray | None = None,
    ) -> Change:
        """The change of the equilibrium along a change of the game's numbers; None: no change."""
        system, played, values = self.system, self.linear.played, self.point.values
        worth = np.zeros((system.n_states, system.n_players, system.n_joint))
        if payoffs is not None:
            worth += np.reshape(payoffs, worth.shape)
        if transitions is not None:
            rows = np.reshape(transitions, (system.n_states, system.n_joint, system.n_states))
            worth += (rows @ (values * system.discount)).swapaxes(-1, -2)
        if discount is not None:
            worth += system.ahead(values * discount).swapaxes(-1, -2)
        moved = system.expected(worth, played.beliefs)
        sharper = np.zeros(system.n_players) if precision is None else np.asarray(precision)
        response, paid = self._by_precision(sharper)
        for (i, j), pair in system.crossed(system.joint_worth(values), played.beliefs).items():
            own = pair @ response[..., j, : system.sizes[j], None]
            moved[..., i, : system.sizes[i]] += own[..., 0]
        found = self.linear.solve(Point(np.where(system.possible, moved, 0.0), paid))
        return Change(
            strategies=self._responding(found.action_values) + response, values=found.values
        )

    def gradient(
        self,
        *,
        strategies: np.ndarray | None = None,
        values: np.ndarray | None = None,
    ) -> Gradient:
        """The gradient of a function whose derivatives by strategies and values are these."""
        system, linear, played = self.system, self.linear, self.linear.played
        by_play = np.zeros(system.possible.shape) if strategies is None else np.asarray(strategies)
        by_value = np.zeros(self.point.values.shape) if values is None else np.asarray(values)
        # J^T (m, v) = (by action value, by value), with m and v weights on F and H.
        local = linear.blocks.weigh(self._responding(by_play)[:, None])[:, 0]
        edge = by_value + system.behind(self._spread(local, discounted=True))
        solved = scipy.linalg.lu_solve(linear.factors, edge.T.ravel(), trans=1, check_finite=False)
        on_values = solved.reshape(edge.shape)
        slope = played.worth_slope * on_values[..., None]
        on_actions = local + linear.blocks.weigh(slope[:, None])[:, 0]
        on_actions = np.where(system.possible, on_actions, 0.0)
        joint = self._spread(on_actions, discounted=False)
        following = joint @ (self.point.values * system.discount).T[None]
        ahead = system.ahead(self.point.values)
        precision = np.empty(system.n_players)
        crossed = system.crossed(system.joint_worth(self.point.values), played.beliefs)
        for player in range(system.n_players):
            response, paid = self._by_precision(np.eye(system.n_players)[player])
            total = (by_play * response).sum() + (on_values * paid).sum()
            for (i, j), pair in crossed.items():
                if j == player:
                    own = (pair @ response[..., j, : system.sizes[j], None])[..., 0]
                    total += (on_actions[..., i, : system.sizes[i]] * own).sum()
            precision[player] = total
        arrays = system.arrays
        return Gradient(
            payoffs=joint.swapaxes(-1, -2).reshape(arrays.payoffs.shape),
            transitions=following.reshape(system.n_states, *system.sizes, system.n_states),
            discount=np.einsum("sjp,sjp->p", joint, ahead),
            precision=precision,
        )

    def _spread(self, weights: np.ndarray, *, discounted: bool) -> np.ndarray:
        """Weights on own actions as weights on joint actions: (states, joint, players)."""
        spread = self.linear.spread(weights[:, None], discounted=discounted)
        return spread[:, 0].swapaxes(-1, -2)

    def _responding(self, moved: np.ndarray) -> np.ndarray:
        """The change of strategies with that of action values, at fixed precision; symmetric."""
        steep = self.linear.played.steepness
        total = steep.sum(axis=-1, keepdims=True)
        mean = (steep * moved).sum(axis=-1, keepdims=True) / np.where(total > 0, total, 1.0)
        return np.asarray(steep * (moved - mean))

    def _by_precision(self, change: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Changes of strategies and of worth with precision, at fixed action values."""
        sigma, q = self.linear.played.strategies, self.point.action_values
        mean = (sigma * q).sum(axis=-1, keepdims=True)
        moved = change[:, None] * sigma * (q - mean)
        if not self.response.shock:
            return moved, (moved * q).sum(axis=-1)
        moves = self.system.possible.sum(axis=-1) > 1
        gap = (mean[..., 0] - self.linear.played.worth) / self.response.precision
        return moved, np.where(moves, change * gap, 0.0)

    def _condition(self) -> float:
        if not np.isfinite(self.linear.matrix).all():
            return np.inf
        blocks = float(np.linalg.cond(self.linear.blocks.matrix).max())
        size = float(np.abs(self.linear.matrix).sum(axis=0).max())
        inverse, _ = scipy.linalg.lapack.dgecon(self.linear.factors[0], size)
        return max(blocks, 1.0 / float(inverse) if inverse > 0 else np.inf)
