"""One step of a period applied to a table of situations.

An expansion lists the situations after the step, each with its parent and its
slot in the stage's padded array (node x action, node x joint action, or
node x outcome).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from foedus.compiler.arithmetic import Columns, Lookup, Reader
from foedus.compiler.schedule import BlockStep, ChanceStep, DrawStep, Step, TurnStep, next_name
from foedus.compiler.terms import Pool, PoolBuilder, make_term, select
from foedus.errors import GameError
from foedus.game.stages import Block, Chance, Stage, Turn
from foedus.scenario.formulas import ONE, Formula, Operation
from foedus.scenario.model import Move, Rule, Rules, Variable

# Marks situations whose play has ended; a column beside those of the variables.
ENDED = "(ended)"


@dataclass(frozen=True, eq=False, kw_only=True)
class Expansion:
    """`slots[r]` is row r's place in the flattened stage; `parents[r]` the node it comes from.

    The stage's successors are not known yet and stand as zeros.
    """

    stage: Stage
    columns: Mapping[str, np.ndarray]
    parents: np.ndarray
    slots: np.ndarray
    probability: Pool | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        return self.stage.shape


def expand(step: Step, rules: Rules, lookup: Lookup, columns: Columns) -> Expansion:
    """What follows each situation at this step."""
    match step:
        case TurnStep():
            return _expand_turn(step, rules, lookup, columns)
        case BlockStep():
            return _expand_block(step, rules, lookup, columns)
        case ChanceStep():
            return _expand_chance(step, rules, lookup, columns)
        case DrawStep():
            return _expand_draw(step, lookup, columns)


def _grow(
    columns: Columns, occupied: np.ndarray
) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]:
    """(columns, parents, slots) of the rows that stand in the occupied slots."""
    slots = np.flatnonzero(occupied)
    parents = slots // max(int(np.prod(occupied.shape[1:])), 1)
    return select(columns, parents), parents, slots


def _variable(rules: Rules, name: str) -> Variable:
    return next(v for v in rules.moves if v.name == name)


def _choices(move: Move, reader: Reader) -> np.ndarray:
    """Which of the move's actions each situation offers; all false where it does not apply."""
    applies = reader.holds(move.when)
    available = np.stack([applies & reader.holds(a.when) for a in move.actions], axis=1)
    stuck = applies & ~available.any(axis=1)
    if stuck.any():
        raise GameError(
            f"{move.player} has to make the move `{move.variable}` in {int(stuck.sum())} "
            "situations in which none of its actions is available; "
            "give one of them no condition of its own"
        )
    return available


def _expand_turn(step: TurnStep, rules: Rules, lookup: Lookup, columns: Columns) -> Expansion:
    rows = len(next(iter(columns.values())))
    reader = Reader(lookup, columns, rows)
    players = [player.name for player in rules.players]
    width = max(len(entry.actions) for entry in step.entries)
    mover = np.full(rows, -1, dtype=np.int32)
    action = np.full((rows, width), -1, dtype=np.int32)
    available = np.zeros((rows, width), dtype=bool)
    for entry in step.entries:
        offered = _choices(entry, reader)
        here = offered.any(axis=1)
        if (mover[here] >= 0).any():
            raise GameError(
                f"two entries of the move `{step.variable}` apply in the same situation; "
                "make their `when` conditions exclude each other"
            )
        mover[here] = players.index(entry.player)
        # Available actions come first, so that rare long lists cost no width elsewhere.
        order = np.argsort(~offered, axis=1, kind="stable")
        codes = np.array([a.code for a in entry.actions], dtype=np.int32)[order]
        offered = np.take_along_axis(offered, order, axis=1)
        size = offered.shape[1]
        action[here, :size] = np.where(offered, codes, -1)[here]
        available[here, :size] = offered[here]
    available[mover < 0, 0] = True
    used = max(int(available.sum(axis=1).max(initial=1)), 1)
    action, available = action[:, :used], available[:, :used]
    grown, parents, slots = _grow(columns, available)
    chosen = action.reshape(-1)[slots]
    before = grown.get(step.variable)
    idle = mover[parents] < 0
    # An earlier entry of the same move may have been made already.
    grown[step.variable] = (chosen if before is None else np.where(idle, before, chosen)).astype(
        np.int16
    )
    stage = Turn(
        name=step.variable,
        mover=mover,
        action=action,
        action_names=_variable(rules, step.variable).levels,
        available=available,
        successor=np.zeros(available.shape, dtype=np.int32),
    )
    return Expansion(stage=stage, columns=grown, parents=parents, slots=slots)


def _expand_block(step: BlockStep, rules: Rules, lookup: Lookup, columns: Columns) -> Expansion:
    rows = len(next(iter(columns.values())))
    reader = Reader(lookup, columns, rows)
    players = [player.name for player in rules.players]
    offered, actions = [], []
    for move in step.block.moves:
        own = _choices(move, reader)
        codes = np.where(own, np.array([a.code for a in move.actions], dtype=np.int32), -1)
        own[~own.any(axis=1), 0] = True
        offered.append(own)
        actions.append(codes.astype(np.int32))
    shape = (rows, *(own.shape[1] for own in offered))
    stage = Block(
        names=tuple(move.variable for move in step.block.moves),
        movers=tuple(players.index(move.player) for move in step.block.moves),
        sees=step.block.sees,
        action=tuple(actions),
        action_names=tuple(_variable(rules, m.variable).levels for m in step.block.moves),
        available=tuple(offered),
        successor=np.zeros(shape, dtype=np.int32),
    )
    grown, parents, slots = _grow(columns, stage.occupied)
    places = np.unravel_index(slots, shape)
    for j, move in enumerate(step.block.moves):
        chosen = actions[j][parents, places[j + 1]]
        before = grown.get(move.variable)
        grown[move.variable] = (
            chosen if before is None else np.where(chosen < 0, before, chosen)
        ).astype(np.int16)
    return Expansion(stage=stage, columns=grown, parents=parents, slots=slots)


