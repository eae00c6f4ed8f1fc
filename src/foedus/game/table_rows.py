"""The rows of a labelled table, checked and put in order, with every problem named by its row."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from foedus.errors import GameError

if TYPE_CHECKING:
    import pandas as pd

MOST_PROBLEMS = 20  # listed in one message


@dataclass(frozen=True, eq=False, kw_only=True)
class Rows:
    """A table as `stochastic_game` takes it: lists by state of arrays, and the labels."""

    players: tuple[str, ...]
    states: tuple[str, ...]
    actions: list[list[list[str]]]
    payoffs: list[np.ndarray]
    transitions: list[np.ndarray]
    discount: tuple[float, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class _Columns:
    players: tuple[str, ...]
    actions: list[int]
    payoffs: list[int]
    onward: dict[str, int]  # next state to column
    to_state: int | None


def parse_table(table: pd.DataFrame, first: int, *, needs_discount: bool) -> Rows:
    """The rows of a table; `first` is the number people give to its first row.

    Raises one `GameError` that lists what is wrong, up to a number that can be read.
    """
    columns = _columns([str(name) for name in table.columns])
    at_state = [str(name) for name in table.columns].index("state")
    cells = list(enumerate(table.itertuples(index=False, name=None), first))
    problems: list[str] = []
    discount = _discount(cells, at_state, columns, problems, needed=needs_discount)
    by_state: dict[str, list[tuple[int, Any]]] = {}
    for number, row in cells:
        label = _text(row[at_state])
        if label == "delta" or not any(_text(cell) for cell in row):
            continue
        if not label:
            problems.append(f"row {number}: no state")
        by_state.setdefault(label, []).append((number, row))
    states = tuple(by_state)
    _check_next_states(columns, states, problems)
    payoffs, transitions, actions = [], [], []
    for state, rows in by_state.items():
        sets = [list(dict.fromkeys(_text(row[at]) for _, row in rows)) for at in columns.actions]
        paid, onward = _state_arrays(state, rows, sets, columns, states, problems)
        payoffs.append(paid)
        transitions.append(onward)
        actions.append(sets)
    if not states:
        problems.append("there is no row for any state")
    _raise(problems)
    return Rows(
        players=columns.players,
        states=states,
        actions=actions,
        payoffs=payoffs,
        transitions=transitions,
        discount=discount,
    )


def _columns(names: Sequence[str]) -> _Columns:
    def suffixes(prefix: str) -> list[str]:
        return [name.removeprefix(prefix) for name in names if name.startswith(prefix)]

    problems = [
        f"the column {name!r} stands there more than once"
        for name in dict.fromkeys(names)
        if names.count(name) > 1
    ]
    players, paid, next_states = suffixes("a_"), suffixes("u_"), suffixes("phi_")
    if "state" not in names:
        problems.append("there is no column `state`")
    if not players:
        problems.append("there is no column of actions, `a_<player>`")
    problems += [f"player {p!r} has no column `u_{p}`" for p in players if p not in paid]
    problems += [f"player {p!r} has no column `a_{p}`" for p in paid if p not in players]
    if next_states and "to_state" in names:
        problems.append("there are both `phi_` columns and `to_state`; one of them must go")
    if not next_states and "to_state" not in names:
        problems.append("there is no column for the next state: `phi_<state>`, or `to_state`")
    known = {"state", "to_state", *(n for n in names if n.startswith(("a_", "u_", "phi_")))}
    problems += [f"the column {name!r} means nothing here" for name in names if name not in known]
    _raise(problems)
    return _Columns(
        players=tuple(players),
        actions=[names.index(f"a_{p}") for p in players],
        payoffs=[names.index(f"u_{p}") for p in players],
        onward={state: names.index(f"phi_{state}") for state in next_states},
        to_state=names.index("to_state") if "to_state" in names else None,
    )


def _discount(
    cells: list[tuple[int, Any]],
    at_state: int,
    columns: _Columns,
    problems: list[str],
    *,
    needed: bool,
) -> tuple[float, ...]:
    found = [(number, row) for number, row in cells if _text(row[at_state]) == "delta"]
    if len(found) > 1:
        problems.append(f"`delta` stands in rows {', '.join(str(n) for n, _ in found)}")
    if not found:
        if needed:
            problems.append("there is no row `delta` with the discounts; add it, or pass discount")
        return ()
    number, row = found[0]
    return tuple(
        _number(row[at], f"row {number}: the discount of {player}", problems)
        for player, at in zip(columns.players, columns.payoffs, strict=True)
    )


def _check_next_states(columns: _Columns, states: tuple[str, ...], problems: list[str]) -> None:
    if columns.to_state is not None:
        return
    problems += [
        f"`phi_{state}`: no row has the state {state!r}"
        for state in columns.onward
        if state not in states
    ]
    problems += [
        f"the state {state!r} has no column `phi_{state}`"
        for state in states
        if state not in columns.onward
    ]


def _state_arrays(
    state: str,
    rows: list[tuple[int, Any]],
    sets: list[list[str]],
    columns: _Columns,
    states: tuple[str, ...],
    problems: list[str],
) -> tuple[np.ndarray, np.ndarray]:
    """Payoffs (players, *actions) and transitions (*actions, states) of one state."""
    shape = tuple(len(own) for own in sets)
    payoffs = np.full((len(shape), *shape), np.nan)
    onward = np.zeros((*shape, len(states)))
    seen: dict[tuple[int, ...], int] = {}
    for number, row in rows:
        words = [_text(row[at]) for at in columns.actions]
        joint = tuple(own.index(word) for own, word in zip(sets, words, strict=True))
        if joint in seen:
            problems.append(
                f"rows {seen[joint]} and {number}: both are {_words(words)} in state {state!r}"
            )
            continue
        seen[joint] = number
        for i, at in enumerate(columns.payoffs):
            place = f"row {number}: the payoff of {columns.players[i]}"
            payoffs[(i, *joint)] = _number(row[at], place, problems)
        chance = _next_states(number, row, columns, states, problems)
        total = sum(chance)
        if total > 1 + 1e-9:
            problems.append(f"row {number}: the probabilities add up to {total:.12g}, above 1")
        onward[joint] = chance
    for joint in product(*(range(size) for size in shape)):
        if joint not in seen:
            words = [own[a] for own, a in zip(sets, joint, strict=True)]
            problems.append(f"state {state!r} has no row for {_words(words)}")
    return payoffs, onward


def _next_states(
    number: int, row: Any, columns: _Columns, states: tuple[str, ...], problems: list[str]
) -> list[float]:
    chance = dict.fromkeys(states, 0.0)
    if columns.to_state is None:
        for state, at in columns.onward.items():
            place = f"row {number}: the probability of {state}"
            value = _number(row[at], place, problems)
            if value < 0:
                problems.append(f"{place} is {value:g}, below 0")
            if state in chance:
                chance[state] = value
        return list(chance.values())
    text = _text(row[columns.to_state])
    given: set[str] = set()
    for part in text.strip("{}").split(",") if text.strip("{}") else []:
        label, colon, share = part.rpartition(":")
        label = (label if colon else part).strip().strip("\"'").strip()
        if label not in chance:
            problems.append(f"row {number}: `to_state` names {label!r}, which is no state")
        elif label in given:
            problems.append(f"row {number}: `to_state` names {label!r} more than once")
        elif not colon and "," in text:
            problems.append(f"row {number}: `to_state` gives {label!r} no probability")
        else:
            place = f"row {number}: the probability of {label}"
            value = _number(share, place, problems) if colon else 1.0
            if value < 0:
                problems.append(f"{place} is {value:g}, below 0")
            chance[label] = value
        given.add(label)
    return list(chance.values())


def _number(cell: Any, place: str, problems: list[str]) -> float:
    try:
        value = float(cell)
    except (TypeError, ValueError):
        problems.append(f"{place} is {cell!r}, not a number")
        return 0.0
    if not math.isfinite(value):
        problems.append(f"{place} is {value}; it must be finite")
        return 0.0
    return value


def _text(cell: Any) -> str:
    """A label as text: 1 and 1.0 are the same label, and a missing cell is empty."""
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return ""
    if isinstance(cell, float | np.floating) and float(cell).is_integer():
        cell = int(cell)
    return str(cell).strip()


def _words(words: Sequence[str]) -> str:
    return "(" + ", ".join(word or "no move" for word in words) + ")"


def _raise(problems: list[str]) -> None:
    if not problems:
        return
    shown = problems[:MOST_PROBLEMS]
    if len(problems) > len(shown):
        shown.append(f"and {len(problems) - len(shown)} more")
    raise GameError("this table does not make a game:\n  " + "\n  ".join(shown))
