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

from foedus.equilibrium.stochastic.arrays import StochasticArrays
from foedus.equilibrium.stochastic.logit_path import payoff_units
from foedus.equilibrium.stochastic.point import Point
from foedus.equilibrium.stochastic.traced import TracedGame, TracedSystem, TracingResponse
from foedus.equilibrium.stochastic.walk import Course
from foedus.errors import GameError, SolveError
from foedus.game.game import Game

FARTHEST = float(np.log(1e6))  # of s = -log(1 - t), where a path ends in any case
ROUNDS = 500  # of strategy iteration at t = 0


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
