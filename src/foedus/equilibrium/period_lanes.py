"""One period for many draws side by side: from the next period's values to this one's.

Every array has the draws last, and stages have their nodes last but for that.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from foedus.equilibrium.block import block_values
from foedus.equilibrium.wiring import BlockWiring, wire
from foedus.game.game import Structure
from foedus.game.pooled import PooledTables
from foedus.game.stages import Block, Turn
from foedus.numerics.decay import decay
from foedus.numerics.lanes import alone, rows, total
from foedus.numerics.response import EULER_GAMMA

Values = tuple[Float[Array, "nodes draws"], ...]
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
    """The stages of one period, last first."""

    stages: tuple[StageLanes, ...]
    tables: PooledTables
    pool: Array
    precision: Array
    apart: Any
    shock: bool = field(kw_only=True)
    hard: bool = field(kw_only=True)

    def __call__(self, values: Values) -> tuple[Values, tuple[Any, ...], Bool[Array, "draws"]]:
        """Values before the period, the strategies, and which draws were solved."""
        strategies: list[Any] = []
        solved = jnp.ones(self.pool.shape[1], bool)
        for k in reversed(range(len(self.stages))):
            stage, paid = self.stages[k], self.tables.payoff[k]
            strategy: Any = None
            if isinstance(stage, ChanceLanes):
                chances = self.tables.probability[k]
                values = alone(self.apart, self._chance, stage, paid, chances, values)
            elif isinstance(stage, TurnLanes):
                strategy, bonus = alone(self.apart, self._choice, stage, paid, values)
                values = alone(self.apart, self._played, stage, paid, values, strategy, bonus)
            else:
                values, strategy, reached = alone(self.apart, self._block, stage, paid, values)
                solved = solved & reached
            strategies.append(strategy)
        return values, tuple(reversed(strategies)), solved

    def _reached(self, stage: Any, paid: Any, values: Values, account: int, edge: Any) -> Array:
        """What an edge is worth to an account."""
        worth = rows(values[account], stage.successor[edge])
        return worth + rows(self.pool, paid[account][edge]) if account in paid else worth

    def _chance(self, stage: ChanceLanes, paid: Any, chances: Any, values: Values) -> Values:
        weights = [rows(self.pool, chances[edge]) for edge in range(len(chances))]
        return tuple(
            total(
                weight * self._reached(stage, paid, values, account, edge)
                for edge, weight in enumerate(weights)
            )
            for account in range(len(values))
        )

    def _choice(self, stage: TurnLanes, paid: Any, values: Values) -> tuple[Array, Array]:
        """The mover's strategy, and what its payoff shocks add to its own value."""
        own = []
        for edge in range(len(stage.successor)):
            if stage.mover is None:
                worth = total(
                    jnp.where(
                        (stage.movers == i)[:, None],
                        self._reached(stage, paid, values, i, edge),
                        0.0,
                    )
                    for i in range(len(self.precision))
                )
            else:
                worth = self._reached(stage, paid, values, stage.mover, edge)
            own.append(worth)
        if stage.mover is None:
            sharp = rows(self.precision, jnp.maximum(stage.movers, 0))
        else:
            sharp = self.precision[stage.mover]
        possible = [available[:, None] for available in stage.available]
        if self.hard:
            return _best_reply(own, possible), jnp.zeros_like(own[0])
        scaled = [
            jnp.where(may, sharp * worth, -jnp.inf)
            for worth, may in zip(own, possible, strict=True)
        ]
        top = jax.lax.stop_gradient(_largest(scaled))
        weights = [decay(x - top) for x, may in zip(scaled, possible, strict=True)]
        whole = total(weights)
        share = 1.0 / whole
        strategy = jnp.stack([weight * share for weight in weights])
        if not self.shock:
            return strategy, jnp.zeros(())
        worth = total(
            jnp.where(may, s * q, 0.0) for s, q, may in zip(strategy, own, possible, strict=True)
        )
        bonus = (top + jnp.log(whole) + EULER_GAMMA) / sharp - worth
        return strategy, jnp.where((stage.movers >= 0)[:, None], bonus, 0.0)

    def _played(
        self, stage: TurnLanes, paid: Any, values: Values, strategy: Array, bonus: Array
    ) -> Values:
        found = []
        for account in range(len(values)):
            worth = total(
                strategy[edge] * self._reached(stage, paid, values, account, edge)
                for edge in range(len(strategy))
            )
            if self.shock and account < len(self.precision) and stage.mover in (None, account):
                own = bonus
                if stage.mover is None:
                    own = jnp.where((stage.movers == account)[:, None], bonus, 0.0)
                worth = worth + own
            found.append(worth)
        return tuple(found)

    def _block(self, stage: BlockLanes, paid: Any, values: Values) -> tuple[Any, ...]:
        """Moves that do not see each other, draw by draw as in `block_values`."""
        worth = jnp.stack([rows(v, stage.successor) for v in values])
        paying = jnp.stack(
            [
                rows(self.pool, paid[i]) if i in paid else jnp.zeros(worth.shape[1:])
                for i in range(len(values))
            ]
        )
        by_draw = jnp.moveaxis(worth + paying, (-1, -2), (0, 2))
        # Accounts that nobody moves for leave the path to the fixed point alone.
        idle = jnp.zeros((len(values) - len(self.precision), self.pool.shape[1]))
        sharp = jnp.concatenate([self.precision, idle])

        def one(worth: Array, sharp: Array) -> Any:
            return block_values(
                stage.block, worth, sharp, shock=self.shock, guess=None, solved=False
            )

        found, strategy, solution = jax.vmap(one)(by_draw, sharp.T)
        solved = jnp.all(solution.converged, axis=1)
        members = tuple(jnp.moveaxis(member, (0, 1), (-1, -2)) for member in strategy)
        return tuple(jnp.moveaxis(found, 0, -1)), members, solved


def _largest(parts: list[Array]) -> Array:
    top = parts[0]
    for part in parts[1:]:
        top = jnp.maximum(top, part)
    return top


def _best_reply(own: list[Array], possible: list[Array]) -> Float[Array, "actions nodes draws"]:
    """Equal shares of the best actions."""
    best = _largest([jnp.where(may, q, -jnp.inf) for q, may in zip(own, possible, strict=True)])
    margin = TIE * jnp.maximum(1.0, jnp.abs(best))
    taken = jnp.stack(
        [
            jnp.where(may & (q >= best - margin), 1.0, 0.0)
            for q, may in zip(own, possible, strict=True)
        ]
    )
    return taken / taken.sum(axis=0)
