"""Why a player acts so, here: each action's value split into payoff parts, now and later."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Bool, Float

from foedus.errors import QueryError
from foedus.findings.believing import beliefs, require_known
from foedus.findings.occasions import Choice, Occasion, choices, occasions
from foedus.findings.reason import Contrast, Explanation
from foedus.findings.worth import Worth
from foedus.game.game import Game
from foedus.outcomes.play import numbers
from foedus.outcomes.steps import Routes, edge_probabilities, push

if TYPE_CHECKING:
    from foedus.equilibrium.result import Equilibrium


def explain(
    equilibrium: Equilibrium,
    player: str,
    situation: str | None = None,
    *,
    start: str | None = None,
    period: int | None = None,
    move: str | None = None,
) -> Explanation:
    r"""Why a player acts as it does, from the equilibrium itself.

    The value of an action, $Q(a)$, is split exactly into the player's payoff parts, each into
    what comes within the period and what comes later, given how everybody plays on.
    `situation` is a condition in the scenario's words about the state and the moves seen so
    far, such as `"phase == war and RU == attack"`; None stands for wherever the player
    chooses. `period` is the first one by default in which play from `start` can get there.
    `move` is needed only where a player moves more than once.

    Raises `QueryError` for an unknown player, move, start or period, for a situation that
    cannot be read or is not known to the player, and where play never gets there.

    >>> import foedus as fd
    >>> game = fd.compile_scenario(fd.read("extended-deterrence"))
    >>> reason = explain(fd.solve(game), game.players[0])
    >>> abs(float(reason.probability.sum()) - 1) < 1e-9
    True
    """
    game = equilibrium.game
    begin = _start(game, start)
    periods = game.horizon or game.structure.evaluate
    if period is not None and not 0 <= period < periods:
        raise QueryError(f"no period {period}; play can be explained in periods 0 to {periods - 1}")
    found, refused = [], []
    for choice in _asked(choices(game.structure, player), player, move):
        require_known(game, choice, situation)
        try:
            occasion = _first(equilibrium, choice, situation, begin, period)
        except QueryError as error:  # not known yet at an early move, it may be at a later one
            refused.append(error)
            continue
        found += [] if occasion is None else [occasion]
    if not found:
        raise refused[0] if refused else QueryError(_nowhere(player, situation, begin, period))
    if len(found) > 1:
        names = ", ".join(occasion.choice.name for occasion in found)
        raise QueryError(f"{player} has several moves there: {names}; say which one is meant")
    (occasion,) = found
    return _explained(equilibrium, Worth(equilibrium, player), occasion, situation, begin)


def _start(game: Game, start: str | None) -> str:
    known = ", ".join(game.structure.starts)
    if not known:
        raise QueryError("the game has no start; give it one to say how likely situations are")
    if start is None:
        return next(iter(game.structure.starts))
    if start not in game.structure.starts:
        raise QueryError(f"no start named {start!r}; the game has {known}")
    return start


def _asked(known: list[Choice], player: str, move: str | None) -> list[Choice]:
    if move is None:
        return known
    asked = [choice for choice in known if choice.name == move]
    if not asked:
        names = ", ".join(choice.name for choice in known)
        raise QueryError(f"{player} makes no move named {move!r}; its moves are {names}")
    return asked


def _first(
    equilibrium: Equilibrium, choice: Choice, situation: str | None, start: str, period: int | None
) -> Occasion | None:
    """The choice in the period asked for, or in the first in which play gets there, if in any."""
    for occasion in occasions(equilibrium, choice, situation, start):
        if period in (None, occasion.period) and occasion.likelihood > 0:
            return occasion
        if occasion.period == period:
            return None
    return None


def _nowhere(player: str, situation: str | None, start: str, period: int | None) -> str:
    where = f" where {situation}" if situation else ""
    when = "ever" if period is None else f"in period {period}"
    hint = "" if period is None else "; without a period, the first in which it does is taken"
    return f"starting from {start}, {player} does not {when} have to choose{where}{hint}"


def _explained(
    equilibrium: Equilibrium, worth: Worth, occasion: Occasion, situation: str | None, start: str
) -> Explanation:
    game, choice = equilibrium.game, occasion.choice
    now, later = (
        edges[:, occasion.origin]
        for edges in worth.of_choice(occasion.period, choice.stage, choice.member)
    )
    everywhere = np.ones(occasion.reached.shape, dtype=bool)
    codes = [
        code
        for code in range(len(occasion.action_names))
        if _weight(occasion, code, everywhere).any()
    ]
    weights = [_weight(occasion, code, everywhere) for code in codes]
    total = occasion.likelihood
    actions = tuple(occasion.action_names[code] for code in codes)
    probability = np.array(
        [
            (occasion.reached * occasion.strategy * (occasion.action == code)).sum() / total
            for code in codes
        ]
    )
    index = game.players.index(choice.player)
    return Explanation(
        player=choice.player,
        label=game.structure.player_labels[index],
        move=choice.name,
        situation=situation,
        start=start,
        period=occasion.period,
        calendar=game.structure.period,
        likelihood=total,
        situations=occasion.situations,
        unseen=occasion.unseen,
        convention=equilibrium.solver.convention or "expected",
        actions=actions,
        action_labels=_labels(game, choice.name, actions),
        parts=worth.parts,
        probability=probability,
        available=np.array([weight.sum() / total for weight in weights]),
        now=np.stack([_mean(now, weight) for weight in weights]),
        later=np.stack([_mean(later, weight) for weight in weights]),
        next=_next(equilibrium, occasion, weights),
        contrasts=tuple(_contrasts(occasion, codes, probability, worth.parts, now, later)),
        beliefs=beliefs(game, occasion),
    )


def _weight(
    occasion: Occasion, code: int, among: Bool[np.ndarray, "nodes *members"]
) -> Float[np.ndarray, "nodes *members"]:
    """How likely each edge of an action is, were it always chosen where it is available."""
    weight: np.ndarray = (
        np.where(among, occasion.reached, 0.0) * (occasion.action == code) * occasion.belief
    )
    return weight


def _mean(
    values: Float[np.ndarray, "parts nodes *members"], weight: Float[np.ndarray, "nodes *members"]
) -> Float[np.ndarray, "parts"]:
    found: np.ndarray = (values * weight).reshape(len(values), -1).sum(axis=1) / weight.sum()
    return found


def _contrasts(
    occasion: Occasion,
    codes: Sequence[int],
    probability: Float[np.ndarray, "actions"],
    parts: tuple[str, ...],
    now: Float[np.ndarray, "parts nodes *members"],
    later: Float[np.ndarray, "parts nodes *members"],
) -> Iterator[Contrast]:
    """The action chosen most against the others, in the situations in which both can be chosen."""
    first, *rest = sorted(range(len(codes)), key=lambda i: -probability[i])
    for other in rest:
        both = np.ones(occasion.reached.shape, dtype=bool)
        for i in (first, other):
            both &= (occasion.action == codes[i]).any(axis=occasion.own_axis, keepdims=True)
        a, b = (_weight(occasion, codes[i], both) for i in (first, other))
        if not a.any():
            continue
        now_by_part = dict(zip(parts, (_mean(now, a) - _mean(now, b)).tolist(), strict=True))
        later_by_part = dict(zip(parts, (_mean(later, a) - _mean(later, b)).tolist(), strict=True))
        yield Contrast(
            preferred=occasion.action_names[codes[first]],
            alternative=occasion.action_names[codes[other]],
            now=now_by_part,
            later=later_by_part,
            share=float(a.sum() / occasion.likelihood),
        )


def _next(
    equilibrium: Equilibrium, occasion: Occasion, weights: Sequence[np.ndarray]
) -> dict[str, dict[str, Float[np.ndarray, "actions"]]]:
    """Probability of each level of each factor in the next period, after each action."""
    structure = equilibrium.game.structure
    tables, profile = numbers(equilibrium)
    routes, stage = Routes.of(structure), occasion.choice.stage
    edges = edge_probabilities(tables, profile, occasion.period)
    sizes = routes.sizes_after(structure.states.n_states)
    to = routes.successors[stage][occasion.origin]
    amount = np.stack(
        [
            np.bincount(to.ravel(), (weight / weight.sum()).ravel(), minlength=sizes[stage])
            for weight in (np.broadcast_to(w, (*w.shape,)) for w in weights)
        ],
        axis=-1,
    )
    for k in range(stage + 1, len(edges)):
        amount = push(routes.successors[k], edges[k], amount, sizes[k], np)
    states = structure.states
    return {
        factor: {
            level: amount[states.codes[:, f] == code].sum(axis=0)
            for code, level in enumerate(states.levels[f])
        }
        for f, factor in enumerate(states.factors)
    }


def _labels(game: Game, move: str, actions: Sequence[str]) -> dict[str, str]:
    """What the scenario calls the actions; their names in a game without one."""
    if game.origin is None:
        return {action: action for action in actions}
    (variable,) = (v for v in game.origin.rules.moves if v.name == move)
    said = dict(zip(variable.levels, variable.level_labels, strict=False))
    return {action: said.get(action) or action for action in actions}
