"""The stage graph of a period: situations expanded step by step, and merged where alike.

Starting from one situation per live state, each step gives every situation its
successors. Between steps, situations that no later rule can tell apart become
one node; a node keeps the columns of the first situation it stands for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from foedus.compiler.arithmetic import Columns, Lookup
from foedus.compiler.choices import expand_block, expand_turn
from foedus.compiler.draws import expand_chance, expand_draw
from foedus.compiler.expansion import ENDED, Expansion
from foedus.compiler.liveness import Residue, alike
from foedus.compiler.schedule import (
    BlockStep,
    ChanceStep,
    DrawStep,
    Schedule,
    Step,
    TurnStep,
    next_name,
)
from foedus.compiler.terms import Pool, Term, make_term
from foedus.game.stages import Block, Chance, Stage, Turn
from foedus.scenario.model import Rules

Key = tuple[str, str]  # (player, payoff part), or ("", watched condition)


@dataclass(frozen=True, eq=False, kw_only=True)
class Layer:
    """One stage, with what its numbers are made of and what its nodes stand for."""

    stage: Stage
    columns: Mapping[str, np.ndarray]  # of each node's first situation
    collected: tuple[tuple[Key, Term], ...]
    probability: Pool | None


@dataclass(frozen=True, eq=False, kw_only=True)
class Frame:
    """A period of the game over given states. `flow` is collected on entering a state."""

    states: np.ndarray  # (states, factors): level codes, endings last
    n_live: int
    layers: tuple[Layer, ...]
    flow: tuple[tuple[Key, Term], ...]  # over live states: parts that the state settles
    in_endings: tuple[tuple[Key, Term], ...]  # over endings: conditions
    schedule: Schedule
    successors: np.ndarray  # (nodes after the last step, factors): next levels; ending rows have -1


def build_frame(
    rules: Rules, schedule: Schedule, lookup: Lookup, states: np.ndarray, n_live: int
) -> Frame:
    """The frame over these states. Successors in its last stage index `Frame.successors`."""
    factors = [factor.name for factor in schedule.factors]
    columns = _state_columns(schedule, states[:n_live])
    columns[ENDED] = np.zeros(n_live, dtype=bool)
    layers: list[Layer] = []
    for position, step in enumerate(schedule.steps):
        expansion = _expand(step, rules, lookup, columns)
        shape = expansion.shape
        collected = tuple(
            (c.key, make_term(c.formula, lookup, expansion.columns, len(expansion.parents)))
            for c in schedule.collected
            if c.step == position
        )
        first, group = _merge(schedule, lookup, expansion, position + 1)
        successor = np.zeros(int(np.prod(shape)), dtype=np.int32)
        successor[expansion.slots] = group
        layers.append(
            Layer(
                stage=replace_successor(expansion.stage, successor.reshape(shape)),
                columns=columns,
                collected=tuple(
                    (key, _over_slots(term, expansion.slots, int(np.prod(shape))))
                    for key, term in collected
                ),
                probability=expansion.probability,
            )
        )
        columns = {name: column[first] for name, column in expansion.columns.items()}
    rows = len(next(iter(columns.values())))
    successors = (
        np.stack([columns[next_name(name)] for name in factors], axis=1)
        if factors
        else np.zeros((rows, 0), dtype=np.int16)
    )
    return Frame(
        states=states,
        n_live=n_live,
        layers=tuple(layers),
        flow=_flow(schedule, lookup, states, n_live),
        in_endings=_in_endings(schedule, lookup, states, n_live),
        schedule=schedule,
        successors=successors,
    )


def _expand(step: Step, rules: Rules, lookup: Lookup, columns: Columns) -> Expansion:
    match step:
        case TurnStep():
            return expand_turn(step, rules, lookup, columns)
        case BlockStep():
            return expand_block(step, rules, lookup, columns)
        case ChanceStep():
            return expand_chance(step, lookup, columns)
        case DrawStep():
            return expand_draw(step, lookup, columns)


def replace_successor(stage: Stage, successor: np.ndarray) -> Stage:
    """The stage with other successors."""
    match stage:
        case Turn():
            return replace(stage, successor=successor)
        case Block():
            return replace(stage, successor=successor)
        case Chance():
            return replace(stage, successor=successor)


def _flow(
    schedule: Schedule, lookup: Lookup, states: np.ndarray, n_live: int
) -> tuple[tuple[Key, Term], ...]:
    """Payoff parts that the state settles, over the live states."""
    columns = _state_columns(schedule, states[:n_live])
    return tuple(
        (c.key, make_term(c.formula, lookup, columns, n_live))
        for c in schedule.collected
        if c.step == -1
    )


def _in_endings(
    schedule: Schedule, lookup: Lookup, states: np.ndarray, n_live: int
) -> tuple[tuple[Key, Term], ...]:
    """Watched conditions over the endings, where nobody moves and nothing follows."""
    rows = len(states) - n_live
    nobody = {name: np.full(rows, -1, dtype=np.int16) for name in schedule.settled_after}
    columns = nobody | _state_columns(schedule, states[n_live:])
    return tuple(
        (c.key, make_term(c.formula, lookup, columns, rows))
        for c in schedule.collected
        if c.in_endings
    )


def _state_columns(schedule: Schedule, states: np.ndarray) -> dict[str, np.ndarray]:
    columns = {factor.name: states[:, f] for f, factor in enumerate(schedule.factors)}
    return columns | {next_name(name): columns[name] for name in schedule.undrawn}


def _over_slots(term: Term, slots: np.ndarray, size: int) -> Term:
    """A term over occupied slots, as a term over all slots of a padded array."""
    if term.index is None or len(slots) == size:
        return term
    index = np.zeros(size, dtype=np.int32)
    index[slots] = term.index
    return replace(term, index=index)


def _merge(
    schedule: Schedule, lookup: Lookup, expansion: Expansion, position: int
) -> tuple[np.ndarray, np.ndarray]:
    """Groups the situations after a step by what the steps from `position` on still read."""
    residue = Residue(lookup, expansion.columns, schedule.settled_before(position))
    ended = expansion.columns[ENDED]
    playing = ~ended if ended.any() else None
    if schedule.private and position < len(schedule.steps):
        # What others believe turns on everything they saw, whether or not a formula reads it.
        for name in sorted(expansion.columns.keys() - {ENDED}):
            residue.add_column(expansion.columns[name], playing)
    for step in schedule.steps[position:]:
        _reads(step, residue, playing)
    for collected in schedule.collected:
        if collected.step >= position:
            residue.add(collected.formula)
    _next_levels(schedule, residue, expansion, playing)
    return alike(residue.collected, len(expansion.parents))


def _next_levels(
    schedule: Schedule, residue: Residue, expansion: Expansion, playing: np.ndarray | None
) -> None:
    for factor in schedule.factors:
        drawn = expansion.columns.get(next_name(factor.name))
        if drawn is None:
            residue.add_column(expansion.columns[factor.name], playing)
        elif factor.name in schedule.ending_factors:
            residue.add_column(drawn)
        else:
            residue.add_column(drawn, playing)


def _reads(step: Step, residue: Residue, playing: np.ndarray | None) -> None:
    match step:
        case TurnStep():
            moves = step.entries
        case BlockStep():
            moves = step.block.moves
        case ChanceStep():
            residue.add(step.move.when)
            for _, probability in step.move.outcomes:
                residue.add(probability)
            return
        case DrawStep():
            relevant = playing
            for rule in step.transition.rules:
                residue.add(rule.when, relevant)
                if residue.known(rule.when):
                    here = residue.value(rule.when) != 0
                    within = here if relevant is None else here & relevant
                    relevant = ~here if relevant is None else ~here & relevant
                else:
                    within = relevant
                for outcome in rule.outcomes:
                    residue.add(outcome.probability, within)
            return
    for move in moves:
        residue.add(move.when)
        applies = residue.value(move.when) != 0 if residue.known(move.when) else None
        for action in move.actions:
            residue.add(action.when, applies)
