r"""The equations of a stochastic game's equilibrium, and Newton steps on them, state by state.

Unknowns: the action values $q_i(s, a)$ and the values $V_i(s)$. Equations, at parameter t:

    F = q_i(s, a) - E[ u_i(s, a, .) + δ_i V_i(s') | beliefs of others ]   states x players x actions
    H = V_i(s) - worth_i(q(s, .), t)                                      states x players

Given V, the F of a state involve the q of that state only. So every linear solve first removes
the q, by one small matrix B per state, and then solves a system K with states x players unknowns:

    | B  -D | |dq|   |r|        K = I - E B^-1 D,   K dV = z + E B^-1 r,   dq = B^-1 (r + D dV)
    | -E  I | |dV| = |z|        D: discounted expectation of V;  E: slope of the worth

What to use:

    system = System(arrays, response)          response: how play follows from q and t
    point  = system.start()                    Point(q, V); vectors by point.vector, system.point(x)
    system.residual(point, t)                  -> Point(F, H)
    linear = system.linearise(point, t)        B and K at this point, dense
    linear.residual, linear.by_parameter       Point(F, H) and its derivative by t
    linear.blocks                              the B: solve, weigh, determinant
    linear.played                              strategies and beliefs there
    linear.solve(r)                            Point x with J x = r; factors are kept
    linear.tangent()                           dx/dt = -J^-1 dG/dt on a path of solutions
    linear.determinant()                       (sign, log of size) of J
    linear.bordered(row, corner)               | J    dG/dt  |   regular at folds too; factors kept
        .solve(r, h)                           | row  corner | (x, τ) = (r, h)  -> (Point, τ)
        .tangent()                             the solution for r = 0, h = 1, of length 1

Everything but `bordered` takes a leading axis of draws. With a parameter s(t), multiply
`by_parameter` by ds/dt.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import scipy.sparse as sparse
import scipy.sparse.linalg as sparse_linalg

from foedus.equilibrium.stochastic.arrays import StochasticArrays
from foedus.equilibrium.stochastic.linearised import Bordered as Bordered
from foedus.equilibrium.stochastic.linearised import Linearised as Linearised
from foedus.equilibrium.stochastic.point import Point as Point
from foedus.equilibrium.stochastic.response import Response


class System:
    """The equations for one game or a batch, under a rule of play."""

    def __init__(self, arrays: StochasticArrays, response: Response) -> None:
        self.arrays = arrays
        self.response = response
        self.n_states, self.n_players = arrays.n_states, arrays.n_players
        self.sizes, self.n_joint = arrays.sizes, arrays.n_joint
        self.draws = arrays.draws
        self.discount = arrays.discount
        lead = (*self.draws, self.n_states)
        self._payoffs = arrays.payoffs.reshape(*lead, self.n_players, self.n_joint)
        transitions = arrays.transitions
        if isinstance(transitions, np.ndarray):
            transitions = transitions.reshape(*lead, self.n_joint, self.n_states)
        self.transitions: np.ndarray | sparse.csr_array = transitions
        self.possible = arrays.available
        self.padded = not bool(arrays.available.all())

    @property
    def accuracy(self) -> float:
        """Share of a Newton step that a linear solve may leave out: none."""
        return 0.0

    @property
    def most(self) -> int:
        """The largest number of actions of a player."""
        return max(self.sizes)

    def select(self, draws: np.ndarray) -> System:
        """The system of some draws of a batch."""
        return System(self.arrays.select(draws), self.response.select(draws))

    def point(self, vector: np.ndarray) -> Point:
        """The inverse of `Point.vector`."""
        shape = (*vector.shape[:-1], self.n_states, self.n_players)
        values = self.n_states * self.n_players
        return Point(
            vector[..., :-values].reshape(*shape, self.most), vector[..., -values:].reshape(shape)
        )

    def start(self) -> Point:
        """Action values and values of uniform play: the equilibrium at precision 0."""
        uniform = self.possible / self.possible.sum(axis=-1, keepdims=True)
        return self.evaluated(uniform)

    def evaluated(self, strategies: np.ndarray) -> Point:
        """Action values and values when these strategies are played for ever."""
        joint = self.joint(strategies)
        rewards = (self._payoffs @ joint[..., None])[..., 0]
        chain = self.chain(joint)
        if isinstance(chain, np.ndarray):
            system = np.eye(self.n_states) - self.discount[..., None, None] * chain[..., None, :, :]
            values = np.linalg.solve(system, rewards.swapaxes(-1, -2)[..., None])[..., 0]
            values = np.ascontiguousarray(values.swapaxes(-1, -2))
        else:
            values = np.empty_like(rewards)
            for player, share in enumerate(self.discount):
                sparse_system = sparse.csc_array(sparse.eye_array(self.n_states) - share * chain)
                values[:, player] = sparse_linalg.spsolve(sparse_system, rewards[:, player])
        return Point(self.expected(self.joint_worth(values), strategies), values)

    def chain(self, joint: np.ndarray) -> np.ndarray | sparse.csr_array:
        """Probability of the next state from each state, given that of joint actions."""
        if isinstance(self.transitions, np.ndarray):
            return np.asarray((joint[..., None, :] @ self.transitions)[..., 0, :])
        entries = np.arange(joint.size)
        content = (joint.ravel(), entries, np.append(entries[:: self.n_joint], joint.size))
        mixing = sparse.csr_array(content, shape=(self.n_states, joint.size))
        return sparse.csr_array(mixing @ self.transitions)

    def joint(self, beliefs: np.ndarray, players: Iterable[int] | None = None) -> np.ndarray:
        """Probability of each joint action of these players, or of all: (states, joint)."""
        lead = beliefs.shape[:-2]
        product = None
        for player in range(self.n_players) if players is None else players:
            own = beliefs[..., player, : self.sizes[player]]
            if product is not None:
                own = (product[..., :, None] * own[..., None, :]).reshape(*lead, -1)
            product = own
        return np.ones((*lead, 1)) if product is None else product

    def ahead(self, values: np.ndarray) -> np.ndarray:
        """Expected `values` (states, k) after each joint action: (states, joint, k)."""
        if isinstance(self.transitions, np.ndarray):
            lead = values.shape[:-2]
            rows = self.transitions.reshape(*self.draws, -1, self.n_states)
            following: np.ndarray = rows @ values
            return following.reshape(*lead, self.n_states, self.n_joint, -1)
        found: np.ndarray = self.transitions @ values
        return found.reshape(self.n_states, self.n_joint, -1)

    def behind(self, weights: np.ndarray) -> np.ndarray:
        """The transpose of `ahead`: weights (states, joint, k) on next states, (states, k)."""
        if isinstance(self.transitions, np.ndarray):
            rows = self.transitions.reshape(*self.draws, -1, self.n_states)
            flat = weights.reshape(*weights.shape[:-3], -1, weights.shape[-1])
            return np.asarray(rows.swapaxes(-1, -2) @ flat)
        found: np.ndarray = self.transitions.T @ weights.reshape(-1, weights.shape[-1])
        return found

    def joint_worth(self, values: np.ndarray) -> np.ndarray:
        """Payoff and discounted value of every joint action: (states, players, joint)."""
        following = self.ahead(values * self.discount[..., None, :])
        return np.asarray(self._payoffs + following.swapaxes(-1, -2))

    def expected(self, worth: np.ndarray, beliefs: np.ndarray) -> np.ndarray:
        """Action values (states, players, actions) of a joint worth, given beliefs about others."""
        own = np.zeros((*worth.shape[:-2], self.n_players, self.most))
        for i, size in enumerate(self.sizes):
            table = worth[..., i, :].reshape(*worth.shape[:-2], *self.sizes)
            if self.n_players == 1:
                own[..., i, :] = table
                continue
            j = 1 if i == 0 else 0
            pair = self._onto(table, beliefs, i, j)
            own[..., i, :size] = (pair @ beliefs[..., j, : self.sizes[j], None])[..., 0]
        return self._unpadded(own)

    def crossed(self, worth: np.ndarray, beliefs: np.ndarray) -> dict[tuple[int, int], np.ndarray]:
        """By i and j: what i's actions are worth at each action of j, (states, A_i, A_j)."""
        tables = [
            worth[..., i, :].reshape(*worth.shape[:-2], *self.sizes) for i in range(self.n_players)
        ]
        return {
            (i, j): self._onto(table, beliefs, i, j)
            for i, table in enumerate(tables)
            for j in range(self.n_players)
            if i != j
        }

    def _unpadded(self, own: np.ndarray) -> np.ndarray:
        return np.where(self.possible, own, 0.0) if self.padded else own

    def _onto(self, table: np.ndarray, beliefs: np.ndarray, i: int, j: int) -> np.ndarray:
        """Contract every axis of players but i and j; axes i and j remain, in this order."""
        n, at = self.n_players, table.ndim - self.n_players
        for k in reversed(range(n)):
            if k not in (i, j):
                shape = [*table.shape[:at], *(1,) * (table.ndim - at)]
                shape[at + k] = self.sizes[k]
                share = beliefs[..., k, : self.sizes[k]].reshape(shape)
                table = (table * share).sum(axis=at + k, keepdims=True)
        first, second = self.sizes[i], self.sizes[j]
        if i < j:
            return table.reshape(*table.shape[:at], first, second)
        return table.reshape(*table.shape[:at], second, first).swapaxes(-1, -2)

    def residual(self, point: Point, parameter: np.ndarray | float) -> Point:
        """F and H at a point."""
        played = self.response(point.action_values, parameter)
        worth = self.joint_worth(point.values)
        own = self.expected(worth, played.beliefs)
        return Point(point.action_values - own, point.values - played.worth)

    def linearise(self, point: Point, parameter: np.ndarray | float) -> Linearised:
        """The equations and their derivatives at a point."""
        return Linearised(self, point, parameter)