def _expand_chance(step: ChanceStep, rules: Rules, lookup: Lookup, columns: Columns) -> Expansion:
    rows = len(next(iter(columns.values())))
    move = step.move
    reader = Reader(lookup, columns, rows)
    applies = reader.holds(move.when)
    pool = PoolBuilder(rows, len(move.outcomes))
    occupied = np.zeros((rows, len(move.outcomes)), dtype=bool)
    here = np.flatnonzero(applies)
    within = select(columns, here)
    for column, (_, probability) in enumerate(move.outcomes):
        occupied[here, column] = reader.possible(probability)[here]
        pool.put(here, column, make_term(probability, lookup, within, len(here)))
    idle = np.flatnonzero(~applies)
    occupied[idle, 0] = True
    pool.put(idle, 0, make_term(ONE, lookup, {}, len(idle)))
    grown, parents, slots = _grow(columns, occupied)
    codes = np.array([code for code, _ in move.outcomes], dtype=np.int16)
    drawn = np.where(applies[parents], codes[slots % len(move.outcomes)], -1)
    before = grown.get(move.variable)
    grown[move.variable] = (
        drawn if before is None else np.where(applies[parents], drawn, before)
    ).astype(np.int16)
    return _chance(move.variable, occupied, pool, grown, parents, slots)


def _expand_draw(step: DrawStep, lookup: Lookup, columns: Columns) -> Expansion:
    rows = len(next(iter(columns.values())))
    factor = step.factor
    reader = Reader(lookup, columns, rows)
    current = columns[factor.name]
    width = 1 + max(len(rule.outcomes) for rule in step.transition.rules)
    pool = PoolBuilder(rows, width)
    occupied = np.zeros((rows, width), dtype=bool)
    level = np.repeat(current[:, None], width, axis=1).astype(np.int16)
    open_rows = np.ones(rows, dtype=bool)
    ended = columns[ENDED]
    open_rows &= ~ended
    level[ended] = -1
    for rule in step.transition.rules:
        matched = np.flatnonzero(open_rows & reader.holds(rule.when))
        open_rows[matched] = False
        _apply_rule(rule, step, lookup, columns, matched, pool, occupied, level)
    rest = np.flatnonzero(~occupied.any(axis=1))
    occupied[rest, 0] = True
    pool.put(rest, 0, make_term(ONE, lookup, {}, len(rest)))
    grown, parents, slots = _grow(columns, occupied)
    drawn = level.reshape(-1)[slots]
    grown[next_name(factor.name)] = drawn
    if step.n_endings:
        grown[ENDED] = grown[ENDED] | (drawn >= len(factor.levels) - step.n_endings)
    return _chance(factor.name, occupied, pool, grown, parents, slots)


def _apply_rule(
    rule: Rule,
    step: DrawStep,
    lookup: Lookup,
    columns: Columns,
    matched: np.ndarray,
    pool: PoolBuilder,
    occupied: np.ndarray,
    level: np.ndarray,
) -> None:
    """Column 0 keeps the level; column o + 1 is outcome o, where it leads elsewhere."""
    top = len(step.factor.levels) - step.n_endings - 1
    current = columns[step.factor.name][matched]
    targets = [
        np.clip(current + outcome.shift, 0, top)
        if outcome.level is None
        else np.full(len(matched), outcome.level)
        for outcome in rule.outcomes
    ]
    moves = np.stack([target != current for target in targets], axis=1)
    for column, (outcome, target) in enumerate(zip(rule.outcomes, targets, strict=True), start=1):
        leaving = matched[moves[:, column - 1]]
        if not len(leaving):
            continue
        within = select(columns, leaving)
        occupied[leaving, column] = Reader(lookup, within, len(leaving)).possible(
            outcome.probability
        )
        level[leaving, column] = target[moves[:, column - 1]]
        pool.put(leaving, column, make_term(outcome.probability, lookup, within, len(leaving)))
    # What is left stays: one formula for each set of outcomes that lead elsewhere.
    for pattern in np.unique(moves, axis=0):
        staying = matched[(moves == pattern).all(axis=1)]
        left: Formula = ONE
        for outcome, leaves in zip(rule.outcomes, pattern, strict=True):
            if leaves:
                left = Operation("subtract", (left, outcome.probability))
        within = select(columns, staying)
        occupied[staying, 0] = Reader(lookup, within, len(staying)).possible(left)
        pool.put(staying, 0, make_term(left, lookup, within, len(staying)))


def _chance(
    name: str,
    occupied: np.ndarray,
    pool: PoolBuilder,
    columns: dict[str, np.ndarray],
    parents: np.ndarray,
    slots: np.ndarray,
) -> Expansion:
    stage = Chance(name=name, successor=np.zeros(occupied.shape, dtype=np.int32), possible=occupied)
    return Expansion(
        stage=stage, columns=columns, parents=parents, slots=slots, probability=pool.done()
    )
