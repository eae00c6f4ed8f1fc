r"""The logarithmic stochastic tracing procedure: from replies to a prior to a Nash equilibrium.

At t, every player expects the others to follow the prior $\rho$ with probability $1 - t$, all of
them together, and their strategies otherwise, and a logarithmic term keeps play in the interior:

    $\max_{\sigma_i} \sum_a \sigma_i(a) [t\, Q_i(a, \sigma_{-i}) + (1-t)\, Q_i(a, \rho_{-i})]
    + (1-t)\, \eta \sum_a \nu_i(a) \log \sigma_i(a)$

with $V_i(s)$ the maximum. At t = 0 there is one solution, at t = 1 solutions are Nash equilibria.
Harsanyi (1975) and Herings & Peeters (2004) for the procedure; Eibelshäuser, Klockmann,
Poensgen & von Schenk (2023, INFORMS Journal on Computing) for the logarithmic term.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool, Float

from foedus.equilibrium.stochastic.arclength import Course
from foedus.equilibrium.stochastic.arrays import StochasticArrays
from foedus.equilibrium.stochastic.logit_path import payoff_units
from foedus.equilibrium.stochastic.response import Played
from foedus.equilibrium.stochastic.system import Linearised, Point, System
from foedus.errors import GameError, SolveError
from foedus.game.game import Game

FARTHEST = float(np.log(1e6))  # of s = -log(1 - t), where a path ends in any case
ROUNDS = 500  # of strategy iteration at t = 0
NEWTON_STEPS = 60  # for the multiplier of one decision


@dataclass(frozen=True, kw_only=True)
class Tracing:
    r"""The tracing procedure with its prior and penalty.

    - `prior`: (states, players, actions) or (players, actions) for all states alike, padded;
        None: all available actions alike.
    - `weights`: $\nu$, of the shape of the prior, positive where available; None: 1.
    - `penalty`: $\eta$, in units of each player's range of payoffs. A large one pulls play to the
        centre, where the prior is forgotten; with a small one the prior decides, and the path
        turns more sharply.
    - `max_steps`, `branch`: as in `LogitPath`.
    """

    prior: Any = None
    weights: Any = None
    penalty: float = 0.1
    max_steps: int = 5000
    branch: int | None = None

    parameter_name = "t"

    def __post_init__(self) -> None:
        if not (np.isfinite(self.penalty) and self.penalty > 0):
            raise GameError(f"penalty must be a positive number, not {self.penalty}")
        if self.max_steps < 1:
            raise GameError(f"max_steps must be at least 1, not {self.max_steps}")

    def course(self, game: Game, arrays: StochasticArrays) -> tuple[Course, Point]:
        """What to follow, and the solution at t = 0.

        Raises `GameError` for a prior or weights that do not fit the game.
        """
        del game
        prior = _prior(arrays, self.prior)
        weights = _weights(arrays, self.weights)
        units = payoff_units(arrays)
        response = TracingResponse(
            penalty=self.penalty * units, weights=weights, available=arrays.available
        )
        traced = TracedGame(arrays, response, prior)
        course = Course(
            system=traced.at,
            parameter=lambda s: float(-np.expm1(-s)),
            slope=lambda s: float(np.exp(-s)),
            sharpness=lambda s: np.exp(s) / (self.penalty * units * weights.max()),
            reading=lambda s: float(-np.expm1(-s)),
            units=units,
            begin=0.0,
            end=FARTHEST,
            nash=True,
        )
        return course, _at_prior(traced.at(0.0))

    def claim(self, game: Game, reading: float) -> None:
        """No precision: play along the path is no logit response."""
        return


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


def _at_prior(system: TracedSystem) -> Point:
    """Best replies to the prior: one decision problem for each player, by Newton's method."""
    point = system.start()
    for _ in range(ROUNDS):
        linear = system.linearise(point, 0.0)
        step = linear.solve(linear.residual)
        point = point.plus(step, -1.0)
        largest = max(np.abs(step.action_values).max(), np.abs(step.values).max())
        if largest <= 1e-12 * (1.0 + np.abs(point.values).max()):
            return point
    raise SolveError(
        "tracing: no best reply to the prior found at t = 0",
        hints=["a larger penalty", "a prior further from the corners"],
    )


def _prior(arrays: StochasticArrays, given: Any) -> np.ndarray:
    if given is None:
        return np.asarray(arrays.available / arrays.available.sum(axis=-1, keepdims=True))
    prior = _shaped(arrays, given, "prior")
    total = prior.sum(axis=-1)
    off = np.argwhere((np.abs(total - 1.0) > 1e-9) | (prior < 0).any(axis=-1))
    if len(off):
        state, player = off[0].tolist()
        raise GameError(
            f"the prior of player {player} in state {state} is {prior[state, player].tolist()}; "
            "it takes probabilities that add up to 1 over available actions"
        )
    return prior


def _weights(arrays: StochasticArrays, given: Any) -> np.ndarray:
    if given is None:
        return arrays.available.astype(float)
    weights = _shaped(arrays, given, "weights")
    off = np.argwhere(arrays.available & ~(weights > 0))
    if len(off):
        state, player, action = off[0].tolist()
        raise GameError(
            f"the weight of action {action} of player {player} in state {state} is "
            f"{weights[state, player, action]}; weights are positive"
        )
    return weights


def _shaped(arrays: StochasticArrays, given: Any, what: str) -> np.ndarray:
    shape = arrays.available.shape
    try:
        found = np.asarray(given, float)
        found = np.array(np.broadcast_to(found, shape))
    except (TypeError, ValueError):
        raise GameError(
            f"{what} has one number per state, player and action: {shape}, or {shape[1:]} for "
            "all states alike"
        ) from None
    if not np.isfinite(found).all():
        raise GameError(f"{what} has entries that are not finite")
    return np.where(arrays.available, found, 0.0)
