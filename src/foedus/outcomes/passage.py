"""Whether and when a condition comes to hold: reach, first passage, hazard.

Time counts completed periods. A condition on the state holds at time n if the
state at the start of period n has it; one that reads moves holds at time n + 1
if play in period n has it. So `reach` within w asks for times 0, ..., w.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

from foedus.errors import QueryError
from foedus.game.measure import Measure
from foedus.outcomes.conditions import Condition, Watching, indicator, watch
from foedus.outcomes.ever import from_start, totals
from foedus.outcomes.flow import forward
from foedus.outcomes.play import (
    Equilibrium,
    Start,
    evaluation_window,
    forever,
    game_of,
    start_distribution,
    window,
)

if TYPE_CHECKING:
    from xarray import DataArray


@dataclass(frozen=True, eq=False, kw_only=True)
class FirstPassage:
    """When a condition first holds.

    - `probability`: (period), that it first holds at time n.
    - `hazard`: (period), the same given that it has not held before; NaN once that is
      impossible.
    - `arrives`: probability that it holds at all within the window asked about.
    - `mean`: expected time of the first holding, in periods, given that it arrives; NaN if
      it never does.
    """

    probability: DataArray
    hazard: DataArray
    arrives: float
    mean: float

    def __repr__(self) -> str:
        return (
            f"<FirstPassage: arrives {self.arrives:.6g}, mean {self.mean:.6g}, "
            f"times 0 to {len(self.probability) - 1}>"
        )


def reach(
    equilibrium: Equilibrium,
    of: Condition,
    *,
    within: float | None = None,
    start: Start = None,
) -> float:
    r"""Probability that the condition holds in some period $0, \dots, w - 1$ or in the state
    at the start of period $w$.

    $$P(\tau \le w) = \sum_{n=0}^{w} h_n$$

    with $h_n$ the mass taken out at time n when play stops on the condition. `within` is
    $w$: the evaluation horizon when None; `math.inf` asks for ever, in a stationary game.

    Raises `QueryError` for a condition, start or window that makes no sense here.

    >>> from foedus.outcomes.examples import truce
    >>> reach(truce(), np.array([False, True]), within=2, start="peace")
    0.4375
    """
    structure = game_of(equilibrium).structure
    if forever(structure, within):
        return _ever(_watch(equilibrium, of), start_distribution(structure, start))[0]
    return float(_passes(equilibrium, of, window(structure, within), start)[0].sum())


def first_passage(
    equilibrium: Equilibrium,
    of: Condition,
    *,
    within: float | None = None,
    start: Start = None,
) -> FirstPassage:
    r"""Distribution of the time at which the condition first holds.

    $$h_n = P(\tau = n), \qquad \frac{h_n}{1 - \sum_{m<n} h_m} = P(\tau = n \mid \tau \ge n)$$

    With `within=math.inf` the distribution is listed up to the evaluation horizon, while
    `arrives` and `mean` are those of endless play.

    Raises `QueryError` as `reach` does.

    >>> from foedus.outcomes.examples import truce
    >>> passage = first_passage(truce(), np.array([False, True]), within=math.inf)
    >>> passage.probability.values
    array([0.      , 0.25    , 0.1875  , 0.140625])
    >>> round(passage.arrives, 12), round(passage.mean, 12)
    (1.0, 4.0)
    """
    from xarray import DataArray

    structure = game_of(equilibrium).structure
    endless = forever(structure, within)
    listed = evaluation_window(structure) if endless else window(structure, within)
    hits, left = _passes(equilibrium, of, listed, start)
    arrives = float(hits.sum())
    time = float(hits @ np.arange(listed + 1))
    if endless:
        arrives, time = _ever(_watch(equilibrium, of), start_distribution(structure, start))
    before = np.concatenate([[1.0], left[:-1]])
    hazards = np.divide(hits, before, out=np.full_like(hits, np.nan), where=before > 0)
    axis = {"period": np.arange(listed + 1)}
    return FirstPassage(
        probability=DataArray(hits, axis, dims="period", name="probability"),
        hazard=DataArray(hazards, axis, dims="period", name="hazard"),
        arrives=arrives,
        mean=time / arrives if arrives > 0 else math.nan,
    )


def hazard(
    equilibrium: Equilibrium,
    of: Condition,
    *,
    after: int = 0,
    within: float | None = None,
    start: Start = None,
) -> float:
    r"""Probability that the condition first holds at a time in $a + 1, \dots, w$, given that
    it has not held by time $a$.

    $$\frac{P(a < \tau \le w)}{P(\tau > a)}$$

    `after` is $a$ and `within` is $w$. NaN if the condition surely holds by $a$. The hazard
    of every single period is in `first_passage(...).hazard`.

    Raises `QueryError` as `reach` does, and if the window ends before it begins.

    >>> from foedus.outcomes.examples import truce
    >>> hazard(truce(), np.array([False, True]), after=1, within=2)
    0.25
    """
    structure = game_of(equilibrium).structure
    first = window(structure, after, name="after")
    endless = forever(structure, within)
    last = first if endless else window(structure, within)
    if last < first:
        raise QueryError(f"the window ends (within={last}) before it begins (after={first})")
    hits, left = _passes(equilibrium, of, last, start)
    new = float(hits[first + 1 :].sum())
    if endless:
        begin = start_distribution(structure, start)
        new = _ever(_watch(equilibrium, of), begin)[0] - float(hits.sum())
    return new / float(left[first]) if left[first] > 0 else math.nan


def _watch(equilibrium: Equilibrium, of: Condition) -> Watching:
    seen = watch(equilibrium, {"of": of})
    indicator(seen.measures["of"], "a question of when something first holds")
    return seen


def _passes(
    equilibrium: Equilibrium, of: Condition, periods: int, start: Start
) -> tuple[Float[np.ndarray, "dates"], Float[np.ndarray, "dates"]]:
    """P(τ = n) and P(τ > n), n = 0, ..., periods."""
    seen = _watch(equilibrium, of)
    flows = forward(
        seen.structure,
        seen.tables,
        seen.profile,
        start_distribution(seen.structure, start)[:, None],
        periods=periods,
        killing=[seen.measures["of"]],
    )
    # What is left is summed, not 1 minus the hits: rounding must not invent survivors.
    return flows.hits[:, 0], flows.states[:, :, 0].sum(axis=1)


def _ever(seen: Watching, start: Float[np.ndarray, "states"]) -> tuple[float, float]:
    r"""P(τ < ∞) and E[τ; τ < ∞].

    The second is the sum over t of P(t < τ < ∞): what is collected when each period that
    begins before τ pays the chance of arriving yet.
    """
    of: Measure = seen.measures["of"]
    arrives = totals(seen, [of], killing=of)[:, 0]
    later = Measure(arrives - np.asarray(of.flow), (None,) * len(of.stages))
    time = totals(seen, [later], killing=of)[:, 0]
    return float(from_start(start, arrives)), float(from_start(start, time))
