"""Whether a verdict is the same under another setting: precision, convention, order, filter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from foedus.findings.verdict import LADDER, Verdict
from foedus.numerics.shares import share_difference

if TYPE_CHECKING:
    from foedus.findings.finding import Finding


@dataclass(frozen=True, kw_only=True)
class Shift:
    """A verdict beside the base verdict.

    - `kind`: `same` word, `one step` apart on the ladder from contradicted to supported,
        `moved` two or more, or `not comparable`, where one of them has no share.
    - `steps`: how far towards supported; below 0 towards contradicted.
    - `change`: the share less the base share. `interval`: Newcombe's, at 95 %; it treats
        the draws of both as independent, so is too wide where they are the same draws.
    """

    kind: Literal["same", "one step", "moved", "not comparable"]
    verdict: Verdict
    steps: int = 0
    change: float | None = None
    interval: tuple[float, float] | None = None

    @property
    def beyond_error(self) -> bool:
        """Whether sampling error cannot explain the change."""
        return self.interval is not None and not self.interval[0] <= 0 <= self.interval[1]


def compare(base: Finding, other: Verdict) -> Shift:
    """How the verdict under another setting differs from the base verdict of the same claim."""
    return shift(base.verdict, other)


def shift(base: Verdict, other: Verdict) -> Shift:
    """How the second verdict differs from the first."""
    if base.word not in LADDER or other.word not in LADDER:
        return Shift(kind="not comparable", verdict=other)
    steps = LADDER.index(other.word) - LADDER.index(base.word)
    successes, trials = (base.holds, other.holds), (base.known, other.known)
    low, high = share_difference(successes, trials)
    return Shift(
        kind="same" if steps == 0 else "one step" if abs(steps) == 1 else "moved",
        verdict=other,
        steps=steps,
        change=successes[1] / trials[1] - successes[0] / trials[0],
        interval=(low, high),
    )
