r"""Whether play returns after a small disturbance when everybody moves towards a best reply.

Near a Nash equilibrium with support C, best replies smoothed by a little noise move play as

    dσ/dt = κ M σ',    M = diag_i(σ_i - σ_i σ_i^T) dQ/dσ on C,    κ large,

which is also the linear part of the replicator dynamics. Values are those of play at every moment.
What is not in the support dies out if it earns strictly less.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from foedus.equilibrium.stochastic.arrays import StochasticArrays
from foedus.equilibrium.stochastic.induced import Strategies, gains
from foedus.equilibrium.stochastic.supports import Mixture, mixed_play

PLAYED = 1e-9  # probability from which an action is in the support
TIE = 1e-9  # relative to values: what earns no less than this below the best is a best reply
STILL = 1e-7  # relative to the largest eigenvalue: a smaller real part is none

Kind = Literal["strict", "stable", "neutral", "unstable", "undecided"]


@dataclass(frozen=True, kw_only=True)
class Stability:
    """Under best-reply dynamics, in one word and the numbers behind it.

    - `kind`: `strict`: pure, and every deviation costs something, so that play returns at once;
        `stable`: returns; `neutral`: circles, as in matching pennies; `unstable`: leaves;
        `undecided`: an action that is not played earns as much as those that are, or there is a
        continuum of equilibria.
    - `growth`: the largest real part of an eigenvalue of M in payoff units; 0 for pure play.
    - `margin`: what the best action outside the support loses; infinite where there is none.
    """

    kind: Kind
    growth: float
    margin: float

    def __str__(self) -> str:
        return self.kind


def stability_of(arrays: StochasticArrays, strategies: Strategies) -> Stability:
    """The stability of a Nash equilibrium under best-reply dynamics."""
    support = strategies > PLAYED
    extra, values = gains(arrays, strategies)
    scale = max(1.0, float(np.abs(values).max()))
    outside = arrays.available & ~support
    margin = float(-extra[outside].max()) if outside.any() else np.inf
    tied = margin <= TIE * scale
    if (support.sum(axis=-1) == 1).all():
        return Stability(kind="undecided" if tied else "strict", growth=0.0, margin=margin)
    mixture = mixed_play(arrays, strategies, support)
    rates = np.linalg.eigvals(_variance(mixture, strategies) @ mixture.slope)
    growth, size = float(rates.real.max()), float(np.abs(rates).max())
    singular = float(np.abs(rates).min()) <= STILL * max(size, TIE * scale)
    if growth > STILL * size:
        kind: Kind = "unstable"
    elif tied or singular:
        kind = "undecided"
    else:
        kind = "stable" if growth < -STILL * size else "neutral"
    return Stability(kind=kind, growth=growth, margin=margin)


def _variance(mixture: Mixture, strategies: Strategies) -> np.ndarray:
    """How the free probabilities move with differences from the reference action.

    Differences $d_b = Q(b) - Q(r)$ move $σ_b$ by $σ_b (d_b - Σ_c σ_c d_c)$: the covariance
    without the row and the column of the reference.
    """
    at = mixture.places
    own = strategies[at.state, at.player, at.action]
    same = (at.state[:, None] == at.state) & (at.player[:, None] == at.player)
    return np.diag(own) - np.where(same, own[:, None] * own, 0.0)
