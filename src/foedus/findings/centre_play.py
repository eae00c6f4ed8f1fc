"""Every regime at the central draw: its equilibrium, certified, and what play looks like."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from foedus.compiler.compile import compile_rules
from foedus.equilibrium import Equilibrium
from foedus.equilibrium.solve import solve_together
from foedus.findings.course import Tally, course
from foedus.findings.portrait import (
    Central,
    Factor,
    MovePlayed,
    Named,
    Paid,
    Revealed,
    Situation,
    levels_of,
)
from foedus.findings.revealing import named_actions, revealed
from foedus.findings.situations import Division, Occurrences, divide, gathered, together
from foedus.outcomes.accounts import part_payoffs
from foedus.scenario.model import Rules

Key = tuple[str, str]  # a player and the name of a move


def central_play(
    rules: Mapping[str, Rules],
    factors: Sequence[Factor],
    starts: Sequence[Named],
    players: Sequence[Named],
    *,
    periods: int,
) -> tuple[tuple[Central, ...], tuple[MovePlayed, ...], tuple[Revealed, ...]]:
    """What play looks like at central values, by regime, and what moves tell about types.

    Raises `SolveError` where an equilibrium has no certificate.
    """
    compiled = [compile_rules(own) for own in rules.values()]
    solved = dict(zip(rules, solve_together(compiled), strict=True))
    followed = {
        name: [course(equilibrium, levels_of(factors), start.name, periods) for start in starts]
        for name, equilibrium in solved.items()
    }
    central = tuple(
        Central(
            regime=name,
            residual=float(equilibrium.certificate.residual or 0.0),
            values=_values(equilibrium, starts, players),
            parts=_parts(equilibrium, starts),
            levels=np.stack([one.levels for one in followed[name]]),
            flows=np.stack([one.flows for one in followed[name]]),
        )
        for name, equilibrium in solved.items()
    )
    tallies = {name: [one.tallies for one in courses] for name, courses in followed.items()}
    games = {name: equilibrium.game for name, equilibrium in solved.items()}
    return central, _moves(rules, solved, tallies), revealed(rules, games, tallies)


def _values(
    equilibrium: Equilibrium, starts: Sequence[Named], players: Sequence[Named]
) -> np.ndarray:
    structure = equilibrium.game.structure
    names = [player.name for player in players]
    found = np.full((len(starts), len(names)), np.nan)
    begin = np.stack([structure.starts[start.name] for start in starts])
    found[:, [names.index(player) for player in structure.players]] = begin @ equilibrium.values
    return found


def _parts(equilibrium: Equilibrium, starts: Sequence[Named]) -> tuple[Paid, ...]:
    structure = equilibrium.game.structure
    begin = np.stack([structure.starts[start.name] for start in starts], axis=-1)
    return tuple(
        Paid(start=start.name, player=player, part=part, amount=float(amount))
        for (player, part), amounts in part_payoffs(equilibrium, begin).items()
        for start, amount in zip(starts, amounts, strict=True)
    )


def _moves(
    rules: Mapping[str, Rules],
    solved: Mapping[str, Equilibrium],
    tallies: Mapping[str, Sequence[Sequence[Tally]]],
) -> tuple[MovePlayed, ...]:
    """Every move of every player, divided into the same situations under all regimes."""
    first: dict[Key, Tally] = {}
    for by_start in tallies.values():
        for tally in by_start[0] if by_start else ():
            first.setdefault((tally.player, tally.move), tally)
    found = []
    for key, tally in first.items():
        places = {
            (regime, number): _places(solved[regime], rules[regime], one)
            for regime, by_start in tallies.items()
            for number, own in enumerate(by_start)
            for one in own
            if (one.player, one.move) == key and one.actions == tally.actions
        }
        if any((one.visits > 0).any() for one in places.values()):
            found.append(_move(rules, tally, places, len(next(iter(tallies.values())))))
    return tuple(found)


def _move(
    rules: Mapping[str, Rules],
    tally: Tally,
    places: Mapping[tuple[str, int], Occurrences],
    starts: int,
) -> MovePlayed:
    division = divide(together(list(places.values())))
    groups, actions = len(division.groups), len(tally.actions)
    weight = np.zeros((len(rules), starts, groups))
    play = np.full((*weight.shape, actions), np.nan)
    for (regime, number), one in places.items():
        at = list(rules).index(regime), number
        weight[at], play[at] = gathered(one, division)
    kept = weight.sum(axis=(0, 1)) > 0
    own = next(one for one in rules.values() if any(p.name == tally.player for p in one.players))
    return MovePlayed(
        player=tally.player,
        move=tally.move,
        actions=named_actions(own, tally),
        situations=tuple(
            one for one, there in zip(_situations(own, division), kept, strict=True) if there
        ),
        weight=weight[:, :, kept],
        play=play[:, :, kept],
        told=division.told,
    )


def _places(equilibrium: Equilibrium, rules: Rules, tally: Tally) -> Occurrences:
    columns = equilibrium.game.origin.frame.layers[tally.stage].columns
    known = [variable.name for variable in (*rules.factors, *rules.moves)]
    return Occurrences(
        codes={name: np.asarray(columns[name], int) for name in known if name in columns},
        visits=tally.visits,
        taken=tally.taken,
    )


def _situations(rules: Rules, division: Division) -> tuple[Situation, ...]:
    variables: dict[str, Any] = {v.name: v for v in (*rules.factors, *rules.moves)}
    players = {player.name: player.label or player.name for player in rules.players}
    found = []
    for levels in division.groups:
        names, said = [], []
        for name, code in zip(division.variables, levels, strict=True):
            variable = variables[name]
            labels = variable.level_labels or variable.levels
            names.append(players.get(name, variable.label or name))
            said.append(labels[code] if code >= 0 else "has no choice")
        found.append(Situation(variables=tuple(names), levels=tuple(said)))
    return tuple(found)
