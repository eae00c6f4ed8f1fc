"""Private types as variables: what they are called, and which beliefs about them are kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from foedus.scenario.formulas import Formula, Number, Operation
from foedus.scenario.formulas import Test as CodeTest
from foedus.scenario.model import PrivateTypes, Variable

POINTS = 11  # of a grid of beliefs along one edge, where the file does not say
PRIOR = "prior"


def type_name(player: str) -> str:
    """The variable that holds a player's type, as expressions write it."""
    return f"type({player})"


def belief_name(player: str) -> str:
    """The variable that holds what others believe of a player."""
    return f"belief({player})"


def grid(types: int, points: int) -> tuple[tuple[float, ...], ...]:
    """Distributions over types that divide every edge of the simplex evenly.

    >>> grid(2, 3)
    ((0.0, 1.0), (0.5, 0.5), (1.0, 0.0))
    """
    mesh = points - 1
    return tuple(tuple(n / mesh for n in numbers) for numbers in _compositions(mesh, types))


def _compositions(total: int, parts: int) -> Iterator[tuple[int, ...]]:
    if parts == 1:
        yield (total,)
        return
    for first in range(total + 1):
        for rest in _compositions(total - first, parts - 1):
            yield (first, *rest)


def variables(one: PrivateTypes) -> Iterator[Variable]:
    """The variables of a player's types: the type, and what is believed of it."""
    count = len(one.types)
    yield Variable(
        name=one.factor,
        label=f"type of {one.player}",
        levels=one.types,
        values=tuple(map(float, range(count))),
        level_labels=one.labels,
    )
    if one.belief is not None:
        levels = (PRIOR, *("/".join(f"{p:.4g}" for p in point) for point in one.grid))
        yield Variable(
            name=one.belief,
            label=f"what is believed of {one.player}",
            levels=levels,
            values=tuple(map(float, range(len(levels)))),
            level_labels=levels,
        )


def believed(one: PrivateTypes) -> Mapping[str, Formula]:
    """`belief(player, type)` -> the probability that everybody else gives that type."""
    found: dict[str, Formula] = {}
    for at, name in enumerate(one.types):
        formula = one.priors[at]
        if one.belief is not None:
            here: Formula = Operation("multiply", (CodeTest(one.belief, frozenset({0})), formula))
            by_level: dict[float, set[int]] = {}
            for code, point in enumerate(one.grid, 1):
                by_level.setdefault(point[at], set()).add(code)
            for level, codes in by_level.items():
                if level > 0:
                    test = CodeTest(one.belief, frozenset(codes))
                    term = Operation("multiply", (Number(level), test))
                    here = Operation("add", (here, term))
            formula = here
        found[f"belief({one.player}, {name})"] = formula
    return found
