"""Random stochastic games, drawn number for number as sgamesolver's `random_game` draws them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

DISCOUNT = 0.95


def random_game(
    n_states: int, n_players: int, n_actions: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Payoffs uniform on [0, 1] and transitions from exponential weights."""
    rng = np.random.default_rng(seed)
    shape = (n_actions,) * n_players
    payoffs = np.stack([rng.random((n_players, *shape)) for _ in range(n_states)])
    weights = np.stack([rng.exponential(size=(*shape, n_states)) for _ in range(n_states)])
    return payoffs, weights / weights.sum(axis=-1, keepdims=True)


def random_games(
    shape: tuple[int, int, int], seeds: Iterable[int]
) -> tuple[np.ndarray, np.ndarray]:
    """Several of them, with an axis of games in front."""
    drawn = [random_game(*shape, seed) for seed in seeds]
    return np.stack([payoffs for payoffs, _ in drawn]), np.stack([ahead for _, ahead in drawn])
