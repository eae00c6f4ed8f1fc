"""Who gains and loses what: discounted payoffs by player and named part."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float

from foedus.errors import QueryError
from foedus.game.game import Game, Tables
from foedus.game.measure import Measure
from foedus.game.profile import Profile
from foedus.outcomes.conditions import Watching
from foedus.outcomes.ever import from_start, totals
from foedus.outcomes.flow import flows
from foedus.outcomes.play import Equilibrium, Start, game_of, numbers, start_distribution
from foedus.outcomes.steps import Routes

if TYPE_CHECKING:
    from pandas import DataFrame

TERMINAL = "terminal"  # the part that a state is worth after the last period


def payoffs(equilibrium: Equilibrium, *, start: Start = None) -> DataFrame:
    r"""Expected discounted payoffs from the start, one row per player, one column per part.

    $$E \Bigl[ \sum_{t<H} \delta_i^t\, u_{i,\text{part}}(t) \Bigr]$$

    over all H solved periods, or for ever in a stationary game; endings pay once, on arrival.
    What states are worth after the last period is the part `terminal`. A row adds up to the
    player's value of the start under the `expected` convention; under `shock`, values hold
    the private shocks as well. A player without a part has 0 there.

    Raises `QueryError` for an unknown start, or if play without discounting or end makes a
    part infinite.

    >>> from foedus.outcomes.examples import truce
    >>> payoffs(truce(), start="peace").round(6)
         payoff
    A -0.285714
    """
    from pandas import DataFrame

    game = game_of(equilibrium)
    worth = part_payoffs(equilibrium, start_distribution(game.structure, start)[:, None])
    columns = list(dict.fromkeys(part for _, part in worth))
    table = DataFrame(0.0, index=list(game.players), columns=columns)
    for (player, part), by_start in worth.items():
        table.loc[player, part] = float(by_start[0])
    return table


def part_payoffs(
    equilibrium: Equilibrium, start: Float[np.ndarray, "states columns"]
) -> dict[tuple[str, str], Float[np.ndarray, "columns"]]:
    """(player, part) -> discounted payoff from each start; equation in `payoffs`."""
    game = game_of(equilibrium)
    tables, profile = numbers(equilibrium)
    parts = _parts(game, tables)
    owner = [game.players.index(player) for player, _ in parts]
    if game.horizon is None:
        seen = Watching(structure=game.structure, tables=tables, profile=profile, measures={})
        return _endless(seen, start, parts)
    by_part, terminal = discounted(
        Routes.of(game.structure),
        tables,
        profile,
        start,
        list(parts.values()),
        owner,
        periods=game.horizon,
    )
    worth = {key: by_part[:, j] for j, key in enumerate(parts)}
    if np.any(tables.terminal):
        for i, player in enumerate(game.players):
            key = (player, TERMINAL)
            worth[key] = worth.get(key, 0.0) + terminal[:, i]
    return worth


def discounted(
    routes: Routes,
    tables: Tables,
    profile: Profile,
    start: Float[Any, "states columns"],
    parts: Sequence[Measure],
    owner: Sequence[int],
    *,
    periods: int,
    xp: Any = np,
) -> tuple[Float[Any, "columns parts"], Float[Any, "columns players"]]:
    """Discounted payoffs over `periods` periods: by part, and of what comes after the last.

    Part j belongs to player `owner[j]`. A pure function of arrays, as `flows` is.
    """
    live = routes.n_live
    alive = np.arange(start.shape[0]) < live
    in_play = [Measure(xp.where(alive, part.flow, 0.0), part.stages) for part in parts]
    seen = flows(routes, tables, profile, start, periods=periods, measures=in_play, xp=xp)
    ended = seen.states[:, live:]
    arrived = xp.diff(ended, axis=0, prepend=xp.zeros_like(ended[:1]))
    endings = xp.stack([xp.asarray(part.flow)[live:] for part in parts], axis=-1)
    on_arrival = xp.einsum("tsc,sj->tcj", arrived, endings)
    own = np.asarray(owner, dtype=int)
    weight = xp.asarray(tables.discount) ** np.arange(periods + 1)[:, None]  # (dates, players)
    by_part = (weight[:-1, None, own] * seen.amounts).sum(axis=0)
    by_part = by_part + (weight[:, None, own] * on_arrival).sum(axis=0)
    last = seen.states[-1, :live].T @ xp.asarray(tables.terminal)[:, :live].T
    return by_part, weight[-1] * last


def _parts(game: Game, tables: Tables) -> dict[tuple[str, str], Measure]:
    """The game's payoff parts; a game built from arrays has one for each player."""
    if game.origin is not None:
        return dict(game.origin.part_measures(game.values))
    return {
        (player, "payoff"): Measure(
            tables.flow[i], tuple(None if paid is None else paid[i] for paid in tables.payoff)
        )
        for i, player in enumerate(game.players)
    }


def _endless(
    seen: Watching,
    start: Float[np.ndarray, "states columns"],
    parts: dict[tuple[str, str], Measure],
) -> dict[tuple[str, str], Float[np.ndarray, "columns"]]:
    """Payoffs of a stationary game, player by player."""
    worth = {}
    for i, player in enumerate(seen.structure.players):
        own = [key for key in parts if key[0] == player]
        if not own:
            continue
        discount = float(seen.tables.discount[i])
        value = totals(seen, [parts[key] for key in own], discount=discount)
        by_start = np.stack([from_start(column, value) for column in start.T])
        if not np.isfinite(by_start).all():
            raise QueryError(
                f"the payoffs of {player} add up without bound: play may go on for ever and the "
                f"discount is {discount:g}; discount below 1, or ask at a finite horizon"
            )
        worth.update({key: by_start[:, j] for j, key in enumerate(own)})
    return worth
