"""`best_reply`: the best one player can do when everybody else's play is given."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float

from foedus.equilibrium.stochastic.arrays import (
    StochasticArrays,
    arrays_of,
    profile_of,
    strategies_of,
)
from foedus.equilibrium.stochastic.decision import decide
from foedus.equilibrium.stochastic.induced import (
    Strategies,
    decision_problem,
    values_of,
)
from foedus.errors import GameError
from foedus.game.game import Game
from foedus.game.profile import Profile
from foedus.game.stages import Block, Turn

ROW_SLACK = 1e-8  # by how much probabilities given by hand may miss 1


@dataclass(frozen=True, eq=False, kw_only=True)
class Reply:
    """A best reply to given play, in pure Markov strategies; no strategy of any kind does better.

    - `values`: what the player gets with it, from each state on.
    - `gain`: how much more that is than with the play given.
    - `action_values`: of each action in each state, followed by the reply; -inf: not available.
    - `strategies`, `profile`: the play given with the reply in its place.
    """

    player: str
    actions: tuple[str, ...]
    values: Float[np.ndarray, "states"] = field(repr=False)
    gain: Float[np.ndarray, "states"]
    action_values: Float[np.ndarray, "states actions"] = field(repr=False)
    strategies: Float[np.ndarray, "states players actions"] = field(repr=False)
    profile: Profile = field(repr=False)


def best_reply(
    game: Game, play: Profile | Float[np.ndarray, "states players actions"], player: str | int
) -> Reply:
    """The best reply of one player to how the others play, observed or solved for.

    `play`: a `Profile`, or probabilities by state, player and action, padded with 0; the player's
    own part only says what the gain is measured from. Equally good actions: the first.

    Raises `GameError` for a player the game does not have and play that does not fit it.

    >>> from foedus.game.builders import stochastic_game
    >>> dilemma = [[[2.0, 0.0], [3.0, 1.0]], [[2.0, 3.0], [0.0, 1.0]]]
    >>> game = stochastic_game([dilemma], np.ones((1, 2, 2, 1)), 0.5)
    >>> reply = best_reply(game, np.array([[[0.5, 0.5], [0.5, 0.5]]]), "player 0")
    >>> reply.actions, reply.values.tolist(), reply.gain.tolist()
    (('1',), [4.0], [1.0])
    """
    arrays = arrays_of(game)
    i = player_number(game, player)
    given = strategies_given(game, arrays, play)
    rewards, chain = decision_problem(arrays, given, i)
    size = arrays.sizes[i]
    decided = decide(rewards, chain, float(arrays.discount[i]), arrays.available[:, i, :size])
    replied = given.copy()
    replied[:, i] = np.eye(given.shape[-1])[decided.actions]
    return Reply(
        player=game.players[i],
        actions=tuple(
            action_label(game, i, state, action) for state, action in enumerate(decided.actions)
        ),
        values=decided.values,
        gain=decided.values - values_of(arrays, given)[:, i],
        action_values=decided.action_values,
        strategies=replied,
        profile=profile_of(arrays, replied),
    )


def player_number(game: Game, player: str | int) -> int:
    """The position of a player given by name or number. Raises `GameError` for a stranger."""
    if isinstance(player, str) and player in game.players:
        return game.players.index(player)
    whole = isinstance(player, int | np.integer) and not isinstance(player, bool)
    if whole and 0 <= int(player) < len(game.players):
        return int(player)
    raise GameError(f"no player {player!r}; the players are {', '.join(game.players)}")


def action_label(game: Game, player: int, state: int, action: int) -> str:
    """The name of an action of a player in a state; `-` where the player does not move."""
    first = game.structure.stages[0]
    assert isinstance(first, Block | Turn)
    if isinstance(first, Block):
        member = first.movers.index(player)
        index, names = first.action[member], first.action_names[member]
    else:
        index, names = first.action, first.action_names
    at = int(index[state, action])
    return names[at] if at >= 0 else "-"


def strategies_given(game: Game, arrays: StochasticArrays, play: object) -> Strategies:
    """Play as an array (states, players, actions), checked. Raises `GameError`."""
    if isinstance(play, Profile):
        found = strategies_of(arrays, play)
    else:
        found = np.array(play, float)
        if found.shape != arrays.available.shape:
            raise GameError(
                f"play has shape {found.shape}; it is by state, player and action: "
                f"{arrays.available.shape}"
            )
    wrong = ~np.isfinite(found) | (found < 0) | (~arrays.available & (found != 0))
    if wrong.any():
        state, player, action = (int(at) for at in np.argwhere(wrong)[0])
        raise GameError(
            f"play of {game.players[player]} in state {state} has {found[state, player, action]} "
            f"on action {action}; probabilities are from 0 to 1, and 0 where nothing is available"
        )
    off = np.abs(found.sum(axis=-1) - 1.0) > ROW_SLACK
    if off.any():
        state, player = (int(at) for at in np.argwhere(off)[0])
        raise GameError(
            f"play of {game.players[player]} in state {state} adds up to "
            f"{found[state, player].sum():.9g}, not 1"
        )
    return found
