r"""The crisis signalling game: a challenge may be a bluff, and resistance a bet on that.

A challenges or not; B concedes or resists; A then stands firm or backs down. A's payoffs of
standing firm and backing down, and B's of standing firm, are disturbed by standard normals that
only their owner sees (Lewis and Schultz 2003). With $p$ the probability that B resists:

    c    = [S_A - (1 - p) V_A] / p                  what fighting on must be worth to challenge
    F    = Φ₂(W_A - c, (W_A - a)/√2; 1/√2)          A challenges and means it
    B    = Φ₂(a - c, (a - W_A)/√2; 1/√2)            A challenges and bluffs
    p_F  = F / (F + B)
    p    = Φ([p_F W_B + (1 - p_F) V_B - C_B] / p_F)

The last line closes the loop: an equilibrium is a fixed point in one number, and there may be
several. Derivatives of the fixed point come from the implicit function theorem: two chord steps
in jets are exact to second order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import scipy.special

from foedus.estimation.bivariate import bivariate_normal_cdf
from foedus.estimation.jets import Jet, Number, log, log_normal_cdf, normal_cdf, variables

PARTS = ("S_A", "V_A", "C_B", "W_A", "W_B", "a", "V_B")
OUTCOMES = ("status quo", "concession", "stand firm", "back down")
ROOT = 1.0 / np.sqrt(2.0)
CLOSE = 1e-12  # what the equilibrium equation may miss, in standard deviations of B's shock
COARSE, FINE = 240, 2000


def threshold(forms: Mapping[str, Number], resist: Number) -> Number:
    """c: what a challenge that is resisted must be worth."""
    return (forms["S_A"] - (1.0 - resist) * forms["V_A"]) / resist


def reply(forms: Mapping[str, Number], firm: Number) -> Number:
    """How far B is on the side of resisting, given how likely A stands firm."""
    return (firm * forms["W_B"] + (1.0 - firm) * forms["V_B"] - forms["C_B"]) / firm


def challenge(forms: Mapping[str, Number], c: Number) -> tuple[Number, Number]:
    """Probabilities of a challenge that is meant, and of a bluff."""
    apart = (forms["W_A"] - forms["a"]) * ROOT
    meant = bivariate_normal_cdf(forms["W_A"] - c, apart, ROOT)
    bluff = bivariate_normal_cdf(forms["a"] - c, -apart, ROOT)
    return meant, bluff


def residual(forms: Mapping[str, Number], x: Number) -> Number:
    """The equilibrium equation in $x = Φ^{-1}(p)$."""
    meant, bluff = challenge(forms, threshold(forms, normal_cdf(x)))
    return reply(forms, meant / (meant + bluff)) - x


def outcomes_of(forms: Mapping[str, Number], c: Number, side: Number) -> list[Number]:
    """Log-probabilities of the outcomes, given A's threshold and how far B is for resisting."""
    with np.errstate(all="ignore"):
        meant, bluff = challenge(forms, c)
        stays = log_normal_cdf(c - forms["W_A"]) + log_normal_cdf(c - forms["a"])
        resists, concedes = log_normal_cdf(side), log_normal_cdf(-side)
        return [stays, log(meant + bluff) + concedes, log(meant) + resists, log(bluff) + resists]


@dataclass(frozen=True, eq=False, kw_only=True)
class Beliefs:
    """What players expect of each other in a pseudo-likelihood: by row, or one for all.

    `source` is where that is from, which a resample has to go back to: "given" beliefs stay as
    they are, those of a "first stage" or "nested" in equilibrium are estimated anew.
    """

    resist: np.ndarray
    firm: np.ndarray
    source: Literal["given", "first stage", "nested"] = "given"


