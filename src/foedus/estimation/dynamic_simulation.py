r"""Histories of a dynamic game, drawn from choice probabilities."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from foedus.estimation.dynamic_game import DynamicGame


def simulate_play(
    game: DynamicGame,
    choices: np.ndarray,
    states: pd.DataFrame,
    actions: Sequence[str],
    initial: np.ndarray,
    markets: int,
    periods: int,
    seed: int,
) -> pd.DataFrame:
    """Histories of play with these choice probabilities."""
    rng = np.random.default_rng(seed)
    state = rng.choice(game.n_states, markets, p=initial)
    pieces = []
    for period in range(periods):
        taken = np.stack(
            [
                (rng.random((markets, 1)) > np.cumsum(choices[state][:, span], axis=1)[:, :-1]).sum(
                    axis=1
                )
                for span in game.spans
            ],
            axis=1,
        )
        piece = states.iloc[state].reset_index(drop=True)
        piece.insert(0, "market", np.arange(markets))
        piece.insert(1, "period", period)
        pieces.append(piece.assign(**dict(zip(actions, taken.T, strict=True))))
        rows = game.transitions[(state, *taken.T)]
        state = (rng.random((markets, 1)) > np.cumsum(rows, axis=1)[:, :-1]).sum(axis=1)
    return pd.concat(pieces, ignore_index=True)
