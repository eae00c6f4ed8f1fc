r"""The small systems inside states: (I - J) x = r over the action values of one state.

J moves every player's action values with those of the others; a player's own do not matter to
it, so its diagonal blocks are 0. For two players, one of them is removed by hand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np

EXPLICIT = 3  # size up to which a matrix is inverted by its cofactors, all states at once


class Blocks:
    """All states of all draws; `pairs[i, j]` is J of player i by player j, (states, A_i, A_j).

    Vectors are (states, players, most actions), padded with what does not matter.
    """

    def __init__(
        self,
        pairs: Mapping[tuple[int, int], np.ndarray],
        sizes: Sequence[int],
        lead: tuple[int, ...],
    ) -> None:
        self.pairs, self.sizes, self.lead = pairs, tuple(sizes), lead
        self.two = len(sizes) == 2
        if self.two:
            self.first = int(np.argmin(sizes))
            self.other = 1 - self.first
            there, back = pairs[self.first, self.other], pairs[self.other, self.first]
            self.reduced = _minus_identity(-(there @ back))
            self.inverse = inverted(self.reduced)
        elif len(sizes) > 2:
            self.inverse = inverted(self.matrix)

    @cached_property
    def matrix(self) -> np.ndarray:
        """I - J itself, over the actions of one player after the other, without padding."""
        ends = np.cumsum((0, *self.sizes))
        matrix = np.zeros((*self.lead, ends[-1], ends[-1]))
        for (i, j), pair in self.pairs.items():
            matrix[..., ends[i] : ends[i + 1], ends[j] : ends[j + 1]] = -pair
        return _minus_identity(matrix)

    def solve(self, right: np.ndarray) -> np.ndarray:
        """x with (I - J) x = right."""
        if len(self.sizes) == 1:
            return right
        found = np.zeros_like(right)
        if self.two:
            i, j = self.first, self.other
            own, others = right[..., i, : self.sizes[i]], right[..., j, : self.sizes[j]]
            mine = _times(self.inverse, own + _times(self.pairs[i, j], others))
            found[..., i, : self.sizes[i]] = mine
            found[..., j, : self.sizes[j]] = others + _times(self.pairs[j, i], mine)
            return found
        return self._padded(_times(self.inverse, self._flat(right)), right)

    def weigh(self, rows: np.ndarray) -> np.ndarray:
        """y with y (I - J) = rows, for rows (states, k, players, most)."""
        if len(self.sizes) == 1:
            return rows
        if self.two:
            i, j = self.first, self.other
            own, others = rows[..., i, : self.sizes[i]], rows[..., j, : self.sizes[j]]
            mine = (own + others @ self.pairs[j, i]) @ self.inverse
            found = np.zeros_like(rows)
            found[..., i, : self.sizes[i]] = mine
            found[..., j, : self.sizes[j]] = others + mine @ self.pairs[i, j]
            return found
        return self._padded(self._flat(rows) @ self.inverse, rows)

    def determinant(self) -> tuple[np.ndarray, np.ndarray]:
        """Sign and logarithm of the size of det (I - J), state by state."""
        if len(self.sizes) == 1:
            return np.ones(self.lead), np.zeros(self.lead)
        signs, logs = np.linalg.slogdet(self.reduced if self.two else self.matrix)
        return signs, logs

    def _flat(self, padded: np.ndarray) -> np.ndarray:
        return np.concatenate([padded[..., i, :size] for i, size in enumerate(self.sizes)], axis=-1)

    def _padded(self, flat: np.ndarray, like: np.ndarray) -> np.ndarray:
        found, at = np.zeros_like(like), 0
        for i, size in enumerate(self.sizes):
            found[..., i, :size] = flat[..., at : at + size]
            at += size
        return found


def inverted(matrices: np.ndarray) -> np.ndarray:
    """The inverses of many small matrices; where one is singular, its is not finite."""
    size = matrices.shape[-1]
    if size > EXPLICIT:
        return solved_apart(matrices, np.broadcast_to(np.eye(size), matrices.shape))
    m = np.moveaxis(matrices, (-2, -1), (0, 1))
    cofactors = np.empty((size, size, *matrices.shape[:-2]))  # transposed: the adjugate
    if size == 1:
        cofactors[0, 0] = 1.0
    elif size == 2:
        cofactors[0, 0], cofactors[1, 1] = m[1, 1], m[0, 0]
        np.negative(m[0, 1], out=cofactors[0, 1])
        np.negative(m[1, 0], out=cofactors[1, 0])
    else:
        m = np.ascontiguousarray(m)
        for i in range(3):
            for j in range(3):
                r, s, c, d = (i + 1) % 3, (i + 2) % 3, (j + 1) % 3, (j + 2) % 3
                cofactors[j, i] = m[r, c] * m[s, d] - m[r, d] * m[s, c]
    determinant = (m[0] * cofactors[:, 0]).sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        cofactors /= determinant
    return np.ascontiguousarray(np.moveaxis(cofactors, (0, 1), (-2, -1)))


def solved_apart(matrices: np.ndarray, rights: np.ndarray) -> np.ndarray:
    """Solutions of many systems, (..., n, n) and (..., n, k); NaN for those that are singular."""
    try:
        return np.linalg.solve(matrices, rights)
    except np.linalg.LinAlgError:
        pass
    found = np.full(rights.shape, np.nan)
    for at in np.ndindex(matrices.shape[:-2]):
        try:
            found[at] = np.linalg.solve(matrices[at], rights[at])
        except np.linalg.LinAlgError:
            continue
    return found


def _times(matrices: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    return np.asarray((matrices @ vectors[..., None])[..., 0])


def _minus_identity(negative: np.ndarray) -> np.ndarray:
    """I + `negative`, in place."""
    diagonal = np.arange(negative.shape[-1])
    negative[..., diagonal, diagonal] += 1.0
    return negative
