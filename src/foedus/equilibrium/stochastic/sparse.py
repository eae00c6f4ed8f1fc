r"""Newton steps for large games with sparse transitions: K is applied, never written down.

K dV = dV - E B^{-1} D dV needs one product with the transitions and small products inside
states. GMRES solves it. Where few states follow each state, and play may take long to get from
one part of the game to another, it is preconditioned by the players' own Markov chains, I - δ_i P;
where many do, play mixes fast, and it needs no help.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import numpy as np
import scipy.sparse as sparse
import scipy.sparse.linalg as sparse_linalg

from foedus.equilibrium.stochastic.arrays import StochasticArrays
from foedus.equilibrium.stochastic.response import LogitResponse
from foedus.equilibrium.stochastic.system import Linearised, Point, System

ACCURACY = 1e-6  # relative residual of a linear solve
MEMORY = 40  # directions kept by GMRES before it starts afresh
CYCLES = 25  # fresh starts before a solve counts as failed
FEW = 16.0  # successors of a state on average, up to which factors of its chain stay sparse


Solve = Callable[[np.ndarray], np.ndarray]


class SparseSystem(System):
    """The equations of one large game, to be solved like a batch of one draw."""

    def select(self, draws: np.ndarray) -> SparseSystem:
        """The system itself: there is nothing else to select."""
        return self

    @property
    def accuracy(self) -> float:
        """Linear solves are cut short: so much of a Newton step may be missing."""
        return ACCURACY

    def start(self) -> Point:
        """Uniform play, nearly enough to begin from, as a batch of one draw."""
        uniform = self.possible / self.possible.sum(axis=-1, keepdims=True)
        joint = self.joint(uniform)
        rewards = (self._payoffs * joint[..., None, :]).sum(axis=-1)
        chain = self.chain(joint)
        values = np.empty_like(rewards)
        for player, share in enumerate(self.discount.tolist()):
            solve = _solver(sparse.csc_array(sparse.eye_array(self.n_states) - share * chain))
            values[:, player] = solve(rewards[:, player])
        point = Point(self.expected(self.joint_worth(values), uniform), values)
        return _drawn(point)

    def linearise(self, point: Point, parameter: np.ndarray | float) -> SparseLinearised:
        """The equations and their derivatives at the point of the one draw."""
        alone = Point(point.action_values[0], point.values[0])
        return SparseLinearised(self, alone, float(np.asarray(parameter).reshape(())))


class SparseLinearised(Linearised):
    """The linear system of one large game. Points that go in and out have one draw in front."""

    system: SparseSystem

    def __init__(self, system: SparseSystem, point: Point, parameter: float) -> None:
        super().__init__(system, point, parameter)
        self.residual = _drawn(self.residual)

    @cached_property
    def by_parameter(self) -> Point:
        """The derivative of F and H by t."""
        return _drawn(super().by_parameter)

    def solve_several(self, rights: list[Point]) -> list[Point]:
        """x with J x = right for each; NaN where GMRES does not get there."""
        return [self.solve(right) for right in rights]

    def solve(self, right: Point) -> Point:
        """x with J x = right."""
        alone = Point(right.action_values[0], right.values[0])
        gap = self.reduced(alone)
        size = gap.size
        operator = sparse_linalg.LinearOperator((size, size), matvec=self._apply, dtype=float)
        guide = None
        if self._chains is not None:
            guide = sparse_linalg.LinearOperator((size, size), matvec=self._guide, dtype=float)
        found, failed = sparse_linalg.gmres(
            operator, gap.ravel(), rtol=ACCURACY, restart=MEMORY, maxiter=CYCLES, M=guide
        )
        if failed:
            found = np.full(size, np.nan)
        return _drawn(self.recovered(alone, found.reshape(gap.shape)))

    def _apply(self, flat: np.ndarray) -> np.ndarray:
        """K times values."""
        values = flat.reshape(self.system.n_states, self.system.n_players)
        worth = self.system.ahead(values * self.system.discount).swapaxes(-1, -2)
        moved = self.system.expected(worth, self.played.beliefs)
        carried = np.einsum("sijb,sjb->si", self.weights, moved)
        return np.asarray((values - carried).ravel())

    def _guide(self, flat: np.ndarray) -> np.ndarray:
        """Roughly the inverse of K, player by player."""
        assert self._chains is not None
        values = flat.reshape(self.system.n_states, self.system.n_players)
        columns = [solve(values[:, player]) for player, solve in enumerate(self._chains)]
        return np.stack(columns, axis=1).ravel()

    @cached_property
    def _chains(self) -> list[Solve] | None:
        """Solves with I - δ_i P by player, where factors stay small."""
        system, n_states = self.system, self.system.n_states
        chain = system.chain(system.joint(self.played.strategies))
        assert not isinstance(chain, np.ndarray)
        if chain.nnz > FEW * n_states:
            return None
        shares = system.discount.tolist()
        known = {
            share: _solver(sparse.csc_array(sparse.eye_array(n_states) - share * chain))
            for share in set(shares)
        }
        return [known[share] for share in shares]


def sparse_system(arrays: StochasticArrays, precision: np.ndarray, *, shock: bool) -> SparseSystem:
    """The equations of one game, for `raise_precision`."""
    return SparseSystem(
        arrays, LogitResponse(precision=precision, available=arrays.available, shock=shock)
    )


def _solver(matrix: sparse.csc_array) -> Solve:
    """Solves with one player's chain: by factors where they stay sparse, else to `ACCURACY`."""
    if matrix.nnz <= FEW * matrix.shape[0]:
        direct: Solve = sparse_linalg.splu(matrix).solve
        return direct
    rows = sparse.csr_array(matrix)

    def solve(right: np.ndarray) -> np.ndarray:
        found, _ = sparse_linalg.gmres(rows, right, rtol=ACCURACY, restart=MEMORY, maxiter=CYCLES)
        return np.asarray(found)

    return solve


def _drawn(point: Point) -> Point:
    """With an axis of one draw in front."""
    return Point(point.action_values[None], point.values[None])
