r"""A maximum of the signalling game's likelihood over coefficients and equilibria alike.

A search follows one equilibrium per row. Where that ends, since the equilibrium meets another and
both vanish, the search goes on in coefficients and equilibria together, which leads past the fold.
At a maximum every row's other equilibria are listed; where one is likelier, the row changes over
and the search goes on, so that no row's equilibrium can be replaced by a better one in the end.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from foedus.errors import SolveError
from foedus.estimation.constrained import maximise_constrained
from foedus.estimation.likelihood import Likelihood
from foedus.estimation.optimum import Optimum, maximise
from foedus.estimation.penalties import objective
from foedus.estimation.signalling import SignallingRows, likeliest
from foedus.estimation.signalling_beliefs import first_stage, nested
from foedus.estimation.signalling_constrained import SignallingProgramme

ALONE = 30  # steps in the coefficients alone: one that creeps along a fold needs the other search
TURNS = 20  # changes of equilibria before a search is given up
GAIN = 1e-9  # what a change of equilibria must add to the log-likelihood


def climb(
    likelihood: Likelihood, point: np.ndarray, label: str, penalty: str | None
) -> tuple[Optimum, Likelihood]:
    """The maximum from `point` on, and the likelihood with the equilibria that it is taken at.

    The rows' own `followed` is where their equilibria are sought first; NaN there stands for
    the likeliest.
    """
    found, likelihood = _together(likelihood, point, label, penalty)
    spent = found.iterations
    for _ in range(TURNS):
        if _given_beliefs(likelihood) or not np.isfinite(found.value):
            break
        if not found.converged:  # the branch of some row has ended, as in a fold
            further, there = _together(likelihood, found.point, label, penalty)
            spent += further.iterations
            if further.converged or further.value > found.value:
                found, likelihood = further, there
        if not _change_over(likelihood, found.point):
            break
        found, likelihood = _nested(likelihood, found.point, label, penalty)
        spent += found.iterations
    return replace(found, iterations=spent), likelihood


def refit(
    likelihood: Likelihood, point: np.ndarray, label: str, penalty: str | None
) -> tuple[Optimum, Likelihood]:
    """The estimate from a resample: as `climb`, with beliefs that were estimated taken anew."""
    rows = likelihood.rows
    assert isinstance(rows, SignallingRows)
    if rows.beliefs is None or rows.beliefs.source == "given":
        return climb(likelihood, point, label, penalty)
    beliefs, settled = first_stage(likelihood).beliefs, True
    if rows.beliefs.source == "nested":
        try:
            point, beliefs = nested(likelihood, beliefs)
        except SolveError:
            settled = False
    anew = replace(likelihood, rows=replace(rows, beliefs=beliefs))
    found, reached = climb(anew, point, label, penalty)
    if settled:
        return found, reached
    return replace(found, converged=False, reason="beliefs did not settle"), reached


def _given_beliefs(likelihood: Likelihood) -> bool:
    return isinstance(likelihood.rows, SignallingRows) and likelihood.rows.beliefs is not None


def _nested(
    likelihood: Likelihood, point: np.ndarray, label: str, penalty: str | None
) -> tuple[Optimum, Likelihood]:
    """Newton's method in the coefficients, each row on the branch of its equilibrium."""
    rows = likelihood.rows
    assert isinstance(rows, SignallingRows)
    own = replace(likelihood, rows=rows.apart())
    derivatives, value = objective(own, penalty)
    found = maximise(derivatives, point, value=value, label=label, max_iterations=ALONE)
    return found, own


def _together(
    likelihood: Likelihood, point: np.ndarray, label: str, penalty: str | None
) -> tuple[Optimum, Likelihood]:
    """Coefficients and equilibria sought together from where the rows are, then `_nested`."""
    rows, spent = likelihood.rows, 0
    assert isinstance(rows, SignallingRows)
    if rows.beliefs is None and np.isfinite(rows.followed).all():
        ended = maximise_constrained(SignallingProgramme(likelihood), point, rows.followed)
        point, spent = ended.point, ended.iterations
        likelihood = replace(likelihood, rows=replace(rows, followed=ended.y))
    found, reached = _nested(likelihood, point, label, penalty)
    return replace(found, iterations=found.iterations + spent), reached


def _change_over(likelihood: Likelihood, point: np.ndarray) -> bool:
    """Rows put on their likeliest equilibria, and whether that adds to the likelihood."""
    rows, whole = likelihood.rows, slice(0, likelihood.n_rows)
    assert isinstance(rows, SignallingRows)
    forms = likelihood.named(list(likelihood.etas(point, whole)))
    with np.errstate(all="ignore"):  # outcomes of probability 0
        before, old = likelihood.each(point), rows.followed.copy()
        best = likeliest(forms, rows.counts)
        rows.followed[:] = np.where(np.isfinite(best), best, old)
        after = likelihood.each(point)
    better = after > before + GAIN
    rows.followed[:] = np.where(better, rows.followed, old)
    return bool(better.any())
