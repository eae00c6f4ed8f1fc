"""From play that is nearly an equilibrium to a Nash equilibrium: supports found, exactly mixed."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float

from foedus.equilibrium.stochastic.arrays import StochasticArrays
from foedus.equilibrium.stochastic.induced import Strategies, gains
from foedus.equilibrium.stochastic.logit_path import payoff_units
from foedus.equilibrium.stochastic.supports import Mixture, mixed_play

REPAIRS = 25
LIKELY = 1e-3  # probability from which an action of the play given is taken into a support
ROUNDING = 256 * float(np.finfo(float).eps)
NOTHING = 1e-11  # a probability below 0 by less than this is rounding


@dataclass(frozen=True, eq=False, kw_only=True)
class Finish:
    """The end of a search for supports.

    `gain` is the most that any player gains by one deviation anywhere, in payoff units, at
    `strategies`, which are probabilities whether or not the search ended well; `share` is the
    most in units of the player's own spread of payoffs, and `rounding` what of that doubles cannot
    tell from 0. `moved` is how far the strategies are from the play given.
    """

    strategies: Strategies
    values: Float[np.ndarray, "states players"]
    gain: float
    share: float
    rounding: float
    support: Bool[np.ndarray, "states players most"]
    repairs: int
    moved: float

    def within(self, tolerance: float) -> bool:
        """Whether the gain is within `tolerance`, in units of each player's spread of payoffs."""
        return self.share <= tolerance + self.rounding


def finish(
    arrays: StochasticArrays, start: Strategies, *, tolerance: float, likely: float = LIKELY
) -> Finish:
    """The Nash equilibrium whose supports play suggests, or the best found on the way to one.

    Supports hold what is played with a probability of `likely` or more. Where the mixture has a
    probability below 0, the action leaves the support; where an action outside earns more, it
    enters; nothing is tried twice. `tolerance` is that of `Finish.within`.
    """
    arrays, units = in_units(arrays)
    waiting = [(_likely(arrays, start, likely), start)]
    tried: set[bytes] = set()
    best: Finish | None = None
    repairs = 0
    while waiting and repairs < REPAIRS:
        support, play = waiting.pop()
        name = np.packbits(support).tobytes()
        if name in tried:
            continue
        tried.add(name)
        mixture = mixed_play(arrays, play, support)
        found = _proper(arrays, mixture, support, start, repairs, units)
        if best is None or found.gain < best.gain:
            best = found
        if found.within(tolerance):
            return found
        repairs += 1
        # A search that left the game says little about where to go on.
        play = found.strategies if mixture.converged else start
        options = _repaired(arrays, mixture, support, start)
        waiting += [(option, play) for option in reversed(options)]
    assert best is not None
    return best


def in_units(arrays: StochasticArrays) -> tuple[StochasticArrays, Float[np.ndarray, "players"]]:
    """The same game with every player's payoffs divided by their spread, and the spreads.

    Equilibria do not depend on the units of payoffs; tolerances do.
    """
    units = payoff_units(arrays)
    column = units.reshape(-1, *(1,) * arrays.n_players)
    return replace(arrays, payoffs=arrays.payoffs / column), units


def _likely(arrays: StochasticArrays, play: Strategies, likely: float) -> np.ndarray:
    most = play.max(axis=-1, keepdims=True)
    return np.asarray(arrays.available & ((play >= likely) | (play == most)))


def _proper(
    arrays: StochasticArrays,
    mixture: Mixture,
    support: np.ndarray,
    start: Strategies,
    repairs: int,
    units: np.ndarray,
) -> Finish:
    """Probabilities out of a mixture, evaluated; the arrays are in `units`."""
    play = np.maximum(mixture.strategies, 0.0)
    play /= play.sum(axis=-1, keepdims=True)
    extra, values = gains(arrays, play)
    gain = np.maximum(extra.max(axis=-1), 0.0)
    gain = np.where(np.isfinite(gain), gain, np.inf)
    return Finish(
        strategies=play,
        values=values * units,
        gain=float((gain * units).max()),
        share=float(gain.max()),
        rounding=ROUNDING * float(np.abs(values).max()),
        support=support,
        repairs=repairs,
        moved=float(np.abs(play - start).max()),
    )


def _repaired(
    arrays: StochasticArrays, mixture: Mixture, support: np.ndarray, start: Strategies
) -> list[np.ndarray]:
    """Supports to try next, the most promising first: an action leaves, enters, or replaces."""
    play, worth = mixture.strategies, mixture.action_values
    held = np.where(support & arrays.available, worth, -np.inf).max(axis=-1, keepdims=True)
    lacking = np.where(arrays.available & ~support, worth - held, -np.inf)
    # A search that did not end says nothing about probabilities; the play it began from does.
    likely = play if mixture.converged else start
    leaving = np.where(support & (support.sum(axis=-1, keepdims=True) > 1), likely, np.inf)
    options = []
    for place in np.argsort(leaving, axis=None)[:4]:
        where = np.unravel_index(place, play.shape)
        if leaving[where] < (-NOTHING if mixture.converged else 0.5):
            options.append(_changed(support, where, False))
    entering = [
        np.unravel_index(place, play.shape)
        for place in np.argsort(-lacking, axis=None)[:8]
        if lacking.ravel()[place] > 0.0
    ]
    added = [_changed(support, where, True) for where in entering]
    replacing = [_alone(support, where) for where in entering[:4]]
    # An action that earns much more may have to take the place of all others.
    options += added + replacing if mixture.converged else replacing + added
    return options


def _changed(support: np.ndarray, place: tuple[np.intp, ...], value: bool) -> np.ndarray:
    changed = support.copy()
    changed[place] = value
    return changed


def _alone(support: np.ndarray, place: tuple[np.intp, ...]) -> np.ndarray:
    changed = support.copy()
    changed[place[:-1]] = False
    changed[place] = True
    return changed
