r"""The signalling model: seven utilities as formulas, and full, pseudo- and nested likelihoods."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
import scipy.special

from foedus.errors import QueryError
from foedus.estimation.folds import signalling_folds, told
from foedus.estimation.formulas import make_designs, needed, read_formula
from foedus.estimation.likelihood import Form, Likelihood
from foedus.estimation.model import Model, Prepared, Sampling
from foedus.estimation.observations import check_variety, count_numbers
from foedus.estimation.optimum import Optimum
from foedus.estimation.problems import Problems
from foedus.estimation.relaxation import relaxed
from foedus.estimation.search import Start
from foedus.estimation.signalling import (
    COARSE,
    FINE,
    OUTCOMES,
    PARTS,
    Beliefs,
    SignallingRows,
    all_equilibria,
    challenge,
    threshold,
)
from foedus.estimation.signalling_beliefs import (
    by_row,
    first_stage,
    nested,
    pseudo_maximum,
    settled,
)
from foedus.estimation.signalling_search import climb, refit
from foedus.estimation.signalling_two_step import nested_bread, two_step_scores
from foedus.estimation.table import Table
from foedus.scenario.suggestions import did_you_mean

Method = Literal["nfxp", "pl", "npl"]


@dataclass(frozen=True, eq=False, kw_only=True)
class SignallingModel(Model):
    """A crisis signalling game over counts of its outcomes.

    - `utilities`: formulas of S_A, V_A, C_B, W_A, W_B, a and V_B; those not named are 0.
    - `counts`: the columns that count status quo, concession, stand firm and back down.
    - `method`: "nfxp" maximises the likelihood with the equilibrium solved in every row; "pl"
        maximises the pseudo-likelihood given first-stage beliefs; "npl" repeats that with the
        beliefs that follow, until they no longer change. Standard errors of both count the noise
        of beliefs, but for those of `beliefs`, which are taken as known.
    - `beliefs`: columns with first-stage probabilities that B resists and that A stands firm;
        without them, logits on all covariates of the model.

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
        likelihood = Likelihood(rows=rows, forms=tuple(forms), weights=weight)
        if self.method != "nfxp":
            beliefs = self._first_stage(complete, likelihood, problems)
            if self.method == "npl":
                _, beliefs = nested(likelihood, beliefs)
            likelihood = replace(likelihood, rows=replace(rows, beliefs=beliefs))
        return Prepared(
            likelihood=likelihood,
            designs=designs,
            table=complete,
            missing=report,
            clusters=None if cluster is None else complete.frame[cluster].to_numpy(),
            title=f"crisis signalling, {self.method}",
        )

    def _first_stage(self, table: Table, likelihood: Likelihood, problems: Problems) -> Beliefs:
        if self.beliefs is None:
            return first_stage(likelihood).beliefs
        resist, firm = (table.numbers(name, problems) for name in self.beliefs)
        problems.check()
        return Beliefs(resist=np.clip(resist, 1e-4, 1 - 1e-4), firm=np.clip(firm, 1e-4, 1 - 1e-4))

    climb = staticmethod(climb)
    refit = staticmethod(refit)

    def sampling(self, likelihood: Likelihood, best: Optimum) -> Sampling:
        """Errors of "pl" and "npl" have the noise of beliefs in them; see `signalling_two_step`."""
        assert isinstance(likelihood.rows, SignallingRows)
        beliefs, scores = likelihood.rows.beliefs, likelihood.scores(best.point)
        if beliefs is None:
            covariance = np.linalg.pinv(-best.hessian)
            notes = [*told(signalling_folds(likelihood, best.point, covariance))]
            forms = likelihood.named(list(likelihood.etas(best.point, slice(0, likelihood.n_rows))))
            many = sum(len(roots) > 1 for roots in all_equilibria(forms, COARSE))
            if many:
                notes.append(
                    f"{many} of {likelihood.n_rows} rows have several equilibria at the estimate; "
                    "each is taken at the one under which it is likeliest, and errors stay with it"
                )
            return Sampling(hessian=best.hessian, scores=scores, notes=tuple(notes))
        note = "standard errors count the noise of beliefs taken from data"
        if self.method == "npl":
            bread = -best.hessian - nested_bread(likelihood, best.point, beliefs)
            scores = np.linalg.solve(bread, scores.T).T @ -best.hessian
        elif self.beliefs is None:
            scores = two_step_scores(likelihood, best.point, first_stage(likelihood))
        else:
            note = "standard errors, and resamples, take the beliefs in columns as known"
        return Sampling(hessian=best.hessian, scores=scores, cov_type="robust", notes=(note,))

    def begin(self, prepared: Prepared, starts: int, seed: int) -> list[Start]:
        """Where to search from: the pseudo-likelihood, then points scattered around it."""
        likelihood = prepared.likelihood
        rows = likelihood.rows
        assert isinstance(rows, SignallingRows)
        beliefs = rows.beliefs or self._first_stage(prepared.table, likelihood, Problems())
        rng = np.random.default_rng(seed)
        zero = np.zeros(len(likelihood.names))
        point = pseudo_maximum(likelihood, beliefs, zero)
        if self.method != "nfxp":
            return [Start(name="pseudo-likelihood", point=point)]
        best = settled(likelihood, beliefs, point)
        points = [Start(name="pseudo-likelihood", point=best)]
        if starts > 1:
            own = by_row(rows.counts)
            close = pseudo_maximum(likelihood, own, zero)
            eased = relaxed(likelihood, close, own.resist)
            points += [eased, Start(name="beliefs by row", point=close)]
        size = np.concatenate(
            [np.maximum(np.sqrt((f.design**2).mean(axis=0)), 1e-8) for f in likelihood.forms]
        )
        for number in range(1, starts - 2):
            if number % 2:
                noise = 0.1 * rng.standard_normal(len(best)) / size
                name = f"scattered {number}"
                points.append(Start(name=name, point=eased.point + noise, rows=eased.rows))
            else:
                drawn = Beliefs(resist=rng.uniform(0.1, 0.9, 1), firm=rng.uniform(0.1, 0.9, 1))
                begun = pseudo_maximum(likelihood, drawn, zero)
                reached = settled(likelihood, drawn, begun)
                points.append(Start(name=f"beliefs {number}", point=reached))
        return [reachable(likelihood, one, best) for one in points[: max(1, starts)]]


