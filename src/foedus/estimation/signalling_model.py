r"""The signalling model: seven utilities as formulas, and full, pseudo- and nested likelihoods."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
import scipy.special

from foedus.errors import QueryError, SolveError
from foedus.estimation.formulas import make_designs, needed, read_formula
from foedus.estimation.jets import normal_cdf
from foedus.estimation.likelihood import Form, Likelihood
from foedus.estimation.model import Prepared
from foedus.estimation.observations import check_variety, count_numbers
from foedus.estimation.optimum import maximise
from foedus.estimation.problems import Problems
from foedus.estimation.relaxation import relaxed
from foedus.estimation.signalling import (
    FINE,
    OUTCOMES,
    PARTS,
    Beliefs,
    SignallingRows,
    all_equilibria,
    challenge,
    reply,
    threshold,
)
from foedus.estimation.table import Table
from foedus.scenario.suggestions import did_you_mean

Method = Literal["nfxp", "pl", "npl"]
ROUNDS = 500


@dataclass(frozen=True, eq=False, kw_only=True)
class SignallingModel:
    """A crisis signalling game over counts of its outcomes.

    - `utilities`: formulas of S_A, V_A, C_B, W_A, W_B, a and V_B; those not named are 0.
    - `counts`: the columns that count status quo, concession, stand firm and back down.
    - `method`: "nfxp" maximises the likelihood with the equilibrium solved in every row; "pl"
        maximises the pseudo-likelihood given first-stage beliefs; "npl" repeats that with the
        beliefs that follow, until they no longer change. Standard errors of "pl" and "npl" take
        the beliefs as known, and are too small.
    - `beliefs`: columns with first-stage probabilities that B resists and that A stands firm;
        without them, shares over all rows.

    >>> model = SignallingModel(utilities={"V_A": "1", "W_B": "1 + x"},
    ...                         counts=["sq", "cd", "sf", "bd"])
    """

    utilities: Mapping[str, str]
    counts: list[str]
    method: Method = "nfxp"
    beliefs: tuple[str, str] | None = None

    def prepare(
        self, table: Table, *, weights: str | None, cluster: str | None, missing: str
    ) -> Prepared:
        """The likelihood over a table; every problem of the table at once."""
        for name in self.utilities:
            if name not in PARTS:
                hint = did_you_mean(name, PARTS, "utilities are")
                raise QueryError(f"the signalling game has no utility `{name}`; {hint}")
        if self.method not in ("nfxp", "pl", "npl"):
            raise QueryError(f"a method is nfxp, pl or npl; found {self.method!r}")
        if len(self.counts) != 4:
            raise QueryError(f"counts are four columns: {', '.join(OUTCOMES)}")
        problems = Problems(source=table.source)
        texts = {part: self.utilities[part] for part in PARTS if part in self.utilities}
        read = {name: read_formula(text) for name, text in texts.items()}
        formulas = {name: formula for name, formula in read.items() if formula is not None}
        names = [*needed(formulas), *self.counts, *(self.beliefs or ())]
        names += [name for name in (weights, cluster) if name is not None]
        if not table.require(names, problems, "the model"):
            problems.check()
        complete, report = table.complete(names, missing)
        counts = count_numbers(complete, self.counts, problems)
        designs, matrices = make_designs(formulas, complete, problems)
        size = sum(matrix.shape[1] for matrix in matrices.values())
        weight = (
            np.ones(len(counts))
            if weights is None
            else complete.numbers(weights, problems, least=0)
        )
        check_variety(counts, OUTCOMES, size, problems)
        problems.check()
        forms = [Form(name=n, design=m, columns=designs.columns(n)) for n, m in matrices.items()]
        nothing = np.zeros((len(counts), 0))
        forms += [Form(name=p, design=nothing, columns=()) for p in PARTS if p not in matrices]
        rows = SignallingRows(counts=counts).afresh()
        if self.method != "nfxp":
            rows = replace(rows, beliefs=self._first_stage(complete, counts, problems))
        likelihood = Likelihood(rows=rows, forms=tuple(forms), weights=weight)
        if self.method == "npl" and rows.beliefs is not None:
            _, settled_beliefs = nested(likelihood, rows.beliefs)
            likelihood = replace(likelihood, rows=replace(rows, beliefs=settled_beliefs))
        return Prepared(
            likelihood=likelihood,
            designs=designs,
            table=complete,
            missing=report,
            clusters=None if cluster is None else complete.frame[cluster].to_numpy(),
            title=f"crisis signalling, {self.method}",
        )

    def _first_stage(self, table: Table, counts: np.ndarray, problems: Problems) -> Beliefs:
        if self.beliefs is None:
            return shares(counts)
        resist, firm = (table.numbers(name, problems) for name in self.beliefs)
        problems.check()
        return Beliefs(resist=np.clip(resist, 1e-4, 1 - 1e-4), firm=np.clip(firm, 1e-4, 1 - 1e-4))

    def begin(self, prepared: Prepared, starts: int, seed: int) -> list[tuple[str, np.ndarray]]:
        """Where to search from: the pseudo-likelihood, then points scattered around it."""
        likelihood = prepared.likelihood
        rows = likelihood.rows
        assert isinstance(rows, SignallingRows)
        beliefs = rows.beliefs or self._first_stage(prepared.table, rows.counts, Problems())
        rng = np.random.default_rng(seed)
        zero = np.zeros(len(likelihood.names))
        point = pseudo_maximum(likelihood, beliefs, zero)
        if self.method != "nfxp":
            return [("pseudo-likelihood", point)]
        best = settled(likelihood, beliefs, point)
        points = [("pseudo-likelihood", best)]
        if starts > 1:
            own = by_row(rows.counts)
            close = pseudo_maximum(likelihood, own, zero)
            points.append(("beliefs relaxed", relaxed(likelihood, close, own.resist)))
            points.append(("beliefs by row", close))
        size = np.concatenate(
            [np.maximum(np.sqrt((f.design**2).mean(axis=0)), 1e-8) for f in likelihood.forms]
        )
        for number in range(1, starts - 2):
            if number % 2:
                noise = 0.1 * rng.standard_normal(len(best)) / size
                points.append((f"scattered {number}", best + noise))
            else:
                drawn = Beliefs(resist=rng.uniform(0.1, 0.9, 1), firm=rng.uniform(0.1, 0.9, 1))
                begun = pseudo_maximum(likelihood, drawn, zero)
                points.append((f"beliefs {number}", settled(likelihood, drawn, begun)))
        return [
            (name, reachable(likelihood, point, best)) for name, point in points[: max(1, starts)]
        ]


def reachable(likelihood: Likelihood, point: np.ndarray, base: np.ndarray) -> np.ndarray:
    """The point itself, or one on the way to `base`, so that every row has an equilibrium."""
    assert isinstance(likelihood.rows, SignallingRows)
    anew = replace(likelihood, rows=likelihood.rows.afresh())
    with np.errstate(all="ignore"):
        for _ in range(8):
            if np.isfinite(anew.value(point)):
                break
            point = 0.5 * (point + base)
    return point


def by_row(counts: np.ndarray) -> Beliefs:
    """First-stage beliefs from each row's own counts, drawn towards those of all rows."""
    pooled = shares(counts)
    _, concede, firm, back = counts.T
    resisted = firm + back
    return Beliefs(
        resist=np.clip((resisted + pooled.resist) / (concede + resisted + 1.0), 1e-3, 1 - 1e-3),
        firm=np.clip((firm + pooled.firm) / (resisted + 1.0), 1e-3, 1 - 1e-3),
    )


