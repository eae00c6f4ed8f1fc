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
    if posterior.shape[1] == 2:
        return _on_a_line(posterior[:, 0], np.concatenate([prior[:1], grid[:, 0]]))
    weights = np.zeros((len(posterior), len(grid) + 1))
    weights[:, 1:] = _on_a_simplex(posterior, grid)
    still = np.abs(posterior - prior).max(axis=1) <= SAME
    weights[still] = 0.0
    weights[still, 0] = 1.0
    return weights


def _on_a_line(at: np.ndarray, points: np.ndarray) -> np.ndarray:
    order = np.argsort(points, kind="stable")
    knots = points[order]
    right = np.clip(np.searchsorted(knots, at, side="right"), 1, len(knots) - 1)
    left = right - 1
    width = knots[right] - knots[left]
    share = np.where(width > 0, (at - knots[left]) / np.where(width > 0, width, 1.0), 0.0)
    weights = np.zeros((len(at), len(points)))
    rows = np.arange(len(at))
    weights[rows, order[left]] += 1.0 - share
    weights[rows, order[right]] += share
    return weights


def _on_a_simplex(posterior: np.ndarray, grid: np.ndarray) -> np.ndarray:
    """Weights of the corners of the cell of Freudenthal's triangulation that a belief lies in."""
    types = posterior.shape[1]
    mesh = _mesh(len(grid), types)
    places = {tuple(np.rint(point * mesh).astype(int)): at for at, point in enumerate(grid)}
    # Cumulated from the end: a chain m >= y_1 >= ... >= 0, in which cells are cubes cut by order.
    y = mesh * np.cumsum(posterior[:, ::-1], axis=1)[:, ::-1][:, 1:]
    base = np.clip(np.floor(y), 0, mesh).astype(int)
    rest = np.clip(y - base, 0.0, 1.0)
    weights = np.zeros((len(posterior), len(grid)))
    for row in range(len(posterior)):
        corner = base[row].copy()
        order = np.argsort(-rest[row], kind="stable")
        steps = np.concatenate([[1.0], rest[row][order], [0.0]])
        for step in range(types):
            share = steps[step] - steps[step + 1]
            if share > 0:
                whole = np.concatenate([[mesh], corner, [0]])
                weights[row, places[tuple(whole[:-1] - whole[1:])]] += share
            if step < types - 1:
                corner[order[step]] += 1
    return weights


@cache
def _mesh(points: int, types: int) -> int:
    """How many steps an edge has on which there are so many points in all."""
    mesh = 1
    while sum(1 for _ in combinations(range(mesh + types - 1), types - 1)) < points:
        mesh += 1
    return mesh
