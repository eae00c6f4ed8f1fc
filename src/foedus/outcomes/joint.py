"""Two measures at once: how often one thing goes with another, or is followed by it.

Both passes start from where play stands at each date, the `states` of `flows`, and
carry with every node what has been collected on the way to it. Merged nodes do
no harm: what follows a node does not depend on how it was reached.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import Float

from foedus.game.game import Tables
from foedus.game.measure import Measure
from foedus.game.profile import Profile
from foedus.outcomes.steps import (
    Routes,
    along,
    each_period,
    edge_probabilities,
    push,
    scatter,
    with_ended,
)


def together(
    routes: Routes,
    tables: Tables,
    profile: Profile,
    states: Float[Any, "dates states columns"],
    first: Measure,
    second: Measure,
    *,
    xp: Any = np,
) -> tuple[Float[Any, "periods columns"], Float[Any, "periods columns"]]:
    r"""$E[a_t b_t]$ and $E[b_t]$ in each period.

    With $\mu$ the mass of a node and $\alpha = E[a; n]$, $\beta = E[b; n]$ the amounts that
    come with it, an edge of probability p that collects $a_e, b_e$ adds
    $p\,(\alpha b_e + \beta a_e + \mu a_e b_e)$ to $E[ab]$. Column j of the measures (stacked
    by `stack`) is asked of column j of `states`.
    """
    sizes = routes.sizes_after(states.shape[1])
    last_a, last_b = _last_stage(first), _last_stage(second)
    states = xp.asarray(states)

    def play(_: Any, period: Any) -> tuple[Any, tuple[Any, Any]]:
        mass = states[period]
        alpha, beta = mass * first.flow, mass * second.flow
        both, given = (alpha * second.flow).sum(axis=0), beta.sum(axis=0)
        nodes, alpha, beta = (x[: routes.n_live] for x in (mass, alpha, beta))
        for k, edges in enumerate(edge_probabilities(tables, profile, period, xp)):
            to, a, b = routes.successors[k], first.stages[k], second.stages[k]
            if a is not None:
                both = both + (along(edges, beta) * a).sum(axis=(0, 1))
            if b is not None:
                given = given + (along(edges, nodes) * b).sum(axis=(0, 1))
                both = both + (along(edges, alpha) * b).sum(axis=(0, 1))
                if a is not None:
                    both = both + (along(edges, nodes) * a * b).sum(axis=(0, 1))
            # What nothing will ask for any more is not carried on.
            if k < last_a:
                beta = _carry(to, edges, beta, nodes, b, sizes[k], xp)
            if k < last_b:
                alpha = _carry(to, edges, alpha, nodes, a, sizes[k], xp)
                nodes = push(to, edges, nodes, sizes[k], xp)
            if k >= max(last_a, last_b):
                break
        return (), (both, given)

    both, given = each_period(play, (), len(states) - 1, xp)
    return both, given


def following(
    routes: Routes,
    tables: Tables,
    profile: Profile,
    states: Float[Any, "dates states columns"],
    first: Measure,
    values: Float[Any, "states columns"],
    *,
    xp: Any = np,
) -> Float[Any, "periods columns"]:
    r"""$E[a_t\, b(s_{t+1})]$: what is collected in a period times what the next state is worth.

    The amount $\alpha = E[a; n]$ is carried to the end of the period and met there by the
    `values` b of the states. Columns as in `together`.
    """
    sizes = routes.sizes_after(states.shape[1])
    last = _last_stage(first)
    states = xp.asarray(states)

    def play(_: Any, period: Any) -> tuple[Any, tuple[Any]]:
        mass = states[period]
        collected = mass * first.flow
        nodes, alpha = mass[: routes.n_live], collected[: routes.n_live]
        for k, edges in enumerate(edge_probabilities(tables, profile, period, xp)):
            to, a = routes.successors[k], first.stages[k]
            alpha = _carry(to, edges, alpha, nodes, a, sizes[k], xp)
            if k < last:
                nodes = push(to, edges, nodes, sizes[k], xp)
        arrived = with_ended(alpha, collected, routes.n_live, xp)
        return (), ((arrived * values).sum(axis=0),)

    (products,) = each_period(play, (), len(states) - 1, xp)
    return products


def _carry(
    successor: Any, edges: Any, amount: Any, nodes: Any, stage: Any, size: int, xp: Any
) -> Float[Any, "size columns"]:
    """The amount that comes with every next node, what the edges collect included."""
    arrives = push(successor, edges, amount, size, xp)
    if stage is None:
        return arrives
    return arrives + scatter(successor, along(edges, nodes) * stage, size, xp)


def _last_stage(measure: Measure) -> int:
    """The last stage that collects anything; -1 if none does."""
    return max((k for k, stage in enumerate(measure.stages) if stage is not None), default=-1)
