"""What decides a claim: the parameters it turns on, where it flips, and the box where it fails."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float

from foedus.errors import QueryError
from foedus.findings.draws import Draws
from foedus.findings.region import outermost
from foedus.findings.rule import Rule, find_rule
from foedus.findings.statements import evaluate
from foedus.findings.verdict import effect_sizes, measure_claim, relevant
from foedus.numerics import sensitivity
from foedus.numerics.grids import Axis, Grid, cells_for, share_grid
from foedus.numerics.sensitivity import MATTERS, SobolIndices, rank_pivots, sobol_indices
from foedus.numerics.splits import Split, best_split
from foedus.scenario.model import Claim
from foedus.scenario.statements import All, Comparison, Not, Some, about_region

FEWEST_OF_A_KIND = 10  # draws on the rarer side; with fewer no screen can tell what sets them apart
Outcomes = Float[np.ndarray, "draws"]
Outcome = Literal["holds", "effect", "statistic", "nothing"]


@dataclass(frozen=True, kw_only=True)
class Pivot:
    """A parameter that a claim turns on.

    - `score`: the share of the outcome's variance that goes with the parameter: the total
        effect where it was estimated, and what it explains alone elsewhere.
    - `first`, `total`: both of them, the latter with its 95 % interval.
    - `p_value`: the smallest of three screens', corrected by Holm's method for all screens of
        all parameters. `evidence`: the screens that passed, and `total` likewise.
    - `direction`: partial rank correlation with the slack of the claim; above 0, more of the
        parameter favours the claim. With the effect where that is the outcome.
    - `split`: the value that best divides where the claim holds from where it does not, and
        how often it holds on each side. None where the claim is not what varies.
    """

    parameter: str
    score: float
    first: float
    total: float | None
    total_interval: tuple[float, float] | None
    p_value: float
    direction: float
    evidence: tuple[str, ...]
    split: Split | None


@dataclass(frozen=True, eq=False, kw_only=True)
class Map:
    """How often the claim holds over the two strongest pivots; its contour is at one half."""

    parameters: tuple[str, str]
    grid: Grid


@dataclass(frozen=True, eq=False, kw_only=True)
class Deciding:
    """What decides a claim.

    - `outcome`: what the pivots move. `holds`: whether the claim holds. `effect`: its size,
        as (nearly) all draws support it, or (nearly) none. `statistic`: what the first
        statistic of a claim about the region is of. `nothing`: no verdict, or nothing varies.
    - `pivots`: parameters with evidence that explain 5 % of the outcome or more, strongest
        first. Where there are none, no single assumption decides.
    - `others`: the remaining parameters that vary, by score; they decide nothing visible.
    - `map`, `rule`: only for an outcome of `holds` or a share. The rule may restrict any
        parameter with evidence, so there may be one where no single assumption decides.
    - `blocks`: of the Saltelli design behind the total effects; 0 without.
    """

    outcome: Outcome
    pivots: tuple[Pivot, ...] = ()
    others: tuple[Pivot, ...] = ()
    map: Map | None = None
    rule: Rule | None = None
    blocks: int = 0


def decide(claim: Claim, draws: Draws, *, seed: int = 0, saltelli: Draws | None = None) -> Deciding:
    """What decides the claim over the solved draws.

    Where at least ten draws are on each side, the outcome is whether the claim holds, 0 or 1.
    Three screens look at each parameter: the variance it explains alone, the distance of its
    distributions where the claim holds and where not, and its partial rank correlation with
    the slack. Elsewhere the outcome is the size of the effect, and there are no flips to find.

    `saltelli`: all rows of a Saltelli design over the same ranges, unsolved ones too. Its
    total effects are about the whole region, filtered or not, and see parameters that act
    only in company. They are left out for a claim with a `given`, whose rows make no design.
    """
    kept = relevant(claim, draws)
    outcome, sizes, holds = _outcome(claim, kept)
    known = np.isfinite(sizes)
    kept, sizes, holds = kept.take(known), sizes[known], None if holds is None else holds[known]
    varying = _varying(kept) if kept.size > 1 else ()
    if not varying:
        return Deciding(outcome="nothing")
    indices = None
    if saltelli is not None and claim.given is None and outcome != "statistic":
        indices = _total_effects(claim, saltelli, outcome, varying, seed)
    columns = kept.parameters[:, varying]
    names = [kept.names[column] for column in varying]
    ranked = rank_pivots(
        columns, sizes if holds is None else holds, names, sizes=sizes, indices=indices
    )
    pivots = tuple(_pivot(entry, columns, holds, indices, seed) for entry in ranked)
    deciding = tuple(pivot for pivot in pivots if pivot.evidence and pivot.score >= MATTERS)
    return Deciding(
        outcome=outcome,
        pivots=deciding,
        others=tuple(pivot for pivot in pivots if pivot not in deciding),
        map=None if holds is None or len(deciding) < 2 else _map(kept, holds, deciding),
        rule=None if holds is None else find_rule(kept, holds, _evident(pivots)),
        blocks=0 if indices is None else indices.blocks,
    )


def _outcome(
    claim: Claim, kept: Draws
) -> tuple[Outcome, Outcomes, Bool[np.ndarray, "draws"] | None]:
    """What varies, as a number in each draw; and as True or False, where that varies enough."""
    if claim.holds is None:
        return "effect", np.full(kept.size, np.nan), None
    if about_region(claim.holds):
        of = next(iter(outermost(claim.holds))).of
        if not isinstance(of, Comparison | All | Some | Not):
            values = evaluate(of, kept, margin=claim.margin)
            return "statistic", np.broadcast_to(values, (kept.size,)), None
        slack = measure_claim(of, kept, claim.margin)
        outcome: Outcome = "statistic"
    else:
        slack = measure_claim(claim.holds, kept, claim.margin)
        outcome = "holds"
    held = int(slack.holds.sum())
    if min(held, int((~slack.unknown).sum()) - held) >= FEWEST_OF_A_KIND:
        return outcome, slack.strict, slack.holds
    if outcome == "statistic":
        return outcome, slack.strict, None
    return "effect", effect_sizes(claim, kept), None


def _varying(draws: Draws) -> tuple[int, ...]:
    lowest, highest = draws.parameters.min(axis=0), draws.parameters.max(axis=0)
    return tuple(np.flatnonzero(lowest < highest).tolist())


def _total_effects(
    claim: Claim, saltelli: Draws, outcome: str, varying: tuple[int, ...], seed: int
) -> SobolIndices | None:
    """Sobol indices of the outcome; None where fewer than two blocks are complete."""
    rows = len(varying) + 2
    if _varying(saltelli) != varying or saltelli.size % rows:
        raise QueryError(
            f"These {saltelli.size} draws are not whole blocks of {rows} rows over the same "
            f"{len(varying)} parameters: total effects need every row of a Saltelli design."
        )
    if claim.holds is None or outcome == "effect":
        outcomes = effect_sizes(claim, saltelli)
    else:
        slack = measure_claim(claim.holds, saltelli, claim.margin)
        outcomes = np.where(slack.unknown, np.nan, slack.holds)
    outcomes = np.where(saltelli.solved, outcomes, np.nan)
    if np.isfinite(outcomes).reshape(-1, rows).all(axis=1).sum() < 2:
        return None
    return sobol_indices(outcomes, varied=len(varying), seed=seed)


def _evident(pivots: tuple[Pivot, ...]) -> list[str]:
    """The parameters that a box may restrict: weak alone, they may be strong in a corner."""
    return [pivot.parameter for pivot in pivots if pivot.evidence]


def _pivot(
    entry: sensitivity.Pivot,
    columns: Float[np.ndarray, "draws varied"],
    holds: Bool[np.ndarray, "draws"] | None,
    indices: SobolIndices | None,
    seed: int,
) -> Pivot:
    split = None
    if holds is not None and entry.evidence:
        split = best_split(columns[:, entry.column], holds, seed=seed)
    interval = None
    if indices is not None:
        low, high = indices.total_interval[entry.column].tolist()
        interval = (low, high)
    return Pivot(
        parameter=entry.name,
        score=entry.score,
        first=entry.first,
        total=entry.total,
        total_interval=interval,
        p_value=entry.p_value,
        direction=entry.direction,
        evidence=entry.evidence,
        split=split,
    )


def _map(draws: Draws, holds: Bool[np.ndarray, "draws"], pivots: tuple[Pivot, ...]) -> Map:
    names = (pivots[0].parameter, pivots[1].parameter)
    axes = []
    for name in names:
        column = draws.names.index(name)
        axes.append(
            Axis(
                low=draws.lows[column],
                high=draws.highs[column],
                scale=draws.scales[column],
                cells=cells_for(draws.size),
            )
        )
    points = np.stack([draws.parameter(name) for name in names], axis=1)
    return Map(parameters=names, grid=share_grid(points, holds, *axes))
