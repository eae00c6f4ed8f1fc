"""Whether a claim rests on its mechanisms, or is true by construction: switch them off and see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from foedus.findings.draws import Draws
from foedus.findings.shifts import Shift, shift
from foedus.findings.statements import differences, reads_outcomes
from foedus.findings.verdict import FEWEST, LADDER, THRESHOLDS, Verdict, relevant, weigh
from foedus.numerics.shares import wilson
from foedus.scenario.model import Claim
from foedus.scenario.statements import Comparison, about_region, walk

NEARLY = 0.02  # of draws that may reverse what is nearly by construction

Kind = Literal[
    "true by construction",
    "nearly by construction",
    "false by construction",
    "rests on it",
    "held back by it",
    "does not rest on it",
    "cannot be asked without it",
    "not comparable",
]
CONSTRUCTED: tuple[Kind, ...] = (
    "true by construction",
    "nearly by construction",
    "false by construction",
)


@dataclass(frozen=True, kw_only=True)
class Ablation:
    """A claim with one mechanism on and off, over the whole region.

    `shift` is from the verdict with it on to the verdict with it off.
    """

    mechanism: str
    kind: Kind
    on: Verdict
    off: Verdict
    shift: Shift


@dataclass(frozen=True, kw_only=True)
class Construction:
    """How much of a claim the rules themselves decide.

    - `draws`: solved draws of the whole region that the claim is about, everything on.
    - `reversible`: the share of the region that could reverse the claim unseen by so many
        draws: Wilson's upper limit of the share of draws that reverse it. None where too few.
    - `identical`: every comparison of outcomes in the claim has the same number on both
        sides in every draw, so no assumption in the region can tell them apart.
    - `ablations`: one for each mechanism that was switched off.
    """

    draws: int
    reversible: float | None
    identical: bool
    holds_throughout: bool
    ablations: tuple[Ablation, ...]

    @property
    def by_construction(self) -> bool:
        """Whether the claim is true by construction."""
        return (self.identical and self.holds_throughout) or bool(self.of("true by construction"))

    def of(self, kind: Kind) -> tuple[str, ...]:
        """The mechanisms of which this is so."""
        return tuple(entry.mechanism for entry in self.ablations if entry.kind == kind)


def ablation(claim: Claim, on: Draws, off: Mapping[str, Draws], *, seed: int = 0) -> Construction:
    """What becomes of the claim when each of its mechanisms is switched off.

    `on`: draws of the whole region with everything on, *not* filtered by plausibility: what
    is true by construction is so without the facts. `off`: the same, by the mechanism that
    is off. A claim is **true by construction** through a mechanism if

    1. no draw reverses it with everything on, and it holds in 0.67 of draws or more;
    2. no draw reverses it with the mechanism off either, and it holds in 0.10 or fewer; or
       it holds there for want of any difference (`a >= b` with the same number on both sides).

    So nothing in the region can reverse it, and the mechanism alone makes it. It is *nearly*
    so where up to 0.02 of draws reverse it in either case, and **false by construction**
    where the same is true of its reversal. Otherwise the claim *rests on* a mechanism
    without which its verdict is lower by a word or more and by more than sampling error
    explains, and is *held back by* one without which it is higher. It *cannot be asked*
    without a mechanism where what it conditions on then never happens.

    An equality is reversed by any difference beyond the margin, so no mechanism makes it:
    taking one away cannot leave "neither equal nor different". It is true by construction
    where it is `identical`, the same number on both sides in all draws, as where the rules
    of two regimes differ in nothing that the quantity depends on. An equality joined with
    an inequality (`a == b < c`) can be made by a mechanism, for without it the inequality
    makes no difference. Of claims about the region, resamples are counted in place of draws.
    """
    base = weigh(claim, on, seed=seed)
    kept = relevant(claim, on)
    ablations = []
    for mechanism, draws in off.items():
        without = weigh(claim, draws, seed=seed)
        change = shift(base, without)
        empty = not _says_equal(claim) and _identical(claim, relevant(claim, draws))
        ablations.append(
            Ablation(
                mechanism=mechanism,
                kind=_kind(base, without, change, empty=empty),
                on=base,
                off=without,
                shift=change,
            )
        )
    return Construction(
        draws=kept.size,
        reversible=float(wilson(base.reversed, base.known)[1]) if base.known else None,
        identical=_identical(claim, kept),
        holds_throughout=base.known > 0 and base.holds == base.known,
        ablations=tuple(ablations),
    )


def _kind(on: Verdict, off: Verdict, change: Shift, *, empty: bool) -> Kind:
    """`empty`: without the mechanism there is no difference at all to make the claim true."""
    if on.word not in LADDER or off.word not in LADDER:
        asked = on.word in LADDER and off.draws >= FEWEST
        return "cannot be asked without it" if asked else "not comparable"
    low, high = THRESHOLDS[0], THRESHOLDS[2]
    made = _share(on.holds, on) >= high and (empty or _share(off.holds, off) <= low)
    opposed = max(_share(on.reversed, on), _share(off.reversed, off))
    if made and opposed == 0:
        return "true by construction"
    unmade = _share(on.reversed, on) >= high and _share(off.reversed, off) <= low
    if unmade and on.holds == off.holds == 0:
        return "false by construction"
    if made and opposed <= NEARLY:
        return "nearly by construction"
    if change.kind == "same" or not change.beyond_error:
        return "does not rest on it"
    return "rests on it" if change.steps < 0 else "held back by it"


def _share(count: int, verdict: Verdict) -> float:
    return count / verdict.known


def _comparisons(claim: Claim) -> list[Comparison]:
    """The comparisons of outcomes in a claim about draws; none in one about the region."""
    if claim.holds is None or about_region(claim.holds):
        return []
    parts = (part for part in walk(claim.holds) if isinstance(part, Comparison))
    return [part for part in parts if reads_outcomes(part)]


def _says_equal(claim: Claim) -> bool:
    return any(comparison.relation in ("==", "!=") for comparison in _comparisons(claim))


def _identical(claim: Claim, draws: Draws) -> bool:
    """Whether every comparison has one number on both sides in all draws, and there is one."""
    compared = [
        differences(comparison, draws, margin=claim.margin) for comparison in _comparisons(claim)
    ]
    return bool(compared) and all(
        difference.size and np.all(np.abs(difference) <= finest) for difference, finest in compared
    )
