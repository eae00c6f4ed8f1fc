r"""The log-likelihood of a model whose payoffs are linear forms, with exact derivatives.

Row n contributes $\ell_n(\eta_n)$ with forms $\eta_{nf} = x_{nf}'\beta_f + o_{nf}$. A model says
what $\ell_n$ is, as a function of jets; the chain rule to $\beta$ is linear algebra:

    score    Σ_n w_n x_nf ∂ℓ_n/∂η_f
    Hessian  Σ_n w_n x_nf x_ng' ∂²ℓ_n/∂η_f∂η_g
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Protocol

import numpy as np

from foedus.estimation.jets import Jet, Number, exp, log_sum_exp, variables
from foedus.estimation.payoffs import Payoffs
from foedus.estimation.play import Behaviour, play

CHUNK = 8192  # rows taken together: their jets stay in the processor's cache


@dataclass(frozen=True, eq=False, kw_only=True)
class Form:
    """One linear form: its design (rows, columns), the names of its columns, and an offset."""

    name: str
    design: np.ndarray
    columns: tuple[str, ...]
    offset: np.ndarray | float = 0.0

    def at(self, coefficients: np.ndarray, rows: slice) -> np.ndarray:
        """The form's values in some rows."""
        offset = self.offset[rows] if isinstance(self.offset, np.ndarray) else self.offset
        value: np.ndarray = self.design[rows] @ coefficients + offset
        return value


class Rows(Protocol):
    """What a row contributes to the log-likelihood, given its forms by name."""

    @property
    def outcomes(self) -> tuple[str, ...]: ...

    def log_probabilities(self, forms: Mapping[str, Number], rows: slice) -> list[Number]:
        """Of each outcome, in rows of the data."""
        ...

    def contribution(self, forms: Mapping[str, Number], rows: slice) -> Number:
        """The log-likelihood of what was observed in these rows."""
        ...

    def take(self, chosen: np.ndarray) -> Rows:
        """The same, of other rows."""
        ...


@dataclass(frozen=True, eq=False, kw_only=True)
class TreeRows:
    """Rows of a tree: `counts[n, o]` is how often outcome o was observed in row n.

    `outcome_of[t]` is the outcome that ending t is observed as. `precisions` names the form of
    each player's log-precision, where that is estimated; elsewhere `precision` holds.
    """

    payoffs: Payoffs
    behaviour: Behaviour
    precision: tuple[float, ...]
    precisions: Mapping[int, str]
    outcomes: tuple[str, ...]
    outcome_of: tuple[int, ...]
    counts: np.ndarray

    def actions(self, forms: Mapping[str, Number], rows: slice) -> list[list[Number]]:
        """Log-probabilities of the actions at every node."""
        utilities, chances = self.payoffs.at(forms)
        sharp = [
            exp(forms[self.precisions[p]]) if p in self.precisions else value
            for p, value in enumerate(self.precision)
        ]
        return play(self.payoffs.tree, self.behaviour, utilities, sharp, chances)

    def log_probabilities(self, forms: Mapping[str, Number], rows: slice) -> list[Number]:
        """Of each outcome: paths that are observed alike are added up."""
        tree, chosen = self.payoffs.tree, self.actions(forms, rows)
        below: list[list[Number]] = [[] for _ in self.outcomes]
        for terminal, outcome in enumerate(self.outcome_of):
            total: Number = 0.0
            for node, action in tree.path(terminal):
                total = total + chosen[node][action]
            below[outcome].append(total)
        return [paths[0] if len(paths) == 1 else log_sum_exp(paths) for paths in below]

    def contribution(self, forms: Mapping[str, Number], rows: slice) -> Number:
        """Where every ending is its own outcome, counts of actions; else counts of outcomes."""
        counts = self.counts[rows]
        total: Number = 0.0
        if len(set(self.outcome_of)) == len(self.outcome_of):
            taken = self.taken(counts)
            for position, actions in enumerate(self.actions(forms, rows)):
                for action, log_probability in enumerate(actions):
                    total = total + log_probability * taken[position, action]
            return total
        for outcome, log_probability in enumerate(self.log_probabilities(forms, rows)):
            total = total + log_probability * counts[:, outcome]
        return total

    def taken(self, counts: np.ndarray) -> dict[tuple[int, int], np.ndarray]:
        """How often each (node, action) was taken by row, where every ending is its own outcome."""
        tree = self.payoffs.tree
        taken: dict[tuple[int, int], np.ndarray] = {}
        for terminal, outcome in enumerate(self.outcome_of):
            for step in tree.path(terminal):
                taken[step] = (
                    taken[step] + counts[:, outcome] if step in taken else counts[:, outcome]
                )
        return taken

    def take(self, chosen: np.ndarray) -> TreeRows:
        """The same, of other rows."""
        return replace(self, counts=self.counts[chosen])