def reachable(likelihood: Likelihood, start: Start, base: np.ndarray) -> Start:
    """The start itself, or one on the way to `base`, so that every row has an equilibrium."""
    assert isinstance(likelihood.rows, SignallingRows)
    point, rows = start.point, start.rows or likelihood.rows
    with np.errstate(all="ignore"):
        for _ in range(8):
            if np.isfinite(replace(likelihood, rows=rows).value(point)):
                break
            point, rows = 0.5 * (point + base), likelihood.rows.afresh()
    return Start(name=start.name, point=point, rows=rows)


def equilibria(likelihood: Likelihood, point: np.ndarray) -> pd.DataFrame:
    """Every equilibrium in every row: probabilities of challenge, resistance and standing firm.

    `followed` marks the one that the likelihood is evaluated at, for pseudo-likelihoods the one
    nearest to the beliefs.
    """
    rows = likelihood.rows
    if not isinstance(rows, SignallingRows):
        raise QueryError("only the signalling game lists equilibria by row")
    whole = slice(0, likelihood.n_rows)
    forms = likelihood.named(list(likelihood.etas(point, whole)))
    followed = rows.solved().equilibrium(forms, whole)
    every = all_equilibria(forms, FINE)
    owner = np.repeat(np.arange(len(every)), [len(roots) for roots in every])
    x = np.concatenate([*every, np.zeros(0)])
    here = {name: form[owner] for name, form in forms.items()}
    resist = scipy.special.ndtr(x)
    meant, bluff = challenge(here, threshold(here, resist))
    return pd.DataFrame(
        {
            "row": owner,
            "challenge": meant + bluff,
            "resist": resist,
            "firm": meant / (meant + bluff),
            "followed": np.abs(x - followed[owner]) < 1e-6,
        }
    )
