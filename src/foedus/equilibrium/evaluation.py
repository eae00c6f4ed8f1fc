"""What a given profile is worth and what each player could gain: plain NumPy, one period.

Nothing here is shared with a solver. Arrays are (players, nodes, actions).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sparse
from jaxtyping import Float

from foedus.game.game import Structure, Tables
from foedus.game.stages import Block, Chance, Turn

EULER_GAMMA = float(np.euler_gamma)


@dataclass(frozen=True, eq=False, kw_only=True)
class Decision:
    """One mover's choice at the nodes of a stage.

    Axes of `own`, `strategy` and `possible`: nodes, then what the mover sees, then
    its own actions. `own` is its action value; `mover` is -1 where nobody moves.
    """

    stage: int
    member: int
    mover: np.ndarray  # (nodes,)
    own: np.ndarray
    strategy: np.ndarray
    possible: np.ndarray


@dataclass(frozen=True, eq=False, kw_only=True)
class Shocks:
    """The value of private payoff shocks, per player precision; None of it when `expected`."""

    precision: np.ndarray | None

    def bonus(self, mover: np.ndarray, strategy: np.ndarray) -> np.ndarray:
        """(entropy + γ)/λ of the mover at each row of `strategy`; 0 where nobody moves."""
        rows = strategy.shape[:-1]
        if self.precision is None:
            return np.zeros(rows)
        logs = np.log(np.where(strategy > 0, strategy, 1.0))
        moving = np.broadcast_to(mover.reshape(-1, *(1,) * (len(rows) - 1)), rows)
        worth = (EULER_GAMMA - (strategy * logs).sum(axis=-1)) / self.precision[moving]
        return np.where(moving >= 0, worth, 0.0)


def evaluate_period(
    structure: Structure,
    tables: Tables,
    strategies: Sequence[Any],
    following: Float[np.ndarray, "players states"],
    shocks: Shocks,
) -> tuple[Float[np.ndarray, "players states"], list[Decision]]:
    """Values at the start of a period played by these strategies, and every decision in it."""
    values = np.asarray(tables.discount, float)[:, None] * following
    decisions: list[Decision] = []
    for position in reversed(range(len(structure.stages))):
        stage = structure.stages[position]
        payoff = tables.payoff[position]
        if isinstance(stage, Chance) and payoff is None:
            values = _expected(stage, tables.probability[position], values)
            continue
        action_values = np.take(values, stage.successor, axis=1)
        if payoff is not None:
            # What padding pays means nothing and may not be a number.
            action_values += _where(stage.occupied, np.asarray(payoff, float))
        strategy = strategies[position]
        if isinstance(stage, Chance):
            chances = _where(stage.possible, np.asarray(tables.probability[position], float))
            values = np.einsum("na,pna->pn", chances, action_values)
        elif isinstance(stage, Turn):
            values, decision = _turn(stage, action_values, strategy, shocks, position)
            decisions.append(decision)
        else:
            values, found = _block(stage, action_values, strategy, shocks, position)
            decisions.extend(found)
    live = structure.states.n_live
    now = np.array(tables.flow, float)
    now[:, :live] += values
    return now, decisions


def _expected(stage: Chance, probability: Any, values: np.ndarray) -> np.ndarray:
    """Expectations of values over a draw that pays nobody."""
    if stage.complete and stage.shape[1] == values.shape[1]:
        return np.asarray(values @ np.asarray(probability, float).T)
    chances = _where(stage.possible, np.asarray(probability, float))
    nodes, outcomes = stage.shape
    first = np.arange(0, nodes * outcomes + 1, outcomes)
    content = (chances.ravel(), stage.successor.ravel(), first)
    drawn = sparse.csr_array(content, shape=(nodes, values.shape[1]))
    return np.ascontiguousarray((drawn @ values.T).T)


def _where(possible: np.ndarray, values: np.ndarray) -> np.ndarray:
    return values if possible.all() else np.where(possible, values, 0.0)


def _turn(
    stage: Turn, action_values: np.ndarray, strategy: np.ndarray, shocks: Shocks, position: int
) -> tuple[np.ndarray, Decision]:
    values = np.einsum("na,pna->pn", strategy, action_values)
    nodes = np.arange(len(stage.mover))
    if shocks.precision is not None:
        moving = stage.mover >= 0
        bonus = shocks.bonus(stage.mover, strategy)
        values[stage.mover[moving], nodes[moving]] += bonus[moving]
    first = stage.mover[0] if len(stage.mover) else -1
    own = (
        action_values[first] if (stage.mover == first).all() else action_values[stage.mover, nodes]
    )
    return values, Decision(
        stage=position,
        member=0,
        mover=stage.mover,
        own=own,
        strategy=strategy,
        possible=stage.available,
    )


def _block(
    stage: Block, action_values: np.ndarray, strategy: Sequence[np.ndarray], shocks: Shocks, at: int
) -> tuple[np.ndarray, list[Decision]]:
    """Expectations over joint play, and each member's action values given what it sees."""
    members = range(len(stage.movers))
    rank = action_values.ndim - 2
    available = [_along(stage.available[j], j, rank) for j in members]
    joint_possible = np.ones(stage.shape, bool)
    for mask in available:
        joint_possible = joint_possible & mask
    payoffs = np.where(joint_possible, action_values, 0.0)
    movers = [_movers(stage, j) for j in members]
    bonus = []
    for j in members:
        last = np.moveaxis(strategy[j], j + 1, -1)
        bonus.append(np.expand_dims(shocks.bonus(movers[j], last), j + 1))
        payoffs[stage.movers[j]] += np.where(joint_possible, bonus[j], 0.0)
    joint = np.ones(stage.shape)
    for sigma in strategy:
        joint = joint * sigma
    values = (joint * payoffs).reshape(*payoffs.shape[:2], -1).sum(axis=-1)
    decisions = []
    for j in members:
        others = np.ones(stage.shape)
        for i in members:
            if i != j and not _cancels(stage, j, i):
                others = others * strategy[i]
        unseen = tuple(i + 1 for i in members if i != j and not stage.sees[j][i])
        possible = np.ones((stage.shape[0],) + (1,) * rank, bool)
        for i in (*(i for i in members if stage.sees[j][i]), j):
            possible = possible & available[i]
        worth = payoffs[stage.movers[j]] - np.where(joint_possible, bonus[j], 0.0)
        others = np.where(joint_possible, others, 0.0)
        weight = others.sum(axis=unseen, keepdims=True)
        # What j sees may be out of reach, and then any belief will do: take all as likely.
        others = np.where(weight > 0, others, joint_possible)
        weight = others.sum(axis=unseen, keepdims=True)
        own = (others * worth).sum(axis=unseen, keepdims=True) / np.where(weight > 0, weight, 1.0)
        decisions.append(
            Decision(
                stage=at,
                member=j,
                mover=movers[j],
                own=np.moveaxis(own, j + 1, -1),
                strategy=np.moveaxis(strategy[j], j + 1, -1),
                possible=np.moveaxis(possible, j + 1, -1),
            )
        )
    return values, decisions


def _along(mask: np.ndarray, axis: int, rank: int) -> np.ndarray:
    shape = [mask.shape[0]] + [1] * rank
    shape[axis + 1] = mask.shape[1]
    return mask.reshape(shape)


def _movers(stage: Block, member: int) -> np.ndarray:
    moves = ((stage.action[member] >= 0) & stage.available[member]).any(axis=1)
    return np.where(moves, stage.movers[member], -1)


def _cancels(stage: Block, member: int, other: int) -> bool:
    """Whether `other`'s strategy is the same wherever `member` cannot tell nodes apart."""
    seen = set(_seen(stage, member))
    return other in seen and set(_seen(stage, other)) <= seen


def _seen(stage: Block, member: int) -> Iterator[int]:
    return (i for i in range(member) if stage.sees[member][i])
