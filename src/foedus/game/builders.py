"""Games from arrays: payoffs and transitions by state and joint action, for theory and tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float

from foedus.errors import GameError
from foedus.game.actions import name_actions
from foedus.game.game import Game, StateSpace, Structure, Tables
from foedus.game.stages import Block, Chance, Turn

ROUNDING = 1e-9  # by how much a row of probabilities may miss 1; beyond it the row is wrong


def stochastic_game(
    payoffs: Any,
    transitions: Any,
    discount: float | Sequence[float],
    *,
    horizon: int | None = None,
    players: Sequence[str] | None = None,
    states: Sequence[str] | None = None,
    actions: Sequence[Sequence[str]] | Sequence[Sequence[Sequence[str]]] | None = None,
    terminal: Any = None,
    precision: float | Mapping[str, float] | Sequence[float] | None = None,
    title: str = "",
) -> Game:
    r"""A stochastic game in which all players move at once in every state.

    $V_i(s) = E[u_i(s, a) + \delta_i V_i(s')]$, with $s' \sim p(\cdot | s, a)$.

    - `payoffs`: (states, players, actions of player 0, ..., actions of the last player), or a
        list with one (players, actions, ...) array per state where action sets differ.
    - `transitions`: (states, actions, ..., states), or a list of (actions, ..., states). Where a
        row sums to less than 1, play ends with what is left, and nothing is paid after.
    - `discount`: one number or one per player, in [0, 1); also 1 at a finite horizon, or
        where play ends sooner or later whatever anybody does.
    - `horizon`: number of periods; None for an infinite horizon.
    - `actions`: names of each player's actions, by player; or, where they differ by state, a list
        with the names by player for each state.
    - `terminal`: (states, players), what states are worth after the last period of a finite
        horizon; default 0.
    - `precision`: one number, one per player in order, or one per player by name.

    A player with a single action in a state does not move there.

    Raises `GameError`, naming the place, for shapes that do not fit together, numbers that are not
    finite, a horizon that is no positive whole number, `terminal` without a horizon, empty action
    sets, and probabilities that are negative or add up to more than 1.

    A prisoners' dilemma that ends with probability 0.1:

    >>> dilemma = [[[2.0, 0.0], [3.0, 1.0]], [[2.0, 3.0], [0.0, 1.0]]]
    >>> game = stochastic_game([dilemma], np.full((1, 2, 2, 1), 0.9), discount=1.0)
    >>> game.structure.states.n_states, game.players
    (2, ('player 0', 'player 1'))
    """
    paid = _by_state(payoffs, "payoffs")
    chances = _by_state(transitions, "transitions")
    _check_shapes(paid, chances)
    _check_probabilities(chances)
    n_players, n_states = len(paid[0]), len(paid)
    names = _names(players, n_players, "players", "player ")
    discounts = _per_player(discount, names, "discount")
    _check_discount(discounts, horizon, chances)
    ends = any((block.sum(axis=-1) < 1 - ROUNDING).any() for block in chances)
    decision, chance, payoff, probability = _stages(paid, chances, ends, names, actions)
    labels = _names(states, n_states, "states", "")
    total = n_states + ends
    return Game(
        structure=Structure(
            players=names,
            player_labels=names,
            states=StateSpace(
                factors=("state",),
                levels=((*labels, "ended") if ends else labels,),
                codes=np.arange(total, dtype=np.int32)[:, None],
                n_live=n_states,
            ),
            stages=(decision, chance),
            horizon=horizon,
            starts={labels[0]: np.eye(1, total)[0]},
        ),
        tables=Tables(
            discount=discounts,
            flow=np.zeros((n_players, total)),
            terminal=_terminal(terminal, horizon, n_states, n_players, total),
            payoff=(payoff, None),
            probability=(None, probability),
        ),
        precision=None if precision is None else _per_player(precision, names, "precision"),
        title=title,
    )


def _stages(
    paid: list[np.ndarray],
    chances: list[np.ndarray],
    ends: bool,
    players: tuple[str, ...],
    actions: Sequence[Any] | None,
) -> tuple[Turn | Block, Chance, np.ndarray, np.ndarray]:
    """The joint move, then the draw of the next state: one draw node per state and joint action."""
    sizes = tuple(max(block.shape[i + 1] for block in paid) for i in range(len(players)))
    payoff = np.zeros((len(players), len(paid), *sizes))
    successor = np.zeros((len(paid), *sizes), np.int32)
    rows, first = [], 0
    for state, (block, chance) in enumerate(zip(paid, chances, strict=True)):
        corner = tuple(slice(int(size)) for size in block.shape[1:])
        payoff[:, state][(slice(None), *corner)] = block
        joint = int(np.prod(block.shape[1:]))
        successor[state][corner] = np.arange(first, first + joint).reshape(block.shape[1:])
        rows.append(chance.reshape(joint, -1))
        first += joint
    outcome, probability = _outcomes(np.concatenate(rows), ends)
    available = tuple(
        np.array([np.arange(size) < block.shape[i + 1] for block in paid])
        for i, size in enumerate(sizes)
    )
    action, named = name_actions(actions, available, players)
    chance_stage = Chance(name="next", successor=outcome, possible=probability > 0)
    if len(players) == 1:
        turn = Turn(
            name=players[0],
            mover=np.where(available[0].sum(axis=1) > 1, 0, -1).astype(np.int32),
            action=action[0],
            action_names=named[0],
            available=available[0],
            successor=successor,
        )
        return turn, chance_stage, payoff, probability
    block_stage = Block(
        names=players,
        movers=tuple(range(len(players))),
        sees=tuple((False,) * len(players) for _ in players),
        action=action,
        action_names=named,
        available=available,
        successor=successor,
    )
    return block_stage, chance_stage, payoff, probability


def _outcomes(rows: np.ndarray, ends: bool) -> tuple[np.ndarray, np.ndarray]:
    """Successor states and their probabilities, keeping only what is possible, padded with 0."""
    left = 1.0 - rows.sum(axis=1, keepdims=True)
    if ends:
        rows = np.concatenate([rows, np.where(left > ROUNDING, left, 0.0)], axis=1)
    total = rows.sum(axis=1, keepdims=True)
    # Rows that sum to 1 up to rounding stay as they are, so that a game written out and read
    # again is equal.
    exact = np.abs(total - 1.0) <= 64 * np.finfo(float).eps
    rows = np.where(exact, rows, rows / np.where(exact, 1.0, total))
    width = int((rows > 0).sum(axis=1).max())
    successor = np.argsort(rows <= 0, axis=1, kind="stable")[:, :width].astype(np.int32)
    probability = np.take_along_axis(rows, successor, axis=1)
    return np.where(probability > 0, successor, 0).astype(np.int32), probability


def _by_state(blocks: Any, what: str) -> list[np.ndarray]:
    try:
        listed = list(blocks)
    except TypeError:
        raise GameError(f"{what} is {blocks!r}; it has one array per state") from None
    return [_array(block, f"{what} of state {state}") for state, block in enumerate(listed)]


def _array(values: Any, place: str) -> np.ndarray:
    try:
        found = np.asarray(values, float)
    except (TypeError, ValueError) as reason:
        raise GameError(f"{place} is not an array of numbers: {reason}") from None
    if not np.isfinite(found).all():
        where = tuple(int(at) for at in np.argwhere(~np.isfinite(found))[0])
        raise GameError(f"{place} has {found[where]} at {where}; every entry must be finite")
    return found


def _check_shapes(paid: list[np.ndarray], chances: list[np.ndarray]) -> None:
    if not paid:
        raise GameError("a game needs at least one state; payoffs are empty")
    if len(paid) != len(chances):
        raise GameError(f"payoffs have {len(paid)} states, transitions {len(chances)}")
    n_players = paid[0].shape[0] if paid[0].ndim else 0
    for state, (block, chance) in enumerate(zip(paid, chances, strict=True)):
        if block.ndim != n_players + 1 or block.shape[0] != n_players or not n_players:
            raise GameError(
                f"payoffs of state {state} have shape {block.shape}; expected (players, "
                "actions of each player ...), with as many action axes as players"
            )
        if 0 in block.shape[1:]:
            player = block.shape[1:].index(0)
            raise GameError(
                f"player {player} has no action in state {state}; it needs at least one"
            )
        wanted = (*block.shape[1:], len(paid))
        if chance.shape != wanted:
            raise GameError(
                f"transitions of state {state} have shape {chance.shape}; expected {wanted}: "
                "the actions of each player, then the next state"
            )


def _check_probabilities(chances: list[np.ndarray]) -> None:
    for state, chance in enumerate(chances):
        if (chance < 0).any():
            where = tuple(int(at) for at in np.argwhere(chance < 0)[0])
            raise GameError(f"transitions of state {state}: {chance[where]} at {where} is below 0")
        total = chance.sum(axis=-1)
        if (total > 1 + ROUNDING).any():
            where = tuple(int(at) for at in np.argwhere(total > 1 + ROUNDING)[0])
            raise GameError(
                f"transitions of state {state} at joint action {where} add up to "
                f"{total[where]:.12g}, which is more than 1"
            )


def _check_discount(
    discount: Float[np.ndarray, "players"], horizon: int | None, chances: list[np.ndarray]
) -> None:
    if horizon is not None:
        if isinstance(horizon, bool) or not isinstance(horizon, int | np.integer):
            raise GameError(f"a horizon is a whole number of periods or None, not {horizon!r}")
        if horizon < 1:
            raise GameError(f"a horizon has at least one period, not {horizon}")
    if (discount < 0).any() or (discount > 1).any():
        raise GameError(f"discount is {discount.tolist()}; it must lie between 0 and 1")
    if horizon is None and (discount == 1).any() and not _always_ends(chances):
        raise GameError(
            "discount is 1 with an infinite horizon, and players can keep play from ending; "
            "discount below 1, or let transition rows sum to less than 1"
        )


def _always_ends(chances: list[np.ndarray]) -> bool:
    """Whether play ends with probability one whatever anybody does.

    Keeps the states that have some joint action which stays for certain among the
    states kept; play can be prolonged for ever if any such set is left.
    """
    staying = np.ones(len(chances), bool)
    while True:
        kept = staying & [
            bool(((chance @ staying.astype(float)) >= 1 - ROUNDING).any()) for chance in chances
        ]
        if (kept == staying).all():
            return not staying.any()
        staying = kept


def _per_player(
    value: float | Mapping[str, float] | Sequence[float], players: tuple[str, ...], what: str
) -> np.ndarray:
    n_players = len(players)
    if isinstance(value, Mapping):
        if set(value) != set(players):
            raise GameError(
                f"{what} is given for {', '.join(map(str, value)) or 'nobody'}; "
                f"the players are {', '.join(players)}"
            )
        value = [value[player] for player in players]
    found = _array(value, what)
    if found.ndim > 1 or (found.ndim == 1 and len(found) != n_players):
        raise GameError(f"{what} has shape {found.shape} for {n_players} players")
    if (found < 0).any():
        raise GameError(f"{what} is {found.tolist()}; it cannot be below 0")
    return np.array(np.broadcast_to(found, n_players))


def _names(given: Sequence[str] | None, count: int, what: str, prefix: str) -> tuple[str, ...]:
    names = tuple(f"{prefix}{i}" for i in range(count)) if given is None else tuple(given)
    if len(names) != count or len(set(names)) != count:
        raise GameError(f"{what} must be {count} different names, not {list(names)}")
    return names


def _terminal(
    given: Any, horizon: int | None, n_states: int, n_players: int, total: int
) -> np.ndarray:
    found = np.zeros((n_players, total))
    if given is not None:
        worth = _array(given, "terminal")
        if worth.shape != (n_states, n_players):
            raise GameError(f"terminal has shape {worth.shape}, not {(n_states, n_players)}")
        if horizon is None:
            raise GameError(
                "terminal is what states are worth after the last period, and an infinite horizon "
                "has none; give a horizon, or leave terminal out"
            )
        found[:, :n_states] = worth.T
    return found
