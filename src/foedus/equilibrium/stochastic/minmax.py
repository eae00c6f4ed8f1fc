"""`minmax`: what a player can make sure of, whatever the others do."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import scipy.optimize as optimize
import scipy.sparse as sparse
from jaxtyping import Float

from foedus.equilibrium.stochastic.arrays import StochasticArrays, arrays_of
from foedus.equilibrium.stochastic.decision import decide
from foedus.equilibrium.stochastic.induced import decision_problem, joint_values, values_of
from foedus.equilibrium.stochastic.replies import player_number
from foedus.errors import SolveError
from foedus.game.game import Game

ROUNDS = 300
SURE = 4  # every so many rounds the next values are the guarantee of the others
CLOSE = 1e-12  # of the values, within which both sides' guarantees meet


@dataclass(frozen=True, eq=False, kw_only=True)
class Minmax:
    """The value of the game in which everybody else joins hands against one player.

    - `values`: by state; the player can make sure of this, and the others can hold it to this.
    - `guarantee`: the player's strategy that makes sure of it, (states, actions).
    - `threat`: joint play of the others that holds the player to it, (states, their joint
        actions), the last player's fastest. Two or more of them may have to correlate what they
        do; where they must act independently, the player may get more than `values`.
    - `gap`: how far the two sides' guarantees are apart, evaluated separately.
    """

    player: str
    values: Float[np.ndarray, "states"]
    guarantee: Float[np.ndarray, "states actions"] = field(repr=False)
    threat: Float[np.ndarray, "states others"] = field(repr=False)
    gap: float


def minmax(game: Game, player: str | int) -> Minmax:
    r"""The minmax value of one player, state by state, and strategies on both sides.

    $v(s) = \min_y \max_x E[u_i + \delta_i v(s')]$ (Shapley 1953), by Newton's method: optimal play
    of every state's matrix game, then the values of that play (Pollatschek and Avi-Itzhak 1969),
    kept between what both sides are known to guarantee, with a step of policy iteration (Hoffman
    and Karp 1966) in between. With two players it is the value of `player`'s zero-sum game.

    Raises `GameError` for a player the game does not have, and `SolveError` where the two sides'
    guarantees do not meet.

    >>> from foedus.game.builders import stochastic_game
    >>> pennies = [[[1.0, 0.0], [0.0, 1.0]], [[0.0, 1.0], [1.0, 0.0]]]
    >>> minmax(stochastic_game([pennies], np.ones((1, 2, 2, 1)), 0.5), 0).values.round(9).tolist()
    [1.0]
    """
    arrays = arrays_of(game)
    i = player_number(game, player)
    sides = against_all(arrays, i)
    rows, columns = sides.available[:, 0, : sides.sizes[0]], sides.available[:, 1, : sides.sizes[1]]
    values = np.zeros(arrays.n_states)
    ceiling, floor = np.full(arrays.n_states, np.inf), np.full(arrays.n_states, -np.inf)
    best: tuple[float, np.ndarray, np.ndarray] | None = None
    for round_ in range(ROUNDS):
        both = np.stack([values, -values], axis=1)
        play = _stage_strategies(joint_values(sides, both)[:, 0], sides.available)
        upper, lower = _decided(sides, play, 0), -_decided(sides, play, 1)
        gap = float((upper - lower).max())
        if best is None or gap < best[0]:
            best = (gap, 0.5 * (upper + lower), play)
        ceiling, floor = np.minimum(ceiling, upper), np.maximum(floor, lower)
        if gap <= CLOSE * max(1.0, float(np.abs(upper).max())):
            break
        # Newton's step is fast near the end; every few rounds the sure step down is taken.
        pair = upper if round_ % SURE == SURE - 1 else values_of(sides, play)[:, 0]
        values = np.clip(pair, floor, ceiling)
    assert best is not None
    gap, found, play = best
    if gap > 1e-7 * max(1.0, float(np.abs(found).max())):
        raise SolveError(f"the guarantees of the two sides stay {gap:.2g} apart")
    return Minmax(
        player=game.players[i],
        values=found,
        guarantee=play[:, 0, : rows.shape[1]],
        threat=play[:, 1, : columns.shape[1]],
        gap=max(gap, 0.0),
    )


def against_all(arrays: StochasticArrays, player: int) -> StochasticArrays:
    """The zero-sum game of one player's payoffs against all others as a single second player."""
    n_states, size = arrays.n_states, arrays.sizes[player]
    paid = np.moveaxis(arrays.payoffs[:, player], player + 1, 1).reshape(n_states, size, -1)
    others = np.ones((n_states, 1), bool)
    for j, count in enumerate(arrays.sizes):
        if j != player:
            own = arrays.available[:, j, :count]
            others = (others[:, :, None] & own[:, None, :]).reshape(n_states, -1)
    available = np.zeros((n_states, 2, max(paid.shape[1:])), bool)
    available[:, 0, :size] = arrays.available[:, player, :size]
    available[:, 1, : others.shape[1]] = others
    transitions = arrays.transitions
    if isinstance(transitions, np.ndarray):
        transitions = np.moveaxis(transitions, player + 1, 1).reshape(*paid.shape, n_states)
    else:
        order = np.arange(n_states * arrays.n_joint).reshape(n_states, *arrays.sizes)
        transitions = sparse.csr_array(transitions[np.moveaxis(order, player + 1, 1).ravel()])
    return StochasticArrays(
        payoffs=np.stack([paid, -paid], axis=1),
        transitions=transitions,
        discount=np.repeat(arrays.discount[player], 2),
        available=available,
        members=(0, 1),
        n_stages=1,
    )


def _stage_strategies(worth: np.ndarray, available: np.ndarray) -> np.ndarray:
    """Optimal strategies of both sides in the matrix game of every state."""
    play = np.zeros(available.shape)
    for state, table in enumerate(worth):
        own, other = (np.flatnonzero(mask) for mask in available[state])
        play[state, 0, own], play[state, 1, other] = matrix_game(table[np.ix_(own, other)])
    return play


def _decided(sides: StochasticArrays, play: np.ndarray, side: int) -> np.ndarray:
    """What one side gets by its best reply to the other's strategy."""
    rewards, chain = decision_problem(sides, play, side)
    available = sides.available[:, side, : sides.sizes[side]]
    return decide(rewards, chain, float(sides.discount[side]), available).values


def matrix_game(table: Float[np.ndarray, "rows columns"]) -> tuple[np.ndarray, np.ndarray]:
    """Optimal mixtures of the row player, who wants more, and of the column player.

    A saddle point in pure actions if there is one, the closed form of 2 by 2 games, otherwise a
    linear programme whose optimal supports are solved once more as equations.

    >>> matrix_game(np.array([[2.0, 0.0], [0.0, 1.0]]))[0].round(6).tolist()
    [0.333333, 0.666667]
    """
    low, high = table.min(axis=1), table.max(axis=0)
    row, column = int(np.argmax(low)), int(np.argmin(high))
    if low[row] >= high[column]:
        return np.eye(len(low))[row], np.eye(len(high))[column]
    if table.shape == (2, 2):
        return _indifferent(table.T), _indifferent(table)
    shifted = table - table.min() + max(1.0, np.ptp(table))
    found = optimize.linprog(
        np.ones(table.shape[1]) * -1.0, A_ub=shifted, b_ub=np.ones(len(table)), method="highs-ds"
    )
    if not found.success:
        raise SolveError(f"the linear programme of a matrix game failed: {found.message}")
    y = np.maximum(found.x, 0.0)
    x = np.maximum(-found.ineqlin.marginals, 0.0)
    x, y = x / x.sum(), y / y.sum()
    own, other = np.flatnonzero(x > 1e-9), np.flatnonzero(y > 1e-9)
    if len(own) == len(other):
        x, y = _sharper(table, x, y, own, other)
    return x, y


def _sharper(
    table: np.ndarray, x: np.ndarray, y: np.ndarray, own: np.ndarray, other: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The same supports with the indifferences solved to rounding, if that is no worse."""
    core = table[np.ix_(own, other)]
    try:
        first, second = _indifferent(core.T), _indifferent(core)
    except np.linalg.LinAlgError:
        return x, y
    if min(first.min(), second.min()) < 0.0:
        return x, y
    sharp_x, sharp_y = np.zeros_like(x), np.zeros_like(y)
    sharp_x[own], sharp_y[other] = first, second
    before = (table @ y).max() - (x @ table).min()
    after = (table @ sharp_y).max() - (sharp_x @ table).min()
    return (sharp_x, sharp_y) if after <= before else (x, y)


def _indifferent(table: np.ndarray) -> np.ndarray:
    """The mixture over columns that pays the same in every row of a square table."""
    size = len(table)
    system = np.zeros((size + 1, size + 1))
    system[:size, :size], system[:size, size], system[size, :size] = table, -1.0, 1.0
    mixture: np.ndarray = np.linalg.solve(system, np.append(np.zeros(size), 1.0))[:size]
    return mixture
