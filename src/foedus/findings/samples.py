"""The points of the region that an assessment looks at, by the name of the sample."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from jaxtyping import Bool, Float

from foedus.numerics.designs import Design, Kind
from foedus.scenario.model import Parameter
from foedus.scenario.scenario import Scenario

DRAWS, TOTALS, CENTRE, LINE = "draws", "total effects", "centre", "line "
SLOPES = "centre with slopes"
LEVELS = 16  # points of a line through the centre


@dataclass(frozen=True, kw_only=True)
class Samples:
    """The designs of one assessment; each sample is a pure function of these fields.

    - `draws`: `n` points of the region, by `kind` and `seed`.
    - `total effects`: `blocks` blocks of a Saltelli design, none where 0.
    - `line NAME`: one parameter on evenly spaced levels, the others at their central values.
    - `centre`, `centre with slopes`: the central values.
    """

    parameters: tuple[Parameter, ...]
    kind: Literal["sobol", "latin"]
    seed: int
    n: int
    blocks: int = 0

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters, by column."""
        return tuple(parameter.name for parameter in self.parameters)

    @property
    def varied(self) -> Bool[np.ndarray, "parameters"]:
        """The parameters that vary, by column."""
        return np.array([parameter.high > parameter.low for parameter in self.parameters], bool)

    def design(self, sample: str) -> Design:
        """The design that a sample is taken from."""
        kind: Kind = self.kind
        n, seed = self.n, self.seed
        if sample == TOTALS:
            kind, n = "saltelli", self.blocks
        elif sample != DRAWS:
            kind, n, seed = "one-at-a-time", LEVELS, 0
        return Design(
            kind=kind,
            seed=seed,
            n=n,
            names=self.names,
            lows=tuple(p.low for p in self.parameters),
            highs=tuple(p.high for p in self.parameters),
            scales=tuple(p.scale for p in self.parameters),
            central=tuple(p.value for p in self.parameters),
        )

    def size(self, sample: str) -> int:
        """How many points a sample has."""
        if sample in (CENTRE, SLOPES):
            return 1
        return LEVELS if sample.startswith(LINE) else self.design(sample).rows

    def points(self, sample: str, start: int, stop: int) -> Float[np.ndarray, "points parameters"]:
        """Points `start` up to `stop`, without it, in the order of `names`."""
        first = 0
        if sample.startswith(LINE):
            column = self.names.index(sample.removeprefix(LINE))
            first = 1 + LEVELS * int(self.varied[:column].sum())
        return self.design(sample).draws(first + start, first + stop)

    def identity(self, sample: str) -> dict[str, Any]:
        """What the points of a sample depend on, as plain data.

        A Sobol sequence begins with the same points whatever its length, so its length is
        no part of it.
        """
        found = asdict(self.design(sample))
        if found["kind"] == "sobol":
            del found["n"]
        return found


def region(scenario: Scenario) -> tuple[Parameter, ...]:
    """The parameters of all regimes: each where it varies, else where it comes first.

    A regime that fixes a parameter reads its own value instead of a draw's.
    """
    found: dict[str, Parameter] = {}
    for regime in scenario.regimes:
        for parameter in scenario.rules(regime.name).parameters:
            known = found.get(parameter.name)
            if known is None or known.low == known.high < parameter.high:
                found[parameter.name] = parameter
    return tuple(found.values())


def by_name(
    names: Sequence[str], points: Float[np.ndarray, "points parameters"]
) -> Mapping[str, Float[np.ndarray, "points"]]:
    """The columns of points by parameter."""
    return dict(zip(names, points.T, strict=True))
