"""Verdicts on the draws that are solved already, be they few, or those of another assessment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from foedus.ensemble import InProcess, Store, versions
from foedus.errors import QueryError
from foedus.findings.draws import Draws
from foedus.findings.evidence import EQUILIBRIUM_PLAY, Evidence, Play, plausible, reproduced
from foedus.findings.finding import Finding
from foedus.findings.judging import judged
from foedus.findings.kept import Keeper, Solved
from foedus.findings.order import order
from foedus.findings.samples import DRAWS, Samples, region
from foedus.findings.settings import BASE, read
from foedus.findings.verdict import Verdict, weigh
from foedus.scenario.model import Claim
from foedus.scenario.scenario import Scenario
from foedus.scenario.statements import figures

Ranges = Mapping[str, tuple[float, float]]


@dataclass(frozen=True, eq=False, kw_only=True)
class Interim:
    """The draws of a scenario that a store has, and which of them count.

    - `drawn`: how many there are, solved or not. `rows`: the plausible ones.
    """

    evidence: Evidence
    rows: np.ndarray
    drawn: int
    seed: int

    def answers(self, claim: Claim) -> bool:
        """Whether everything that the claim reads was worked out for these draws."""
        evidence = self.evidence
        wanted = read(claim)
        known = all(
            f.quantity in evidence.quantities and f.regime in evidence.regimes for f in wanted
        )
        return known and evidence.answers(wanted)

    def within(self, ranges: Ranges) -> np.ndarray:
        """The plausible rows whose parameters lie in these ranges, ends included.

        Raises `QueryError` for a parameter that the draws do not have.
        """
        base = self.evidence.by_play[EQUILIBRIUM_PLAY]
        names = self.evidence.samples.names
        inside = np.isin(base.rows, self.rows)
        for name, (low, high) in ranges.items():
            if name not in names:
                raise QueryError(f"the draws have no parameter `{name}`")
            column = base.parameters[:, names.index(name)]
            inside &= (column >= low) & (column <= high)
        found: np.ndarray = base.rows[inside]
        return found

    def verdict(self, claim: Claim, rows: np.ndarray | None = None) -> Verdict | None:
        """The verdict over these rows, all plausible ones by default; None if it is not known."""
        if claim.holds is not None and not self.answers(claim):
            return None
        return weigh(claim, self._draws(claim, rows), seed=self.seed)

    def finding(self, claim: Claim, rows: np.ndarray | None = None) -> Finding | None:
        """The verdict with what decides it; None if it is not known."""
        if claim.holds is None or not self.answers(claim):
            return None
        counted = self.rows if rows is None else rows
        return judged(claim, self.evidence, counted, None, seed=self.seed)

    def _draws(self, claim: Claim, rows: np.ndarray | None) -> Draws:
        wanted = read(claim) if claim.holds is not None else ()
        counted = self.rows if rows is None else rows
        draws = self.evidence.draws(wanted)
        return draws.take(np.isin(self.evidence.rows(wanted), counted))


def interim(
    scenario: Scenario,
    store: Store,
    *,
    draws: int,
    seed: int = 7,
    design: Literal["sobol", "latin"] = "sobol",
    checks: int = 64,
    claims: Sequence[Claim] | None = None,
) -> Interim | None:
    """What the store has of the first `draws` draws of a scenario; None if it has nothing.

    Draws of other runs count where nothing that they depend on has changed: an edit of claims,
    facts or words leaves them. Nothing is solved.
    """
    samples = Samples(parameters=region(scenario), kind=design, seed=seed, n=draws)
    about = scenario.claims if claims is None else tuple(claims)
    asked = order(scenario, about, samples, checks=checks, quick=True)
    keeper = Keeper(
        scenario=scenario,
        task=asked.task(scenario),
        store=store,
        executor=InProcess(),
        versions=versions(),
        progress=lambda doing, progress: None,
    )
    base = keeper.found([DRAWS], [BASE], draws).get((DRAWS, BASE.label))
    if base is None or not base.solved.any():
        return None
    plays: dict[Play, Solved] = {EQUILIBRIUM_PLAY: base}
    other = keeper.found([DRAWS], asked.plays, asked.n_plays)
    for setting in asked.plays:
        if (DRAWS, setting.label) in other:
            plays[setting.without, setting.under] = other[DRAWS, setting.label]
    evidence = Evidence(
        samples=samples,
        regimes=asked.regimes,
        quantities=asked.quantities,
        precision=scenario.precision.value,
        by_play=plays,
    )
    facts = [fact for fact in scenario.plausible if evidence.answers(figures(fact.holds))]
    rows = evidence.solved[plausible(evidence.solved, reproduced(evidence, facts))]
    return Interim(evidence=evidence, rows=rows, drawn=len(base.rows), seed=seed)
