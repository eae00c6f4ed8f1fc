"""A game with a finite horizon written out as a tree, one history after another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import NamedTuple

import numpy as np

from foedus.errors import GameError, QueryError
from foedus.game.game import Game
from foedus.game.stages import Block, Chance, Stage, Turn
from foedus.game.trees.grow import Growth
from foedus.game.trees.tree import ExtensiveGame

MOST_NODES = 50_000


def unroll(
    game: Game,
    *,
    periods: int | None = None,
    start: str | None = None,
    most_nodes: int = MOST_NODES,
) -> ExtensiveGame:
    """The tree of all histories of a game from a start, for a number of periods.

    Everybody sees the state and all that was done, but for the moves of one simultaneous stage.
    Leaves pay discounted totals, so that logit play at one precision is the same in the tree only
    where discounts are 1; Nash play is in any case. `periods` is the game's horizon by default; a
    shorter tree ends with the terminal values all the same, and a stationary game needs a number.

    Numbers are taken as they print: 0.1 becomes 1/10. A draw whose probabilities then miss 1 by
    rounding has one of them adjusted, so that it prints shortest.

    Raises `GameError` where the tree would have more than `most_nodes`, saying how many; and
    `QueryError` for a start that does not exist.

    >>> from foedus.game.builders import stochastic_game
    >>> dilemma = [[[2.0, 0.0], [3.0, 1.0]], [[2.0, 3.0], [0.0, 1.0]]]
    >>> game = stochastic_game([dilemma], np.full((1, 2, 2, 1), 0.9), discount=1.0, horizon=2)
    >>> unroll(game)
    <ExtensiveGame players player 0, player 1; nodes: 71, information sets: 10, ... leaves: 36>
    """
    horizon = game.horizon if periods is None else periods
    if horizon is None:
        raise GameError("a stationary game has no last period; say for how many: periods=3")
    if horizon < 1 or (game.horizon is not None and horizon > game.horizon):
        limit = "" if game.horizon is None else f" to {game.horizon}"
        raise GameError(f"a tree has 1{limit} periods, not {horizon}")
    begin = _begin(game, start)
    size = count_nodes(game, begin, horizon)
    if size > most_nodes:
        shorter = range(horizon - 1, 0, -1)
        fitting = next((t for t in shorter if count_nodes(game, begin, t) <= most_nodes), 0)
        hint = f"; a tree of periods={fitting} would fit" if fitting else ""
        shown = f"{size:,.0f}" if size < 1e15 else f"{size:.3g}"
        raise GameError(
            f"the tree of {horizon} periods would have {shown} nodes; the limit is "
            f"{most_nodes:,}{hint}"
        )
    return _Unrolling(game, horizon).grow(begin)


def _begin(game: Game, start: str | None) -> np.ndarray:
    starts = game.structure.starts
    name = next(iter(starts)) if start is None else start
    if name not in starts:
        raise QueryError(f"no start {name!r}; there are {', '.join(starts)}")
    return np.asarray(starts[name], float)


def count_nodes(game: Game, begin: np.ndarray, periods: int) -> float:
    """How many nodes the tree has; infinite where that is beyond all numbers."""
    structure = game.structure
    live, states = structure.states.n_live, structure.states.n_states
    below = np.ones(states)
    with np.errstate(over="ignore"):
        for _ in range(periods):
            onward = below
            for stage, probability in zip(
                reversed(structure.stages), reversed(game.tables.probability), strict=True
            ):
                onward = _count_stage(stage, probability, onward)
            below = np.concatenate([onward, np.ones(states - live)])
    first = np.flatnonzero(begin > 0)
    return float(below[first].sum() + (len(first) > 1))


def _count_stage(stage: Stage, probability: np.ndarray | None, below: np.ndarray) -> np.ndarray:
    inside = stage.occupied
    if isinstance(stage, Chance) and probability is not None:
        inside = inside & (np.asarray(probability) > 0)
    counted = np.where(inside, below[stage.successor], 0.0)
    total = counted.reshape(len(counted), -1).sum(axis=1)
    if isinstance(stage, Turn):
        return np.asarray(total + (stage.mover >= 0))
    if isinstance(stage, Chance):
        return np.asarray(total + (inside.sum(axis=1) > 1))
    paths = np.ones(len(counted))
    for member in range(len(stage.movers)):
        total = total + np.where(_moves(stage, member), paths, 0.0)
        paths = paths * stage.available[member].sum(axis=1)
    return np.asarray(total)


def _moves(stage: Block, member: int) -> np.ndarray:
    return np.asarray(((stage.action[member] >= 0) & stage.available[member]).any(axis=1))


class _Step(NamedTuple):
    """Something yet to be written: a node of a stage, after some members of a block have moved."""

    period: int
    stage: int
    node: int
    paid: tuple[Fraction, ...]
    joint: tuple[int, ...]  # actions of a block's members so far
    opened: int  # tree node at which the block began, -1 outside


@dataclass(frozen=True, eq=False)
class _Unrolling:
    game: Game
    periods: int

    def grow(self, begin: np.ndarray) -> ExtensiveGame:
        structure = self.game.structure
        growth = Growth(structure.players)
        labels: dict[str, int] = {}
        first = np.flatnonzero(begin > 0)
        nothing = (Fraction(0),) * len(structure.players)
        waiting = [_Step(0, 0, int(s), nothing, (), -1) for s in reversed(first)]
        if len(first) > 1:
            names = [structure.states.label(int(s)) for s in first]
            growth.draw(names, _exact(begin[first]), label="start")
        while waiting:
            waiting.extend(reversed(list(self._write(growth, waiting.pop(), labels))))
        title = self.game.title
        return growth.finish(title=f"{title}, {self.periods} periods" if title else "")

    def _write(self, growth: Growth, step: _Step, labels: dict[str, int]) -> Iterator[_Step]:
        """Add what stands at a step to the tree; what comes after it."""
        structure = self.game.structure
        if step.stage == 0 and step.opened < 0 and not step.joint:
            step = self._enter(step)
            if step.node >= structure.states.n_live or step.period == self.periods:
                growth.end(step.paid)
                return
        stage = structure.stages[step.stage]
        if isinstance(stage, Block):
            yield from self._block(growth, step, stage, labels)
            return
        row = np.flatnonzero(stage.occupied[step.node])
        if isinstance(stage, Turn):
            mover = int(stage.mover[step.node])
            if mover >= 0:
                names = [stage.action_names[stage.action[step.node, a]] for a in row]
                label = _label(labels, stage.name, step)
                growth.choose(mover, names, label=label)
        else:
            table = self.game.tables.probability[step.stage]
            assert table is not None
            chances = np.asarray(table[step.node], float)
            row = row[chances[row] > 0.0]
            if len(row) > 1:
                names = self._drawn(step, stage, row)
                growth.draw(names, _exact(chances[row]))
        for action in row:
            yield self._after(step, (int(action),))

    def _enter(self, step: _Step) -> _Step:
        """Count what a state pays on being entered, or is worth after the last period."""
        structure, tables = self.game.structure, self.game.tables
        over = step.period == self.periods and step.node < structure.states.n_live
        table = tables.terminal if over else tables.flow
        worth = np.asarray(table, float)[:, step.node]
        return step._replace(paid=self._added(step, worth))

    def _added(self, step: _Step, worth: np.ndarray) -> tuple[Fraction, ...]:
        """What was paid so far, with this paid in the period of the step."""
        discount = np.asarray(self.game.tables.discount, float).tolist()
        return tuple(
            before + _short(delta) ** step.period * _short(value) if value else before
            for before, delta, value in zip(step.paid, discount, worth.tolist(), strict=True)
        )

    def _after(self, step: _Step, cell: tuple[int, ...]) -> _Step:
        """Where an edge of a stage leads, with what it pays."""
        stage, table = self.game.structure.stages[step.stage], self.game.tables.payoff[step.stage]
        paid = step.paid
        if table is not None:
            place = (step.node, *cell)
            paid = self._added(step, np.array([float(own[place]) for own in table]))
        node = int(stage.successor[(step.node, *cell)])
        last = step.stage + 1 == len(self.game.structure.stages)
        if last:
            return _Step(step.period + 1, 0, node, paid, (), -1)
        return _Step(step.period, step.stage + 1, node, paid, (), -1)

    def _block(
        self, growth: Growth, step: _Step, stage: Block, labels: dict[str, int]
    ) -> Iterator[_Step]:
        member = len(step.joint)
        opened = len(growth) if step.opened < 0 else step.opened
        if member == len(stage.movers):
            yield self._after(step, step.joint)
            return
        row = np.flatnonzero(stage.available[member][step.node])
        if bool(_moves_at(stage, member, step.node)):
            seen = tuple(step.joint[i] for i in range(member) if stage.sees[member][i])
            key = (opened, step.stage, member, seen)
            index = stage.action[member][step.node]
            names = [stage.action_names[member][index[a]] for a in row]
            label = _label(labels, stage.names[member], step, key)
            growth.choose(int(stage.movers[member]), names, of=key, label=label)
        for action in row:
            yield step._replace(joint=(*step.joint, int(action)), opened=opened)

    def _drawn(self, step: _Step, stage: Chance, row: np.ndarray) -> list[str]:
        """Names of what nature draws: of states where the period ends, else numbers."""
        last = step.stage + 1 == len(self.game.structure.stages)
        states = self.game.structure.states
        names = [
            states.label(int(stage.successor[step.node, o])) if last else str(place)
            for place, o in enumerate(row, 1)
        ]
        if len(set(names)) < len(names):
            return [f"{name} ({place})" for place, name in enumerate(names, 1)]
        return names


def _moves_at(stage: Block, member: int, node: int) -> bool:
    return bool(((stage.action[member][node] >= 0) & stage.available[member][node]).any())


def _label(labels: dict[str, int], move: str, step: _Step, key: object = None) -> str:
    """Move and period, with a number where there are several; the same for one set."""
    known = f"{move} {key}"
    if key is not None and known in labels:
        return ""
    name = f"{move}, period {step.period + 1}"
    labels[name] = labels.get(name, 0) + 1
    if key is not None:
        labels[known] = 1
    return f"{name}, history {labels[name]}"


@cache
def _short(value: float) -> Fraction:
    """A double as it prints."""
    return Fraction(repr(value))


def _exact(chances: np.ndarray) -> list[Fraction]:
    """Probabilities as they print, the one that rounding spoiled most put right."""
    found = [_short(chance) for chance in chances.tolist()]
    missing = 1 - sum(found, Fraction(0))
    if missing:
        at = min(range(len(found)), key=lambda i: _rank(found[i] + missing))
        found[at] += missing
    return found


def _rank(chance: Fraction) -> tuple[bool, int]:
    return chance < 0, chance.denominator
