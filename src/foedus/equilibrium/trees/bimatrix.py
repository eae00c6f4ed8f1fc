r"""All Nash equilibria of two players' strategic form, in exact arithmetic, ties included.

Each player's mixtures and the other's best replies to them make a polytope; with positive payoffs,

    P = \{x \ge 0,\ B^T x \le 1\},    Q = \{y \ge 0,\ A y \le 1\}.

A pair of vertices at which every strategy is either unplayed or a best reply is an extreme
equilibrium, and the set of all equilibria is made of convex hulls of such pairs. (von Stengel
2002; Avis, Rosenberg, Savani & von Stengel 2010.)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

Vector = tuple[Fraction, ...]
Matrix = list[list[Fraction]]

MOST_BASES = 6_000  # visited in one polytope


@dataclass(frozen=True, kw_only=True)
class Extreme:
    """Extreme equilibria as pairs of mixtures.

    - `components`: the connected piece of the set of equilibria that each belongs to.
    - `complete`: whether every vertex was visited.
    """

    pairs: tuple[tuple[Vector, Vector], ...]
    components: tuple[int, ...]
    complete: bool


def extreme_equilibria(first: Matrix, second: Matrix) -> Extreme:
    """The extreme equilibria where the players are paid `first[i][j]` and `second[i][j]`.

    Matching pennies has one:

    >>> pennies = [[Fraction(1), Fraction(-1)], [Fraction(-1), Fraction(1)]]
    >>> other = [[-x for x in row] for row in pennies]
    >>> extreme_equilibria(pennies, other).pairs
    (((Fraction(1, 2), Fraction(1, 2)), (Fraction(1, 2), Fraction(1, 2))),)
    """
    rows, columns = len(first), len(first[0])
    a = _positive(first)
    b = _positive([[second[i][j] for i in range(rows)] for j in range(columns)])
    # Labels: strategy i of the first player is i, strategy j of the second is rows + j.
    mine, whole = _vertices(b, own=0, other=rows)
    yours, done = _vertices(a, own=rows, other=0)
    everything = (1 << (rows + columns)) - 1
    pairs = [
        (x, y)
        for x, played in mine.items()
        for y, replied in yours.items()
        if played | replied == everything and any(x) and any(y)
    ]
    return Extreme(
        pairs=tuple((_normal(x), _normal(y)) for x, y in pairs),
        components=tuple(_components(pairs)),
        complete=whole and done,
    )


def _positive(table: Matrix) -> Matrix:
    """The same preferences with every payoff above 0, in numbers of moderate size."""
    low = min(min(row) for row in table)
    high = max(max(row) for row in table)
    scale = high - low if high > low else Fraction(1)
    return [[(x - low) / scale + 1 for x in row] for row in table]


def _vertices(table: Matrix, *, own: int, other: int) -> tuple[dict[Vector, int], bool]:
    """The vertices of {v >= 0, table v <= 1} with their labels as bits; whether these are all.

    `own` is the label of the first variable, `other` that of the first row. Visits every feasible
    basis by pivots, so degenerate vertices lose nothing.
    """
    height, width = len(table), len(table[0])
    # Variables 0 .. width - 1 are v, width .. width + height - 1 the slacks of the rows.
    start = tuple(range(width, width + height))
    tableau = [
        [*row, *(Fraction(int(i == j)) for j in range(height)), Fraction(1)]
        for i, row in enumerate(table)
    ]
    waiting = [(start, tableau)]
    seen = {frozenset(start)}
    found: dict[Vector, int] = {}
    while waiting:
        basis, rows = waiting.pop()
        values = {variable: row[-1] for variable, row in zip(basis, rows, strict=True)}
        point = tuple(values.get(variable, Fraction(0)) for variable in range(width))
        labels = sum(1 << (own + variable) for variable in range(width) if not point[variable])
        labels |= sum(
            1 << (other + row) for row in range(height) if not values.get(width + row, Fraction(0))
        )
        found[point] = labels
        for entering in range(width + height):
            if entering in values:
                continue
            for leaving in _leaving(rows, entering):
                after = tuple(entering if p == leaving else v for p, v in enumerate(basis))
                if frozenset(after) in seen:
                    continue
                if len(seen) >= MOST_BASES:
                    return found, False
                seen.add(frozenset(after))
                waiting.append((after, _pivoted(rows, leaving, entering)))
    return found, True


def _leaving(rows: Matrix, entering: int) -> Iterator[int]:
    """The rows that limit an entering variable, all of them where several do."""
    ratios = [(row[-1] / row[entering], at) for at, row in enumerate(rows) if row[entering] > 0]
    if ratios:
        least = min(ratio for ratio, _ in ratios)
        yield from (at for ratio, at in ratios if ratio == least)


def _pivoted(rows: Matrix, leaving: int, entering: int) -> Matrix:
    pivot = rows[leaving][entering]
    chosen = [x / pivot if x else x for x in rows[leaving]]
    return [
        chosen
        if at == leaving
        else [x - row[entering] * y if y else x for x, y in zip(row, chosen, strict=True)]
        if row[entering]
        else row
        for at, row in enumerate(rows)
    ]


def _normal(v: Vector) -> Vector:
    total = sum(v, Fraction(0))
    return tuple(x / total for x in v)


def _components(pairs: list[tuple[Vector, Vector]]) -> list[int]:
    """Which connected piece each pair belongs to: pairs that share a mixture are connected."""
    piece = list(range(len(pairs)))

    def root(at: int) -> int:
        while piece[at] != at:
            at = piece[at]
        return at

    known: dict[tuple[int, Vector], int] = {}
    for at, pair in enumerate(pairs):
        for side, mixture in enumerate(pair):
            other = known.setdefault((side, mixture), at)
            piece[root(at)] = root(other)
    names: dict[int, int] = {}
    return [names.setdefault(root(at), len(names)) for at in range(len(pairs))]
