"""Random games that the tests of this room share."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from foedus.game.builders import stochastic_game
from foedus.game.game import Game

MakeGame = Callable[..., Game]


@pytest.fixture
def random_game() -> MakeGame:
    """Payoffs uniform on [0, 1], next states exponential weights; as in sgamesolver's generator."""

    def make(
        n_states: int,
        actions: tuple[int, ...],
        *,
        seed: int,
        discount: float = 0.95,
        horizon: int | None = None,
    ) -> Game:
        rng = np.random.default_rng(seed)
        payoffs = [rng.random((len(actions), *actions)) for _ in range(n_states)]
        weights = [rng.exponential(size=(*actions, n_states)) for _ in range(n_states)]
        transitions = [w / w.sum(axis=-1, keepdims=True) for w in weights]
        return stochastic_game(payoffs, transitions, discount, horizon=horizon)

    return make
