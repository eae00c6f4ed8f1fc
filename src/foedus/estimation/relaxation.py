r"""A start for the signalling game: beliefs free by row, equilibrium asked for by degrees.

With several equilibria the likelihood of the fixed point is cut into pieces, and a search that
begins on the wrong one stays there. Here each row has its own x, how far B is for resisting, and

    q(η, x) = Σ_o c_o log P_o(η, x) - ½ ρ m r(η, x)²

where m counts the row's outcomes and r is what the equilibrium equation misses. The best x of each
row is found by Newton's method and its derivatives are carried along; as ρ grows, q approaches
the likelihood of an equilibrium near the row's own play.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import scipy.special

from foedus.estimation.jets import Jet, Number, normal_cdf
from foedus.estimation.likelihood import Likelihood
from foedus.estimation.optimum import maximise
from foedus.estimation.search import Start
from foedus.estimation.signalling import (
    OUTCOMES,
    SignallingRows,
    outcomes_of,
    residual,
    threshold,
)

OWN = 1000  # the variable that x is, beside those of the forms
SCHEDULE = (1e-3, 0.1, 10.0, 100.0)
FLAT = 1e-6


@dataclass(frozen=True, eq=False, kw_only=True)
class RelaxedRows:
    """Rows whose x is free at the price of ½ ρ m r²; `followed` is the last x of each row."""

    counts: np.ndarray
    price: float
    followed: np.ndarray

    @property
    def outcomes(self) -> tuple[str, ...]:
        return OUTCOMES

    def log_probabilities(self, forms: Mapping[str, Number], rows: slice) -> list[Number]:
        """Of the outcomes at the rows' own x."""
        x = self.followed[rows]
        return outcomes_of(forms, threshold(forms, normal_cdf(x)), x)

    def contribution(self, forms: Mapping[str, Number], rows: slice) -> Number:
        """q at the best x of every row, with derivatives through it."""
        values = {n: f.value if isinstance(f, Jet) else f for n, f in forms.items()}
        x = self._best(values, rows)
        if not any(isinstance(form, Jet) for form in forms.values()):
            return self._objective(values, x, rows)
        self.followed[rows] = x
        whole = self._objective(forms, Jet(x, {OWN: 1.0}, {}), rows)
        bend = np.minimum(whole.hessian[OWN, OWN], -FLAT)
        across = {i: whole.hessian.get((i, OWN), 0.0) for i in whole.gradient if i != OWN}
        hessian = {pair: h for pair, h in whole.hessian.items() if OWN not in pair}
        for i, one in across.items():
            for j, other in across.items():
                if i <= j:
                    hessian[i, j] = hessian.get((i, j), 0.0) - one * other / bend
        gradient = {i: g for i, g in whole.gradient.items() if i != OWN}
        return Jet(whole.value, gradient, hessian)

    def take(self, chosen: np.ndarray) -> RelaxedRows:
        """The same, of other rows."""
        return replace(self, counts=self.counts[chosen], followed=self.followed[chosen])

    def _objective(self, forms: Mapping[str, Number], x: Number, rows: slice) -> Number:
        counts, total = self.counts[rows], 0.0
        found = outcomes_of(forms, threshold(forms, normal_cdf(x)), x)
        for outcome, log_probability in enumerate(found):
            total = total + log_probability * counts[:, outcome]
        missed = residual(forms, x)
        return total + missed * missed * (-0.5 * self.price * counts.sum(axis=1))

    def _best(self, values: Mapping[str, np.ndarray], rows: slice) -> np.ndarray:
        x = self.followed[rows].copy()
        for _ in range(25):
            jet = self._objective(values, Jet(x, {OWN: 1.0}, {}), rows)
            slope, bend = jet.gradient[OWN], jet.hessian[OWN, OWN]
            step = np.where(bend < -FLAT, -slope / np.minimum(bend, -FLAT), 0.2 * np.sign(slope))
            step = np.clip(np.nan_to_num(step), -0.3, 0.3)
            x = np.clip(x + step, -6.0, 6.0)
            if np.abs(step).max() < 1e-9:
                break
        return x


def relaxed(likelihood: Likelihood, point: np.ndarray, resist: np.ndarray) -> Start:
    """Coefficients at which every row is near an equilibrium of its own, and those equilibria."""
    rows = likelihood.rows
    assert isinstance(rows, SignallingRows)
    x = scipy.special.ndtri(np.resize(resist, likelihood.n_rows))
    for price in SCHEDULE:
        eased = RelaxedRows(counts=rows.counts, price=price, followed=x.copy())
        loose = replace(likelihood, rows=eased)
        found = maximise(
            loose.derivatives, point, value=loose.value, tolerance=1e-8, max_iterations=30
        )
        if not np.isfinite(found.value):
            break
        point, x = found.point, eased.followed
    return Start(name="beliefs relaxed", point=point, rows=replace(rows, followed=x))
