"""Exact derivatives of every quantity with respect to every parameter, at one point."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from foedus.findings.distances import Key, Side
from foedus.findings.lanes import Lanes
from foedus.findings.prepared import Place


def derivatives(
    lanes: Mapping[Key, Lanes], sides: Sequence[Side], point: Mapping[str, float]
) -> dict[str, dict[str, np.ndarray]]:
    """regime -> quantity -> derivatives by parameter, (parameters,); NaN where there is no value.

    Every lane of a batch has the same point, and lane i the direction of parameter i: one
    forward derivative of the batch is the whole matrix.
    """
    count = len(point)
    at = {name: np.full(count, value) for name, value in point.items()}
    along = dict(zip(point, np.eye(count), strict=True))
    visited: dict[Key, dict[Place, None]] = {key: {} for key in lanes}
    for side in sides:
        visited["", side.regime][side.here, side.date] = None
        visited[side.against][side.start, side.date] = None
    found: dict[str, dict[str, np.ndarray]] = {}
    stands: dict[tuple[Key, Place], tuple[Any, Any]] = {}
    for key, own in lanes.items():
        (values, places), (slopes, moved) = own.slopes(at, along, tuple(visited[key]))
        for place, *both in zip(visited[key], places, moved, strict=True):
            stands[key, place] = (both[0], both[1])
        if key[0] == "":
            found[key[1]] = {
                name: np.where(np.isnan(values[name]), np.nan, slope)
                for name, slope in slopes.items()
            }
    for side in sides:
        here = stands[("", side.regime), (side.here, side.date)]
        there = stands[side.against, (side.start, side.date)]
        found[side.regime][side.quantity] = side.slope(here, there)
    return found
