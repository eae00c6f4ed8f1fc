"""All quantities of a scenario at once, in as few passes as they allow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from foedus.errors import QueryError
from foedus.game.measure import Measure
from foedus.outcomes.accounts import part_payoffs
from foedus.outcomes.conditions import Watching, watch
from foedus.outcomes.flow import forward, stack
from foedus.outcomes.joint import following, together
from foedus.outcomes.plan import (
    EQUILIBRIUM,
    Column,
    Plan,
    Quantity,
    Question,
    Seen,
    answer,
    check_measures,
    plan,
)
from foedus.outcomes.play import Equilibrium, game_of, start_distribution
from foedus.outcomes.states import distance
from foedus.outcomes.steps import Routes


def report(
    equilibrium: Equilibrium,
    quantities: Iterable[Quantity],
    *,
    regimes: Mapping[str, Equilibrium] | None = None,
) -> dict[str, float]:
    """Every quantity by name.

    All windows of a question come out of one pass, and all starts and questions travel
    through it side by side, so a scenario takes a handful of passes however much it asks.
    The definitions are those of the functions for single questions. `regimes` has the
    equilibria that distances are measured to; without one called `equilibrium`, the distance
    to that is 0.

    Raises one `QueryError` for all quantities that cannot be answered as put.

    >>> from types import SimpleNamespace
    >>> from foedus.outcomes.examples import truce
    >>> war = dict(name="war", kind="reach", of=np.array([False, True]), within=2, start="peace")
    >>> report(truce(), [SimpleNamespace(**war)])
    {'war': 0.4375}
    """
    structure = game_of(equilibrium).structure
    asked = tuple(quantities)
    if not all(hasattr(quantity, "kind") for quantity in asked):
        raise QueryError(
            "report takes quantities, not their names; pass those of the rules, as in "
            "report(equilibrium, scenario.rules(regime=...).quantities)"
        )
    made = plan(structure, asked)
    apart = [q for q in made.questions if q.quantity.kind in ("value", "distance")]
    found = _values(equilibrium, apart) | _distances(equilibrium, apart, regimes or {})
    if len(apart) < len(made.questions):
        watched = watch(equilibrium, made.conditions)
        check_measures(made, watched.measures)
        seen, n_live = passes(made, watched), structure.states.n_live
        for question in made.questions:
            if question not in apart:
                value = answer(made, question, seen, watched.measures, n_live=n_live)
                found[question.quantity.name] = float(value)
    return {question.quantity.name: found[question.quantity.name] for question in made.questions}


def passes(made: Plan, watched: Watching, xp: Any = np) -> Seen:
    """The passes of a plan; with `xp=jax.numpy` they can be compiled and mapped over draws."""
    structure, measures = watched.structure, watched.measures
    game = (watched.tables, watched.profile)
    routes = Routes.of(structure)

    def starts(names: Iterable[str | None]) -> Any:
        return np.stack([start_distribution(structure, name) for name in names], axis=-1)

    def side(columns: tuple[Column, ...], which: int) -> Measure:
        return stack([measures[names[which]] for _, names in columns], xp)

    plain = forward(
        structure,
        *game,
        starts(made.starts),
        periods=made.periods,
        measures=[measures[name] for name in made.counted],
        xp=xp,
    )

    def states(columns: tuple[Column, ...]) -> Any:
        return plain.states[:, :, np.array([made.starts.index(start) for start, _ in columns])]

    stopped = coincident = switched = None
    if made.stopped:
        stopped = forward(
            structure,
            *game,
            starts(start for start, _ in made.stopped),
            periods=made.periods,
            killing=[measures[names[0]] for _, names in made.stopped],
            xp=xp,
        )
    if made.rates:
        first, second = (side(made.rates, which) for which in (0, 1))
        coincident = together(routes, *game, states(made.rates), first, second, xp=xp)
    if made.switches:
        first, second = (side(made.switches, which) for which in (0, 1))
        switched = following(routes, *game, states(made.switches), first, second.flow, xp=xp)
    return Seen(plain=plain, stopped=stopped, together=coincident, following=switched)


def _values(equilibrium: Equilibrium, questions: list[Question]) -> dict[str, float]:
    """Discounted payoffs, all starts in one pass."""
    asked = [q for q in questions if q.quantity.kind == "value"]
    if not asked:
        return {}
    structure = game_of(equilibrium).structure
    starts = list(dict.fromkeys(q.start for q in asked))
    columns = np.stack([start_distribution(structure, start) for start in starts], axis=-1)
    worth = part_payoffs(equilibrium, columns)
    found, problems = {}, []
    for question in asked:
        player, part = question.quantity.player, question.quantity.part
        parts = [w for (who, what), w in worth.items() if who == player and part in (None, what)]
        if player not in structure.players or (part is not None and not parts):
            whose = f"part {part!r} of {player!r}" if part is not None else f"player {player!r}"
            known = ", ".join(f"{who}.{what}" for who, what in worth)
            problems.append(f"quantity {question.quantity.name}: no {whose}; there are {known}")
            continue
        column = starts.index(question.start)
        found[question.quantity.name] = float(sum(by_start[column] for by_start in parts))
    if problems:
        raise QueryError("\n".join(problems))
    return found


def _distances(
    equilibrium: Equilibrium, questions: list[Question], regimes: Mapping[str, Equilibrium]
) -> dict[str, float]:
    """Distances to the equilibria of other regimes."""
    asked = [q for q in questions if q.quantity.kind == "distance"]
    # Measured to nothing else, equilibrium play is itself.
    regimes = {EQUILIBRIUM: equilibrium, **regimes}
    missing = [q for q in asked if q.quantity.against not in regimes]
    if missing:
        known = ", ".join(name for name in regimes if name != EQUILIBRIUM) or "none"
        raise QueryError(
            "\n".join(
                f"quantity {q.quantity.name}: needs the equilibrium of regime "
                f"{q.quantity.against!r}; given were {known}"
                for q in missing
            )
        )
    return {
        q.quantity.name: distance(
            equilibrium,
            regimes[str(q.quantity.against)],
            factors=q.quantity.factors or None,
            at=q.last,
            start=q.quantity.start,
        )
        for q in asked
    }
