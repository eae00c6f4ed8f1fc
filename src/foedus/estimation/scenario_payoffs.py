r"""A scenario's payoffs as functions of its free parameters and of weights on its payoff parts.

For one observation with parameter values $\theta = (x'\beta_1, \dots)$ the endings are worth
$u_i(t) = \sum_{\text{parts}} w_{i,\text{part}}\, \pi_{i,\text{part}}(t; \theta) + v_i(t)$, where
a weight or an addition is 1 or 0 unless a formula states it. Where the tables are affine in the
free parameters, which is checked, their slopes are computed once; elsewhere JAX differentiates
the scenario's own formulas.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from foedus.estimation.jets import Jet, Number
from foedus.estimation.payoffs import Utilities
from foedus.estimation.tree import Tree
from foedus.estimation.unfolding import Unfolded
from foedus.game.game import Game

Part = tuple[str, str]
CLOSE = 1e-9  # by how much a table may miss a plane and still count as affine, relative


@dataclass(frozen=True, eq=False, kw_only=True)
class ScenarioPayoffs:
    """The payoffs of a compiled scenario; see the module.

    - `free`: the parameters that have formulas; the form has the parameter's name.
    - `weighted`: payoff parts whose weight is a form, `{(player, part): form}`.
    - `added`: (player, terminal) with a form of their own.
    """

    game: Game
    unfolded: Unfolded
    free: tuple[str, ...] = ()
    weighted: Mapping[Part, str] = field(default_factory=dict)
    added: Mapping[tuple[int, int], str] = field(default_factory=dict)
    fixed: Mapping[tuple[int, int], float] = field(default_factory=dict)

    @property
    def tree(self) -> Tree:
        return self.unfolded.tree

    def at(self, forms: Mapping[str, Number]) -> tuple[Utilities, Sequence[Number]]:
        """Utilities by (player, terminal), and the probability of every draw."""
        numbers = self._numbers([forms[name] for name in self.free])
        players, count = len(self.tree.players), self.unfolded.earnings.count
        utilities: Utilities = {
            (player, t): numbers[player * count + t]
            for player in range(players)
            for t in range(count)
        }
        at = players * count
        for (name, _), form in self.weighted.items():
            player = self.tree.players.index(name)
            for t in range(count):
                if not _zero(numbers[at + t]):
                    utilities[player, t] = utilities[player, t] + forms[form] * numbers[at + t]
            at += count
        for place, value in self.fixed.items():
            utilities[place] = utilities[place] + value
        for place, form in self.added.items():
            utilities[place] = forms[form] + utilities[place]
        return utilities, numbers[at:]

    def _numbers(self, values: Sequence[Number]) -> list[Number]:
        """Every number of `_table` at these parameter values, rows behind."""
        if not self.free:
            return [float(x) for x in self._base]
        if self._slopes is not None:
            return _affine(self._base, self._slopes, values)
        if isinstance(values[0], Jet):
            return _composed(self._derivatives, values)
        rows = np.stack([np.broadcast_to(v, np.shape(values[0])) for v in values])
        return list(np.asarray(self._table(dict(zip(self.free, rows, strict=True)))).T)

    def _table(self, free: Mapping[str, Any], xp: Any = np) -> Any:
        """(..., numbers): accruals by player and terminal, of weighted parts, and chances."""
        assert self.game.parametric is not None
        values = {**self.game.values, **free}
        tables = self.game.parametric.tables(values, xp)
        earnings, players = self.unfolded.earnings, range(len(self.tree.players))
        parts = self.game.origin.part_measures(values, xp) if self.weighted else {}
        lead = np.broadcast_shapes(*(np.shape(v) for v in free.values())) if free else ()
        pieces = []
        for player in players:
            flows = {-1: tables.flow[..., player, :], -2: tables.terminal[..., player, :]}
            for k, paid in enumerate(tables.payoff):
                if paid is not None:
                    own = paid[
                        (..., player, *[slice(None)] * len(self.game.structure.stages[k].shape))
                    ]
                    flows[k] = own.reshape(*own.shape[: len(lead)], -1)
            total = earnings.total(flows, tables.discount[..., player], xp)
            for name, part in self.weighted:
                if self.tree.players[player] == name:
                    total = total - self._accrued(parts[name, part], tables, player, lead, xp)
            pieces.append(xp.broadcast_to(total, (*lead, earnings.count)))
        for name, part in self.weighted:
            player = self.tree.players.index(name)
            accrued = self._accrued(parts[name, part], tables, player, lead, xp)
            pieces.append(xp.broadcast_to(accrued, (*lead, earnings.count)))
        chances = [
            tables.probability[k].reshape(*tables.probability[k].shape[:-2], -1)[..., place, None]
            for k, place in zip(self.unfolded.chance_stage, self.unfolded.chance_place, strict=True)
        ]
        pieces += [xp.broadcast_to(chance, (*lead, 1)) for chance in chances]
        return xp.concatenate(pieces, axis=-1)

    def _accrued(self, measure: Any, tables: Any, player: int, lead: Any, xp: Any) -> Any:
        flows = {-1: measure.flow}
        for k, paid in enumerate(measure.stages):
            if paid is not None:
                flat = int(np.prod(self.game.structure.stages[k].shape))
                flows[k] = paid.reshape(
                    *paid.shape[: paid.ndim - len(self.game.structure.stages[k].shape)], flat
                )
        return self.unfolded.earnings.total(flows, tables.discount[..., player], xp)

    @cached_property
    def _base(self) -> np.ndarray:
        return np.asarray(self._table({name: np.float64(0.0) for name in self.free}))

    @cached_property
    def _slopes(self) -> np.ndarray | None:
        """(free, numbers) where every number is affine in the free parameters, else None."""
        count = len(self.free)
        points = np.concatenate([np.eye(count), _PROBE.standard_normal((4, count))])
        with np.errstate(all="ignore"):
            found = np.asarray(self._table(dict(zip(self.free, points.T, strict=True))))
            slopes: np.ndarray = found[:count] - self._base
            plane = self._base + points @ slopes
        scale = 1.0 + np.abs(found).max(initial=0.0)
        return slopes if np.all(np.abs(plane - found) <= CLOSE * scale) else None

    @cached_property
    def _derivatives(self) -> Callable[[np.ndarray], tuple[np.ndarray, ...]]:
        import jax
        import jax.numpy as jnp

        jax.config.update("jax_enable_x64", True)

        def numbers(point: Any) -> Any:
            return self._table(dict(zip(self.free, point, strict=True)), jnp)

        one = (numbers, jax.jacfwd(numbers), jax.jacfwd(jax.jacfwd(numbers)))
        program = jax.jit(lambda points: tuple(jax.vmap(f)(points) for f in one))
        return lambda points: tuple(np.asarray(x) for x in program(points))


_PROBE = np.random.default_rng(0)


def _zero(number: Number) -> bool:
    return isinstance(number, float) and number == 0.0


def _affine(base: np.ndarray, slopes: np.ndarray, values: Sequence[Number]) -> list[Number]:
    answer: list[Number] = []
    for column, start in enumerate(base):
        number: Number = float(start)
        for slope, value in zip(slopes[:, column], values, strict=True):
            if slope != 0.0:
                number = (value if slope == 1.0 else value * float(slope)) + number
        answer.append(number)
    return answer


def _composed(derivatives: Any, values: Sequence[Jet]) -> list[Number]:
    """The chain rule to second order: numbers of parameters that are jets themselves."""
    points = np.stack([jet.value for jet in values], axis=1)
    value, first, second = derivatives(points)  # (rows, M), (rows, M, p), (rows, M, p, p)
    answer: list[Number] = []
    centred = [Jet(0.0, jet.gradient, jet.hessian) for jet in values]
    for m in range(value.shape[1]):
        total: Number = Jet(value[:, m], {}, {})
        for p, jet in enumerate(centred):
            total = total + jet * first[:, m, p]
            for other in range(p + 1):
                if second[:, m, p, other].any():
                    half = 1.0 if other < p else 0.5
                    total = total + jet * centred[other] * (half * second[:, m, p, other])
        answer.append(total)
    return answer
