"""A point of the equations: action values and values together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Point:
    """Action values (states, players, actions) and values (states, players), draws first.

    Residuals, right-hand sides and steps have the same two parts.
    """

    action_values: np.ndarray
    values: np.ndarray

    @property
    def vector(self) -> np.ndarray:
        """Both parts in one row, action values first."""
        lead = self.values.shape[:-2]
        return np.concatenate(
            [self.action_values.reshape(*lead, -1), self.values.reshape(*lead, -1)], axis=-1
        )

    def copy(self) -> Point:
        """The same in arrays of its own."""
        return Point(self.action_values.copy(), self.values.copy())

    def zero(self) -> Point:
        """0 in the same shape."""
        return Point(np.zeros_like(self.action_values), np.zeros_like(self.values))

    def select(self, draws: np.ndarray) -> Point:
        """Some draws of a batch."""
        return Point(self.action_values[draws], self.values[draws])

    def put(self, draws: np.ndarray, part: Point) -> None:
        """Write into some draws of a batch, in place."""
        self.action_values[draws] = part.action_values
        self.values[draws] = part.values

    def times(self, factor: np.ndarray | float) -> Point:
        """`factor` times this point, draw by draw."""
        share = np.asarray(factor, float)[..., None, None]
        return Point(share[..., None] * self.action_values, share * self.values)

    def plus(self, other: Point, factor: np.ndarray | float = 1.0) -> Point:
        """This point and `factor` times another, draw by draw."""
        share = np.asarray(factor, float)[..., None, None]
        return Point(
            self.action_values + share[..., None] * other.action_values,
            self.values + share * other.values,
        )

    def dot(self, other: Point) -> np.ndarray:
        """The inner product, draw by draw."""
        return np.asarray(
            (self.action_values * other.action_values).sum(axis=(-3, -2, -1))
            + (self.values * other.values).sum(axis=(-2, -1))
        )
