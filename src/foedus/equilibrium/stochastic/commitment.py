"""`commitment`: one player binds itself in advance, the other knows it and replies as it likes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product

import numpy as np
from jaxtyping import Float

from foedus.equilibrium.stochastic.arrays import StochasticArrays, arrays_of, profile_of
from foedus.equilibrium.stochastic.bound import best_binding
from foedus.equilibrium.stochastic.decision import decide
from foedus.equilibrium.stochastic.induced import decision_problem, values_of
from foedus.equilibrium.stochastic.replies import player_number
from foedus.errors import GameError, SolveError
from foedus.game.game import Game
from foedus.game.profile import Profile

MOST_REPLIES = 1024  # pure strategies of the follower that are all gone through


@dataclass(frozen=True, eq=False, kw_only=True)
class Commitment:
    """The best Markov strategy to be bound to, and the reply to it.

    - `strategies`, `profile`: the leader's strategy and the follower's pure reply. Of equally good
        replies it is the one that the leader likes best, which a leader can bring about by a
        change as small as it likes (a strong Stackelberg equilibrium), if by any.
    - `values`: (states, players), and `value`: the leader's at the start.
    - `slack`: what the follower could still gain by another reply; rounding.
    - `certainty`: whether a better commitment is ruled out, in words.
    """

    leader: str
    follower: str
    start: Float[np.ndarray, "states"] = field(repr=False)
    value: float
    values: Float[np.ndarray, "states players"]
    slack: float
    certainty: str
    strategies: Float[np.ndarray, "states players actions"] = field(repr=False)
    profile: Profile = field(repr=False)


def commitment(
    game: Game,
    leader: str | int,
    *,
    start: str | int | None = None,
    starts: int = 20,
    seed: int = 0,
) -> Commitment:
    """What the leader of a game of two players would bind itself to, known to the other.

    What is best depends on where play starts: `start`, a state by label or number, or the game's
    own first start. For each pure reply of the follower, the leader looks for the best strategy to
    which that is a best reply. Where the leader's actions do not move the state this is a linear
    programme, and the result is exact (Conitzer and Sandholm 2006, for one state); elsewhere it is
    a nonlinear one, searched from `starts` points.

    Raises `GameError` for other numbers of players and strangers, and `SolveError` where no
    commitment was found.

    The first row dominates, but half of each brings the other player over to the better column:

    >>> from foedus.game.builders import stochastic_game
    >>> payoffs = [[[2.0, 4.0], [1.0, 3.0]], [[1.0, 0.0], [0.0, 1.0]]]
    >>> game = stochastic_game([payoffs], np.ones((1, 2, 2, 1)), 0.0)
    >>> bound = commitment(game, 0)
    >>> bound.strategies[0, 0].round(6).tolist(), round(bound.value, 6)
    ([0.5, 0.5], 3.5)
    """
    arrays = arrays_of(game)
    if arrays.n_players != 2:
        raise GameError(
            f"commitment is between a leader and one follower; the game has {arrays.n_players} "
            "players, and several followers would have an equilibrium to choose among themselves"
        )
    i = player_number(game, leader)
    weights = _start(game, arrays, start)
    rng = np.random.default_rng(seed)
    total = int(np.prod([float(n) for n in arrays.available[:, 1 - i].sum(axis=-1)]))
    complete = total <= MOST_REPLIES
    replies = _all_replies(arrays, 1 - i) if complete else _some_replies(arrays, i, rng, starts)
    best: tuple[float, np.ndarray] | None = None
    exact = complete
    for reply in replies:
        bound = best_binding(arrays, i, reply, weights, rng=rng, starts=1 + starts // max(1, total))
        exact = exact and bound.exact
        if bound.strategy is None:
            continue
        play = _joined(arrays, i, bound.strategy, reply)
        value = float(weights @ values_of(arrays, play)[:, i])
        if best is None or value > best[0]:
            best = (value, play)
    if best is None:
        raise SolveError(
            "no commitment with a best reply was found", hints=("more starts: starts=...",)
        )
    value, play = best
    words = "exact: every reply of the follower was gone through, each by a linear programme"
    if not exact:
        gone = "every reply" if complete else "some replies"
        words = f"the best found: {gone} of the follower by local searches; a better one may exist"
    return Commitment(
        leader=game.players[i],
        follower=game.players[1 - i],
        start=weights,
        value=value,
        values=values_of(arrays, play),
        slack=_slack(arrays, play, 1 - i),
        certainty=words,
        strategies=play,
        profile=profile_of(arrays, play),
    )


def _all_replies(arrays: StochasticArrays, follower: int) -> Iterator[np.ndarray]:
    sets = [np.flatnonzero(mask) for mask in arrays.available[:, follower]]
    for actions in product(*sets):
        yield np.array(actions)


def _some_replies(
    arrays: StochasticArrays, leader: int, rng: np.random.Generator, starts: int
) -> Iterator[np.ndarray]:
    """Best replies to random commitments, each once."""
    seen: set[bytes] = set()
    for number in range(20 * max(1, starts)):
        weight = rng.exponential(size=arrays.available.shape) * arrays.available
        if number % 2:
            weight = (weight == weight.max(axis=-1, keepdims=True)).astype(float)
        play = weight / weight.sum(axis=-1, keepdims=True)
        rewards, chain = decision_problem(arrays, play, 1 - leader)
        available = arrays.available[:, 1 - leader, : arrays.sizes[1 - leader]]
        reply = decide(rewards, chain, float(arrays.discount[1 - leader]), available).actions
        if reply.tobytes() not in seen:
            seen.add(reply.tobytes())
            yield reply
        if len(seen) >= starts:
            return


def _joined(
    arrays: StochasticArrays, leader: int, strategy: np.ndarray, reply: np.ndarray
) -> np.ndarray:
    play = np.zeros(arrays.available.shape)
    play[:, leader, : strategy.shape[1]] = strategy
    play[np.arange(len(reply)), 1 - leader, reply] = 1.0
    return play


def _slack(arrays: StochasticArrays, play: np.ndarray, follower: int) -> float:
    rewards, chain = decision_problem(arrays, play, follower)
    available = arrays.available[:, follower, : arrays.sizes[follower]]
    decided = decide(rewards, chain, float(arrays.discount[follower]), available)
    return max(0.0, float((decided.values - values_of(arrays, play)[:, follower]).max()))


def _start(
    game: Game, arrays: StochasticArrays, start: str | int | None
) -> Float[np.ndarray, "states"]:
    space = game.structure.states
    if start is None:
        return np.asarray(next(iter(game.structure.starts.values())), float)[: arrays.n_states]
    labels = [space.label(s) for s in range(space.n_live)]
    bare = [label.removeprefix("state=") for label in labels]
    if isinstance(start, str):
        for known in (labels, bare):
            if start in known:
                return np.asarray(np.eye(arrays.n_states)[known.index(start)])
    elif not isinstance(start, bool) and 0 <= int(start) < arrays.n_states:
        return np.asarray(np.eye(arrays.n_states)[int(start)])
    raise GameError(f"no state {start!r} to start from; there are {', '.join(bare[:5])}, ...")
