"""The names of actions, per player, where action sets may differ from state to state."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from foedus.errors import GameError


def name_actions(
    given: Sequence[Any] | None, available: Sequence[np.ndarray], players: tuple[str, ...]
) -> tuple[tuple[np.ndarray, ...], tuple[tuple[str, ...], ...]]:
    """For each player the (states, actions) index of every action's name, and the names.

    `given`: names by player, or names by player for each state, or None for 0, 1, ... The index
    is -1 on padding and where a player has one action only, since nobody moves there.

    Raises `GameError` where names do not fit the action sets, or one name stands twice in a set.
    """
    if given is not None and _is_by_state(given):
        return _named_by_state(given, available, players)
    sizes = tuple(mask.shape[1] for mask in available)
    names = _named_by_player(given, sizes, players)
    index = tuple(
        np.where(_moves(mask), np.arange(mask.shape[1]), -1).astype(np.int32) for mask in available
    )
    return index, names


def _moves(mask: np.ndarray) -> np.ndarray:
    found: np.ndarray = mask & (mask.sum(axis=1, keepdims=True) > 1)
    return found


def _is_by_state(given: Sequence[Any]) -> bool:
    return all(
        not isinstance(part, str) and len(part) > 0 and not isinstance(part[0], str)
        for part in given
    )


def _named_by_player(
    given: Sequence[Any] | None, sizes: tuple[int, ...], players: tuple[str, ...]
) -> tuple[tuple[str, ...], ...]:
    if given is None:
        return tuple(tuple(str(a) for a in range(size)) for size in sizes)
    if isinstance(given, str) or any(isinstance(names, str) for names in given):
        raise GameError(
            f"actions is {given!r}; it has a sequence of names for each player, "
            "as in [['stay', 'leave'], ['stay', 'leave']]"
        )
    if [len(names) for names in given] != list(sizes):
        raise GameError(
            f"actions name {[len(names) for names in given]} actions for the players "
            f"{', '.join(players)}, who have {list(sizes)}"
        )
    for player, names in zip(players, given, strict=True):
        _check_distinct(names, f"actions of {player}")
    return tuple(tuple(names) for names in given)


def _named_by_state(
    given: Sequence[Any], available: Sequence[np.ndarray], players: tuple[str, ...]
) -> tuple[tuple[np.ndarray, ...], tuple[tuple[str, ...], ...]]:
    n_states = len(available[0])
    if len(given) != n_states:
        raise GameError(f"actions are named for {len(given)} states; the game has {n_states}")
    index = tuple(np.full(mask.shape, -1, np.int32) for mask in available)
    known: list[dict[str, int]] = [{} for _ in players]
    for state, by_player in enumerate(given):
        if len(by_player) != len(players):
            raise GameError(
                f"actions of state {state} are named for {len(by_player)} players; "
                f"the game has {len(players)}"
            )
        for i, names in enumerate(by_player):
            count = int(available[i][state].sum())
            place = f"actions of {players[i]} in state {state}"
            if isinstance(names, str) or len(names) != count:
                raise GameError(f"{place} are {names!r}; {count} names are needed")
            _check_distinct(names, place)
            if count > 1:  # the name of a lone action is no choice, and is not kept
                index[i][state, :count] = [
                    known[i].setdefault(str(name), len(known[i])) for name in names
                ]
    return index, tuple(tuple(names) or ("0",) for names in known)


def _check_distinct(names: Sequence[Any], place: str) -> None:
    twice = sorted({str(name) for name in names if list(names).count(name) > 1})
    if twice:
        raise GameError(f"{place}: {', '.join(twice)} stands there more than once")
