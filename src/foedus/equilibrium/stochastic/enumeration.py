"""All equilibria of small games: every profile of pure strategies, every pair of supports."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from jaxtyping import Float, Int

from foedus.equilibrium.stochastic.arrays import StochasticArrays
from foedus.equilibrium.stochastic.induced import Strategies

CHUNK = 2**14  # profiles evaluated at once


@dataclass(frozen=True, eq=False, kw_only=True)
class Enumerated:
    """Equilibria out of a complete list of candidates; `degenerate`: there may be a continuum."""

    found: tuple[Strategies, ...]
    candidates: int
    degenerate: bool


def count_pure(arrays: StochasticArrays) -> int:
    """The number of profiles of pure Markov strategies, as a Python integer of any size."""
    total = 1
    for count in arrays.available.sum(axis=-1).ravel().tolist():
        total *= int(count)
    return total


def pure_equilibria(arrays: StochasticArrays, *, tolerance: float) -> Enumerated:
    """Every equilibrium in pure Markov strategies, by looking at every profile.

    `tolerance`: of the gain of a deviation, relative to the larger of 1 and the largest value.
    """
    assert isinstance(arrays.transitions, np.ndarray)
    counts = arrays.available.sum(axis=-1)  # available actions stand first
    choices = [np.flatnonzero(row) for row in arrays.available.reshape(counts.size, -1)]
    total, found, degenerate = count_pure(arrays), [], False
    for first in range(0, total, CHUNK):
        numbers = np.arange(first, min(first + CHUNK, total))
        digits = np.unravel_index(numbers, tuple(counts.ravel().tolist()))
        picked = np.stack([own[digit] for own, digit in zip(choices, digits, strict=True)], axis=1)
        picked = picked.reshape(len(numbers), *counts.shape)
        gain, tied = _pure_gains(arrays, picked, tolerance)
        good = np.flatnonzero(gain)
        degenerate = degenerate or bool(tied[good].any())
        found += [_played(arrays, picked[number]) for number in good]
    return Enumerated(found=tuple(found), candidates=total, degenerate=degenerate)


def _pure_gains(
    arrays: StochasticArrays, picked: Int[np.ndarray, "profiles states players"], tolerance: float
) -> tuple[np.ndarray, np.ndarray]:
    """Whether nobody gains, and whether somebody is indifferent, profile by profile."""
    n_states, n_players = picked.shape[1:]
    states = np.arange(n_states)
    strides = np.array([int(np.prod(arrays.sizes[i + 1 :])) for i in range(n_players)])
    joint = picked @ strides
    paid = arrays.payoffs.reshape(n_states, n_players, -1)
    assert isinstance(arrays.transitions, np.ndarray)
    ahead = arrays.transitions.reshape(n_states, -1, n_states)
    chain = ahead[states, joint]
    nobody = np.ones(len(picked), bool)
    tied = np.zeros(len(picked), bool)
    for i in range(n_players):
        delta = arrays.discount[i]
        rewards = paid[states, i, joint]
        values = np.linalg.solve(np.eye(n_states) - delta * chain, rewards[..., None])[..., 0]
        slack = tolerance * np.maximum(1.0, np.abs(values).max(axis=-1))[:, None]
        for action in range(arrays.sizes[i]):
            other = joint + (action - picked[..., i]) * strides[i]
            real = arrays.available[:, i, action] & (picked[..., i] != action)
            worth = paid[states, i, other] + delta * np.einsum(
                "pst,pt->ps", ahead[states, other], values
            )
            better = np.where(real, worth - values, -np.inf)
            nobody &= (better <= slack).all(axis=-1)
            tied |= (better >= -slack).any(axis=-1)
    return nobody, tied


def _played(arrays: StochasticArrays, picked: Int[np.ndarray, "states players"]) -> Strategies:
    play = np.zeros(arrays.available.shape)
    np.put_along_axis(play, picked[..., None], 1.0, axis=-1)
    return play


def is_repeated_bimatrix(arrays: StochasticArrays) -> bool:
    """Whether two players meet in one state that no action changes: a one-shot game in effect."""
    if (
        arrays.n_states > 1
        or arrays.n_players != 2
        or not isinstance(arrays.transitions, np.ndarray)
    ):
        return False
    rows = arrays.transitions[0, ..., 0][np.ix_(*_choices(arrays))]
    return bool(np.ptp(rows) <= 1e-15)


def bimatrix_equilibria(arrays: StochasticArrays, *, tolerance: float) -> Enumerated:
    """Every equilibrium of a bimatrix game without ties: one linear system per pair of supports.

    In such a game, both supports have the same size and at most one equilibrium; `degenerate` says
    that some equilibrium has a best reply outside its support, so that there may be more.
    """
    own = _choices(arrays)
    paid = arrays.payoffs[0][:, own[0][:, None], own[1]]
    scale = max(1.0, float(np.abs(paid).max()))
    found, candidates, degenerate = [], 0, False
    for rows, columns in _pairs(*paid.shape[1:]):
        candidates += 1
        # The column player's mixture makes the rows indifferent, and the other way round.
        second = _indifferent(paid[0][np.ix_(rows, columns)])
        first = _indifferent(paid[1][np.ix_(rows, columns)].T)
        if first is None or second is None:
            continue
        x, y = np.zeros(paid.shape[1]), np.zeros(paid.shape[2])
        x[list(rows)], y[list(columns)] = first, second
        worth = paid[0] @ y, x @ paid[1]
        behind = [own_worth.max() - own_worth for own_worth in worth]
        if behind[0][list(rows)].max() > tolerance * scale:
            continue
        if behind[1][list(columns)].max() > tolerance * scale:
            continue
        tied = [int((gap <= tolerance * scale).sum()) for gap in behind]
        degenerate = degenerate or tied[0] > len(rows) or tied[1] > len(columns)
        play = np.zeros(arrays.available.shape)
        play[0, 0, own[0]], play[0, 1, own[1]] = x, y
        found.append(play)
    return Enumerated(found=tuple(found), candidates=candidates, degenerate=degenerate)


def _choices(arrays: StochasticArrays) -> list[Int[np.ndarray, "actions"]]:
    return [np.flatnonzero(mask) for mask in arrays.available[0]]


def _pairs(n_rows: int, n_columns: int) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
    for size in range(1, min(n_rows, n_columns) + 1):
        for rows in combinations(range(n_rows), size):
            for columns in combinations(range(n_columns), size):
                yield rows, columns


def _indifferent(table: Float[np.ndarray, "rows columns"]) -> np.ndarray | None:
    """The positive mixture over columns that pays the same in every row, if there is just one."""
    size = len(table)
    system = np.zeros((size + 1, size + 1))
    system[:size, :size], system[:size, size], system[size, :size] = table, -1.0, 1.0
    try:
        mixture = np.linalg.solve(system, np.append(np.zeros(size), 1.0))[:size]
    except np.linalg.LinAlgError:
        return None
    if not np.isfinite(mixture).all() or mixture.min() <= 1e-12:
        return None
    return np.asarray(mixture)