@dataclass(frozen=True, eq=False, kw_only=True)
class Likelihood:
    """Rows, forms and weights: everything that is a function of the coefficients alone."""

    rows: Rows
    forms: tuple[Form, ...]
    weights: np.ndarray

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(f"{form.name}:{column}" for form in self.forms for column in form.columns)

    @property
    def n_rows(self) -> int:
        return len(self.weights)

    @property
    def spans(self) -> list[slice]:
        """Where each form's coefficients stand."""
        ends = np.cumsum([0, *(form.design.shape[1] for form in self.forms)])
        return [slice(int(a), int(b)) for a, b in pairwise(ends)]

    def etas(self, coefficients: np.ndarray, rows: slice) -> np.ndarray:
        """(forms, rows)"""
        return np.stack(
            [f.at(coefficients[s], rows) for f, s in zip(self.forms, self.spans, strict=True)]
        )

    def chunks(self) -> list[slice]:
        return [slice(a, min(a + CHUNK, self.n_rows)) for a in range(0, self.n_rows, CHUNK)]

    def named(self, numbers: Sequence[Number]) -> dict[str, Number]:
        return {form.name: x for form, x in zip(self.forms, numbers, strict=True)}

    def value(self, coefficients: np.ndarray) -> float:
        """The log-likelihood."""
        return float(self.weights @ self.each(coefficients))

    def each(self, coefficients: np.ndarray) -> np.ndarray:
        """The log-likelihood of every row, without weights."""
        pieces = [
            np.broadcast_to(
                self.rows.contribution(self.named(list(self.etas(coefficients, r))), r),
                (r.stop - r.start,),
            )
            for r in self.chunks()
        ]
        return np.concatenate(pieces)

    def derivatives(self, coefficients: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        """The log-likelihood, its score and its Hessian."""
        size = len(coefficients)
        value, score, hessian = 0.0, np.zeros(size), np.zeros((size, size))
        spans = self.spans
        for r in self.chunks():
            jet, w = self._jet(coefficients, r), self.weights[r]
            value += float(w @ jet.value)
            designs = [form.design[r] for form in self.forms]
            for f, slope in jet.gradient.items():
                score[spans[f]] += (w * slope) @ designs[f]
            for (f, g), bend in jet.hessian.items():
                block = designs[f].T @ ((w * bend)[:, None] * designs[g])
                hessian[spans[f], spans[g]] += block
                if g > f:
                    hessian[spans[g], spans[f]] += block.T
        return value, score, hessian

    def scores(self, coefficients: np.ndarray) -> np.ndarray:
        """(rows, coefficients): the score of every row, without weights."""
        answer = np.zeros((self.n_rows, len(coefficients)))
        for r in self.chunks():
            self._put(answer[r], self._jet(coefficients, r), r)
        return answer

    def probabilities(self, coefficients: np.ndarray) -> np.ndarray:
        """(rows, outcomes)"""
        pieces = []
        for r in self.chunks():
            found = self.rows.log_probabilities(self.named(list(self.etas(coefficients, r))), r)
            pieces.append(
                np.stack([np.broadcast_to(np.exp(x), (r.stop - r.start,)) for x in found], axis=1)
            )
        return np.concatenate(pieces)

    def mean_probabilities(self, points: np.ndarray) -> np.ndarray:
        """(points, outcomes or quantities), averaged over the rows by weight, at many points."""
        share = self.weights / self.weights.sum()
        return np.stack([share @ p for p in self._at_points(points)])

    def probabilities_at(self, points: np.ndarray) -> np.ndarray:
        """(points, rows, outcomes or quantities), at many points."""
        return np.stack(self._at_points(points))

    def _at_points(self, points: np.ndarray) -> list[np.ndarray]:
        answer: list[np.ndarray] = []
        step = max(1, CHUNK * 4 // self.n_rows)
        whole = slice(0, self.n_rows)
        for at in range(0, len(points), step):
            block = points[at : at + step]
            etas = np.concatenate([self.etas(point, whole) for point in block], axis=1)
            size = etas.shape[1]
            found = self._expected(self.named(list(etas)), slice(0, size))
            stacked = np.stack([np.broadcast_to(x, (size,)) for x in found], axis=1)
            answer += list(stacked.reshape(len(block), self.n_rows, -1))
        return answer

    def _expected(self, forms: dict[str, Number], rows: slice) -> list[np.ndarray]:
        """Probabilities of outcomes, or what rows predict in their place."""
        own = getattr(self.rows, "expected", None)
        if own is not None:
            found: list[np.ndarray] = own(forms, rows)
            return found
        return [np.exp(x) for x in self.rows.log_probabilities(forms, rows)]

    def information(self, coefficients: np.ndarray) -> np.ndarray:
        r"""The expected information $\sum_n w_n m_n \sum_o P_o\, s_o s_o'$ of what was observed."""
        size = len(coefficients)
        answer = np.zeros((size, size))
        for r in self.chunks():
            jets = variables(self.etas(coefficients, r))
            number = getattr(self.rows, "counts", np.ones((self.n_rows, 1)))[r].sum(axis=1)
            for jet in self.rows.log_probabilities(self.named(jets), r):
                s = np.zeros((r.stop - r.start, size))
                self._put(s, jet, r)
                answer += (s * (self.weights[r] * number * np.exp(jet.value))[:, None]).T @ s
        return answer

    def _put(self, scores: np.ndarray, jet: Jet, rows: slice) -> None:
        spans = self.spans
        for f, slope in jet.gradient.items():
            scores[:, spans[f]] = np.reshape(slope, (-1, 1)) * self.forms[f].design[rows]

    def _jet(self, coefficients: np.ndarray, rows: slice) -> Jet:
        found = self.rows.contribution(self.named(variables(self.etas(coefficients, rows))), rows)
        assert isinstance(found, Jet)
        return found

    def take(self, chosen: np.ndarray, weights: np.ndarray | None = None) -> Likelihood:
        """The likelihood of some rows, or of rows drawn several times."""
        return replace(
            self,
            rows=self.rows.take(chosen),
            forms=tuple(
                replace(
                    form,
                    design=form.design[chosen],
                    offset=form.offset[chosen]
                    if isinstance(form.offset, np.ndarray)
                    else form.offset,
                )
                for form in self.forms
            ),
            weights=self.weights[chosen] if weights is None else weights,
        )

    def with_forms(self, forms: Sequence[Form]) -> Likelihood:
        """The likelihood with other designs."""
        return replace(self, forms=tuple(forms))
