r"""Errors of pseudo-likelihoods of the signalling game, with the noise of beliefs in them.

With $g(θ, b)$ the score of the pseudo-likelihood given beliefs b, and A minus its derivative in θ,

    PL    θ̂ - θ ≈ A⁻¹ Σ_n (ψ_n + (∂g/∂b) φ_n)       φ_n what row n adds to the first stage
    NPL   θ̂ - θ ≈ (A - (∂g/∂b) db/dθ)⁻¹ Σ_n ψ_n      db/dθ along the equilibrium of every row

Sources: Murphy and Topel (1985); Aguirregabiria and Mira (2007), proposition 2.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import scipy.special

from foedus.estimation.jets import normal_cdf, variables
from foedus.estimation.likelihood import Likelihood
from foedus.estimation.signalling import (
    Beliefs,
    SignallingRows,
    challenge,
    outcomes_of,
    reply,
    threshold,
)
from foedus.estimation.signalling_beliefs import FirstStage


def two_step_scores(likelihood: Likelihood, point: np.ndarray, first: FirstStage) -> np.ndarray:
    """ψ_n + (∂g/∂b) φ_n, (rows, K), where beliefs are those of a first stage."""
    across = _across(likelihood, point, first.beliefs) * likelihood.weights[:, None, None]
    scores = likelihood.scores(point)
    for b, stage in enumerate((first.resist, first.firm)):
        slope = stage.slope
        pull = np.concatenate(
            [
                form.design.T @ (across[:, f, b, None] * slope)
                for f, form in enumerate(likelihood.forms)
            ]
        )
        scores = scores + stage.influence @ pull.T
    return scores


def nested_bread(likelihood: Likelihood, point: np.ndarray, beliefs: Beliefs) -> np.ndarray:
    """Σ X'(∂²ℓ/∂η∂b)(db/dη)X, (K, K): what beliefs that follow θ take from A."""
    across = _across(likelihood, point, beliefs)
    along = _along(likelihood, point, beliefs)
    answer = np.zeros((len(point), len(point)))
    each = np.einsum("nfb,ngb->nfg", across, along) * likelihood.weights[:, None, None]
    for f, (form, here) in enumerate(zip(likelihood.forms, likelihood.spans, strict=True)):
        for g, (other, there) in enumerate(zip(likelihood.forms, likelihood.spans, strict=True)):
            answer[here, there] = form.design.T @ (each[:, f, g, None] * other.design)
    return answer


def _across(likelihood: Likelihood, point: np.ndarray, beliefs: Beliefs) -> np.ndarray:
    """(rows, forms, 2): ∂²ℓ_n/∂η∂b, the beliefs that B resists and that A stands firm."""
    assert isinstance(likelihood.rows, SignallingRows)
    n, last = likelihood.n_rows, len(likelihood.forms)
    given = np.stack([np.resize(beliefs.resist, n), np.resize(beliefs.firm, n)])
    etas = likelihood.etas(point, slice(0, n))
    jets = variables(np.concatenate([etas, given]))
    forms = likelihood.named(jets[:last])
    found = outcomes_of(forms, threshold(forms, jets[last]), reply(forms, jets[last + 1]))
    answer = np.zeros((n, last, 2))
    for outcome, jet in enumerate(found):
        count = likelihood.rows.counts[:, outcome]
        for (f, b), bend in jet.hessian.items():
            if f < last <= b:
                answer[:, f, b - last] += np.where(count > 0, count * bend, 0.0)
    return answer


def _along(likelihood: Likelihood, point: np.ndarray, beliefs: Beliefs) -> np.ndarray:
    """(rows, forms, 2): how the beliefs of an equilibrium move with η."""
    rows, n = likelihood.rows, likelihood.n_rows
    assert isinstance(rows, SignallingRows)
    near = scipy.special.ndtri(np.resize(beliefs.resist, n))
    solved = replace(rows, beliefs=None, followed=near)
    forms = likelihood.named(variables(likelihood.etas(point, slice(0, n))))
    resist = normal_cdf(solved.equilibrium(forms, slice(0, n)))
    meant, bluff = challenge(forms, threshold(forms, resist))
    answer = np.zeros((n, len(likelihood.forms), 2))
    for b, jet in enumerate((resist, meant / (meant + bluff))):
        for f, slope in jet.gradient.items():
            answer[:, f, b] = slope
    return answer
