"""Chance: nature's moves within the period, and the next level of each factor."""

from __future__ import annotations

import numpy as np

from foedus.compiler.arithmetic import Columns, Lookup, Reader
from foedus.compiler.expansion import ENDED, Expansion, grow, record
from foedus.compiler.schedule import ChanceStep, DrawStep, next_name
from foedus.compiler.terms import PoolBuilder, make_term, select
from foedus.game.stages import Chance
from foedus.scenario.formulas import ONE, Formula, Operation
from foedus.scenario.model import Rule


def expand_chance(step: ChanceStep, lookup: Lookup, columns: Columns) -> Expansion:
    """What follows each situation when nature draws one of a move's outcomes."""
    move = step.move
    draw = _Draw(lookup, columns, width=len(move.outcomes))
    applies = draw.reader.holds(move.when)
    here = np.flatnonzero(applies)
    for column, (_, probability) in enumerate(move.outcomes):
        draw.put(here, column, probability)
    draw.put(np.flatnonzero(~applies), 0, ONE)
    grown, parents, slots = grow(columns, draw.occupied)
    codes = np.array([code for code, _ in move.outcomes], dtype=np.int16)
    record(grown, move.variable, np.where(applies[parents], codes[slots % len(codes)], -1))
    return draw.expansion(move.variable, grown, parents, slots)


def expand_draw(step: DrawStep, lookup: Lookup, columns: Columns) -> Expansion:
    """What follows each situation when a factor goes to its next level.

    Column 0 keeps the level; column o + 1 is outcome o of the rule that applies,
    where that leads elsewhere.
    """
    factor = step.factor
    width = 1 + max(len(rule.outcomes) for rule in step.transition.rules)
    draw = _Draw(lookup, columns, width=width)
    level = np.repeat(columns[factor.name][:, None], width, axis=1).astype(np.int16)
    level[columns[ENDED]] = -1
    open_rows = ~columns[ENDED]
    for rule in step.transition.rules:
        matched = np.flatnonzero(open_rows & draw.reader.holds(rule.when))
        open_rows[matched] = False
        _apply(rule, step, draw, matched, level)
    draw.put(np.flatnonzero(~draw.occupied.any(axis=1)), 0, ONE)
    grown, parents, slots = grow(columns, draw.occupied)
    drawn = level.reshape(-1)[slots]
    grown[next_name(factor.name)] = drawn
    if step.n_endings:
        grown[ENDED] = grown[ENDED] | (drawn >= len(factor.levels) - step.n_endings)
    return draw.expansion(factor.name, grown, parents, slots)


class _Draw:
    """A draw in the making: which outcomes are possible where, and with what probability."""

    def __init__(self, lookup: Lookup, columns: Columns, *, width: int) -> None:
        rows = len(next(iter(columns.values())))
        self.lookup, self.columns = lookup, columns
        self.reader = Reader(lookup, columns, rows)
        self.occupied = np.zeros((rows, width), dtype=bool)
        self._pool = PoolBuilder(rows, width)

    def put(self, rows: np.ndarray, column: int, probability: Formula) -> None:
        """Says with what probability these rows take the outcome of a column."""
        if len(rows):
            within = select(self.columns, rows)
            may = Reader(self.lookup, within, len(rows)).possible(probability)
            self.occupied[rows, column] = may
            self._pool.put(rows, column, make_term(probability, self.lookup, within, len(rows)))

    def expansion(
        self, name: str, columns: dict[str, np.ndarray], parents: np.ndarray, slots: np.ndarray
    ) -> Expansion:
        """The finished draw."""
        successor = np.zeros(self.occupied.shape, dtype=np.int32)
        return Expansion(
            stage=Chance(name=name, successor=successor, possible=self.occupied),
            columns=columns,
            parents=parents,
            slots=slots,
            probability=self._pool.done(),
        )


def _apply(rule: Rule, step: DrawStep, draw: _Draw, matched: np.ndarray, level: np.ndarray) -> None:
    """Enters a rule's outcomes in the rows where it is the first that holds."""
    top = len(step.factor.levels) - step.n_endings - 1
    current = draw.columns[step.factor.name][matched]
    targets = [
        np.clip(current + outcome.shift, 0, top)
        if outcome.level is None
        else np.full(len(matched), outcome.level)
        for outcome in rule.outcomes
    ]
    leaves = np.stack([target != current for target in targets], axis=1)
    for o, (outcome, target) in enumerate(zip(rule.outcomes, targets, strict=True)):
        leaving = matched[leaves[:, o]]
        level[leaving, o + 1] = target[leaves[:, o]]
        draw.put(leaving, o + 1, outcome.probability)
    # What is left stays: one formula for each set of outcomes that lead elsewhere.
    for pattern in np.unique(leaves, axis=0):
        left: Formula = ONE
        for outcome, leaving in zip(rule.outcomes, pattern, strict=True):
            if leaving:
                left = Operation("subtract", (left, outcome.probability))
        draw.put(matched[(leaves == pattern).all(axis=1)], 0, left)
