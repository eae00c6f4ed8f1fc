"""A stationary game of simultaneous moves as plain arrays: payoffs, transitions, discounts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sparse
from jaxtyping import Bool, Float

from foedus.equilibrium.stochastic.flattened import drawn
from foedus.errors import GameError
from foedus.game.game import Game
from foedus.game.profile import Profile
from foedus.game.stages import Block, Chance, Turn


@dataclass(frozen=True, eq=False, kw_only=True)
class StochasticArrays:
    r"""$V_i(s) = E[u_i(s, a) + \delta_i V_i(s')]$, states and actions padded to one shape.

    Axes, with J joint actions: the product of the players' actions, the last player's fastest.

    - `payoffs`: (states, players, actions of player 0, ..., actions of the last player).
    - `transitions`: (states, actions of each player ..., states), or a sparse matrix
        (states * J, states). Rows may add up to less than 1: play ends with the rest, and what
        an ending pays stands in `payoffs`, discounted.
    - `discount`: (players,).
    - `available`: (states, players, most actions of any player). On what is not available,
        payoffs and transitions are 0.
    - `members`: whose actions stand on each axis of the game's own block; empty for a game of
        one player who takes turns with nobody.
    - `n_stages`: of a period of the game, draws included.

    A batch of games of one shape has a leading axis of draws before `payoffs`, `transitions`,
    `discount` and `available`; its transitions are dense.
    """

    payoffs: Float[np.ndarray, "*draws states players *actions"]
    transitions: Float[np.ndarray, "*draws states *actions states"] | sparse.csr_array
    discount: Float[np.ndarray, "*draws players"]
    available: Bool[np.ndarray, "*draws states players most"]
    members: tuple[int, ...]
    n_stages: int

    @property
    def draws(self) -> tuple[int, ...]:
        """The leading axes: () for one game, (number of draws,) for a batch."""
        return self.discount.shape[:-1]

    @property
    def n_players(self) -> int:
        return int(self.discount.shape[-1])

    @property
    def n_states(self) -> int:
        return int(self.available.shape[-3])

    @property
    def sizes(self) -> tuple[int, ...]:
        """The number of actions of each player, padding included."""
        return self.payoffs.shape[len(self.draws) + 2 :]

    @property
    def n_joint(self) -> int:
        return math.prod(self.sizes)

    def select(self, draws: int | np.ndarray) -> StochasticArrays:
        """Some games of a batch, or a single one."""
        assert isinstance(self.transitions, np.ndarray)
        return StochasticArrays(
            payoffs=self.payoffs[draws],
            transitions=self.transitions[draws],
            discount=self.discount[draws],
            available=self.available[draws],
            members=self.members,
            n_stages=self.n_stages,
        )


def arrays_of(game: Game) -> StochasticArrays:
    """The arrays of a stationary game whose only decision is one simultaneous move in each state.

    Raises `GameError` that says what else the game has in it.

    >>> from foedus.game.builders import stochastic_game
    >>> dilemma = [[[2.0, 0.0], [3.0, 1.0]], [[2.0, 3.0], [0.0, 1.0]]]
    >>> arrays = arrays_of(stochastic_game([dilemma], np.full((1, 2, 2, 1), 0.9), discount=1.0))
    >>> arrays.payoffs.shape, arrays.transitions.shape, arrays.transitions.sum(axis=-1).max()
    ((1, 2, 2, 2), (1, 2, 2, 1), np.float64(0.9))
    """
    problem = obstacle(game)
    if problem is not None:
        raise GameError(f"no stochastic game with simultaneous moves: {problem}")
    structure, tables = game.structure, game.tables
    first = structure.stages[0]
    assert isinstance(first, Block | Turn)
    discount = np.array(tables.discount, float)
    flow = np.asarray(tables.flow, float)
    live, n_players = structure.states.n_live, len(discount)
    occupied = first.occupied.ravel()
    payoffs, rows = drawn(structure, tables, first.successor.ravel())
    if tables.payoff[0] is not None:
        payoffs = payoffs + np.asarray(tables.payoff[0], float).reshape(n_players, -1)
    if live < structure.states.n_states:
        payoffs = payoffs + discount[:, None] * (rows[:, live:] @ flow[:, live:].T).T
        rows = rows[:, :live]
    payoffs = payoffs + np.repeat(flow[:, :live], len(occupied) // live, axis=1)
    if not occupied.all():
        payoffs = np.where(occupied, payoffs, 0.0)
        if isinstance(rows, np.ndarray):
            rows = np.where(occupied[:, None], rows, 0.0)
        else:
            rows = sparse.csr_array(sparse.diags_array(occupied.astype(float)) @ rows)
    payoffs = payoffs.reshape(n_players, *first.shape)
    return _assembled(first, payoffs, rows, discount, len(structure.stages))


def obstacle(game: Game) -> str | None:
    """What keeps a game from being a stochastic game with simultaneous moves; None: nothing."""
    structure = game.structure
    first, *rest = structure.stages
    if structure.horizon is not None:
        return f"it ends after {structure.horizon} periods; such games are solved backwards"
    for stage in rest:
        if not isinstance(stage, Chance):
            names = ", ".join(stage.names) if isinstance(stage, Block) else stage.name
            return f"`{names}` is decided after the first stage"
    if isinstance(first, Chance):
        return f"it begins with the draw of `{first.name}`"
    if isinstance(first, Turn):
        if len(structure.players) > 1:
            return f"`{first.name}` is decided by one player of {len(structure.players)} alone"
        return None
    if any(any(row) for row in first.sees):
        return f"some of `{', '.join(first.names)}` see what others do"
    if sorted(first.movers) != list(range(len(structure.players))):
        return f"`{', '.join(first.names)}` is not one move for each of the players"
    return None


def stack(games: Sequence[StochasticArrays]) -> StochasticArrays:
    """Games of one shape as a batch with a leading axis.

    Raises `GameError` for an empty sequence and for games that differ in shape.
    """
    if not games:
        raise GameError("a batch needs at least one game")
    shapes = {(game.payoffs.shape, game.members, game.n_stages) for game in games}
    if len(shapes) > 1:
        listed = ", ".join(str(shape) for shape, *_ in sorted(shapes))
        raise GameError(f"games of a batch have one shape; these have payoffs of shapes {listed}")
    return StochasticArrays(
        payoffs=_stacked([game.payoffs for game in games]),
        transitions=_stacked([_dense(game) for game in games]),
        discount=_stacked([game.discount for game in games]),
        available=_stacked([game.available for game in games]),
        members=games[0].members,
        n_stages=games[0].n_stages,
    )


def _stacked(parts: Sequence[np.ndarray]) -> np.ndarray:
    """One part as it is, with an axis in front; several in an array of their own."""
    return parts[0][None] if len(parts) == 1 else np.stack(parts)


def profile_of(
    arrays: StochasticArrays, strategies: Float[np.ndarray, "states players most"]
) -> Profile:
    """Strategies by state and player as a `Profile` of the game that the arrays come from."""
    n_states, sizes = arrays.n_states, arrays.sizes
    draws = (None,) * (arrays.n_stages - 1)
    if not arrays.members:
        return Profile((np.array(strategies[None, :, 0, : sizes[0]]), *draws))
    rank = len(sizes)
    played = []
    for axis, player in enumerate(arrays.members):
        shape = [1, n_states, *(1,) * rank]
        shape[axis + 2] = sizes[player]
        played.append(strategies[:, player, : sizes[player]].reshape(shape).copy())
    return Profile((tuple(played), *draws))


def strategies_of(
    arrays: StochasticArrays, profile: Profile
) -> Float[np.ndarray, "states players most"]:
    """The inverse of `profile_of`: play by state and player, padded with 0."""
    found = np.zeros(arrays.available.shape)
    if not arrays.members:
        found[:, 0] = np.asarray(profile.stages[0])[0]
        return found
    for player, played in zip(arrays.members, profile.stages[0], strict=True):
        own = np.asarray(played)[0].reshape(arrays.n_states, -1)
        found[:, player, : own.shape[1]] = own
    return found


def _assembled(
    first: Block | Turn,
    payoffs: np.ndarray,
    rows: np.ndarray | sparse.csr_array,
    discount: np.ndarray,
    n_stages: int,
) -> StochasticArrays:
    """The arrays with axes in the order of players, from those in the order of the block."""
    shape, n_states = first.shape, first.shape[0]
    members = first.movers if isinstance(first, Block) else ()
    masks = first.available if isinstance(first, Block) else (first.available,)
    movers = members or (0,)
    axes = [movers.index(player) for player in range(len(movers))]
    if axes != list(range(len(axes))):
        payoffs = payoffs.transpose(0, 1, *(axis + 2 for axis in axes))
        if isinstance(rows, np.ndarray):
            rows = rows.reshape(*shape, -1).transpose(0, *(a + 1 for a in axes), len(axes) + 1)
        else:
            order = np.arange(math.prod(shape)).reshape(shape)
            rows = sparse.csr_array(rows[order.transpose(0, *(axis + 1 for axis in axes)).ravel()])
    sizes = payoffs.shape[2:]
    available = np.zeros((n_states, len(movers), max(sizes)), bool)
    for player, axis in enumerate(axes):
        available[:, player, : sizes[player]] = masks[axis]
    if isinstance(rows, np.ndarray):
        rows = np.ascontiguousarray(rows.reshape(n_states, *sizes, n_states))
    return StochasticArrays(
        payoffs=np.ascontiguousarray(np.moveaxis(payoffs, 0, 1)),
        transitions=rows,
        discount=discount,
        available=available,
        members=members,
        n_stages=n_stages,
    )


def _dense(game: StochasticArrays) -> np.ndarray:
    if isinstance(game.transitions, np.ndarray):
        return game.transitions
    filled: np.ndarray = game.transitions.toarray()
    return filled.reshape(game.n_states, *game.sizes, game.n_states)
