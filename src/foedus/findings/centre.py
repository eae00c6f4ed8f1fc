"""A claim at the central draw: how its size moves with each parameter, and where it turns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from foedus.errors import QueryError
from foedus.findings.draws import Draws
from foedus.findings.evidence import EQUILIBRIUM_PLAY, Evidence
from foedus.findings.settings import read
from foedus.findings.slopes import Slope, slope
from foedus.findings.verdict import effect_term, measure_claim
from foedus.numerics.designs import Scale
from foedus.scenario.model import Claim
from foedus.scenario.statements import about_region, figures

Line = Float[np.ndarray, "points"]


@dataclass(frozen=True, kw_only=True)
class Turn:
    """Where a claim starts or stops holding on a line through the central draw.

    - `parameter` moves from end to end of its range, the others are at their central values.
    - `at`: the values where it turns, ascending; none if it never does.
    - `holds_low`: whether it holds where the parameter is lowest.
    - `points`: how many points of the line were looked at, solved and known.
    """

    parameter: str
    at: tuple[float, ...]
    holds_low: bool
    points: int


@dataclass(frozen=True, kw_only=True)
class LocalSlope:
    """How the size of a claim changes with a parameter at the central draw.

    - `slope`: the exact derivative. `across`: the slope times the width of the range, which
        compares parameters of different units; on a log scale, the derivative by the logarithm
        times the width of its range.
    """

    parameter: str
    slope: float
    across: float


def turn(claim: Claim, draws: Draws, parameter: str) -> Turn | None:
    """Where the claim turns on a line of draws; None where it is not known at two points."""
    if claim.holds is None or about_region(claim.holds):
        return None
    slack = measure_claim(claim.holds, draws, claim.margin).strict
    line = draws.parameter(parameter)
    known = np.isfinite(slack) & draws.solved
    if known.sum() < 2:
        return None
    scale = draws.scales[draws.names.index(parameter)]
    order = np.argsort(line[known])
    values, sizes = line[known][order], slack[known][order]
    return Turn(
        parameter=parameter,
        at=tuple(roots(values, sizes, scale)),
        holds_low=bool(sizes[0] > 0),
        points=int(known.sum()),
    )


def roots(values: Line, slack: Line, scale: Scale) -> list[float]:
    """Where the slack changes sign, straight lines drawn between its points on the scale.

    >>> roots(np.array([0.0, 1.0, 2.0]), np.array([-1.0, 3.0, 3.0]), "linear")
    [0.25]
    """
    x = np.log(values) if scale == "log" else values
    change = np.flatnonzero((slack[:-1] > 0) != (slack[1:] > 0))
    left, right = slack[change], slack[change + 1]
    at = x[change] + (x[change + 1] - x[change]) * left / (left - right)
    found: list[float] = (np.exp(at) if scale == "log" else at).tolist()
    return found


def slopes(claim: Claim, centre: Evidence) -> tuple[LocalSlope, ...]:
    """The exact derivatives of the claim's size, the largest across its range first.

    Empty where it has none: a statement about the region, figures under counterfactual play,
    a game whose derivatives are not known, or a size that compares nothing.
    """
    term = effect_term(claim)
    solved = centre.by_play[EQUILIBRIUM_PLAY]
    if not solved.solved.all() or term is None or solved.derivatives is None or about_region(term):
        return ()
    wanted = figures(term)
    names = centre.samples.names
    if any((f.without, f.under) != EQUILIBRIUM_PLAY for f in wanted):
        return ()
    known = {
        figure: Slope(
            float(solved.values[place][0]), np.asarray(solved.derivatives[place], dtype=float)
        )
        for figure in wanted
        for place in [centre.place(figure)]
    }
    parameters = dict(zip(names, solved.parameters[0].tolist(), strict=True))
    parameters["precision"] = centre.precision
    try:
        found = slope(term, figures=known, parameters=parameters, names=names).gradient
    except QueryError:
        return ()
    return tuple(sorted(_named(centre, found, parameters), key=lambda one: -abs(one.across)))


def _named(centre: Evidence, gradient: Line, parameters: Mapping[str, float]) -> list[LocalSlope]:
    found = []
    for parameter, value in zip(centre.samples.parameters, gradient.tolist(), strict=True):
        if parameter.high <= parameter.low or not np.isfinite(value):
            continue
        across = value * (parameter.high - parameter.low)
        if parameter.scale == "log":
            across = value * parameters[parameter.name] * np.log(parameter.high / parameter.low)
        found.append(LocalSlope(parameter=parameter.name, slope=value, across=float(across)))
    return found


def readable_on_lines(claim: Claim) -> bool:
    """Whether the claim can be followed along a line: of equilibrium play, draw by draw."""
    if claim.holds is None or about_region(claim.holds):
        return False
    return all((f.without, f.under) == EQUILIBRIUM_PLAY for f in read(claim))