@dataclass(frozen=True, eq=False, kw_only=True)
class SignallingRows:
    """Rows of the signalling game: counts of its four outcomes.

    The equilibrium of each row is followed from where the last derivatives were taken, so that
    steps of an optimiser stay on one branch; where that branch has ended, all equilibria are
    listed and the one under which the row's counts are likeliest is taken.
    With `beliefs` nothing is solved: the pseudo-likelihood given what players expect.
    """

    counts: np.ndarray
    beliefs: Beliefs | None = None
    followed: np.ndarray = field(default_factory=lambda: np.zeros(0))

    @property
    def outcomes(self) -> tuple[str, ...]:
        return OUTCOMES

    def log_probabilities(self, forms: Mapping[str, Number], rows: slice) -> list[Number]:
        """Of the four outcomes, in equilibrium or given beliefs."""
        if self.beliefs is not None:
            size = rows.stop - rows.start
            resist = np.resize(self.beliefs.resist, len(self.counts))[rows]
            firm = np.resize(self.beliefs.firm, len(self.counts))[rows]
            c, side = threshold(forms, resist[:size]), reply(forms, firm[:size])
        else:
            side = self.equilibrium(forms, rows)
            c = threshold(forms, normal_cdf(side))
        return outcomes_of(forms, c, side)

    def contribution(self, forms: Mapping[str, Number], rows: slice) -> Number:
        """Log-probabilities times counts; minus infinity where there is no equilibrium."""
        counts, total = self.counts[rows], 0.0
        for outcome, log_probability in enumerate(self.log_probabilities(forms, rows)):
            total = total + log_probability * counts[:, outcome]
        return total

    def take(self, chosen: np.ndarray) -> SignallingRows:
        """The same, of other rows; equilibria are looked for anew."""
        beliefs = self.beliefs and replace(
            self.beliefs,
            resist=np.resize(self.beliefs.resist, len(self.counts))[chosen],
            firm=np.resize(self.beliefs.firm, len(self.counts))[chosen],
        )
        followed = self.followed[chosen] if len(self.followed) else np.zeros(0)
        return replace(self, counts=self.counts[chosen], beliefs=beliefs, followed=followed)

    def afresh(self) -> SignallingRows:
        """The same with no branch followed yet."""
        return replace(self, followed=np.full(len(self.counts), np.nan))

    def unseen(self, count: int) -> SignallingRows:
        """Rows to predict, in equilibrium: the one nearest to the middle of those followed."""
        middle = np.nanmedian(self.followed) if np.isfinite(self.followed).any() else np.nan
        return SignallingRows(counts=np.zeros((count, 4)), followed=np.full(count, middle))

    def apart(self) -> SignallingRows:
        """The same, following branches of its own from here on."""
        return replace(self, followed=self.followed.copy())

    def solved(self) -> SignallingRows:
        """The same in equilibrium, each row's the one it follows or nearest to its beliefs."""
        if self.beliefs is None:
            return self.apart()
        near = scipy.special.ndtri(np.resize(self.beliefs.resist, len(self.counts)))
        return replace(self, beliefs=None, followed=near)

    def equilibrium(self, forms: Mapping[str, Number], rows: slice) -> Number:
        """x in every row, as a jet where the forms are jets."""
        values = {name: _value(form) for name, form in forms.items()}
        size = rows.stop - rows.start
        if rows.stop <= len(self.followed):
            start = self.followed[rows]
        elif len(self.followed):
            start = np.resize(self.followed, size)
        else:
            start = np.full(size, np.nan)
        x, found = newton(values, start)
        if not found.all():
            x = np.where(found, x, self._chosen(values, ~found, rows))
        if not any(isinstance(form, Jet) for form in forms.values()):
            return x
        if rows.stop <= len(self.followed):
            self.followed[rows] = x
        slope = residual(values, variables(x[None])[0]).gradient[0]
        jet: Number = x
        for _ in range(2):
            jet = residual(forms, jet) * (-1.0 / slope) + jet
        return jet

    def _chosen(self, values: dict[str, np.ndarray], where: np.ndarray, rows: slice) -> np.ndarray:
        """In rows without a branch to follow: the likeliest equilibrium, else the first."""
        counts = self.counts[rows] if rows.stop <= len(self.counts) else np.zeros((len(where), 4))
        answer = np.full(len(where), np.nan)
        some = {name: value[where] for name, value in values.items()}
        answer[where] = likeliest(some, counts[where])
        return answer


def _value(form: Number) -> np.ndarray:
    value: np.ndarray = form.value if isinstance(form, Jet) else form
    return value


def newton(values: Mapping[str, np.ndarray], start: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Newton's method row by row, and in which rows it ended at a root."""
    x, found = start.copy(), np.zeros(len(start), dtype=bool)
    going = np.flatnonzero(np.isfinite(start))
    with np.errstate(all="ignore"):
        for _ in range(30):
            if not len(going):
                break
            here = {name: value[going] for name, value in values.items()}
            jet = residual(here, variables(x[going][None])[0])
            step = -jet.value / jet.gradient[0]
            tame = np.isfinite(step) & (np.abs(step) < 2.0)
            x[going[tame]] += step[tame]
            done = tame & (np.abs(step) <= CLOSE * (1 + np.abs(x[going])))
            found[going[done]] = True
            going = going[tame & ~done]
    return x, found


def all_equilibria(values: Mapping[str, np.ndarray], points: int = FINE) -> list[np.ndarray]:
    r"""Every root of the equilibrium equation that a grid of `points` values of p tells apart.

    The grid is even in $\log p/(1-p)$ between probabilities of 1e-9 and 1 - 1e-9; each change of
    sign is bisected and finished by Newton's method. Roots ascend in x.
    """
    grid = scipy.special.ndtri(scipy.special.expit(np.linspace(-20.0, 20.0, points)))
    rows = len(next(iter(values.values())))
    wide = {name: np.repeat(value, points) for name, value in values.items()}
    with np.errstate(all="ignore"):
        found = np.asarray(residual(wide, np.tile(grid, rows))).reshape(rows, points)
        signs = np.sign(found)
        crossing = (signs[:, :-1] * signs[:, 1:] < 0) | (signs[:, :-1] == 0)
        row, at = np.nonzero(crossing)
        here = {name: value[row] for name, value in values.items()}
        low, high, below = grid[at], grid[at + 1], signs[row, at]
        for _ in range(30):
            middle = 0.5 * (low + high)
            same = np.sign(residual(here, middle)) == below
            low, high = np.where(same, middle, low), np.where(same, high, middle)
    polished, good = newton(here, 0.5 * (low + high))
    roots = np.where(good & (np.abs(polished - low) < 1e-3), polished, 0.5 * (low + high))
    return [np.unique(np.round(roots[row == r], 12)) for r in range(rows)]


def likeliest(values: Mapping[str, np.ndarray], counts: np.ndarray) -> np.ndarray:
    """Every row's equilibrium under which its counts are likeliest; NaN where none is found."""
    every = all_equilibria(values, COARSE)
    owner = np.repeat(np.arange(len(every)), [len(roots) for roots in every])
    answer = np.full(len(every), np.nan)
    if not len(owner):
        return answer
    roots, here = np.concatenate(every), {name: value[owner] for name, value in values.items()}
    found = np.stack(outcomes_of(here, threshold(here, scipy.special.ndtr(roots)), roots), axis=1)
    seen = counts[owner] > 0  # an outcome of probability 0 counts nothing where it was not seen
    fits = np.nan_to_num(np.where(seen, counts[owner] * found, 0.0).sum(axis=1), nan=-np.inf)
    # The last of several equal ones would win here; going backwards, the first does.
    for place in np.lexsort((-np.arange(len(owner)), fits)):
        answer[owner[place]] = roots[place]
    return answer
