r"""Profile likelihood: how high the likelihood can be when one coefficient is held at a value.

    ℓ_p(c) = max { ℓ(θ) : θ_k = c }        interval { c : 2 (ℓ(θ̂) - ℓ_p(c)) <= χ²_1(1 - α) }

Each refit begins at its neighbour's maximum, moved along the tangent of the path of maxima, and
the slope of the profile is the score of the coefficient held (the envelope theorem). The path is
walked outward and back: where the two walks disagree the profile has two branches, and where it
rises above the estimate the estimate was not the maximum (Venzon and Moolgavkar 1988).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import scipy.stats

from foedus.errors import QueryError
from foedus.estimation.optimum import Derivatives, Optimum, maximise, maximise_some
from foedus.scenario.suggestions import did_you_mean

if TYPE_CHECKING:
    from foedus.estimation.estimates import Estimates

Refit = Callable[[float, np.ndarray], Optimum]
MOST = 24  # refits on one side; a profile that is still high then is called open
STEP = 0.5  # wanted between neighbours, in roots of the deviance
FAR = 60.0  # standard errors from the estimate beyond which nobody looks
SAME = 1e-6  # of 1 + |log-likelihood|: below it, two heights are one


@dataclass(frozen=True, eq=False, kw_only=True)
class Objective:
    """What an estimate maximises, and how: exact derivatives, and the value alone.

    Both are of all coefficients; the value is not finite where the model has no likelihood.
    """

    derivatives: Derivatives
    value: Callable[[np.ndarray], float]


@dataclass(frozen=True, eq=False, kw_only=True)
class Profile:
    """The profile of one coefficient.

    - `values`: where it was held, ascending, the estimate among them. `llf`: the profile there.
    - `points`: (values, coefficients), where the likelihood is that high.
    - `notes`: what a reader must know: other branches, a profile that is not monotone, an open end.
    - `better`: a higher optimum than the estimate, where the profile led to one.
    """

    name: str
    estimate: float
    maximum: float
    values: np.ndarray
    llf: np.ndarray
    points: np.ndarray
    notes: tuple[str, ...]
    better: Optimum | None
    refits: int
    reach: float  # deviance up to which the profile was followed
    place: int  # of the coefficient among all
    _refit: Refit = field(repr=False)

    @property
    def deviance(self) -> np.ndarray:
        """2 (log-likelihood at the estimate - profile); below 0 where there is a better optimum."""
        return 2.0 * (self.maximum - self.llf)

    @property
    def table(self) -> pd.DataFrame:
        """Values, profile and deviance, one row for each value."""
        return pd.DataFrame({"value": self.values, "llf": self.llf, "deviance": self.deviance})

    def conf_int(self, alpha: float = 0.05) -> tuple[float, float]:
        """The ends of the interval of level 1 - alpha around the estimate; infinite where open.

        Raises `QueryError` for a level beyond what was followed, and where the profile rises
        above the estimate, which is then no maximum to measure from.
        """
        cut = float(scipy.stats.chi2.ppf(1.0 - alpha, 1))
        if not 0 < alpha < 1 or cut > self.reach + 1e-9:
            least = scipy.stats.chi2.sf(self.reach, 1)
            raise QueryError(f"this profile was followed for alpha from {least:.3g} to 1")
        if self.better is not None:
            raise QueryError(
                f"the profile of {self.name} rises to {self.better.value:.6f}, above the "
                f"estimate's {self.maximum:.6f}: estimate again with first=profile.better.point"
            )
        return self._end(-1, cut), self._end(1, cut)

    def _end(self, side: int, cut: float) -> float:
        """Where the deviance first passes `cut` on this side, by Newton's method in a bracket."""
        order = np.argsort(side * self.values)
        order = order[side * self.values[order] >= side * self.estimate]
        beyond = [i for i in order if self.deviance[i] >= cut]
        if not beyond:
            return side * np.inf
        after = int(beyond[0])
        before = int(order[list(order).index(after) - 1])
        inner, outer = float(self.values[before]), float(self.values[after])
        point = self.points[before]
        value = inner + (outer - inner) * _share(self.deviance[before], self.deviance[after], cut)
        for _ in range(40):
            found = self._refit(value, point)
            gap = 2.0 * (self.maximum - found.value) - cut
            inner, outer = (value, outer) if gap < 0 else (inner, value)
            if abs(gap) < 1e-9 or abs(outer - inner) <= 1e-12 * (1.0 + abs(value)):
                return value
            point, slope = found.point, -2.0 * float(found.gradient[self.place])
            step = value - gap / slope if slope * side > 0 else np.nan
            inside = min(inner, outer) < step < max(inner, outer)
            value = float(step) if inside else 0.5 * (inner + outer)
        return value


