r"""Whether data can tell the coefficients apart: the rank of the expected information.

Utilities matter by their differences only, so that a covariate which enters all of a player's
reachable utilities cannot be estimated (Lewis and Schultz 2003). That, and everything else that
is not identified whatever was observed, shows as a direction in which the expected information
is zero at a generic point.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from foedus.estimation.likelihood import Likelihood
from foedus.estimation.problems import Problems
from foedus.estimation.search import starting_point

ZERO = 1e-11  # of the largest eigenvalue of the scaled information: below it, nothing is learnt
SAMPLE = 4000  # rows that identify a model identify it with more


@dataclass(frozen=True, kw_only=True)
class Curvature:
    """The information scaled to unit diagonal: its eigenvalues, and its flattest direction.

    `condition` is the ratio of the largest to the smallest eigenvalue; `flattest` lists the
    coefficients that the smallest one is about, with their weights, largest first.
    """

    smallest: float
    condition: float
    flattest: tuple[tuple[str, float], ...]


def curvature(information: np.ndarray, names: tuple[str, ...]) -> Curvature:
    """The curvature that an information matrix shows."""
    diagonal = np.sqrt(np.maximum(np.diag(information), 0.0))
    scale = np.where(diagonal > 0, diagonal, 1.0)
    values, vectors = np.linalg.eigh(information / np.outer(scale, scale))
    direction = vectors[:, 0] / scale
    direction = direction / np.abs(direction).max()
    order = np.argsort(-np.abs(direction))
    flat = tuple((names[i], float(direction[i])) for i in order if abs(direction[i]) > 0.05)
    smallest = float(values[0])
    condition = float(values[-1] / smallest) if smallest > 0 else np.inf
    return Curvature(smallest=smallest, condition=condition, flattest=flat)


def check_identified(likelihood: Likelihood, problems: Problems) -> None:
    """Note coefficients that no data with these covariates could determine."""
    rng = np.random.default_rng(1)
    tried = likelihood
    if likelihood.n_rows > SAMPLE:
        tried = likelihood.take(rng.choice(likelihood.n_rows, SAMPLE, replace=False))
    if (found := _flat(tried, rng)) is None:
        return
    if tried is not likelihood and (found := _flat(likelihood, rng)) is None:
        return
    listed = ", ".join(name for name, _ in found.flattest[:6])
    problems.add(
        f"these coefficients cannot be told apart, whatever is observed: {listed}",
        hint="utilities matter by their differences: leave each covariate, and the constant, out "
        "of at least one utility that its player compares; and drop what repeats other columns",
    )


def _flat(likelihood: Likelihood, rng: np.random.Generator) -> Curvature | None:
    spread = np.concatenate([np.sqrt((form.design**2).mean(axis=0)) for form in likelihood.forms])
    point = 0.3 * rng.standard_normal(len(spread)) / np.where(spread > 0, spread, 1.0)
    point /= np.sqrt(max(form.design.shape[1] for form in likelihood.forms))
    if hasattr(likelihood.rows, "counts"):
        with np.errstate(all="ignore"):
            information = likelihood.information(point)
    else:  # without outcomes to sum over, what was observed stands for what could be
        scores = likelihood.scores(starting_point(likelihood) + 0.1 * point)
        scores /= np.maximum(np.linalg.norm(scores, axis=1, keepdims=True), 1e-300)
        information = scores.T @ scores
    if not np.isfinite(information).all():
        return None  # no equilibrium here: the estimate's own curvature has to tell
    found = curvature(information, likelihood.names)
    return found if found.smallest < ZERO else None
