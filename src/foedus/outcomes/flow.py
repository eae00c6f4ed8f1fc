"""The forward pass: how probability moves through the stages, period by period.

`flows` is a pure function of arrays. With `xp=numpy` one game is played at once,
nothing compiled. With `xp=jax.numpy` it can be compiled, and then depends on
shapes only (index arrays are arguments); it can be differentiated, and mapped
over draws of the tables and the profile.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
from jaxtyping import Float

from foedus.game.game import Structure, Tables
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


@jax.tree_util.register_dataclass
@dataclass(frozen=True, eq=False)
class Flows:
    """What a forward pass saw. Columns are independent plays, one per column of `start`.

    - `states`: (periods + 1, states, columns), probability of standing in each state
      at the start of each period without having been taken out; endings keep theirs.
    - `amounts`: (periods, columns, measures), expected amount collected in the period.
      An ending collects its flow in every period from arrival on.
    - `hits`: (periods + 1, columns), probability taken out by `killing`. Entry 0 is the
      start itself; entry n is play in period n - 1 and the state it leads to.
    """

    states: Float[Any, "dates states columns"]
    amounts: Float[Any, "periods columns measures"]
    hits: Float[Any, "dates columns"]


def flows(
    routes: Routes,
    tables: Tables,
    profile: Profile,
    start: Float[Any, "states columns"],
    *,
    periods: int,
    measures: Sequence[Measure] = (),
    killing: Measure | None = None,
    xp: Any = np,
) -> Flows:
    r"""Play `periods` periods forward from `start` and count on the way.

    $$\mu_{t+1}(s') = \sum_{e \to s'} \mu_t(e), \qquad
      \mu_t(e) = \mu_t(n)\, \sigma_t(e \mid n)\, (1 - \kappa(e))$$

    Every column collects all `measures`. `killing` (stacked by `stack`, last axis
    `columns`) takes out of each column the share $\kappa$ that it gives, in states at the
    start of a period, the last one included, and on edges.
    """
    start = xp.asarray(start)
    n_states, columns = start.shape
    sizes = routes.sizes_after(n_states)

    def take_out(mass: Any) -> tuple[Any, Any]:
        if killing is None:
            return mass, xp.zeros(columns)
        taken = mass * killing.flow
        return mass - taken, taken.sum(axis=0)

    def play(mass: Any, period: Any) -> tuple[Any, tuple[Any, Any, Any]]:
        nodes, hits = mass[: routes.n_live], xp.zeros(columns)
        amounts = [xp.einsum("sc,s->c", mass, measure.flow) for measure in measures]
        for k, edges in enumerate(edge_probabilities(tables, profile, period, xp)):
            for j, measure in enumerate(measures):
                stage = measure.stages[k]
                if stage is not None:
                    paid = (edges * stage.reshape(edges.shape)).sum(axis=1)
                    amounts[j] = amounts[j] + xp.einsum("nc,n->c", nodes, paid)
            kill = None if killing is None else killing.stages[k]
            if kill is None:
                nodes = push(routes.successors[k], edges, nodes, sizes[k], xp)
            else:
                moved = along(edges, nodes)
                taken = moved * kill
                hits = hits + taken.sum(axis=(0, 1))
                nodes = scatter(routes.successors[k], moved - taken, sizes[k], xp)
        arrived, at_once = take_out(with_ended(nodes, mass, routes.n_live, xp))
        by_measure = xp.stack(amounts, axis=-1) if amounts else xp.zeros((columns, 0))
        return arrived, (arrived, by_measure, hits + at_once)

    first, first_hits = take_out(start)
    states, amounts, hits = each_period(play, first, periods, xp)
    return Flows(
        states=xp.concatenate([first[None], states]),
        amounts=amounts,
        hits=xp.concatenate([first_hits[None], hits]),
    )


def stack(measures: Sequence[Measure], xp: Any = np) -> Measure:
    """Measures side by side on a new last axis, every stage flattened to (nodes, edges).

    A stage stays None where no measure collects anything.
    """
    stages: list[Any] = []
    for parts in zip(*(m.stages for m in measures), strict=True):
        shape = next((p.shape for p in parts if p is not None), None)
        if shape is None:
            stages.append(None)
            continue
        filled = [xp.zeros(shape) if p is None else xp.asarray(p) for p in parts]
        stages.append(xp.stack([p.reshape(shape[0], -1) for p in filled], axis=-1))
    flow = xp.stack([xp.asarray(m.flow, dtype=float) for m in measures], axis=-1)
    return Measure(flow, tuple(stages))


def forward(
    structure: Structure,
    tables: Tables,
    profile: Profile,
    start: Float[np.ndarray, "states columns"],
    *,
    periods: int,
    measures: Sequence[Measure] = (),
    killing: Sequence[Measure] = (),
    xp: Any = np,
) -> Flows:
    """`flows` of a game; `killing` has a measure for each column, or none."""
    return flows(
        Routes.of(structure),
        tables,
        profile,
        start,
        periods=periods,
        measures=measures,
        killing=stack(killing, xp) if killing else None,
        xp=xp,
    )
