"""How likely everything is that can happen under a profile, to tell equilibria apart by."""

from __future__ import annotations

from typing import Any

import numpy as np

from foedus.equilibrium.play import strategies_in
from foedus.game.game import Game
from foedus.game.profile import Profile
from foedus.game.stages import Block, Chance

PERIODS = 60  # of a stationary game that count, each less than the one before
FADING = 0.8


def reached(game: Game, profile: Profile) -> np.ndarray:
    """(edges of all stages and periods) how likely each is taken, all starts alike.

    Of a stationary game, sums over periods, in which each counts four fifths of the one before.
    """
    structure = game.structure
    live = structure.states.n_live
    mass = np.mean([np.asarray(start, float) for start in structure.starts.values()], axis=0)
    mass = mass[:live] / max(mass.sum(), 1e-300)
    parts, total, weight = [], np.zeros(0), 1.0 - FADING
    for period in range(structure.horizon or PERIODS):
        at = period if structure.horizon is not None else 0
        passed, arrived = _through(game, list(strategies_in(profile, at)), mass)
        if structure.horizon is not None:
            parts.append(passed)
        else:
            total = passed * weight + (total if total.size else 0.0)
            weight *= FADING
        mass = arrived[:live]
    return np.concatenate(parts) if parts else total


def _through(game: Game, played: list[Any], mass: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How likely each edge of one period is taken, and the states after it."""
    stages, parts = game.structure.stages, []
    for k, stage in enumerate(stages):
        edges = np.ones(stage.shape)
        if isinstance(stage, Chance):
            given = game.tables.probability[k] if played[k] is None else played[k]
            edges = np.asarray(given, float)
        elif isinstance(stage, Block):
            for member in played[k]:
                edges = edges * member
        else:
            edges = np.asarray(played[k], float)
        last = k + 1 == len(stages)
        size = game.structure.states.n_states if last else stages[k + 1].shape[0]
        taken = (mass.reshape(-1, *[1] * (edges.ndim - 1)) * edges)[stage.occupied]
        mass = np.bincount(stage.successor[stage.occupied], taken, minlength=size)
        parts.append(taken)
    return np.concatenate(parts), mass
