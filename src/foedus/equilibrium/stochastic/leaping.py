"""Past a fold without going around it: play adapts at a higher precision until it rests again.

Where a branch of logit equilibria turns back, some states have no equilibrium near by at higher
precision. Large games have very many such folds, one for every few states, and going around each
takes longer than anyone waits. Here everybody moves part of the way to its logit response, round
after round, until Newton's method takes over. What is found is an equilibrium on another branch.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from foedus.equilibrium.stochastic.newton import Reached, raise_precision
from foedus.equilibrium.stochastic.response import LogitResponse
from foedus.equilibrium.stochastic.system import Point, System

LEAPS = 400  # folds leapt before giving up
LENGTHS = (0.03, 0.08, 0.2)  # of a leap, in the logarithm of precision, tried in turn
SHORTEST_CLIMB = 0.006  # step up, in logarithms, below which a fold is leapt rather than neared
ROUNDS = 1500  # of adapting play in one leap
RESTED = (0.03, 3e-3)  # distances of play from its response at which Newton's method is tried
NEARLY = 0.3  # the same after all rounds, beyond which there is no point in trying it
SHARE = 0.5  # of the way to the response that play moves in a round, at first
SLOWEST = 0.02  # the same at last
PATIENCE = 12  # rounds in which the distance has to halve, or play moves more slowly


@dataclass(frozen=True, eq=False, kw_only=True)
class Leapt:
    """Where it ended: `reached` as after raising precision, and how many folds were leapt."""

    reached: Reached
    leaps: int


def leap_folds(
    alone: System, system: System, reached: Reached, *, tolerance: float = 1e-10
) -> Leapt:
    """On from where `raise_precision` ended, over folds.

    `alone` are the equations of the one game without an axis of draws, `system` those that
    `raise_precision` takes, with a batch of one.
    """
    leaps = 0
    while not reached.solved[0] and reached.share[0] > 0 and leaps < LEAPS:
        ahead = _leap(alone, system, reached, tolerance)
        if ahead is None:
            break
        reached, leaps = ahead, leaps + 1
    return Leapt(reached=reached, leaps=leaps)


def _leap(alone: System, system: System, reached: Reached, tolerance: float) -> Reached | None:
    """The branch beyond one fold, as far up as it goes; None where play finds no rest."""
    here = Point(reached.point.action_values[0], reached.point.values[0])
    for length in LENGTHS:
        target, rested = min(1.0, float(reached.share[0]) * np.exp(length)), here
        for distance in RESTED:
            closer = adapted(alone, rested, target, distance)
            if closer is None:
                break
            rested = closer
            start = Point(rested.action_values[None], rested.values[None])
            found = raise_precision(
                system, start, tolerance=tolerance, share=target, shortest=SHORTEST_CLIMB
            )
            if found.share[0] >= target:
                return replace(
                    found,
                    rounds=reached.rounds + found.rounds,
                    precisions=reached.precisions + found.precisions,
                )
    return None


def adapted(system: System, start: Point, share: float, distance: float) -> Point | None:
    """Where play comes within `distance` of its response at a share of the precision, or None.

    Each round looks one period ahead with the values of the last, and moves play a part of the
    way to the logit response. In a state where play does not come closer to rest, it moves more
    slowly: where interests clash it circles, and only small steps lead inwards.
    """
    response = system.response
    assert isinstance(response, LogitResponse)
    play, values = response.strategies(start.action_values, share), start.values
    step = np.full((system.n_states, 1, 1), SHARE)
    worst, before = np.zeros(system.n_states), np.full(system.n_states, np.inf)
    for round_ in range(1, ROUNDS + 1):
        action_values = system.expected(system.joint_worth(values), play)
        played = response(action_values, share)
        gap = np.abs(played.strategies - play).max(axis=(1, 2))
        scale = max(1.0, float(np.abs(values).max()))
        drift = float(np.abs(played.worth - values).max()) / scale
        if not np.isfinite(gap).all():
            return None
        if max(float(gap.max()), drift) <= distance:
            return Point(action_values, values)
        worst = np.maximum(worst, gap)
        if round_ % PATIENCE == 0:
            slower = (worst > 0.5 * before) & (worst > distance)
            step[slower] = np.maximum(0.6 * step[slower], SLOWEST)
            faster = worst < 0.3 * before
            step[faster] = np.minimum(1.5 * step[faster], SHARE)
            worst, before = np.zeros(system.n_states), worst
        play = play + step * (played.strategies - play)
        values = played.worth
    return Point(action_values, values) if float(gap.max()) <= NEARLY else None
