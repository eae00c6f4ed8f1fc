"""A finding: a claim, its verdict, and everything that says how far to trust it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

import numpy as np

from foedus.findings.ablation import Construction
from foedus.findings.deciding import Deciding, decide
from foedus.findings.draws import Draws
from foedus.findings.sentences import sentence
from foedus.findings.verdict import Verdict, weigh
from foedus.scenario.model import Claim


@dataclass(frozen=True, eq=False, kw_only=True)
class Finding:
    """A claim with its evidence.

    - `deciding`: empty for a claim without a verdict.
    - `construction`: what the claim rests on, from `ablation`; None where that was not
        looked into. `judge` leaves it so, and `dataclasses.replace` adds it.
    """

    claim: Claim
    verdict: Verdict
    deciding: Deciding
    construction: Construction | None = None

    @property
    def sentence(self) -> str:
        """The finding in one sentence, in verbs no stronger than the evidence."""
        return sentence(self.claim, self.verdict, self.deciding, self.construction)

    @property
    def by_construction(self) -> bool | None:
        """Whether the claim is true by construction; None where that was not looked into."""
        return None if self.construction is None else self.construction.by_construction

    def to_dict(self) -> dict[str, Any]:
        """The finding as plain data for JSON: no arrays, and None where there is no number."""
        claim, verdict = self.claim, self.verdict
        deciding = plain(self.deciding)
        return {
            "id": claim.name,
            "label": claim.label,
            "by": claim.by,
            "where": claim.where,
            "says": claim.says,
            "tests": claim.words,
            "untestable": claim.untestable,
            "rivals": list(claim.rivals),
            "verdict": verdict.word,
            "sentence": self.sentence,
            **{key: value for key, value in plain(verdict).items() if key != "word"},
            "pivots": deciding.pop("pivots"),
            "by_construction": self.by_construction,
            "deciding": deciding,
            "construction": plain(self.construction),
        }


def judge(claim: Claim, draws: Draws, *, seed: int = 0, saltelli: Draws | None = None) -> Finding:
    """The finding on a claim: its verdict and what decides it.

    `draws` are those that count. `saltelli`: all rows of a Saltelli design over the same
    ranges, for total effects. The same draws in any order give the same finding.
    """
    verdict = weigh(claim, draws, seed=seed)
    deciding = Deciding(outcome="nothing")
    if verdict.share is not None and verdict.word != "too few draws":
        deciding = decide(claim, draws, seed=seed, saltelli=saltelli)
    return Finding(claim=claim, verdict=verdict, deciding=deciding)


def plain(value: Any) -> Any:
    """Dataclasses as dictionaries and arrays as lists, all the way down; None for NaN."""
    if is_dataclass(value) and not isinstance(value, type):
        return {entry.name: plain(getattr(value, entry.name)) for entry in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist())
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value
