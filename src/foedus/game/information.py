"""What players with private types know, and what others can tell apart: positions, no names.

A game with private types is kept as if everybody saw every type, so that its tables say what
each combination is worth. This says which nodes look alike to those who do not see them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from jaxtyping import Float, Int


class Priors(Protocol):
    """The prior of every player with types, as a function of the parameters."""

    def __call__(self, values: Mapping[str, Any]) -> tuple[Float[np.ndarray, "types"], ...]: ...


@dataclass(frozen=True, eq=False, kw_only=True)
class Information:
    """Who has types, and which nodes differ in types alone.

    - `players`: the players with types, by position; `sizes`: how many types each has.
    - `types[k][n, j]`: the type of `players[j]` at node n of stage k.
    - `public[k][n]`: nodes of a stage with one number differ in types alone. States do not merge
        within a period, so a node has one history.
    - `beliefs[s, j]`: the code of the belief about `players[j]` that live state s stands for: 0
        is the prior, c is row c - 1 of `grids[j]`. All 0 in a game of one period.
    - `draws[j]`: the chance stage in which the belief of the next period is drawn; None in a game
        of one period. Its column 0 keeps the belief, column c + 1 leads to code c.
    - `factors[j]`: the factors of type and belief in the state space, by position; -1 for none.
    - `priors`: the priors at given parameter values.
    """

    players: tuple[int, ...]
    sizes: tuple[int, ...]
    types: tuple[Int[np.ndarray, "nodes players"], ...]
    public: tuple[Int[np.ndarray, "nodes"], ...]
    beliefs: Int[np.ndarray, "states players"]
    grids: tuple[Float[np.ndarray, "points types"], ...]
    draws: tuple[int | None, ...]
    factors: tuple[tuple[int, int], ...]
    priors: Priors
