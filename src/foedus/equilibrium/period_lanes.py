"""One period for many draws side by side: from the next period's values to this one's.

Every array has the draws last. Values have a row of numbers for each node, all accounts
together, since play that leads to a node needs them together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int32

from foedus.equilibrium.block import block_values
from foedus.equilibrium.wiring import BlockWiring, wire
from foedus.game.game import Structure
from foedus.game.pooled import ZERO, PooledTables
from foedus.game.stages import Block, Turn
from foedus.numerics.decay import decay
from foedus.numerics.lanes import alone, rows, total
from foedus.numerics.response import EULER_GAMMA

Values = Float[Array, "nodes accounts draws"]
"""What nodes are worth to each account; the players come first."""

TIE = 1e-12  # best replies differ by less than this, relative to their size


@jax.tree_util.register_dataclass
@dataclass(frozen=True, eq=False, kw_only=True)
class TurnLanes:
    """`mover` is the player who moves where anybody does; None where `movers` differ."""

    mover: int | None = field(metadata={"static": True})
    movers: Any  # (nodes,), -1 where nobody moves
    available: Any  # (actions, nodes)
    successor: Any  # (actions, nodes)


@jax.tree_util.register_dataclass
@dataclass(frozen=True, eq=False, kw_only=True)
class ChanceLanes:
    successor: Any  # (outcomes, nodes)


@jax.tree_util.register_dataclass
@dataclass(frozen=True, eq=False, kw_only=True)
class BlockLanes:
    block: BlockWiring
    successor: Any  # (*actions, nodes)


StageLanes = TurnLanes | ChanceLanes | BlockLanes


def lay_out(structure: Structure) -> tuple[StageLanes, ...]:
    """The stages of a structure with nodes last."""
    wiring = wire(structure)
    stages: list[StageLanes] = []
    for stage, wired in zip(structure.stages, wiring.stages, strict=True):
        successor = np.ascontiguousarray(np.moveaxis(stage.successor, 0, -1))
        if isinstance(stage, Turn):
            who = np.unique(stage.mover[stage.mover >= 0])
            stages.append(
                TurnLanes(
                    mover=int(who[0]) if len(who) == 1 else 0 if not len(who) else None,
                    movers=stage.mover,
                    available=np.ascontiguousarray(stage.available.T),
                    successor=successor,
                )
            )
        elif isinstance(stage, Block):
            assert isinstance(wired, BlockWiring)
            stages.append(BlockLanes(block=wired, successor=successor))
        else:
            stages.append(ChanceLanes(successor=successor))
    return tuple(stages)


@dataclass(frozen=True, eq=False)
class Period:
    """The stages of one period, last first.

    Every step is compiled alone (see `numerics.lanes.alone`): what it makes is read by many
    nodes of the next, and is put down once.
    """

    stages: tuple[StageLanes, ...]
    tables: PooledTables
    pool: Array
    precision: Array
    apart: Any
    shock: bool = field(kw_only=True)
    hard: bool = field(kw_only=True)

    def __call__(self, values: Values) -> tuple[Values, tuple[Any, ...], Bool[Array, "draws"]]:
        """Values before the period, the odds of every choice (see `strategies`), and which
        draws were solved."""
        odds: list[Any] = []
        solved = jnp.ones(self.pool.shape[1], bool)
        for k in reversed(range(len(self.stages))):
            stage, paid = self.stages[k], self.tables.payoff[k]
            own: Any = None
            if isinstance(stage, ChanceLanes):
                chances = self.tables.probability[k]
                values = alone(self.apart, self._chance, stage, paid, chances, values)
            elif isinstance(stage, TurnLanes):
                worth = alone(self.apart, self._worth, stage, paid, values)
                own = alone(self.apart, _best_replies if self.hard else _odds, worth)
                values = alone(self.apart, self._played, stage, paid, values, worth, own)
            else:
                values, own, reached = alone(self.apart, self._block, stage, paid, values)
                solved = solved & reached
            odds.append(own)
        return values, tuple(reversed(odds)), solved

    def strategies(self, odds: Any) -> tuple[Any, ...]:
        """How likely each choice is, (*actions, nodes, draws): odds as shares of their sum.

        Members of a block have strategies already; there is None where nature draws.
        """
        return tuple(
            own if own is None or isinstance(own, tuple) else alone(self.apart, shares, own)
            for own in odds
        )

    def _chance(self, stage: ChanceLanes, paid: Any, chances: Any, values: Values) -> Values:
        weights = [rows(self.pool, chances[edge]) for edge in range(len(chances))]
        worth = total(
            weight[:, None] * rows(values, stage.successor[edge])
            for edge, weight in enumerate(weights)
        )
        return self._with_payoffs(worth, paid, weights)

    def _worth(
        self, stage: TurnLanes, paid: Any, values: Values
    ) -> Float[Array, "actions nodes draws"]:
        """What actions are worth to whoever moves, times the mover's precision; minus infinity
        where there is none."""
        mover: Any = jnp.maximum(stage.movers, 0) if stage.mover is None else stage.mover
        worth = values.at[stage.successor, mover].get(
            mode="promise_in_bounds", wrap_negative_indices=False
        )
        own = self._own_payoffs(stage, paid)
        if own is not None:
            worth = worth + rows(self.pool, own)
        sharp = self.precision[mover]
        return jnp.where(jnp.asarray(stage.available)[..., None], sharp * worth, -jnp.inf)

    def _own_payoffs(self, stage: TurnLanes, paid: Any) -> Int32[Array, "actions nodes"] | None:
        """Where the payoffs of whoever moves stand in the pool."""
        if stage.mover is not None:
            mine: Array | None = paid.get(stage.mover)
            return mine
        found = jnp.full(stage.successor.shape, ZERO, jnp.int32)
        for player in range(len(self.precision)):
            if player in paid:
                found = jnp.where(stage.movers == player, paid[player], found)
        return found

    def _played(self, stage: TurnLanes, paid: Any, values: Values, worth: Any, odds: Any) -> Values:
        share = 1.0 / total(odds)
        found = share[:, None] * total(
            own[:, None] * rows(values, stage.successor[edge]) for edge, own in enumerate(odds)
        )
        found = self._with_payoffs(found, paid, [share * own for own in odds])
        return self._with_shocks(stage, found, worth, share) if self.shock else found

    def _with_payoffs(self, values: Values, paid: Any, weights: Sequence[Array]) -> Values:
        """The values, with what the edges of a stage are expected to pay."""
        for account, edges in paid.items():
            due = total(w * rows(self.pool, own) for w, own in zip(weights, edges, strict=True))
            values = values.at[:, account].add(due)
        return values

    def _with_shocks(self, stage: TurnLanes, values: Values, worth: Any, share: Array) -> Values:
        r"""The values, the mover's own being $(\log \sum_a e^{\lambda Q_a} + \gamma)/\lambda$."""
        for player in range(len(self.precision)):
            if stage.mover in (None, player):
                inclusive = _largest(worth) - jnp.log(share) + EULER_GAMMA
                own = (stage.movers == player)[:, None]
                mine = jnp.where(own, inclusive / self.precision[player], values[:, player])
                values = values.at[:, player].set(mine)
        return values

    def _block(self, stage: BlockLanes, paid: Any, values: Values) -> tuple[Any, ...]:
        """Moves that do not see each other, draw by draw as in `block_values`."""
        worth = rows(values, stage.successor)
        for account, edges in paid.items():
            worth = worth.at[..., account, :].add(rows(self.pool, edges))
        by_draw = jnp.moveaxis(worth, (-1, -2, -3), (0, 1, 2))
        # Accounts that nobody moves for leave the path to the fixed point alone.
        idle = jnp.zeros((worth.shape[-2] - len(self.precision), worth.shape[-1]))
        sharp = jnp.concatenate([self.precision, idle])

        def one(worth: Array, sharp: Array) -> Any:
            return block_values(
                stage.block, worth, sharp, shock=self.shock, guess=None, solved=False
            )

        found, strategy, solution = jax.vmap(one)(by_draw, sharp.T)
        solved = jnp.all(solution.converged, axis=1)
        members = tuple(jnp.moveaxis(member, (0, 1), (-1, -2)) for member in strategy)
        return jnp.moveaxis(found, (0, 1, 2), (2, 1, 0)), members, solved


def shares(
    odds: Float[Array, "actions nodes draws"],
) -> Float[Array, "actions nodes draws"]:
    """Odds as shares of their sum over actions."""
    return odds * (1.0 / total(odds))


def _odds(worth: Float[Array, "actions nodes draws"]) -> Float[Array, "actions nodes draws"]:
    """How likely each action is, relative to the best one."""
    return decay(worth - jax.lax.stop_gradient(_largest(worth)))


def _best_replies(
    worth: Float[Array, "actions nodes draws"],
) -> Float[Array, "actions nodes draws"]:
    """1 for each of the best actions."""
    best = _largest(worth)
    margin = TIE * jnp.maximum(1.0, jnp.abs(best))
    return jnp.where(worth >= best - margin, 1.0, 0.0)


def _largest(worth: Float[Array, "actions nodes draws"]) -> Float[Array, "nodes draws"]:
    # Pairwise: a reduction over an axis that is not the last one is slow.
    best: Array = reduce(jnp.maximum, list(worth))
    return best
