"""Numbers attached to play: payoff parts, indicators of conditions, anything one can count.

A measure says what is collected in one period: `flow[s]` on entering state s,
and `stages[k][...]` on each edge of stage k, in the shape of that stage. Every
quantity is collected exactly once a period, at the first stage where it is
determined, so the expected amount in a period is the sum over the edges
travelled.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import jax
import numpy as np
from jaxtyping import Int32

from foedus.game.game import Structure, Tables


@jax.tree_util.register_dataclass
@dataclass(frozen=True, eq=False)
class Measure:
    """`flow`: (states,). `stages[k]`: an array of the shape of stage k, or None for zero."""

    flow: Any
    stages: tuple[Any | None, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class Watched:
    """A game's structure refined so that given conditions can be told apart on it.

    Nodes that the game had merged may be split again. `lift[k][n]` is the node
    of the original stage k that node n of the refined stage k came from; states
    are the same, in the same order. Stages, actions and outcomes agree, so a
    strategy is lifted by indexing its node axis.
    """

    structure: Structure
    lift: tuple[Int32[np.ndarray, "nodes"], ...]
    source: WatchedNumbers

    def tables(self, values: Mapping[str, Any], xp: Any = np) -> Tables:
        """The game's numbers on the refined structure."""
        return self.source.tables(values, xp)

    def measures(self, values: Mapping[str, Any], xp: Any = np) -> Mapping[str, Measure]:
        """One measure per watched condition, under the name it was watched by."""
        return self.source.measures(values, xp)


class WatchedNumbers(Protocol):
    def tables(self, values: Mapping[str, Any], xp: Any) -> Tables: ...
    def measures(self, values: Mapping[str, Any], xp: Any) -> Mapping[str, Measure]: ...


class Origin(Protocol):
    """What a compiled game remembers of the scenario it came from (`Game.origin`).

    Conditions and readings are given as text in the scenario's own words, or as
    formulas already resolved. Names: factors, moves, `next(factor)`, defines,
    parameters.
    """

    def watch(self, conditions: Mapping[str, Any]) -> Watched:
        """A structure on which each condition is a measure.

        Raises `QueryError`, with the offending text and a caret, for a condition
        that cannot be read.
        """
        ...

    def parts(self) -> Sequence[tuple[str, str]]:
        """(player, part) for every named payoff part, in file order; endings are parts too."""
        ...

    def part_measures(
        self, values: Mapping[str, Any], xp: Any = np
    ) -> Mapping[tuple[str, str], Measure]:
        """Each payoff part as a measure on the game's own structure; they add up to its payoffs."""
        ...