def profile(fit: Estimates, name: str, *, alpha: float = 0.01) -> Profile:
    """The profile of a coefficient, followed until intervals of level 1 - alpha are closed.

    What is maximised is the fit's own `objective()`, which is asked for anew.

    Raises `QueryError` for an unknown name, and where nothing else is estimated and the fit has
    no standard error to take steps by.
    """
    if name not in fit.names:
        hint = did_you_mean(name, fit.names, "coefficients")
        raise QueryError(f"no coefficient named `{name}`; {hint}")
    if not 0 < alpha < 1:
        raise QueryError(f"alpha lies between 0 and 1; found {alpha}")
    place = fit.names.index(name)
    walk = _Walk(fit, place, float(scipy.stats.chi2.ppf(1.0 - alpha, 1)))
    left, right = walk.side(-1), walk.side(1)
    centre = _At(value=float(fit.point[place]), llf=walk.maximum, point=fit.point)
    path = [*reversed(left), centre, *right]
    better = walk.better(path)
    return Profile(
        name=name,
        estimate=centre.value,
        maximum=walk.maximum,
        values=np.array([at.value for at in path]),
        llf=np.array([at.llf for at in path]),
        points=np.array([at.point for at in path]),
        notes=tuple(dict.fromkeys(walk.notes)),
        better=better,
        refits=walk.refits,
        reach=walk.cut,
        place=place,
        _refit=walk.held_at,
    )


@dataclass(frozen=True, eq=False, kw_only=True)
class _At:
    """A point of the profile."""

    value: float
    llf: float
    point: np.ndarray


