r"""The signalling game's likelihood with its equilibrium equations, for constrained maximisation.

Row n has an unknown of its own, x_n, how far B is for resisting, and an equation of its own,
r(η_n, x_n) = 0. A row whose equation moves with x is solved for it; near a fold, where it does
not, x_n stays a variable and the linearised equation a constraint of the step.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from foedus.estimation.constrained import QuadraticProgramme
from foedus.estimation.jets import Number, normal_cdf, variables
from foedus.estimation.likelihood import Likelihood
from foedus.estimation.signalling import (
    SignallingRows,
    all_equilibria,
    newton,
    outcomes_of,
    residual,
    threshold,
)

FOLD = 0.1  # |∂r/∂x| below which a row's x is a variable of its own


@dataclass(frozen=True, eq=False, kw_only=True)
class Expanded:
    """A function by row with its derivatives in (η, x): (rows,), (rows, V), (rows, V, V)."""

    value: np.ndarray
    gradient: np.ndarray
    hessian: np.ndarray


def expand(jet: Number, rows: int, size: int) -> Expanded:
    """A jet in `size` variables as dense arrays."""
    gradient, hessian = np.zeros((rows, size)), np.zeros((rows, size, size))
    for i, slope in jet.gradient.items():
        gradient[:, i] = slope
    for (i, j), bend in jet.hessian.items():
        hessian[:, i, j] = hessian[:, j, i] = bend
    return Expanded(value=jet.value, gradient=gradient, hessian=hessian)


def variables_at(
    likelihood: Likelihood, theta: np.ndarray, x: np.ndarray
) -> tuple[dict[str, Number], Number]:
    """The forms and x of every row as variables, x the last of them."""
    etas = likelihood.etas(theta, slice(0, likelihood.n_rows))
    jets = variables(np.concatenate([etas, x[None]]))
    return likelihood.named(jets[:-1]), jets[-1]


class SignallingProgramme:
    """ℓ(η, x) = Σ c log P(η, x) subject to r(η_n, x_n) = 0 in every row, η linear in θ."""

    def __init__(self, likelihood: Likelihood) -> None:
        assert isinstance(likelihood.rows, SignallingRows)
        self.likelihood = likelihood
        self.counts = likelihood.rows.counts * likelihood.weights[:, None]
        self.whole = slice(0, likelihood.n_rows)

    def forms(self, theta: np.ndarray) -> dict[str, np.ndarray]:
        return self.likelihood.named(list(self.likelihood.etas(theta, self.whole)))

    def value(self, theta: np.ndarray, y: np.ndarray) -> tuple[float, np.ndarray]:
        forms = self.forms(theta)
        found = np.stack(outcomes_of(forms, threshold(forms, normal_cdf(y)), y), axis=1)
        seen = self.counts > 0
        return float(self.counts[seen] @ found[seen]), residual(forms, y)

    def model(self, theta: np.ndarray, y: np.ndarray) -> QuadraticProgramme:
        rows, last = len(y), len(self.likelihood.forms)
        forms, x = variables_at(self.likelihood, theta, y)
        missed = expand(residual(forms, x), rows, last + 1)
        outcomes = [
            expand(jet, rows, last + 1)
            for jet in outcomes_of(forms, threshold(forms, normal_cdf(x)), x)
        ]
        bordered = np.flatnonzero(np.abs(missed.gradient[:, last]) < FOLD)
        steps = self._steps(missed, bordered)
        slope = self._seen([one.gradient for one in outcomes])
        first = np.einsum("nv,nvz->z", slope, steps[:, :, 1:])
        border = np.einsum("nv,nvz->nz", missed.gradient[bordered], steps[bordered, :, 1:])
        with np.errstate(divide="ignore"):
            price = -slope[:, last] / missed.gradient[:, last]
        price[bordered] = -np.linalg.lstsq(border.T, first, rcond=None)[0]
        curved = self._seen([one.hessian for one in outcomes])
        curved += price[:, None, None] * missed.hessian
        moved = np.stack([one.gradient for one in outcomes], axis=1)
        number = self.counts.sum(axis=1, keepdims=True)
        likely = number * np.exp(np.stack([one.value for one in outcomes], axis=1))
        tame = -np.einsum("no,nov,now->nvw", np.nan_to_num(likely), np.nan_to_num(moved), moved)

        def move(z: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
            change = steps[:, :, 0] + steps[:, :, 1:] @ z
            shift = np.einsum("nov,nv->no", moved, change)[self.counts > 0]
            reach = max(float(np.abs(shift).max()), float(np.abs(change[:, last]).max()))
            return z[: len(theta)], change[:, last], reach

        return QuadraticProgramme(
            slope=first,
            bend=np.einsum("nvz,nvw,nwy->zy", steps, curved, steps, optimize=True),
            tame=np.einsum("nvz,nvw,nwy->zy", steps, np.nan_to_num(tame), steps, optimize=True),
            border=border,
            rest=-missed.value[bordered],
            move=move,
        )

    def restore(self, theta: np.ndarray, y: np.ndarray) -> np.ndarray | None:
        return nearest_equilibria(self.forms(theta), y)

    def _steps(self, missed: Expanded, bordered: np.ndarray) -> np.ndarray:
        """(rows, V, 1 + Z): how (η, x) move, to feasibility and with θ and the bordered x."""
        rows, size = missed.gradient.shape
        last, width = size - 1, len(self.likelihood.names)
        steps = np.zeros((rows, size, 1 + width + len(bordered)))
        for f, (form, span) in enumerate(
            zip(self.likelihood.forms, self.likelihood.spans, strict=True)
        ):
            steps[:, f, 1 + span.start : 1 + span.stop] = form.design
        with np.errstate(divide="ignore", invalid="ignore"):
            toward = -missed.value / missed.gradient[:, last]
            along = -missed.gradient[:, :last] / missed.gradient[:, last:]
        steps[:, last, 0] = toward
        steps[:, last, 1 : 1 + width] = np.einsum(
            "nf,nfk->nk", along, steps[:, :last, 1 : 1 + width]
        )
        steps[bordered, last] = 0.0
        steps[bordered, last, 1 + width + np.arange(len(bordered))] = 1.0
        return steps

    def _seen(self, pieces: list[np.ndarray]) -> np.ndarray:
        """Σ_o c_o times each piece; an outcome that was not observed counts nothing."""
        total = np.zeros_like(pieces[0])
        for count, piece in zip(self.counts.T, pieces, strict=True):
            seen = count > 0
            total[seen] += count[seen].reshape(-1, *[1] * (piece.ndim - 1)) * piece[seen]
        return total


def nearest_equilibria(forms: Mapping[str, np.ndarray], x: np.ndarray) -> np.ndarray | None:
    """The equilibrium nearest to x in every row; None where a row has none."""
    answer, found = newton(forms, x)
    found &= np.abs(answer - x) < 1.0
    missing = np.flatnonzero(~found)
    if len(missing):
        every = all_equilibria({name: value[missing] for name, value in forms.items()})
        if not all(len(roots) for roots in every):
            return None
        answer[missing] = [
            roots[np.argmin(np.abs(roots - x[row]))]
            for row, roots in zip(missing, every, strict=True)
        ]
    return answer
