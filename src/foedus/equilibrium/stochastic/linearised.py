"""Linear systems at one point of the equations, solved state by state; see `system`."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import scipy.linalg

from foedus.equilibrium.stochastic.blocks import Blocks, solved_apart
from foedus.equilibrium.stochastic.point import Point
from foedus.equilibrium.stochastic.response import Played
from foedus.equilibrium.stochastic.short_axes import sum_last

if TYPE_CHECKING:
    from foedus.equilibrium.stochastic.system import System


class Linearised:
    """The equations at one point of one parameter: residual, B, and K when asked for.

    `blocks` holds the B; `weights` is $E B^{-1}$: (states, player, player, action). Where B or K is
    singular, solutions are not finite.
    """

    def __init__(self, system: System, point: Point, parameter: np.ndarray | float) -> None:
        self.system = system
        self.played: Played = system.response(point.action_values, parameter)
        beliefs = self.played.beliefs
        worth = system.joint_worth(point.values)
        self._crossed = system.crossed(worth, beliefs)
        own = self._expected(beliefs) if self._crossed else system.expected(worth, beliefs)
        self.residual = Point(point.action_values - own, point.values - self.played.worth)
        self.blocks = Blocks(self._moved(), system.sizes, own.shape[:-2])
        n, diagonal = system.n_players, np.arange(system.n_players)
        slopes = np.zeros((*own.shape[:-1], n, system.most))
        slopes[..., diagonal, diagonal, :] = self.played.worth_slope
        self.weights = self.blocks.weigh(slopes)

    def _moved(self) -> dict[tuple[int, int], np.ndarray]:
        """How action values of one player move with those of another, pair by pair."""
        steepness = self.played.steepness
        total = sum_last(steepness)
        share = steepness / np.where(total > 0, total, 1.0)[..., None]
        possible, moved = self.system.possible, {}
        for (i, j), pair in self._crossed.items():
            size = self.system.sizes[j]
            mean = pair @ share[..., j, :size, None]
            moved[i, j] = steepness[..., j, None, :size] * (pair - mean)
            if self.system.padded:
                moved[i, j] = np.where(
                    possible[..., i, : self.system.sizes[i], None], moved[i, j], 0.0
                )
        return moved

    def _expected(self, beliefs: np.ndarray) -> np.ndarray:
        """Action values when others do what `beliefs` says, from the tables at hand."""
        system = self.system
        own = np.zeros(beliefs.shape)
        for i, size in enumerate(system.sizes):
            j = 1 if i == 0 else 0
            own[..., i, :size] = (self._crossed[i, j] @ beliefs[..., j, : system.sizes[j], None])[
                ..., 0
            ]
        return system._unpadded(own)

    @cached_property
    def by_parameter(self) -> Point:
        """The derivative of F and H by t."""
        moved, system = self.played.by_parameter, self.system
        drift = np.zeros(moved.shape)
        for (i, j), pair in self._crossed.items():
            own = pair @ moved[..., j, : system.sizes[j], None]
            drift[..., i, : system.sizes[i]] -= own[..., 0]
        return Point(system._unpadded(drift), -self.played.worth_by_parameter)

    @cached_property
    def matrix(self) -> np.ndarray:
        """K: rows (state, player), columns (player, next state); see `_order`."""
        system = self.system
        n, n_states = system.n_players, system.n_states
        spread = self._spread(self.weights)
        lead = spread.shape[:-4]
        assert isinstance(system.transitions, np.ndarray)
        reduced = -(spread.reshape(*lead, n_states, n * n, -1) @ system.transitions)
        reduced = reduced.reshape(*lead, n_states * n, n * n_states)
        rows = np.arange(n_states * n)
        reduced[..., rows, (rows % n) * n_states + rows // n] += 1.0
        return np.asarray(reduced)

    def _spread(self, weights: np.ndarray) -> np.ndarray:
        """`spread`, discounted: what K and the border are made of."""
        return self.spread(weights)

    def spread(self, weights: np.ndarray, *, discounted: bool = True) -> np.ndarray:
        """Weights on own actions, (states, k, players, own), times the joint play of the others.

        Comes back as (states, k, players, joint).
        """
        system = self.system
        beliefs, n = self.played.beliefs, system.n_players
        lead = weights.shape[:-3]
        spread = np.empty((*weights.shape[:-1], system.n_joint))
        for j, size in enumerate(system.sizes):
            own = weights[..., j, :size]
            if discounted:
                own = own * system.discount[..., j, None, None, None]
            if j:
                before = system.joint(beliefs, range(j))
                own = before[..., None, :, None] * own[..., None, :]
                own = own.reshape(*lead, weights.shape[-3], -1)
            if j + 1 < n:
                after = system.joint(beliefs, range(j + 1, n))[..., None, None, :]
                apart = spread[..., j, :].reshape(*own.shape, -1)
                np.multiply(own[..., None], after, out=apart)
            else:
                spread[..., j, :] = own
        return spread

    def reduced(self, right: Point) -> np.ndarray:
        """The right-hand side of K for a right-hand side of all equations: (states, players)."""
        lead = right.values.shape[:-1]
        rows = self.weights.reshape(*lead, self.system.n_players, -1)
        carried = rows @ right.action_values.reshape(*lead, -1, 1)
        return np.asarray(right.values + carried[..., 0])

    def recovered(self, right: Point, values: np.ndarray) -> Point:
        """The whole solution, from the values that solve K."""
        worth = self.system.ahead(values * self.system.discount[..., None, :]).swapaxes(-1, -2)
        moved = self.system.expected(worth, self.played.beliefs)
        return Point(self.blocks.solve(right.action_values + moved), values)

    def solve(self, right: Point) -> Point:
        """The x with J x = right, J the derivative of F and H by q and V."""
        system = self.system
        gap = self.reduced(right)
        flat = gap.reshape(*gap.shape[:-2], -1)
        if system.draws:
            found = solved_apart(self.matrix, flat[..., None])[..., 0]
        else:
            found = scipy.linalg.lu_solve(self.factors, flat, check_finite=False)
        return self.recovered(right, self._ordered(found))

    def solve_several(self, rights: list[Point]) -> list[Point]:
        """`solve` for several right-hand sides with one factorisation, also of a batch."""
        if not self.system.draws:
            return [self.solve(right) for right in rights]
        gaps = [self.reduced(right) for right in rights]
        columns = np.stack([gap.reshape(*gap.shape[:-2], -1) for gap in gaps], axis=-1)
        found = solved_apart(self.matrix, columns)
        return [
            self.recovered(right, self._ordered(found[..., at])) for at, right in enumerate(rights)
        ]

    def _ordered(self, found: np.ndarray) -> np.ndarray:
        """Columns of K (player, state) as values (state, player)."""
        shape = (*found.shape[:-1], self.system.n_players, self.system.n_states)
        return np.ascontiguousarray(found.reshape(shape).swapaxes(-1, -2))

    @cached_property
    def factors(self) -> tuple[np.ndarray, np.ndarray]:
        """LU of K, of one game."""
        lu, pivots = scipy.linalg.lu_factor(self.matrix, check_finite=False)
        return lu, pivots

    def tangent(self) -> Point:
        """dx/dt on a path of solutions."""
        moved = self.solve(self.by_parameter)
        return Point(-moved.action_values, -moved.values)

    def determinant(self) -> tuple[np.ndarray, np.ndarray]:
        """Sign and logarithm of the size of det J = Π det B · det K."""
        block_signs, block_logs = self.blocks.determinant()
        sign, log = np.linalg.slogdet(self.matrix)
        n, n_states = self.system.n_players, self.system.n_states
        # The parity of putting columns (player, state) in the order (state, player).
        parity = (n * (n - 1) // 2) * (n_states * (n_states - 1) // 2) % 2
        return (
            np.asarray(sign * block_signs.prod(axis=-1) * (1.0 - 2.0 * parity)),
            np.asarray(log + block_logs.sum(axis=-1)),
        )

    def bordered(self, row: Point, corner: float) -> Bordered:
        """The system with t as one more unknown and one more equation."""
        return Bordered(self, row, corner)


class Bordered:
    """One game's linear system with a column dG/dt and a row, reduced state by state."""

    def __init__(self, linear: Linearised, row: Point, corner: float) -> None:
        system = linear.system
        self.linear = linear
        self._weights = linear.blocks.weigh(row.action_values[..., None, :, :])[..., 0, :, :]
        carried = linear._spread(self._weights[..., None, :, :])[..., 0, :, :].swapaxes(-1, -2)
        edge = row.values + system.behind(carried)
        size = system.n_states * system.n_players
        matrix = np.empty((size + 1, size + 1))
        matrix[:size, :size] = linear.matrix
        matrix[:size, size] = linear.reduced(linear.by_parameter).ravel()
        matrix[size, :size] = edge.T.ravel()
        matrix[size, size] = corner - (self._weights * linear.by_parameter.action_values).sum()
        self.matrix = matrix
        self._factors = scipy.linalg.lu_factor(matrix, check_finite=False)

    def solve(self, right: Point, height: float) -> tuple[Point, float]:
        """(x, τ) with J x + τ dG/dt = right and row · x + corner · τ = height."""
        linear = self.linear
        gap = np.append(
            linear.reduced(right).ravel(), height - (self._weights * right.action_values).sum()
        )
        found = scipy.linalg.lu_solve(self._factors, gap, check_finite=False)
        step = float(found[-1])
        moved = right.plus(linear.by_parameter, -step)
        return linear.recovered(moved, linear._ordered(found[:-1])), step

    def tangent(self) -> tuple[Point, float]:
        """The direction of the path, of length 1, on the side of the row."""
        nothing = Point(
            np.zeros_like(self.linear.residual.action_values),
            np.zeros_like(self.linear.residual.values),
        )
        direction, step = self.solve(nothing, 1.0)
        length = float(np.sqrt(direction.dot(direction) + step**2))
        return Point(direction.action_values / length, direction.values / length), step / length
