"""Tables and measures as positions in one pool of numbers.

The numbers of a game repeat: 100,000 edges hold a few hundred different values. A pool
has these values once, one row each with a column for every draw of the parameters. What
follows says which row stands where, and is the same for all draws. Row 0 is 0.0 and row 1
is 1.0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jax

ZERO, ONE = 0, 1


@jax.tree_util.register_dataclass
@dataclass(frozen=True, eq=False, kw_only=True)
class PooledTables:
    """The tables of a game whose entries are rows of a pool.

    An account is what is discounted and added up: a player's payoffs, or one part of them.
    The players come first, in order. `payoff[k]` has the accounts that stage k pays, by
    number; `probability[k]` is None where stage k is no chance stage. Stages stand with
    their nodes last, so that what belongs to one action lies together.
    """

    discount: Any  # (accounts,)
    flow: Any  # (accounts, states)
    terminal: Any  # (accounts, states)
    payoff: tuple[Mapping[int, Any], ...]  # account -> (*actions, nodes)
    probability: tuple[Any | None, ...]  # (outcomes, nodes)


@jax.tree_util.register_dataclass
@dataclass(frozen=True, eq=False, kw_only=True)
class PooledMeasure:
    """A measure whose entries are rows of a pool; None where a stage collects nothing."""

    flow: Any  # (states,)
    stages: tuple[Any | None, ...]  # (*actions, nodes)
