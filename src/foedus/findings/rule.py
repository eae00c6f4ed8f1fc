"""Where a claim fails, or holds where that is rarer, in words: a box of a few parameters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Bool

from foedus.findings.draws import Draws
from foedus.findings.words import figure, percent
from foedus.numerics.boxes import Limit, Sample, limits, peel, readable_box

SMALLEST = 0.05  # of all draws that a box must hold: Friedman & Fisher's support


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A box in which most of the rarer outcome lies.

    - `outcome`: the rarer one. `base`: its share of all draws.
    - `limits`: the box, the surest restriction first; each carries its quasi-p-value.
    - `coverage`: share of the outcome inside. `density`: its share of the draws inside.
        `mass`: the share of all draws that are inside. All are of the draws that the box was
        found on, so on new draws expect a little less.
    """

    outcome: Literal["holds", "fails"]
    base: float
    limits: tuple[Limit, ...]
    coverage: float
    density: float
    mass: float

    @property
    def words(self) -> str:
        """The rule as a sentence.

        >>> limit = Limit(name="sigma", low=0.7, high=1, from_start=False, to_end=True, p_value=0)
        >>> box = Rule(outcome="fails", base=0.1, limits=(limit,), coverage=0.8, density=0.98,
        ...     mass=0.08)
        >>> print(box.words)
        fails when sigma > 0.7: 80 % of failures lie there, and 98 % of draws there fail
        """
        where = " and ".join(_words(limit) for limit in self.limits)
        covered, inside = percent(self.coverage), percent(self.density)
        if self.outcome == "fails":
            return (
                f"fails when {where}: {covered} of failures lie there, "
                f"and {inside} of draws there fail"
            )
        return (
            f"holds when {where}: {covered} of the draws in which it holds lie there, "
            f"and it holds in {inside} of draws there"
        )


def _words(limit: Limit) -> str:
    if limit.to_end:
        return f"{limit.name} > {figure(limit.low)}"
    if limit.from_start:
        return f"{limit.name} < {figure(limit.high)}"
    return f"{figure(limit.low)} < {limit.name} < {figure(limit.high)}"


def find_rule(draws: Draws, holds: Bool[np.ndarray, "draws"], among: Sequence[str]) -> Rule | None:
    """The most readable box of the rarer outcome in the parameters `among`; None if there is none.

    At most three parameters, none of them with a quasi-p-value above 0.05.
    """
    if not among:
        return None
    held = float(holds.mean())
    outcome: Literal["holds", "fails"] = "holds" if held < 0.5 else "fails"
    columns = [draws.names.index(name) for name in among]
    lows, highs = np.array(draws.lows)[columns], np.array(draws.highs)[columns]
    sample = Sample(
        draws.parameters[:, columns], holds if outcome == "holds" else ~holds, lows, highs
    )
    # A box may shrink to half of the draws where the outcome is rare.
    smallest = min(SMALLEST, float(sample.holds.mean()) / 2)
    box = readable_box(sample, peel(sample, smallest=smallest))
    if not box.restricted.any():
        return None
    return Rule(
        outcome=outcome,
        base=held if outcome == "holds" else 1 - held,
        limits=limits(sample, box, among),
        coverage=box.coverage,
        density=box.density,
        mass=box.mass,
    )
