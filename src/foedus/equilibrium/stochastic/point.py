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
