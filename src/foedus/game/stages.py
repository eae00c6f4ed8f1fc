"""The stages of one period: who picks what at which node, and where that leads.

A period runs through its stages in order. The nodes of the first stage are the
live states, in order. Every node of a stage leads only to nodes of the next
stage; the last stage leads to states of the next period.
Nodes carry no names here, only positions, so the solvers never learn what a
node is about.

Arrays are padded: where a node has fewer actions than the widest node of its
stage, `available` is false and `successor` is 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Bool, Int32


@dataclass(frozen=True, eq=False, kw_only=True)
class Turn:
    """At each node one player, or nobody, picks an action that everybody sees afterwards.

    Nobody moves where `mover` is -1; such a node has exactly one available column.
    """

    name: str
    mover: Int32[np.ndarray, "nodes"]
    action: Int32[np.ndarray, "nodes actions"]  # index into action_names; -1: pad or nobody
    action_names: tuple[str, ...]
    available: Bool[np.ndarray, "nodes actions"]
    successor: Int32[np.ndarray, "nodes actions"]

    @property
    def shape(self) -> tuple[int, ...]:
        """(nodes, actions)"""
        return self.successor.shape

    @property
    def occupied(self) -> Bool[np.ndarray, "nodes actions"]:
        """Which entries are edges and not padding."""
        return self.available


@dataclass(frozen=True, eq=False, kw_only=True)
class Block:
    """Players pick without seeing all of each other's actions.

    The mover of member j is `movers[j]`, the same at every node. `sees[j][i]`
    says that member j knows member i's action (only i < j can be seen). A node
    where member j does not move has one available action on axis j.
    `available[j]` is member j's own action set; it may depend on the node only.
    """

    names: tuple[str, ...]
    movers: tuple[int, ...]
    sees: tuple[tuple[bool, ...], ...]
    action: tuple[Int32[np.ndarray, "nodes own"], ...]  # index into action_names[j]; -1: pad/nobody
    action_names: tuple[tuple[str, ...], ...]
    available: tuple[Bool[np.ndarray, "nodes own"], ...]
    successor: Int32[np.ndarray, "nodes *actions"]

    @property
    def shape(self) -> tuple[int, ...]:
        """(nodes, actions of member 0, actions of member 1, ...)"""
        return self.successor.shape

    @property
    def occupied(self) -> Bool[np.ndarray, "nodes *actions"]:
        """Which joint actions are edges and not padding."""
        nodes = self.shape[0]
        joint = np.ones(nodes, dtype=bool)
        for own in self.available:
            joint = joint[..., None] & own.reshape(nodes, *[1] * (joint.ndim - 1), own.shape[1])
        return joint


@dataclass(frozen=True, eq=False, kw_only=True)
class Chance:
    """Nature draws. Probabilities stand in `Tables.probability`; a padded column has 0."""

    name: str
    successor: Int32[np.ndarray, "nodes outcomes"]
    possible: Bool[np.ndarray, "nodes outcomes"]

    @property
    def shape(self) -> tuple[int, ...]:
        """(nodes, outcomes)"""
        return self.successor.shape

    @property
    def occupied(self) -> Bool[np.ndarray, "nodes outcomes"]:
        """Which entries are edges and not padding."""
        return self.possible

    @cached_property
    def complete(self) -> bool:
        """Whether outcome k of every node is node k of what follows, none of it padding.

        Then `Tables.probability` is a transition matrix as it stands.
        """
        columns = np.arange(self.successor.shape[1])
        return bool(self.possible.all() and (self.successor == columns).all())


Stage = Turn | Block | Chance
