r"""Beliefs of pseudo-likelihoods: a first stage from what was observed, then what play implies.

The first stage is two logits on all covariates: that a challenge is resisted, and that resistance
meets a firm stand. A slight ridge keeps coefficients finite where a covariate separates.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import scipy.linalg
import scipy.special

from foedus.errors import SolveError
from foedus.estimation.jets import normal_cdf
from foedus.estimation.likelihood import Likelihood
from foedus.estimation.optimum import Optimum, maximise
from foedus.estimation.signalling import Beliefs, SignallingRows, challenge, reply, threshold

ROUNDS = 500  # of nested pseudo-likelihood before it is given up
RIDGE = 1e-2  # weight of half a squared coefficient, covariates being of unit size


@dataclass(frozen=True, eq=False, kw_only=True)
class Logit:
    """One of the logits: how often it happened in how many trials, and its coefficients."""

    design: np.ndarray
    happened: np.ndarray
    trials: np.ndarray
    found: Optimum

    @property
    def probability(self) -> np.ndarray:
        """By row, kept from 0 and 1."""
        likely = scipy.special.expit(self.design @ self.found.point)
        kept: np.ndarray = np.clip(likely, 1e-4, 1 - 1e-4)
        return kept

    @property
    def slope(self) -> np.ndarray:
        """(rows, coefficients): how the probability moves with the coefficients."""
        p = self.probability
        slope: np.ndarray = (p * (1.0 - p))[:, None] * self.design
        return slope

    @property
    def influence(self) -> np.ndarray:
        """(rows, coefficients): what a row of weight 1 adds to the coefficients."""
        scores = (self.happened - self.trials * self.probability)[:, None] * self.design
        added: np.ndarray = np.linalg.solve(-self.found.hessian, scores.T).T
        return added


@dataclass(frozen=True, eq=False, kw_only=True)
class FirstStage:
    """Beliefs estimated from the rows' own counts, on every covariate of the model."""

    resist: Logit
    firm: Logit

    @property
    def beliefs(self) -> Beliefs:
        """By row."""
        return Beliefs(
            resist=self.resist.probability, firm=self.firm.probability, source="first stage"
        )


def first_stage(likelihood: Likelihood) -> FirstStage:
    """The two logits on all covariates of the model, and a constant."""
    assert isinstance(likelihood.rows, SignallingRows)
    _, concede, firm, back = likelihood.rows.counts.T
    columns = np.concatenate(
        [np.ones((likelihood.n_rows, 1)), *(form.design for form in likelihood.forms)], axis=1
    )
    columns = columns / np.maximum(np.sqrt((columns**2).mean(axis=0)), 1e-8)
    _, triangle, order = scipy.linalg.qr(columns, mode="economic", pivoting=True)
    size = np.abs(np.diag(triangle))
    design = columns[:, np.sort(order[: int((size > 1e-8 * size[0]).sum())])]
    resisted = firm + back
    return FirstStage(
        resist=_logit(design, resisted, concede + resisted, likelihood.weights),
        firm=_logit(design, firm, resisted, likelihood.weights),
    )


def _logit(
    design: np.ndarray, happened: np.ndarray, trials: np.ndarray, weights: np.ndarray
) -> Logit:
    def derivatives(x: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        eta = design @ x
        p = scipy.special.expit(eta)
        value = weights @ (happened * eta - trials * np.logaddexp(0.0, eta)) - 0.5 * RIDGE * x @ x
        score = design.T @ (weights * (happened - trials * p)) - RIDGE * x
        bend = (design * (weights * trials * p * (1.0 - p))[:, None]).T @ design
        return float(value), score, -bend - RIDGE * np.eye(len(x))

    found = maximise(derivatives, np.zeros(design.shape[1]), tolerance=1e-16)
    return Logit(design=design, happened=happened, trials=trials, found=found)


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
            return new, replace(beliefs, source="nested")
        point = new
    raise SolveError(
        f"nested pseudo-likelihood did not settle in {ROUNDS} rounds", hints=["method='nfxp'"]
    )
