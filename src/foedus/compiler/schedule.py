"""The order of a period: which moves share a stage, and when each name is settled.

Stages come in this order: moves and chance moves as written, then one draw for
each factor that has transition rules. Entries of one move that can never apply
in the same state share a stage, so that a player who acts in every phase takes
one stage and not one per phase.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from foedus.compiler.arithmetic import Columns, Lookup, Reader
from foedus.scenario.formulas import Formula, variables
from foedus.scenario.model import Block, ChanceMove, Move, Rules, Transition, Variable


@dataclass(frozen=True, kw_only=True)
class TurnStep:
    """Entries of one observed move; at most one applies in any state."""

    variable: str
    entries: tuple[Move, ...]


@dataclass(frozen=True, kw_only=True)
class BlockStep:
    block: Block


@dataclass(frozen=True, kw_only=True)
class ChanceStep:
    move: ChanceMove


@dataclass(frozen=True, kw_only=True)
class DrawStep:
    """The next level of one factor."""

    transition: Transition
    factor: Variable
    n_endings: int  # its last levels, on which play ends


Step = TurnStep | BlockStep | ChanceStep | DrawStep


@dataclass(frozen=True, kw_only=True)
class Collected:
    """A formula whose value is collected once a period: a payoff part or a watched condition.

    `step` is the first step after which everything that it reads is settled;
    -1 means that the state settles it.
    """

    key: tuple[str, str]
    formula: Formula
    step: int
    in_endings: bool  # conditions are asked of endings too; parts are not paid there


@dataclass(frozen=True, kw_only=True)
class Schedule:
    steps: tuple[Step, ...]
    settled_after: Mapping[str, int]  # variable -> step; -1: the state
    undrawn: tuple[str, ...]  # factors that never change
    collected: tuple[Collected, ...]
    factors: tuple[Variable, ...]
    ending_factors: frozenset[str]
    private: bool = False  # somebody has types, so that every history is kept apart

    def settled_before(self, step: int) -> frozenset[str]:
        """Variables that are known in every situation that enters `step`."""
        return frozenset(v for v, last in self.settled_after.items() if last < step)


def next_name(factor: str) -> str:
    """The name under which a factor's next level is read."""
    return f"next({factor})"


def make_schedule(
    rules: Rules, lookup: Lookup, levels: Columns, watched: Mapping[str, Formula]
) -> Schedule:
    """The schedule of `rules`, where `levels` are columns of all factor levels in question.

    `watched` conditions are collected like payoff parts, under the key ("", name).
    """
    steps = [*_moves(rules, lookup, levels), *_draws(rules)]
    settled = {factor.name: -1 for factor in rules.factors}
    for position, step in enumerate(steps):
        match step:
            case TurnStep():
                settled[step.variable] = position
            case BlockStep():
                settled |= {move.variable: position for move in step.block.moves}
            case ChanceStep():
                settled[step.move.variable] = position
            case DrawStep():
                settled[next_name(step.factor.name)] = position
    drawn = {step.factor.name for step in steps if isinstance(step, DrawStep)}
    undrawn = tuple(f.name for f in rules.factors if f.name not in drawn)
    settled |= {next_name(name): -1 for name in undrawn}
    parts = [((part.player, part.name), part.formula, False) for part in rules.parts]
    parts += [(("", name), formula, True) for name, formula in watched.items()]
    return Schedule(
        steps=tuple(steps),
        settled_after=settled,
        undrawn=undrawn,
        collected=tuple(
            Collected(
                key=key,
                formula=formula,
                step=max((settled[v] for v in variables(formula)), default=-1),
                in_endings=in_endings,
            )
            for key, formula, in_endings in parts
        ),
        factors=rules.factors,
        ending_factors=frozenset(ending.factor for ending in rules.endings),
        private=bool(rules.types),
    )


def all_variables(rules: Rules) -> tuple[Variable, ...]:
    """Every variable of a scenario, next levels included."""
    nexts = tuple(
        Variable(name=next_name(f.name), levels=f.levels, values=f.values, numeric=f.numeric)
        for f in rules.factors
    )
    return (*rules.factors, *rules.moves, *nexts)


def _draws(rules: Rules) -> list[Step]:
    factors = {factor.name: factor for factor in rules.factors}
    endings = [ending.factor for ending in rules.endings]
    return [
        DrawStep(transition=t, factor=factors[t.factor], n_endings=endings.count(t.factor))
        for t in rules.transitions
        if t.rules
    ]


def _moves(rules: Rules, lookup: Lookup, levels: Columns) -> list[Step]:
    """Stages of the moves: each entry after every earlier one that may apply in a common state."""
    rows = len(next(iter(levels.values()))) if levels else 1
    entries = rules.sequence
    reader = Reader(lookup, levels, rows)
    applies = [_applies(entry, reader) for entry in entries]
    before = [[i for i in range(j) if (applies[i] & applies[j]).any()] for j in range(len(entries))]
    names = [_name(entry) for entry in entries]
    layers = _layers_by_name(names, before) or _layers_by_entry(before)
    order = {variable.name: position for position, variable in enumerate(rules.moves)}
    turns: dict[tuple[int, int, int], list[Move]] = {}
    steps: dict[tuple[int, int, int], Step] = {}
    for position, (entry, name, layer) in enumerate(zip(entries, names, layers, strict=True)):
        # Only turns of one move share a stage; anything else has one of its own.
        slot = (layer, order[name], position + 1)
        if isinstance(entry, ChanceMove):
            steps[slot] = ChanceStep(move=entry)
        elif len(entry.moves) > 1:
            steps[slot] = BlockStep(block=entry)
        else:
            slot = (layer, order[name], 0)
            turns.setdefault(slot, []).append(entry.moves[0])
            steps[slot] = TurnStep(variable=name, entries=tuple(turns[slot]))
    return [steps[slot] for slot in sorted(steps)]


def _name(entry: Block | ChanceMove) -> str:
    return entry.moves[0].variable if isinstance(entry, Block) else entry.variable


def _layers_by_name(names: list[str], before: list[list[int]]) -> list[int] | None:
    """One layer per move, or None where entries of a move meet or the order runs in circles."""
    earlier: dict[str, set[str]] = {name: set() for name in names}
    for name, others in zip(names, before, strict=True):
        earlier[name] |= {names[i] for i in others}
    layer: dict[str, int] = {}
    while len(layer) < len(earlier):
        ready = [n for n in earlier if n not in layer and earlier[n] <= layer.keys()]
        if not ready:
            return None
        layer |= {n: 1 + max((layer[e] for e in earlier[n]), default=-1) for n in ready}
    return [layer[name] for name in names]


def _layers_by_entry(before: list[list[int]]) -> list[int]:
    layers: list[int] = []
    for others in before:
        layers.append(1 + max((layers[i] for i in others), default=-1))
    return layers


def _applies(entry: Block | ChanceMove, reader: Reader) -> np.ndarray:
    conditions = [m.when for m in entry.moves] if isinstance(entry, Block) else [entry.when]
    answer = np.zeros(reader.rows, dtype=bool)
    for condition in conditions:
        answer |= reader.possible(condition)
    return answer
