"""One claim judged on what was gathered: its finding, and what becomes of it elsewhere."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from foedus.findings.ablation import Construction, ablation
from foedus.findings.centre import Turn, readable_on_lines, turn
from foedus.findings.draws import Draws
from foedus.findings.evidence import Evidence
from foedus.findings.finding import Finding, judge
from foedus.findings.settings import Setting, read
from foedus.findings.shifts import Shift, shift
from foedus.findings.verdict import weigh
from foedus.scenario.model import Claim

ALL_DRAWS, WITH_HOLDOUTS = "all draws, plausible or not", "hold-outs as filters too"
TELLING = 3  # pivots of a claim that are followed along lines through the centre


def judged(
    claim: Claim, evidence: Evidence, rows: np.ndarray, saltelli: Evidence | None, *, seed: int
) -> Finding:
    """The finding over the plausible draws, `rows`."""
    wanted = read(claim)
    blocks = None
    if saltelli is not None and saltelli.answers(wanted):
        blocks = saltelli.draws(wanted)
    return judge(claim, among(evidence, claim, rows), seed=seed, saltelli=blocks)


def refiltered(
    finding: Finding, evidence: Evidence, strict: np.ndarray | None, *, seed: int
) -> dict[str, Shift]:
    """The verdict over all draws, and over `strict`, those that reproduce the hold-outs too."""
    claim = finding.claim
    every = weigh(claim, evidence.draws(read(claim)), seed=seed)
    found = {ALL_DRAWS: shift(finding.verdict, every)}
    if strict is not None:
        fewer = weigh(claim, among(evidence, claim, strict), seed=seed)
        found[WITH_HOLDOUTS] = shift(finding.verdict, fewer)
    return found


def looked_at_again(
    claim: Claim,
    evidence: Evidence,
    again: Mapping[Setting, Evidence],
    rows: np.ndarray,
    *,
    seed: int,
) -> tuple[dict[str, Shift], Construction | None]:
    """The claim's verdict in the other settings, by their labels, and what it rests on.

    Each verdict stands beside the base verdict on the same draws: the plausible ones that
    were solved in both settings. What a claim rests on is looked for over the whole region.
    A claim that reads counterfactual play is judged in the base setting alone.
    """
    wanted = read(claim)
    if claim.holds is None or not all(other.answers(wanted) for other in again.values()):
        return {}, None
    shifts: dict[str, Shift] = {}
    off: dict[str, Draws] = {}
    seen = evidence.solved
    for setting, other in again.items():
        if setting.without is None:
            both = np.intersect1d(rows, other.solved)
            base = weigh(claim, among(evidence, claim, both), seed=seed)
            found = weigh(claim, among(other, claim, both), seed=seed)
            shifts[setting.label] = shift(base, found)
        elif setting.without in claim.mechanisms:
            off[setting.without] = other.draws(wanted)
            seen = np.intersect1d(seen, other.solved)  # so that the draws are the same
    return shifts, ablation(claim, among(evidence, claim, seen), off, seed=seed)


def telling(finding: Finding) -> tuple[str, ...]:
    """The pivots that are followed along lines through the centre."""
    if not readable_on_lines(finding.claim):
        return ()
    return tuple(pivot.parameter for pivot in finding.deciding.pivots[:TELLING])


def turns(finding: Finding, lines: Mapping[str, Evidence]) -> tuple[Turn, ...]:
    """Where the claim turns on these lines."""
    claim = finding.claim
    found = (
        turn(claim, lines[name].draws(read(claim)), name)
        for name in telling(finding)
        if name in lines
    )
    return tuple(one for one in found if one is not None)


def among(evidence: Evidence, claim: Claim, rows: np.ndarray) -> Draws:
    """The draws with the claim's figures, of these rows."""
    wanted = read(claim)
    return evidence.draws(wanted).take(np.isin(evidence.rows(wanted), rows))
