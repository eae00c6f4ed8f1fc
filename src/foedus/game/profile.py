"""A strategy profile: how likely each action is at every node where somebody moves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax


@jax.tree_util.register_dataclass
@dataclass(frozen=True, eq=False)
class Profile:
    """`stages[k]` belongs to stage k of the structure.

    - Turn: array (periods, nodes, actions); rows sum to one; where nobody moves
      the single available column is 1; padding is 0.
    - Block: tuple over members j of arrays (periods, nodes, d_0, ..., d_j, 1, ...):
      axis i has member i's actions if member j sees i or i = j, else length 1.
    - Chance: None, or (periods, nodes, outcomes) where nature's draw is part of play: of the
      beliefs that follow from it.

    `periods` is the horizon, or 1 in a stationary game.
    """

    stages: tuple[Any, ...]
