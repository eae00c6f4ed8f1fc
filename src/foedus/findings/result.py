"""What an assessment found: verdicts with their evidence, and the draws behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from foedus.ensemble.records import FailureRecord
from foedus.findings.assessed import Assessed, Audit, FactFound
from foedus.findings.draws import Draws
from foedus.findings.evidence import EQUILIBRIUM_PLAY, Evidence
from foedus.findings.judging import among
from foedus.findings.kept import Solved
from foedus.findings.samples import Samples
from foedus.findings.verdict import FEWEST
from foedus.scenario.model import Claim

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr


@dataclass(frozen=True, eq=False, kw_only=True)
class Findings:
    """The answer of `assess`.

    - `draws`, `solved`, `plausible`: how many were drawn, solved under every regime, and
        reproduce all facts; verdicts are over the last.
    - `filters`, `holdouts`: the facts, and how often draws reproduce them.
    - `claims`: in the file's order. `settings`: those that checks were made in.
    - `selection`: by regime, which equilibrium is looked at and what is known of others.
    - `failures`: draws without a result, of the base sample and of the others.
    - `run`: the id of this assessment in the store; `runs`: of the draws behind it.
    - `reused`, `computed`: chunks of draws read from the store, and computed now.
    - `lacking`: what could not be computed, in words; empty when all is `complete`.
    - `evidence`: the draws themselves; `plausible_rows`: the ones that count.
    """

    scenario: str
    title: str
    digest: str
    design: str
    seed: int
    draws: int
    solved: int
    plausible: int
    filters: tuple[FactFound, ...]
    holdouts: tuple[FactFound, ...]
    claims: tuple[Assessed, ...]
    settings: tuple[str, ...]
    checks: int
    selection: Mapping[str, str]
    audit: Audit
    failures: tuple[FailureRecord, ...]
    run: str = ""
    runs: tuple[str, ...]
    computed: int
    reused: int
    lacking: tuple[str, ...]
    seconds: float = 0.0
    samples: Samples = field(repr=False)
    regimes: tuple[str, ...]
    quantities: tuple[str, ...] = field(repr=False)
    evidence: Evidence = field(repr=False)
    plausible_rows: np.ndarray = field(repr=False)

    @property
    def base(self) -> Solved:
        """The base sample: equilibrium play with every mechanism on."""
        return self.evidence.by_play[EQUILIBRIUM_PLAY]

    def draws_of(self, claim: Claim) -> Draws:
        """The plausible draws with the figures of a claim: those that it is judged on."""
        return among(self.evidence, claim, self.plausible_rows)

    @property
    def complete(self) -> bool:
        """Whether everything that was asked for could be computed."""
        return not self.lacking

    @property
    def little_evidence(self) -> bool:
        """Whether too few draws reproduce the facts for any verdict."""
        return self.plausible < FEWEST

    def __getitem__(self, name: str) -> Assessed:
        """The claim of that name. Raises `KeyError` if it was not assessed."""
        for assessed in self.claims:
            if assessed.claim.name == name:
                return assessed
        raise KeyError(name)

    def to_dict(self) -> dict[str, Any]:
        """Everything but the draws as plain data, ready for JSON."""
        return {
            "scenario": self.scenario,
            "title": self.title,
            "digest": self.digest,
            "run": self.run,
            "runs": list(self.runs),
            "design": self.design,
            "seed": self.seed,
            "draws": self.draws,
            "solved": self.solved,
            "plausible": self.plausible,
            "complete": self.complete,
            "lacking": list(self.lacking),
            "filters": [found.to_dict() for found in self.filters],
            "holdouts": [found.to_dict() for found in self.holdouts],
            "claims": [assessed.to_dict() for assessed in self.claims],
            "settings": list(self.settings),
            "checks": self.checks,
            "selection": dict(self.selection),
            "audit": asdict(self.audit),
            "failures": [_failure(record) for record in self.failures],
            "seconds": self.seconds,
        }

    def to_dataframe(self) -> pd.DataFrame:
        """One row for each claim: verdict, share and its interval, effect, pivots, flags."""
        import pandas as pd

        rows = [assessed.row() for assessed in self.claims]
        return pd.DataFrame(rows).set_index("claim") if rows else pd.DataFrame()

    @property
    def dataset(self) -> xr.Dataset:
        """The base sample: `value` by draw, regime and quantity; parameters by draw.

        `solved` and `plausible` say of each draw whether it counts. A draw's number is its
        place in the design.
        """
        import xarray as xr

        columns = {
            name: ("draw", self.base.parameters[:, column])
            for column, name in enumerate(self.samples.names)
        }
        return xr.Dataset(
            {
                "value": (("draw", "regime", "quantity"), np.moveaxis(self.base.values, 2, 0)),
                "solved": ("draw", self.base.solved),
                "plausible": ("draw", np.isin(self.base.rows, self.plausible_rows)),
            },
            coords={
                "draw": self.base.rows,
                "regime": list(self.regimes),
                "quantity": list(self.quantities),
                **columns,
            },
            attrs={"scenario": self.scenario, "title": self.title, "run": self.run},
        )

    def __repr__(self) -> str:
        lines = [
            f"Findings on {self.title!r}: {self.plausible} of {self.draws} draws plausible, "
            f"run {self.run}"
        ]
        for assessed in self.claims:
            verdict = assessed.finding.verdict
            share = "" if verdict.share is None else f" {verdict.share:.2f}"
            lines.append(f"{assessed.claim.name} {assessed.claim.label}: {verdict.word}{share}")
        return "\n  ".join(lines)


def _failure(record: FailureRecord) -> dict[str, Any]:
    failure = record.failure
    return {
        "sample": record.cell["sample"],
        "setting": record.cell["setting"],
        "draw": failure.draw,
        "error": failure.error,
        "message": failure.message,
        "parameters": dict(failure.inputs),
    }
