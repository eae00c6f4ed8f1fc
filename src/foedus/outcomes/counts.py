"""How often things happen in a window: occupancy, switches, action rates."""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float

from foedus.errors import QueryError
from foedus.game.game import Structure
from foedus.outcomes.conditions import Condition, Watching, in_play, on_states, watch
from foedus.outcomes.ever import from_start, totals
from foedus.outcomes.flow import forward, stack
from foedus.outcomes.joint import following, together
from foedus.outcomes.play import Equilibrium, Start, forever, game_of, start_distribution, window
from foedus.outcomes.steps import Routes


def occupancy(
    equilibrium: Equilibrium,
    of: Condition,
    *,
    after: int = 0,
    within: float | None = None,
    start: Start = None,
) -> float:
    r"""Expected number of periods $a, \dots, w - 1$ in which the condition holds.

    $$E \sum_{a \le t < w} 1[\text{of at } t]$$

    An ending, once reached, holds in every later period. A reading that takes other values
    than 0 and 1 is summed. `after` is $a$ and `within` is $w$, the evaluation horizon when
    None; with `math.inf`, in a stationary game, the answer may be `inf`.

    Raises `QueryError` for a condition, start or window that makes no sense here.

    >>> from foedus.outcomes.examples import truce
    >>> occupancy(truce(), np.array([False, True]), within=3, start="war")
    1.875
    """
    structure = game_of(equilibrium).structure
    begin = start_distribution(structure, start)
    endless = forever(structure, within)
    first = window(structure, after, name="after")
    periods = first if endless else _end(structure, first, within)
    seen = watch(equilibrium, {"of": of})
    measure = seen.measures["of"]
    flows = forward(
        seen.structure,
        seen.tables,
        seen.profile,
        begin[:, None],
        periods=periods,
        measures=[measure],
    )
    if endless:
        # Play from period `after` on is play from where it stands then.
        later = flows.states[first, :, 0]
        return float(from_start(later, totals(seen, [measure], endings_last=True))[0])
    return float(flows.amounts[first:].sum())


def switches(
    equilibrium: Equilibrium,
    of: Condition,
    to: Condition,
    *,
    within: int | None = None,
    start: Start = None,
) -> float:
    r"""Expected number of periods $t < w$ with the condition `of` in period $t$ and `to` in
    the state at the start of period $t + 1$.

    $$E \sum_{t<w} 1[\text{of at } t]\; 1[\text{to at } t + 1]$$

    Raises `QueryError` as `occupancy` does, and if `to` reads moves.

    >>> from foedus.outcomes.examples import truce
    >>> peace = np.array([True, False])
    >>> switches(truce(), peace, ~peace, within=2, start="peace")
    0.4375
    """
    seen, states = _states(equilibrium, {"of": of, "to": to}, within, start)
    worth = on_states(seen.measures["to"], "`to`")[:, None]
    routes, first = Routes.of(seen.structure), stack([seen.measures["of"]])
    return float(following(routes, seen.tables, seen.profile, states, first, worth).sum())


def action_rate(
    equilibrium: Equilibrium,
    of: Condition,
    *,
    given: Condition | None = None,
    after: int = 0,
    within: int | None = None,
    start: Start = None,
) -> float:
    r"""Share of the periods with `given` in which `of` holds too, over periods $a, \dots, w - 1$.

    $$\frac{E \sum_{a \le t < w} 1[\text{of and given at } t]}
    {E \sum_{a \le t < w} 1[\text{given at } t]}$$

    Without `given` the share is of all periods of play, those before an ending. NaN if
    `given` never happens: then the strategies say nothing about the rate. It is a ratio of
    expectations, so periods weigh alike, whichever path they lie on.

    Raises `QueryError` as `occupancy` does.

    >>> from foedus.outcomes.examples import truce
    >>> from foedus.game.measure import Measure
    >>> breaks = Measure(np.zeros(2), (np.array([[0, 1], [0, 0]]),))
    >>> action_rate(truce(), breaks, given=np.array([True, False]))
    0.25
    """
    structure = game_of(equilibrium).structure
    begun = window(structure, after, name="after")
    _end(structure, begun, within)
    base = in_play(structure) if given is None else given
    seen, states = _states(equilibrium, {"of": of, "given": base}, within, start)
    first, second = (stack([seen.measures[name]]) for name in ("of", "given"))
    routes = Routes.of(seen.structure)
    both, whole = (
        by_period[begun:].sum()
        for by_period in together(routes, seen.tables, seen.profile, states, first, second)
    )
    return float(both / whole) if whole > 0 else math.nan


def _end(structure: Structure, begun: int, within: float | None) -> int:
    """Where a window ends. Raises `QueryError` if that is before it begins."""
    end = window(structure, within)
    if end < begun:
        raise QueryError(f"the window ends (within={end}) before it begins (after={begun})")
    return end


def _states(
    equilibrium: Equilibrium, conditions: dict[str, Condition], within: int | None, start: Start
) -> tuple[Watching, Float[np.ndarray, "dates states columns"]]:
    """The conditions as measures, and where play stands at each date of the window."""
    structure = game_of(equilibrium).structure
    periods, begin = window(structure, within), start_distribution(structure, start)
    seen = watch(equilibrium, conditions)
    flows = forward(seen.structure, seen.tables, seen.profile, begin[:, None], periods=periods)
    return seen, flows.states
