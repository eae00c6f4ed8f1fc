"""`social_welfare`: the most that players could get together if one hand guided them all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float

from foedus.equilibrium.stochastic.arrays import StochasticArrays, arrays_of, profile_of
from foedus.equilibrium.stochastic.decision import decide
from foedus.equilibrium.stochastic.induced import values_of
from foedus.equilibrium.stochastic.replies import action_label
from foedus.errors import GameError
from foedus.game.game import Game
from foedus.game.profile import Profile


@dataclass(frozen=True, eq=False, kw_only=True)
class Welfare:
    r"""The best joint play for $\sum_i w_i V_i$, from every state at once.

    - `actions`: the joint action in each state, by player.
    - `total`: the weighted sum, by state; no play of any kind reaches more.
    - `values`: what each player gets of it: (states, players).
    """

    weights: Mapping[str, float]
    actions: tuple[tuple[str, ...], ...]
    total: Float[np.ndarray, "states"]
    values: Float[np.ndarray, "states players"]
    strategies: Float[np.ndarray, "states players actions"] = field(repr=False)
    profile: Profile = field(repr=False)

    def lost(self, values: Float[np.ndarray, "states players"]) -> Float[np.ndarray, "states"]:
        """What play with these values leaves of the weighted sum untouched, by state."""
        weights = np.array(list(self.weights.values()))
        return np.asarray(self.total - values[: len(self.total)] @ weights)


def social_welfare(
    game: Game, weights: Mapping[str, float] | Sequence[float] | None = None
) -> Welfare:
    """The play that maximises a weighted sum of values: the benchmark of what conflict costs.

    `weights` by player, 1 each by default. A sum of values is one decision problem only where
    all players with a weight discount alike.

    Raises `GameError` for weights that do not fit, are negative or all 0, and for players who
    discount differently.

    >>> from foedus.game.builders import stochastic_game
    >>> dilemma = [[[2.0, 0.0], [3.0, 1.0]], [[2.0, 3.0], [0.0, 1.0]]]
    >>> best = social_welfare(stochastic_game([dilemma], np.ones((1, 2, 2, 1)), 0.5))
    >>> best.actions, best.total.tolist()
    ((('0', '0'),), [8.0])
    """
    arrays = arrays_of(game)
    shares = _weights(game, weights)
    counted = np.flatnonzero(shares)
    discounts = arrays.discount[counted]
    if np.ptp(discounts) > 0:
        raise GameError(
            f"players discount differently ({', '.join(f'{d:g}' for d in discounts)}), and then "
            "the best joint play changes with time; weigh only players who discount alike"
        )
    n_states = arrays.n_states
    rewards = np.tensordot(np.moveaxis(arrays.payoffs, 1, -1), shares, axes=1)
    chain = arrays.transitions
    if isinstance(chain, np.ndarray):
        chain = chain.reshape(-1, n_states)
    possible = _joint_available(arrays)
    decided = decide(
        rewards.reshape(n_states, -1), chain, float(discounts[0]), possible.reshape(n_states, -1)
    )
    joint = np.stack(np.unravel_index(decided.actions, arrays.sizes), axis=1)
    play = np.zeros(arrays.available.shape)
    np.put_along_axis(play, joint[..., None], 1.0, axis=-1)
    return Welfare(
        weights=dict(zip(game.players, shares.tolist(), strict=True)),
        actions=tuple(
            tuple(action_label(game, i, state, a) for i, a in enumerate(row))
            for state, row in enumerate(joint.tolist())
        ),
        total=decided.values,
        values=values_of(arrays, play),
        strategies=play,
        profile=profile_of(arrays, play),
    )


def _weights(
    game: Game, weights: Mapping[str, float] | Sequence[float] | None
) -> Float[np.ndarray, "players"]:
    if weights is None:
        return np.ones(len(game.players))
    if isinstance(weights, Mapping):
        strangers = sorted(set(weights) - set(game.players))
        if strangers:
            raise GameError(
                f"weights for {', '.join(map(str, strangers))}; "
                f"the players are {', '.join(game.players)}"
            )
        weights = [weights.get(player, 0.0) for player in game.players]
    found = np.array(weights, float)
    if found.shape != (len(game.players),):
        raise GameError(f"weights have shape {found.shape} for {len(game.players)} players")
    if not np.isfinite(found).all() or (found < 0).any() or not (found > 0).any():
        raise GameError(f"weights are {found.tolist()}; they are from 0 on, and not all 0")
    return found


def _joint_available(arrays: StochasticArrays) -> np.ndarray:
    possible = np.ones((arrays.n_states, *(1,) * arrays.n_players), bool)
    for i, size in enumerate(arrays.sizes):
        shape = [arrays.n_states] + [1] * arrays.n_players
        shape[i + 1] = size
        possible = possible & arrays.available[:, i, :size].reshape(shape)
    return np.asarray(possible)