def settled(likelihood: Likelihood, beliefs: Beliefs, point: np.ndarray) -> np.ndarray:
    """A few rounds of nested pseudo-likelihood: near an equilibrium, and no further."""
    for _ in range(3):
        beliefs = implied(likelihood, point, beliefs)
        point = pseudo_maximum(likelihood, beliefs, point)
    return point


def shares(counts: np.ndarray) -> Beliefs:
    """First-stage beliefs from all rows together."""
    _, concede, firm, back = counts.sum(axis=0) + 0.5
    resisted = firm + back
    return Beliefs(
        resist=np.array([resisted / (concede + resisted)]), firm=np.array([firm / resisted])
    )


def pseudo_maximum(likelihood: Likelihood, beliefs: Beliefs, start: np.ndarray) -> np.ndarray:
    """The maximum of the pseudo-likelihood given beliefs."""
    assert isinstance(likelihood.rows, SignallingRows)
    given = replace(likelihood, rows=replace(likelihood.rows, beliefs=beliefs))
    found = maximise(given.derivatives, start, value=given.value, tolerance=1e-14)
    return found.point


def implied(likelihood: Likelihood, point: np.ndarray, beliefs: Beliefs) -> Beliefs:
    """What play at these coefficients makes of beliefs, one step on."""
    forms = likelihood.named(list(likelihood.etas(point, slice(0, likelihood.n_rows))))
    n = likelihood.n_rows
    with np.errstate(all="ignore"):
        meant, bluff = challenge(forms, threshold(forms, np.resize(beliefs.resist, n)))
        firm = np.nan_to_num(meant / (meant + bluff), nan=0.5)
    resist = normal_cdf(reply(forms, np.resize(beliefs.firm, n)))
    return Beliefs(resist=np.clip(resist, 1e-10, 1 - 1e-10), firm=np.clip(firm, 1e-10, 1.0))


def nested(likelihood: Likelihood, beliefs: Beliefs) -> tuple[np.ndarray, Beliefs]:
    """Pseudo-likelihood and beliefs in turn until neither changes.

    Raises `SolveError` where that does not settle, which is common with several equilibria.
    """
    point = pseudo_maximum(likelihood, beliefs, np.zeros(len(likelihood.names)))
    for _ in range(ROUNDS):
        beliefs = implied(likelihood, point, beliefs)
        new = pseudo_maximum(likelihood, beliefs, point)
        if np.abs(new - point).max() < 1e-8:
            return new, beliefs
        point = new
    raise SolveError(
        f"nested pseudo-likelihood did not settle in {ROUNDS} rounds", hints=["method='nfxp'"]
    )


def equilibria(likelihood: Likelihood, point: np.ndarray) -> pd.DataFrame:
    """Every equilibrium in every row: probabilities of challenge, resistance and standing firm.

    `followed` marks the one that the likelihood was evaluated at.
    """
    rows = likelihood.rows
    if not isinstance(rows, SignallingRows):
        raise QueryError("only the signalling game lists equilibria by row")
    forms = likelihood.named(list(likelihood.etas(point, slice(0, likelihood.n_rows))))
    records = []
    current = rows.equilibrium(forms, slice(0, likelihood.n_rows))
    for row, roots in enumerate(all_equilibria(forms, FINE)):
        for x in roots:
            here = {name: np.atleast_1d(form[row]) for name, form in forms.items()}
            resist = scipy.special.ndtr(x)
            meant, bluff = challenge(here, threshold(here, resist))
            records.append(
                {
                    "row": row,
                    "challenge": float((meant + bluff)[0]),
                    "resist": float(resist),
                    "firm": float((meant / (meant + bluff))[0]),
                    "followed": bool(abs(x - current[row]) < 1e-6),
                }
            )
    return pd.DataFrame(records)
