"""The equations of the tracing procedure: others play or follow the prior."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from foedus.equilibrium.stochastic.arrays import StochasticArrays
from foedus.equilibrium.stochastic.response import Played
from foedus.equilibrium.stochastic.system import Linearised, Point, System

NEWTON_STEPS = 60  # for the multiplier of one decision


@dataclass(frozen=True, eq=False, kw_only=True)
class TracingResponse:
    r"""Play that maximises $\sigma \cdot q + \kappa \sum \nu \log \sigma$.

    Here $\kappa = (1-t) \eta$. Then $\sigma(a) = \kappa \nu(a) / (\mu - q(a))$, where the
    multiplier $\mu > \max q$ makes it add up to 1.
    """

    penalty: Float[np.ndarray, "players"]
    weights: Float[np.ndarray, "states players most"]
    available: Bool[np.ndarray, "states players most"]

    def __call__(self, action_values: np.ndarray, parameter: np.ndarray | float) -> Played:
        """Play at t = `parameter`, with its slopes."""
        kappa = (1.0 - float(parameter)) * self.penalty[None, :, None]
        heavy = kappa * self.weights  # 0 where not available
        sigma = _shares(action_values, heavy, self.available)
        # dσ(a) = g(a) (dq(a) - dμ) + σ(a) dlog κ, with g = σ^2 / (κ ν).
        steep = np.where(self.available, sigma**2 / np.where(heavy > 0, heavy, 1.0), 0.0)
        total = steep.sum(axis=-1, keepdims=True)
        drift = -1.0 / (1.0 - float(parameter))
        logs = np.log(np.where(self.available, np.maximum(sigma, 1e-300), 1.0))
        barrier = (self.weights * logs).sum(axis=-1)
        return Played(
            strategies=sigma,
            beliefs=sigma,
            steepness=steep,
            by_parameter=drift * (sigma - steep / total),
            worth=(sigma * action_values).sum(axis=-1) + kappa[..., 0] * barrier,
            worth_slope=sigma,
            worth_by_parameter=-self.penalty * barrier,
        )

    def select(self, draws: np.ndarray) -> TracingResponse:
        """Paths are followed one by one: there are no draws to select."""
        raise NotImplementedError


class TracedGame:
    """The equations of the procedure at every t."""

    def __init__(
        self, arrays: StochasticArrays, response: TracingResponse, prior: np.ndarray
    ) -> None:
        self.arrays, self.response, self.prior = arrays, response, prior

    def at(self, t: float) -> TracedSystem:
        """The equations with beliefs as they are at t."""
        return TracedSystem(self.arrays, self.response, self.prior, t)


class TracedSystem(System):
    """Equations in which others play the prior with probability 1 - t, all of them together."""

    def __init__(
        self,
        arrays: StochasticArrays,
        response: TracingResponse,
        prior: np.ndarray,
        t: float,
    ) -> None:
        super().__init__(arrays, response)
        self.prior, self.t = prior, t

    def expected(self, worth: np.ndarray, beliefs: np.ndarray) -> np.ndarray:
        """As in `System`, over both ways in which others may play."""
        played = super().expected(worth, beliefs)
        return self.t * played + (1.0 - self.t) * super().expected(worth, self.prior)

    def crossed(self, worth: np.ndarray, beliefs: np.ndarray) -> dict[tuple[int, int], np.ndarray]:
        """As in `System`: only strategies, not the prior, move what actions are worth."""
        pairs = super().crossed(worth, beliefs)
        return {players: self.t * pair for players, pair in pairs.items()}

    def linearise(self, point: Point, parameter: np.ndarray | float) -> TracedLinearised:
        """The equations and their derivatives, also by what others are expected to do."""
        return TracedLinearised(self, point, parameter)

    def apart(self, point: Point, beliefs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Action values if others follow their strategies, and if they follow the prior."""
        worth = self.joint_worth(point.values)
        return super().expected(worth, beliefs), super().expected(worth, self.prior)


class TracedLinearised(Linearised):
    """The linear system, whose parameter moves beliefs as well as play."""

    system: TracedSystem

    def __init__(self, system: TracedSystem, point: Point, parameter: np.ndarray | float) -> None:
        super().__init__(system, point, parameter)
        followed, prior = system.apart(point, self.played.beliefs)
        expected = system.t * followed + (1.0 - system.t) * prior
        self.residual = Point(point.action_values - expected, self.residual.values)
        by_play = super().by_parameter
        self.by_parameter = Point(by_play.action_values - (followed - prior), by_play.values)

    def _spread(self, weights: np.ndarray) -> np.ndarray:
        """As in `Linearised`; the joint play of others is a mixture of two products."""
        system = self.system
        followed = _spread(system, weights, self.played.beliefs)
        return system.t * followed + (1.0 - system.t) * _spread(system, weights, system.prior)


def _spread(system: System, weights: np.ndarray, beliefs: np.ndarray) -> np.ndarray:
    """Weights on own actions times the joint play of others: (states, k, players, joint)."""
    spread = np.empty((*weights.shape[:-1], system.n_joint))
    for player, size in enumerate(system.sizes):
        joint = np.ones((system.n_states, 1, 1))
        for other, count in enumerate(system.sizes):
            if other == player:
                own = weights[..., player, :size] * system.discount[player]
            else:
                own = beliefs[:, None, other, :count]
            joint = (joint[..., :, None] * own[..., None, :]).reshape(
                system.n_states, max(joint.shape[1], own.shape[1]), -1
            )
        spread[..., player, :] = joint
    return spread


def _shares(action_values: np.ndarray, heavy: np.ndarray, available: np.ndarray) -> np.ndarray:
    r"""$\sigma(a) = h(a) / (\mu - q(a))$ with $\sum \sigma = 1$, by Newton's method on $\mu$.

    The sum falls and is convex in $\mu$, so that from the left, where it is at least 1, the
    iteration rises without overshooting. $h(a^*)$ above the largest q is such a place.
    """
    top = np.where(available, action_values, -np.inf).max(axis=-1, keepdims=True)
    behind = np.where(available, top - action_values, 1.0)
    gap = np.where(available, heavy - behind, 0.0).max(axis=-1, keepdims=True)
    for _ in range(NEWTON_STEPS):
        parts = heavy / (gap + behind)
        total = parts.sum(axis=-1, keepdims=True)
        # Newton's method on 1 - 1/sum, which is nearly linear in the multiplier.
        step = total * (total - 1.0) / (parts / (gap + behind)).sum(axis=-1, keepdims=True)
        gap = gap + step
        if (np.abs(step) <= 1e-15 * gap).all():
            break
    sigma = heavy / (gap + behind)
    return np.asarray(sigma / sigma.sum(axis=-1, keepdims=True))
