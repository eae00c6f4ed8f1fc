r"""Beliefs put on a grid without moving their mean.

A posterior $b$ is a mixture $b = \sum_c w_c\, g_c$ of the grid points around it. Nature tells
everybody which point it is, point c with probability $w_c\, g_c(t) / b(t)$ to type t. By Bayes'
rule the belief is then exactly $g_c$, and on average it is still $b$ (Aumann & Maschler 1995).
"""

from __future__ import annotations

from functools import cache
from itertools import combinations

import numpy as np
from jaxtyping import Float

SAME = 1e-12  # a posterior this near to the prior stays there


def split(
    posterior: Float[np.ndarray, "beliefs types"],
    grid: Float[np.ndarray, "points types"],
    prior: Float[np.ndarray, "types"],
) -> Float[np.ndarray, "beliefs codes"]:
    """Weights of the prior (code 0) and of every grid point, whose mean is the posterior.

    With two types the prior is a point of the grid like the others, so that beliefs that hardly
    move hardly spread; with more types only a posterior equal to the prior stays there.

    >>> ends = np.array([[0.0, 1.0], [1.0, 0.0]])
    >>> split(np.array([[0.1, 0.9]]), ends, np.array([0.2, 0.8])).round(3).tolist()
    [[0.5, 0.5, 0.0]]
    """
    return split_with_slopes(posterior, grid, prior)[0]


def split_with_slopes(
    posterior: Float[np.ndarray, "beliefs types"],
    grid: Float[np.ndarray, "points types"],
    prior: Float[np.ndarray, "types"],
) -> tuple[Float[np.ndarray, "beliefs codes"], Float[np.ndarray, "beliefs codes types"]]:
    """The weights of `split`, and how they change with the share of each type.

    Within a cell weights are linear in the posterior; on a border the slopes are of one side.
    """
    if posterior.shape[1] == 2:
        return _on_a_line(posterior, np.concatenate([prior[None], grid]))
    weights = np.zeros((len(posterior), len(grid) + 1))
    slopes = np.zeros((*weights.shape, posterior.shape[1]))
    weights[:, 1:], slopes[:, 1:] = _on_a_simplex(posterior, grid)
    still = np.abs(posterior - prior).max(axis=1) <= SAME
    weights[still], slopes[still] = 0.0, 0.0
    weights[still, 0] = 1.0
    return weights, slopes


def _on_a_line(at: np.ndarray, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    order = np.argsort(points[:, 0], kind="stable")
    knots = points[order]
    right = np.clip(np.searchsorted(knots[:, 0], at[:, 0], side="right"), 1, len(knots) - 1)
    left = right - 1
    width = knots[right, 0] - knots[left, 0]
    steep = np.where(width > 0, 1.0 / np.where(width > 0, width, 1.0), 0.0)
    # Each weight by the type whose share grows with it: near an end, the rare type's own share
    # has all its digits, and 1 less the other's has few.
    onward = (at[:, 0] - knots[left, 0]) * steep
    back = np.where(width > 0, (at[:, 1] - knots[right, 1]) * steep, 1.0)
    weights, slopes = np.zeros((len(at), len(points))), np.zeros((len(at), len(points), 2))
    rows = np.arange(len(at))
    weights[rows, order[left]] += np.maximum(back, 0.0)
    weights[rows, order[right]] += np.maximum(onward, 0.0)
    slopes[rows, order[left], 1] += steep
    slopes[rows, order[right], 0] += steep
    return weights, slopes


def _on_a_simplex(posterior: np.ndarray, grid: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weights of the corners of the cell of Freudenthal's triangulation that a belief lies in."""
    types = posterior.shape[1]
    mesh = _mesh(len(grid), types)
    places = {tuple(np.rint(point * mesh).astype(int)): at for at, point in enumerate(grid)}
    # Cumulated from the end: a chain m >= y_1 >= ... >= 0, in which cells are cubes cut by order.
    y = mesh * np.cumsum(posterior[:, ::-1], axis=1)[:, ::-1][:, 1:]
    base = np.clip(np.floor(y), 0, mesh).astype(int)
    rest = np.clip(y - base, 0.0, 1.0)
    weights = np.zeros((len(posterior), len(grid)))
    slopes = np.zeros((*weights.shape, types))
    # y_i is mesh times the share of types from i on: row i of `tilt`, between rows of ones and 0.
    tilt = mesh * (np.arange(types) >= np.arange(1, types)[:, None])
    for row in range(len(posterior)):
        corner = base[row].copy()
        order = np.argsort(-rest[row], kind="stable")
        steps = np.concatenate([[1.0], rest[row][order], [0.0]])
        tilts = np.concatenate([np.zeros((1, types)), tilt[order], np.zeros((1, types))])
        for step in range(types):
            share = steps[step] - steps[step + 1]
            if share > 0:
                whole = np.concatenate([[mesh], corner, [0]])
                point = places[tuple(whole[:-1] - whole[1:])]
                weights[row, point] += share
                slopes[row, point] += tilts[step] - tilts[step + 1]
            if step < types - 1:
                corner[order[step]] += 1
    return weights, slopes


@cache
def _mesh(points: int, types: int) -> int:
    """How many steps an edge has on which there are so many points in all."""
    mesh = 1
    while sum(1 for _ in combinations(range(mesh + types - 1), types - 1)) < points:
        mesh += 1
    return mesh
