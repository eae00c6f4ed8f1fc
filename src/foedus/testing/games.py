"""Random stochastic games from arrays, small enough to solve in a moment."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from foedus.game.builders import stochastic_game
from foedus.game.game import Game


@st.composite
def games(
    draw: st.DrawFn,
    *,
    max_states: int = 4,
    max_players: int = 3,
    max_actions: int = 3,
) -> Game:
    """A stationary game in which everybody moves at once in every state.

    Hypothesis draws the sizes, the discount and a seed; the entries come from
    the seed, payoffs uniform in [-1, 1] and transitions from a flat Dirichlet.
    """
    n_states = draw(st.integers(1, max_states))
    actions = draw(st.lists(st.integers(1, max_actions), min_size=1, max_size=max_players))
    discount = draw(st.sampled_from([0.0, 0.5, 0.9]))
    entries = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    payoffs = entries.uniform(-1, 1, size=(n_states, len(actions), *actions))
    transitions = entries.dirichlet(np.ones(n_states), size=(n_states, *actions))
    return stochastic_game(payoffs, transitions, discount=discount)
