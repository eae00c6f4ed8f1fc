"""Where play stands at a date: means, probabilities, distributions, and how two games differ."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

from foedus.errors import QueryError
from foedus.game.game import StateSpace
from foedus.outcomes.conditions import Condition, indicator, on_states, watch
from foedus.outcomes.flow import forward
from foedus.outcomes.play import (
    Equilibrium,
    Start,
    dates,
    game_of,
    numbers,
    start_distribution,
    window,
)

if TYPE_CHECKING:
    from xarray import DataArray


def state_distribution(
    equilibrium: Equilibrium, *, at: int | Sequence[int] | None = None, start: Start = None
) -> DataArray:
    r"""Probability of standing in each state at the start of each period; (period, state).

    $$\mu_{t+1} = \mu_t P_t$$

    Endings keep what has reached them, so every row sums to one. `at` names the periods,
    by default 0 up to the evaluation horizon; a single one still makes a row.

    Raises `QueryError` for an unknown start or a date beyond the solved horizon.

    >>> from foedus.outcomes.examples import truce
    >>> state_distribution(truce(), at=1, start="peace").sel(state="phase=war").values
    array([0.25])
    """
    from xarray import DataArray

    space = game_of(equilibrium).structure.states
    asked = dates(game_of(equilibrium).structure, at)
    labels = [space.label(state) for state in range(space.n_states)]
    return DataArray(
        _by_date(equilibrium, start, max(asked))[asked],
        {"period": asked, "state": labels},
        dims=("period", "state"),
        name="probability",
    )


def distribution(
    equilibrium: Equilibrium,
    factor: str,
    *,
    at: int | Sequence[int] | None = None,
    start: Start = None,
) -> DataArray:
    """Probability of each level of a factor at the start of each period; (period, level).

    Where play has ended through another factor this one has no level, so a row falls short
    of one by the probability of that. `at` as in `state_distribution`.

    Raises `QueryError` for an unknown factor or start, or a date beyond the solved horizon.

    >>> from foedus.outcomes.examples import truce
    >>> distribution(truce(), "phase", at=[0, 2]).values
    array([[1.    , 0.    ], [0.6875, 0.3125]])
    """
    from xarray import DataArray

    space = game_of(equilibrium).structure.states
    which = _position(space, factor)
    asked = dates(game_of(equilibrium).structure, at)
    codes, levels = space.codes[:, which], space.levels[which]
    has_level = codes[:, None] == np.arange(len(levels))
    return DataArray(
        _by_date(equilibrium, start, max(asked))[asked] @ has_level,
        {"period": asked, "level": list(levels)},
        dims=("period", "level"),
        name=factor,
    )


def mean(
    equilibrium: Equilibrium,
    expression: Condition,
    *,
    at: int | None = None,
    start: Start = None,
) -> float:
    r"""Expectation of an expression at the start of a period, given that play has not ended.

    $$E[x(s_t) \mid s_t \text{ is no ending}]$$

    `at` is $t$, the evaluation horizon when None. NaN if play has surely ended by then.

    Raises `QueryError` for an expression that reads moves or cannot be read, an unknown
    start, or a date beyond the solved horizon.

    >>> from foedus.outcomes.examples import truce
    >>> mean(truce(), np.array([0.0, 10.0]), at=1)
    2.5
    """
    values, now = _values(equilibrium, expression, at, start, "a mean at a date")
    return live_mean(values, now, game_of(equilibrium).structure.states.n_live)


def probability(
    equilibrium: Equilibrium,
    condition: Condition,
    *,
    at: int | None = None,
    start: Start = None,
) -> float:
    r"""Probability that a condition holds at the start of a period, $P(c(s_t))$.

    `at` is $t$, the evaluation horizon when None. Ended play counts where the condition
    holds in the ending.

    Raises `QueryError` as `mean` does, and for a condition with values besides 0 and 1.

    >>> from foedus.outcomes.examples import truce
    >>> probability(truce(), np.array([False, True]), at=2, start="war")
    0.375
    """
    question = "a probability at a date"
    values, now = _values(equilibrium, condition, at, start, question, binary=True)
    return float(now @ values)


def distance(
    a: Equilibrium,
    b: Equilibrium,
    *,
    factors: Sequence[str] | None = None,
    at: int | None = None,
    start: str | None = None,
) -> float:
    r"""Total variation distance between where two equilibria stand at the start of a period.

    $$\tfrac12 \sum_s |\mu^a_t(s) - \mu^b_t(s)|$$

    States are matched by their labels; one that only one game has counts in full. With
    `factors`, states that agree in the levels of these count as one $s$, the others being
    summed out; each ending is an $s$ of its own. `at` is $t$, the evaluation horizon of `a`
    when None. Each game starts from its own start of that name.

    Raises `QueryError` for an unknown start, a factor that either game does not have, or a
    date beyond either solved horizon.

    >>> from foedus.outcomes.examples import truce
    >>> distance(truce(), truce(), at=3)
    0.0
    """
    date = window(game_of(a).structure, at, name="at")
    window(game_of(b).structure, date, name="at")
    apart: dict[str, float] = {}
    for sign, equilibrium in ((1.0, a), (-1.0, b)):
        space, mass = (
            game_of(equilibrium).structure.states,
            _by_date(equilibrium, start, date)[date],
        )
        which = None if factors is None else [_position(space, factor) for factor in factors]
        for state in np.flatnonzero(mass):
            label = _label(space, int(state), which)
            apart[label] = apart.get(label, 0.0) + sign * float(mass[state])
    return 0.5 * math.fsum(abs(difference) for difference in apart.values())


def outcome_labels(space: StateSpace, factors: Sequence[str]) -> list[str]:
    """What each state is called in a distance: by these factors, or all of them where none is
    given; an ending by its name.

    Raises `QueryError` for a factor that the game does not have.
    """
    which = [_position(space, factor) for factor in factors] or None
    return [_label(space, state, which) for state in range(space.n_states)]


def live_mean(
    values: Float[np.ndarray, "states"], mass: Float[np.ndarray, "states"], n_live: int
) -> float:
    """The mean over live states, NaN where there is no live mass."""
    alive = float(mass[:n_live].sum())
    return float(mass[:n_live] @ values[:n_live]) / alive if alive > 0 else math.nan


def _values(
    equilibrium: Equilibrium,
    condition: Condition,
    at: int | None,
    start: Start,
    question: str,
    *,
    binary: bool = False,
) -> tuple[Float[np.ndarray, "states"], Float[np.ndarray, "states"]]:
    """What the condition is worth in each state, and the mass of each state at the date."""
    date = window(game_of(equilibrium).structure, at, name="at")
    measure = watch(equilibrium, {"of": condition}).measures["of"]
    values = on_states(indicator(measure, question) if binary else measure, question)
    return values, _by_date(equilibrium, start, date)[date]


def _position(space: StateSpace, factor: str) -> int:
    """Where the factor stands among the factors; `QueryError` if there is none of that name."""
    if factor not in space.factors:
        known = ", ".join(space.factors) or "none"
        raise QueryError(f"no factor named {factor!r}; the game has {known}")
    return space.factors.index(factor)


def _label(space: StateSpace, state: int, which: Sequence[int] | None) -> str:
    """What the state is called when only some factors count; an ending keeps its name."""
    if which is None or state >= space.n_live:
        return space.label(state)
    return " ".join(f"{space.factors[f]}={space.levels[f][space.codes[state, f]]}" for f in which)


def _by_date(
    equilibrium: Equilibrium, start: Start, last: int
) -> Float[np.ndarray, "dates states"]:
    """The distribution over states at the start of periods 0, ..., last."""
    structure = game_of(equilibrium).structure
    begin = start_distribution(structure, start)[:, None]
    flows = forward(structure, *numbers(equilibrium), begin, periods=last)
    return np.asarray(flows.states[:, :, 0])
