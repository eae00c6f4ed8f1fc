"""Nodes that look alike to a player who does not see others' types, and how likely each is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float, Int

from foedus.outcomes.play import numbers
from foedus.outcomes.steps import Routes, edge_probabilities, push

if TYPE_CHECKING:
    from foedus.equilibrium.result import Equilibrium


def alike(
    equilibrium: Equilibrium,
    state: int,
    node: tuple[int, int, int],
    player: int | None,
) -> tuple[Int[np.ndarray, "nodes"], Float[np.ndarray, "nodes"]]:
    r"""The nodes that a player cannot tell from one, and what it believes of each.

    `node` is period, stage and position; `state` is where the period began; the player, by
    position, knows its own type, and None knows nobody's. By Bayes' rule from the public
    belief $b$ at the beginning of the period, with $h$ what everybody has seen since,

    $$P(\theta \mid h) \propto b(\theta)\, P(h \mid \theta)$$

    Where all types are public the node is alone, with probability 1.
    """
    game = equilibrium.game
    information = game.information
    period, stage, here = node
    if information is None:
        return np.array([here]), np.ones(1)
    tables, profile = numbers(equilibrium)
    routes = Routes.of(game.structure)
    sizes = routes.sizes_after(game.structure.states.n_states)
    mass = _believed(equilibrium, state)[:, None]
    edges = edge_probabilities(tables, profile, period)
    for k in range(stage):
        mass = push(routes.successors[k], edges[k], mass, sizes[k], np)
    public, types = information.public[stage], information.types[stage]
    same = public == public[here]
    if player in information.players:
        own = information.players.index(player)
        same &= types[:, own] == types[here, own]
    nodes = np.flatnonzero(same)
    weights = mass[nodes, 0]
    total = weights.sum()
    return nodes, weights / total if total > 0 else np.full(len(nodes), 1 / len(nodes))


def _believed(equilibrium: Equilibrium, state: int) -> Float[np.ndarray, "states"]:
    """The public belief over the live states that look like this one as a period begins."""
    game = equilibrium.game
    information = game.information
    assert information is not None
    public, types = information.public[0], information.types[0]
    priors = information.priors(game.values)
    found: np.ndarray = (public == public[state]).astype(float)
    for j in range(len(information.players)):
        code = int(information.beliefs[state, j])
        belief = np.asarray(priors[j]) if code == 0 else information.grids[j][code - 1]
        found *= belief[types[:, j]]
    return found
