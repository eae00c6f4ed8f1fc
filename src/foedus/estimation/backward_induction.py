r"""Statistical backward induction: a start for trees, node by node from the last one.

At each node the choice is a probit or logit among the expected utilities of what follows, in
which later choices have their fitted probabilities. Coefficients that matter there for the first
time are fitted to the choices at that node, given those fitted before (Bas, Signorino and Walker
2008). The estimates are consistent, not efficient: full likelihood goes on from them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from foedus.estimation.jets import Number
from foedus.estimation.likelihood import Likelihood, TreeRows
from foedus.estimation.optimum import maximise_some
from foedus.estimation.tree import CHANCE

RIDGE = 1e-3  # keeps a choice that covariates predict perfectly from running away


@dataclass(frozen=True, eq=False, kw_only=True)
class NodeRows:
    """What the choices at one node of a tree contribute."""

    rows: TreeRows
    position: int

    @property
    def outcomes(self) -> tuple[str, ...]:
        return self.rows.outcomes

    def log_probabilities(self, forms: Mapping[str, Number], rows: slice) -> list[Number]:
        """Of the actions at the node."""
        return self.rows.actions(forms, rows)[self.position]

    def contribution(self, forms: Mapping[str, Number], rows: slice) -> Number:
        """Log-probabilities of the actions times how often they were taken."""
        taken, total = self.rows.taken(self.rows.counts[rows]), 0.0
        for action, log_probability in enumerate(self.log_probabilities(forms, rows)):
            total = total + log_probability * taken[self.position, action]
        return total

    def take(self, chosen: np.ndarray) -> NodeRows:
        """The same, of other rows."""
        return replace(self, rows=self.rows.take(chosen))


def induce_backward(likelihood: Likelihood) -> np.ndarray | None:
    """Coefficients fitted node by node; None where it is not seen what was done at every node.

    Log-precisions stay 0.
    """
    rows = likelihood.rows
    if not isinstance(rows, TreeRows) or len(set(rows.outcome_of)) < len(rows.outcome_of):
        return None
    point = np.zeros(len(likelihood.names))
    settled = np.array([name.startswith("log precision") for name in likelihood.names])
    tree = rows.payoffs.tree
    for position in reversed(range(len(tree.nodes))):
        if tree.nodes[position].player == CHANCE:
            continue
        here = replace(likelihood, rows=NodeRows(rows=rows, position=position))
        _, slope, bend = here.derivatives(point)
        free = np.flatnonzero(~settled & ((np.abs(np.diag(bend)) > 1e-9) | (np.abs(slope) > 1e-9)))
        if len(free):
            point[free] = _fitted(here, point, free)
            settled[free] = True
    return point if np.isfinite(point).all() else None


def _fitted(here: Likelihood, point: np.ndarray, free: np.ndarray) -> np.ndarray:
    """The maximum over some coefficients, the others as they are."""
    ridge = np.zeros(len(point))
    ridge[free] = RIDGE

    def derivatives(x: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        f, slope, bend = here.derivatives(x)
        return f - 0.5 * float(ridge @ (x * x)), slope - ridge * x, bend - np.diag(ridge)

    def value(x: np.ndarray) -> float:
        return here.value(x) - 0.5 * float(ridge @ (x * x))

    return maximise_some(
        derivatives, point, free, value=value, tolerance=1e-12, max_iterations=40
    ).point
