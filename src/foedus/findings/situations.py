"""The situations that tell most about what a player does: levels of one or two variables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

GAIN = 0.05  # of the variation in play that a further variable must account for
MOST = 12  # situations; more are no picture


@dataclass(frozen=True, eq=False, kw_only=True)
class Occurrences:
    """Places where a choice is made: what is known there, how often, and what is done.

    `codes` has a level for each variable, -1 where it has none.
    """

    codes: Mapping[str, Int[np.ndarray, "places"]]
    visits: Float[np.ndarray, "places"]
    taken: Float[np.ndarray, "places actions"]


@dataclass(frozen=True, eq=False, kw_only=True)
class Division:
    """Variables that divide places into groups, and the share of variation they account for."""

    variables: tuple[str, ...]
    groups: tuple[tuple[int, ...], ...]
    told: float


def divide(places: Occurrences) -> Division:
    r"""The one or two variables whose levels tell most about the choice.

    With $\sigma_n$ the play at place n, visited $w_n$ times, they make the most of
    $\sum_g w_g \lVert \bar\sigma_g - \bar\sigma \rVert^2$ against
    $\sum_n w_n \lVert \sigma_n - \bar\sigma \rVert^2$, one after the other, a second one only
    where it adds 5 % of the latter and leaves no more than 12 groups.
    """
    seen = places.visits > 0
    visits, taken = places.visits[seen], np.nan_to_num(places.taken[seen])
    codes = {name: column[seen] for name, column in places.codes.items()}
    total = _between(np.arange(len(visits)), visits, taken)
    chosen: list[str] = []
    told = 0.0
    group = np.zeros(len(visits), int)
    while len(chosen) < 2 and total > 1e-9 * visits.sum():
        tried = {}
        for name, column in codes.items():
            if name in chosen:
                continue
            finer = _numbered(group, column)
            if finer.max(initial=0) < MOST:
                tried[name] = _between(finer, visits, taken) / total
        best = max(tried, key=lambda name: tried[name], default=None)
        if best is None or tried[best] < told + GAIN:
            break
        told, group = tried[best], _numbered(group, codes[best])
        chosen.append(best)
    rows = np.stack([codes[name] for name in chosen], axis=1) if chosen else None
    groups = [()] if rows is None else sorted({tuple(row) for row in rows.tolist()})
    return Division(variables=tuple(chosen), groups=tuple(groups), told=min(told, 1.0))


def gathered(
    places: Occurrences, division: Division
) -> tuple[Float[np.ndarray, "groups"], Float[np.ndarray, "groups actions"]]:
    """Visits of each group, and how often each action is taken there; NaN where it cannot be."""
    columns = [places.codes[name] for name in division.variables]
    weights, plays = [], []
    for levels in division.groups:
        inside = places.visits > 0
        for column, level in zip(columns, levels, strict=True):
            inside = inside & (column == level)
        visits = float(places.visits[inside].sum())
        rows = places.taken[inside]
        possible = np.isfinite(rows).any(axis=0) if len(rows) else np.zeros(rows.shape[1], bool)
        play = np.nan_to_num(rows).sum(axis=0) / (visits or 1.0)
        weights.append(visits)
        plays.append(np.where(possible, play, np.nan))
    return np.array(weights), np.stack(plays)


def together(several: Sequence[Occurrences]) -> Occurrences:
    """Places of several games side by side, with the variables that all of them have."""
    shared = [name for name in several[0].codes if all(name in one.codes for one in several)]
    return Occurrences(
        codes={name: np.concatenate([one.codes[name] for one in several]) for name in shared},
        visits=np.concatenate([one.visits for one in several]),
        taken=np.concatenate([one.taken for one in several]),
    )


def _between(group: np.ndarray, visits: np.ndarray, taken: np.ndarray) -> float:
    """The variation between groups, weighted by visits."""
    count = int(group.max(initial=-1)) + 1
    weight = np.bincount(group, visits, count)
    sums = np.stack([np.bincount(group, column, count) for column in taken.T], axis=1)
    overall = taken.sum(axis=0) / max(visits.sum(), 1e-300)
    means = sums / np.maximum(weight, 1e-300)[:, None]
    return float((weight * ((means - overall) ** 2).sum(axis=1)).sum())


def _numbered(group: np.ndarray, column: np.ndarray) -> np.ndarray:
    """Numbers from 0 for the distinct pairs."""
    pairs = np.stack([group, column.astype(int)], axis=1)
    found: np.ndarray = np.unique(pairs, axis=0, return_inverse=True)[1].ravel()
    return found