class _Walk:
    """Refits with one coefficient held, from the estimate outward and back."""

    def __init__(self, fit: Estimates, place: int, cut: float) -> None:
        self.fit, self.place, self.cut = fit, place, cut
        objective = fit.objective()
        self.derivatives, self.value = objective.derivatives, objective.value
        self.maximum = float(self.value(fit.point))
        self.free = np.flatnonzero(np.arange(len(fit.point)) != place)
        variance = fit.bread[place, place]
        curved = -fit.hessian[place, place]
        self.spread = float(np.sqrt(variance if variance > 0 else 1.0 / max(curved, 1e-12)))
        self.same = SAME * (1.0 + abs(self.maximum))
        self.notes: list[str] = []
        self.refits = 0

    def held_at(self, value: float, start: np.ndarray) -> Optimum:
        """The maximum with the coefficient at `value`; derivatives are of all coefficients."""
        self.refits += 1
        whole = start.copy()
        whole[self.place] = value
        free = self.free
        if not len(free):
            f, g, h = self.derivatives(whole)
            return Optimum(point=whole, value=f, gradient=g, hessian=h, decrement=0.0,
                           iterations=0, converged=True, reason="converged")  # fmt: skip

        found = maximise_some(self.derivatives, whole, free, value=self.value, tolerance=1e-12)
        whole[free] = found.point
        f, g, h = self.derivatives(whole)
        return replace(found, point=whole, value=f, gradient=g, hessian=h)

    def side(self, side: int) -> list[_At]:
        """The points of one side, nearest first, each the higher of the two walks."""
        out = self._outward(side)
        self._back(out)
        heights = [self.maximum, *(found.value for found in out)]
        if any(b > a + self.same for a, b in pairwise(heights)):
            way = "above" if side > 0 else "below"
            self.notes.append(f"the profile is not monotone {way} the estimate")
        return [_At(value=float(o.point[self.place]), llf=o.value, point=o.point) for o in out]

    def _outward(self, side: int) -> list[Optimum]:
        found: list[Optimum] = []
        last = Optimum(
            point=self.fit.point, value=self.maximum, gradient=np.zeros(len(self.fit.point)),
            hessian=self.fit.hessian, decrement=0.0, iterations=0, converged=True, reason="",
        )  # fmt: skip
        root, step = 0.0, STEP * self.spread
        for _ in range(MOST):
            value = float(last.point[self.place]) + side * step
            new = self.held_at(value, self._ahead(last, side * step))
            if not new.converged or not np.isfinite(new.value):
                step *= 0.25
                if step < 1e-3 * self.spread:
                    self.notes.append(f"no maximum was found with the coefficient at {value:.6g}")
                    break
                continue
            found.append(new)
            reached = np.sqrt(max(0.0, 2.0 * (self.maximum - new.value)))
            if reached**2 >= self.cut:
                return found
            pace = (reached - root) / step
            step = float(np.clip(STEP / pace if pace > 0 else np.inf, 0.25 * step, 2.5 * step))
            last, root = new, reached
            if abs(new.point[self.place] - self.fit.point[self.place]) > FAR * self.spread:
                break
        way = "above" if side > 0 else "below"
        level = scipy.stats.chi2.cdf(self.cut, 1)
        self.notes.append(f"the {level:.0%} interval is open {way}: the profile stays high there")
        return found

    def _back(self, out: list[Optimum]) -> None:
        """Refits from the outer neighbour; where they are higher, they replace the first."""
        other = False
        for i in reversed(range(len(out) - 1)):
            outer, here = out[i + 1], float(out[i].point[self.place])
            again = self.held_at(here, self._ahead(outer, here - float(outer.point[self.place])))
            if again.converged and again.value > out[i].value + self.same:
                out[i], other = again, True
        if other:
            self.notes.append("the profile has another branch, found on the way back")

    def _ahead(self, at: Optimum, change: float) -> np.ndarray:
        """The other coefficients moved along the tangent -H_ff⁻¹ H_fk of their maximum."""
        free, point = self.free, at.point.copy()
        if len(free):
            try:
                tangent = -np.linalg.solve(
                    at.hessian[np.ix_(free, free)], at.hessian[free, self.place]
                )
            except np.linalg.LinAlgError:
                return point
            moved = point.copy()
            moved[free] += change * tangent
            moved[self.place] += change
            if np.isfinite(moved).all() and np.isfinite(self.value(moved)):
                return moved
        return point

    def better(self, path: list[_At]) -> Optimum | None:
        """The optimum that the highest point of the profile leads to, if it beats the estimate."""
        top = max(path, key=lambda at: at.llf)
        if top.llf <= self.maximum + self.same:
            return None
        start = f"profile of {self.fit.names[self.place]}"
        found = maximise(self.derivatives, top.point, value=self.value, label=start)
        self.notes.append(
            f"a higher optimum, {found.value:.6f}, lies at {found.point[self.place]:.6g}: "
            f"the estimate, {self.maximum:.6f}, is not the maximum"
        )
        return found


def _share(before: float, after: float, cut: float) -> float:
    """How far between two deviances the cut lies, by their roots."""
    a, b, c = (np.sqrt(max(x, 0.0)) for x in (before, after, cut))
    return float(np.clip((c - a) / (b - a), 0.05, 0.95)) if b > a else 0.5
