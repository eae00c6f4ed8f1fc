"""One regime made ready for batches: its lumped structure, its pool, and what is asked of play."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from foedus.compiler.numbers import FrameNumbers
from foedus.compiler.pools import TERMINAL, Account, Pool, make_pool
from foedus.errors import QueryError
from foedus.findings.itinerary import Counted, Itinerary, in_play, itinerary
from foedus.findings.watching import BEFORE_ENDING, IN_PLAY, Watched, watchlist
from foedus.game.game import Game, Structure
from foedus.game.lumping import lump
from foedus.game.measure import Measure
from foedus.game.pooled import ONE, ZERO, PooledMeasure, PooledTables
from foedus.outcomes.first_period import FirstPeriod
from foedus.outcomes.lanes import Journey
from foedus.outcomes.plan import Plan, Question, check_measures, plan
from foedus.scenario.formulas import Formula, parameters
from foedus.scenario.model import Quantity

Place = tuple[str | None, int]  # a start and a date


@dataclass(frozen=True, eq=False, kw_only=True)
class Prepared:
    """A regime's game on as few nodes as its quantities allow.

    - `lift[k][n]`: the node of the lumped stage k that node n of the game's own stage has
        become; play at a node of the game is play there.
    - `accounts`: what is added up besides the players' payoffs.
    - `asked[i]`: the measures that `plan.questions[i]` reads.
    - `first`, `counted_first`: the first period, and what is counted in it by start.
    """

    structure: Structure
    lift: tuple[np.ndarray, ...]
    pool: Pool
    tables: PooledTables
    measures: Mapping[str, PooledMeasure]
    accounts: tuple[Account, ...]
    plan: Plan
    asked: tuple[Watched, ...]
    itinerary: Itinerary
    journey: Journey | None
    first: FirstPeriod
    counted_first: Counted


def prepare(
    game: Game, quantities: Sequence[Quantity], *, convention: str, visited: Sequence[Place]
) -> Prepared:
    """Make a game ready; other regimes look at the starts and dates `visited`.

    Raises `QueryError` for quantities that cannot be answered as put.
    """
    asked = plan(game.structure, quantities)
    factors = frozenset(game.structure.states.factors)
    wanted = watchlist(asked, game.origin.read, factors)
    watched = game.origin.watch(wanted.conditions)
    central = watched.measures(game.values)
    _check(asked, wanted.asked, central)
    accounts = _accounts(game, asked, convention)
    assert isinstance(watched.source, FrameNumbers)
    pool = make_pool(watched.source, accounts)
    lumped = lump(watched.structure, pool.tables, pool.measures)
    measures = _countable(lumped.structure, lumped.measures)
    numbers = _in_numbers(pool, measures, wanted.conditions, game.values)
    n_live = lumped.structure.states.n_live
    route = itinerary(
        lumped.structure,
        asked,
        wanted.asked,
        ends=lambda name: _ends(wanted.conditions[name], central[name], n_live),
        visited=visited,
    )
    return Prepared(
        structure=lumped.structure,
        lift=_lift(game.structure, watched.lift, lumped.node),
        pool=pool,
        tables=lumped.tables,
        measures=measures,
        accounts=accounts,
        plan=asked,
        asked=wanted.asked,
        itinerary=route,
        journey=route.journey(measures, numbers),
        first=route.first_period(),
        counted_first=route.counted_first(measures, numbers),
    )


def _lift(
    structure: Structure, watched: Sequence[np.ndarray], lumped: Sequence[np.ndarray]
) -> tuple[np.ndarray, ...]:
    """The lumped node of every node of the game. A node may have been split to tell conditions
    apart; it plays alike in all parts, so any part will do."""
    found = []
    for stage, coarse, lump_of in zip(structure.stages, watched, lumped, strict=True):
        lift = np.zeros(stage.shape[0], dtype=np.int32)
        lift[coarse] = lump_of
        found.append(lift)
    return tuple(found)


def _accounts(game: Game, asked: Plan, convention: str) -> tuple[Account, ...]:
    """Parts that are asked for, and payoffs without the worth of private shocks."""
    players = game.structure.players
    known = [*game.origin.parts(), *((player, TERMINAL) for player in players)]
    found: dict[Account, None] = {}
    problems = []
    for question in asked.questions:
        quantity = question.quantity
        player, part = quantity.player, quantity.part
        if quantity.kind != "value":
            continue
        if player not in players or (part is not None and (player, part) not in known):
            whose = f"player {player!r}" if part is None else f"part {part!r} of {player!r}"
            listed = ", ".join(f"{who}.{what}" for who, what in known[: -len(players)])
            problems.append(f"quantity {quantity.name}: no {whose}; there are {listed}")
        elif part is not None or convention == "shock":
            found[str(player), part] = None
    if problems:
        raise QueryError("\n".join(problems))
    return tuple(found)


def _check(asked: Plan, watched: Sequence[Watched], central: Mapping[str, Measure]) -> None:
    """Raises `QueryError` for conditions that are no answer to what is asked of them."""
    measures = {}
    for question, names in zip(asked.questions, watched, strict=True):
        for name, own in _named(question, names):
            if own in central:
                measures[name] = central[own]
    check_measures(asked, measures)


def _named(question: Question, names: Watched) -> Any:
    return zip(question.names, (names.of, names.other), strict=False)


def _countable(
    structure: Structure, measures: Mapping[str, PooledMeasure]
) -> dict[str, PooledMeasure]:
    """Every measure that is asked for, without what is nothing anywhere."""
    n_live = structure.states.n_live
    found = {IN_PLAY: in_play(structure, ONE, ZERO)}
    for name, measure in measures.items():
        found[name] = _thin(measure)
        flow = np.array(measure.flow)
        flow[n_live:] = ZERO
        found[name + BEFORE_ENDING] = _thin(replace(measure, flow=flow))
    return found


def _in_numbers(
    pool: Pool,
    measures: Mapping[str, PooledMeasure],
    conditions: Mapping[str, Formula],
    values: Mapping[str, float],
) -> dict[str, Measure]:
    """The measures that read no parameter, as numbers."""
    entries = pool.values(values, 1)[:, 0]
    found = {}
    for name, measure in measures.items():
        condition = conditions.get(name.removesuffix(BEFORE_ENDING))
        if condition is None or not parameters(condition):
            flow = None if measure.flow is None else entries[measure.flow]
            stages = (None if rows is None else entries[rows] for rows in measure.stages)
            found[name] = Measure(flow, tuple(stages))
    return found


def _ends(formula: Formula, central: Measure, n_live: int) -> bool:
    """Whether a condition holds in endings and nowhere else, whatever the parameters."""
    return (
        not parameters(formula)
        and not np.any(central.flow[:n_live])
        and not any(stage is not None and np.any(stage) for stage in central.stages)
    )


def _thin(measure: PooledMeasure) -> PooledMeasure:
    """The measure with None for what is `ZERO` throughout."""

    def kept(rows: Any) -> Any:
        return rows if rows is not None and np.any(rows != ZERO) else None

    return PooledMeasure(flow=kept(measure.flow), stages=tuple(map(kept, measure.stages)))
