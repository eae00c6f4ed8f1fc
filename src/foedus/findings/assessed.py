"""One claim with all that an assessment found about it; one fact; the audit of the draws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from foedus.findings.centre import LocalSlope, Turn
from foedus.findings.finding import Finding, plain
from foedus.findings.judging import ALL_DRAWS
from foedus.findings.shifts import Shift
from foedus.scenario.model import Claim, Fact


@dataclass(frozen=True, kw_only=True)
class FactFound:
    """How often draws reproduce a fact.

    `share` is of the `known` draws, those in which the figures of the fact are known: among
    all solved draws for a fact that filters, among the plausible ones for a hold-out.
    """

    fact: Fact
    reproduced: int
    known: int

    @property
    def share(self) -> float | None:
        """The share, None where nothing is known."""
        return self.reproduced / self.known if self.known else None

    def to_dict(self) -> dict[str, Any]:
        """The fact and its shares as plain data."""
        fact = self.fact
        return {
            "id": fact.name,
            "label": fact.label,
            "says": fact.says,
            "date": fact.date,
            "source": fact.source,
            "holds": fact.words,
            "reproduced": self.reproduced,
            "known": self.known,
            "share": self.share,
        }


@dataclass(frozen=True, eq=False, kw_only=True)
class Assessed:
    """One claim with all that was found about it.

    - `finding`: over the plausible draws.
    - `shifts`: what becomes of the verdict over other draws and in other settings, by name.
    - `slopes`, `turns`: at the central draw.
    """

    finding: Finding
    shifts: Mapping[str, Shift]
    slopes: tuple[LocalSlope, ...] = ()
    turns: tuple[Turn, ...] = ()

    @property
    def claim(self) -> Claim:
        """The claim."""
        return self.finding.claim

    @property
    def moved(self) -> tuple[str, ...]:
        """The settings under which the verdict is another, by more than sampling explains."""
        return tuple(
            setting
            for setting, shift in self.shifts.items()
            if shift.kind == "moved" or (shift.kind == "one step" and shift.beyond_error)
        )

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain data: that of the finding, and what stands around it."""
        return {
            **self.finding.to_dict(),
            "robustness": {name: plain(shift) for name, shift in self.shifts.items()},
            "moved": list(self.moved),
            "slopes": plain(self.slopes),
            "turns": plain(self.turns),
        }

    def row(self) -> dict[str, Any]:
        """The claim as a row of a table."""
        verdict, effect = self.finding.verdict, self.finding.verdict.effect
        low, high = verdict.interval or (None, None)
        return {
            "claim": self.claim.name,
            "label": self.claim.label,
            "verdict": verdict.word,
            "share": verdict.share,
            "share_low": low,
            "share_high": high,
            "draws": verdict.draws,
            "effect": None if effect is None else effect.median,
            "effect_low": None if effect is None else effect.low,
            "effect_high": None if effect is None else effect.high,
            "unit": self.claim.unit,
            "share_unfiltered": self.shifts[ALL_DRAWS].verdict.share,
            "pivots": ", ".join(pivot.parameter for pivot in self.finding.deciding.pivots),
            "by_construction": self.finding.by_construction,
            "moves_under": ", ".join(self.moved),
        }


@dataclass(frozen=True, kw_only=True)
class Audit:
    """Draws solved again by code that shares nothing with the solver, one regime of each.

    The largest distance from the logit response, gain from one deviation, and difference of
    any quantity, over all that were looked at; 0 where none was.
    """

    checks: int
    residual: float
    regret: float
    difference: float
