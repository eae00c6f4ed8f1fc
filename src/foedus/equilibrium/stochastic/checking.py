"""Arrays from outside, checked before anything is solved; every mistake with its place."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sparse

from foedus.equilibrium.stochastic.arrays import StochasticArrays
from foedus.errors import GameError

ROUNDING = 1e-9  # by how much a row of probabilities may exceed 1


def check_arrays(arrays: StochasticArrays) -> None:
    """Raises `GameError` for the first thing that makes the arrays no stochastic game.

    Payoffs and transitions that are not finite, shapes that do not fit together, negative
    probabilities and rows that add up to more than 1, players without an action, discounts outside
    [0, 1], and a discount of 1 where play never ends.
    """
    _check_shapes(arrays)
    table = arrays.transitions
    entries = table if isinstance(table, np.ndarray) else table.data
    _refuse(
        np.asarray(~np.isfinite(arrays.payoffs)), arrays, "payoffs are not finite", players=True
    )
    if not (np.isfinite(entries).all() and (entries >= 0).all()):
        if isinstance(table, np.ndarray):
            bad = ~(np.isfinite(table) & (table >= 0))
            _refuse(bad, arrays, "transitions are negative or not finite")
        raise GameError("transitions have entries that are negative or not finite")
    total = _totals(arrays)
    _refuse(np.asarray(total > 1 + ROUNDING), arrays, "transitions add up to more than 1")
    _refuse(~arrays.available.any(axis=-1), arrays, "there is no action", players=True)
    discount = arrays.discount
    wrong = ~((discount >= 0) & (discount <= 1))
    if wrong.any():
        *draw, player = np.argwhere(wrong)[0].tolist()
        place = f" in draw {draw[0]}" if draw else ""
        raise GameError(
            f"discount of player {player}{place} is {discount[(*draw, player)]}; it must lie "
            "between 0 and 1"
        )
    for_ever = (discount == 1).any(axis=-1) & (total.min(axis=-1).min(axis=-1) >= 1 - ROUNDING)
    if for_ever.any():
        raise GameError("discount is 1 and play never ends; discount below 1, or let rows end play")


def _check_shapes(arrays: StochasticArrays) -> None:
    lead, n = arrays.draws, arrays.n_players
    n_states, sizes = arrays.n_states, arrays.sizes
    if arrays.payoffs.shape != (*lead, n_states, n, *sizes) or len(sizes) != n:
        raise GameError(
            f"payoffs have shape {arrays.payoffs.shape}; expected {lead} draws, {n_states} states, "
            f"{n} players and as many action axes as players"
        )
    if arrays.available.shape != (*lead, n_states, n, max(sizes, default=0)):
        raise GameError(
            f"available has shape {arrays.available.shape}, not "
            f"{(*lead, n_states, n, max(sizes, default=0))}"
        )
    wanted = (*lead, n_states, *sizes, n_states)
    if not isinstance(arrays.transitions, np.ndarray):
        wanted = (n_states * arrays.n_joint, n_states)
    if arrays.transitions.shape != wanted:
        raise GameError(f"transitions have shape {arrays.transitions.shape}, not {wanted}")


def _totals(arrays: StochasticArrays) -> np.ndarray:
    """Sums of the rows of transitions on available joint actions, 1 elsewhere: (states, joint)."""
    lead = (*arrays.draws, arrays.n_states)
    table = arrays.transitions
    if isinstance(table, sparse.csr_array):
        total = np.asarray(table.sum(axis=1)).reshape(*lead, -1)
    else:
        total = (table.reshape(-1, arrays.n_states) @ np.ones(arrays.n_states)).reshape(*lead, -1)
    if arrays.available.all():
        return total
    possible = np.ones((*lead, 1), bool)
    for player, size in enumerate(arrays.sizes):
        own = arrays.available[..., player, :size]
        possible = (possible[..., None] & own[..., None, :]).reshape(*lead, -1)
    return np.where(possible, total, 1.0)


def _refuse(
    wrong: np.ndarray | np.bool, arrays: StochasticArrays, words: str, *, players: bool = False
) -> None:
    """Raise with the draw, the state and, on an axis after it, the player of the first entry."""
    if not wrong.any():
        return
    place = np.argwhere(wrong)[0].tolist()
    named = [f"draw {place.pop(0)}"] if arrays.draws else []
    named.append(f"state {place.pop(0)}")
    if players:
        named.append(f"player {place.pop(0)}")
    if place:
        named.append(f"at {tuple(place)}")
    raise GameError(f"{words}: {', '.join(named)}")
