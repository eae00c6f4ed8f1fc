"""What a move tells others about the private type of the player who makes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from foedus.findings.course import Tally
from foedus.findings.portrait import Named, Revealed
from foedus.game.game import Game
from foedus.scenario.model import Rules

Tallies = Mapping[str, Sequence[Sequence[Tally]]]  # by regime and start


def revealed(
    rules: Mapping[str, Rules], games: Mapping[str, Game], tallies: Tallies
) -> tuple[Revealed, ...]:
    r"""For each move of a player with types, how often each type takes each action.

    With $w_n$ the expected visits of node n, $t_n$ the mover's type there and $\sigma_n(a)$ its
    play, the entry of action a and type t is $\sum_{n: t_n = t} w_n \sigma_n(a)$, so that

    $$b(t \mid a) = \frac{\sum_{n: t_n = t} w_n \sigma_n(a)}{\sum_n w_n \sigma_n(a)}$$

    is the belief after the action. Empty where nobody has types.
    """
    found: dict[tuple[str, str], Revealed] = {}
    for place, (regime, by_start) in enumerate(tallies.items()):
        for start, own in enumerate(by_start):
            for tally in own:
                types = _types(rules[regime], tally.player)
                if not types:
                    continue
                key = tally.player, tally.move
                if key not in found:
                    found[key] = _untaken(rules, tallies, tally, types)
                names = [named.name for named in found[key].actions]
                at = place, start, [names.index(action) for action in tally.actions]
                before = np.nan_to_num(found[key].joint[at])
                found[key].joint[at] = before + _joint(games[regime], tally, len(types))
    return tuple(one for one in found.values() if np.nansum(one.joint) > 0)


def named_actions(rules: Rules, tally: Tally) -> tuple[Named, ...]:
    """The actions of a move with what people call them."""
    variable = next((move for move in rules.moves if move.name == tally.move), None)
    labels: dict[str, str] = {}
    if variable is not None and variable.level_labels:
        labels = dict(zip(variable.levels, variable.level_labels, strict=True))
    return tuple(Named(name=name, label=labels.get(name) or name) for name in tally.actions)


def _types(rules: Rules, player: str) -> tuple[Named, ...]:
    for one in rules.types:
        if one.player == player:
            named = zip(one.types, one.labels, strict=True)
            return tuple(Named(name=name, label=label or name) for name, label in named)
    return ()


def _untaken(
    rules: Mapping[str, Rules], tallies: Tallies, tally: Tally, types: tuple[Named, ...]
) -> Revealed:
    """The move with the actions of all regimes, none of them taken yet."""
    actions: dict[str, Named] = {}
    for regime, by_start in tallies.items():
        for own in by_start:
            for one in own:
                if (one.player, one.move) == (tally.player, tally.move):
                    for named in named_actions(rules[regime], one):
                        actions.setdefault(named.name, named)
    shape = len(tallies), len(next(iter(tallies.values()))), len(actions), len(types)
    return Revealed(
        player=tally.player,
        move=tally.move,
        actions=tuple(actions.values()),
        types=types,
        joint=np.full(shape, np.nan),
    )


def _joint(game: Game, tally: Tally, types: int) -> np.ndarray:
    """(actions, types): how often each type takes each action at one stage."""
    information = game.information
    assert information is not None
    owner = game.players.index(tally.player)
    kinds = information.types[tally.stage][:, information.players.index(owner)]
    taken = np.nan_to_num(tally.taken)
    return np.stack([taken[kinds == kind].sum(axis=0) for kind in range(types)], axis=-1)
