"""The figures that claims read, out of solved samples; and the draws that reproduce the facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce

import numpy as np
from jaxtyping import Bool, Float

from foedus.findings.draws import Draws
from foedus.findings.kept import Solved
from foedus.findings.samples import Samples
from foedus.findings.statements import measure, truth
from foedus.scenario.model import Fact
from foedus.scenario.statements import Figure, figures

Play = tuple[str | None, str | None]  # the mechanism that is off, and counterfactual play
EQUILIBRIUM_PLAY: Play = (None, None)


@dataclass(frozen=True, eq=False, kw_only=True)
class Evidence:
    """One sample as solved: with every mechanism on and equilibrium play, and otherwise.

    - `by_play`: the sample under each (without, under) that was solved.
    - `precision`: of everybody's response, where statements ask for it.
    """

    samples: Samples
    regimes: tuple[str, ...]
    quantities: tuple[str, ...]
    precision: float
    by_play: Mapping[Play, Solved]

    @property
    def solved(self) -> np.ndarray:
        """The places in the sample of the draws with an answer to equilibrium play."""
        base = self.by_play[EQUILIBRIUM_PLAY]
        rows: np.ndarray = base.rows[base.solved]
        return rows

    def answers(self, wanted: Iterable[Figure]) -> bool:
        """Whether all of these figures were solved for."""
        return all((figure.without, figure.under) in self.by_play for figure in wanted)

    def draws(self, wanted: Sequence[Figure]) -> Draws:
        """The draws for which all of these figures were solved for, with their values.

        Play that needs figures under fewer draws than the sample has leaves these draws only.
        """
        plays = dict.fromkeys([EQUILIBRIUM_PLAY, *((f.without, f.under) for f in wanted)])
        solved = {play: self.by_play[play] for play in plays}
        rows = reduce(np.intersect1d, [one.rows for one in solved.values()])
        places = {play: np.searchsorted(one.rows, rows) for play, one in solved.items()}
        parameters = self.samples.parameters
        points = solved[EQUILIBRIUM_PLAY].parameters[places[EQUILIBRIUM_PLAY]]
        return Draws(
            names=(*self.samples.names, "precision"),
            lows=(*(p.low for p in parameters), self.precision),
            highs=(*(p.high for p in parameters), self.precision),
            scales=(*(p.scale for p in parameters), "linear"),
            parameters=np.column_stack([points, np.full(len(points), self.precision)]),
            solved=np.all([one.solved[places[play]] for play, one in solved.items()], axis=0),
            figures={
                figure: self._values(figure)[places[figure.without, figure.under]]
                for figure in wanted
            },
        )

    def rows(self, wanted: Sequence[Figure]) -> np.ndarray:
        """The places in the sample of the draws that `draws` returns."""
        plays = [EQUILIBRIUM_PLAY, *((f.without, f.under) for f in wanted)]
        return reduce(np.intersect1d, [self.by_play[play].rows for play in plays])

    def place(self, figure: Figure) -> tuple[int, int]:
        """The regime's and the quantity's places in the arrays of a solved sample."""
        return self.regimes.index(figure.regime), self.quantities.index(figure.quantity)

    def _values(self, figure: Figure) -> Float[np.ndarray, "points"]:
        values = self.by_play[figure.without, figure.under].values
        found: Float[np.ndarray, "points"] = values[self.place(figure)]
        return found


@dataclass(frozen=True, eq=False, kw_only=True)
class Reproduced:
    """Which draws reproduce a fact, of those that were solved for it."""

    fact: Fact
    rows: np.ndarray = field(repr=False)
    holds: Bool[np.ndarray, "rows"] = field(repr=False)
    known: Bool[np.ndarray, "rows"] = field(repr=False)

    def among(self, rows: np.ndarray) -> Bool[np.ndarray, "some"]:
        """Whether each of these draws reproduces it. A draw that was not solved does not."""
        kept: Bool[np.ndarray, "some"] = np.isin(rows, self.rows[self.holds])
        return kept


def reproduced(evidence: Evidence, facts: Sequence[Fact]) -> tuple[Reproduced, ...]:
    """For each fact, the draws that reproduce it. Facts have no margin."""
    found = []
    for fact in facts:
        wanted = figures(fact.holds)
        draws = evidence.draws(wanted)
        unknown = np.broadcast_to(measure(fact.holds, draws, margin=0.0).unknown, draws.size)
        found.append(
            Reproduced(
                fact=fact,
                rows=evidence.rows(wanted),
                holds=truth(fact.holds, draws),
                known=draws.solved & ~unknown,
            )
        )
    return tuple(found)


def plausible(rows: np.ndarray, facts: Sequence[Reproduced]) -> Bool[np.ndarray, "rows"]:
    """The draws among `rows` that reproduce every fact.

    Source: Vernon, Goldstein & Bower (2010), *Bayesian Analysis* 5, 619-669 (history matching).
    """
    marks = [np.ones(len(rows), bool), *(fact.among(rows) for fact in facts)]
    together: Bool[np.ndarray, "rows"] = np.logical_and.reduce(marks)
    return together
