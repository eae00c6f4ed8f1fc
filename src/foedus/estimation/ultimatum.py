r"""The statistical ultimatum game: an offer out of a prize, and whether it is accepted.

The proposer keeps $Q - y$ if the offer $y \in [0, Q]$ is accepted and has $R_1$ otherwise; the
receiver accepts where $y \ge R_2$. Both reservation values are linear forms plus logistic noise of
scale $s_1$, $s_2$. With $F_2$ the distribution of the receiver's, the best offer solves

    R_1 = Q - y - F_2(y) / f_2(y) = Q - y - s_2 (1 + e^{(y - x_2'β_2) / s_2})

so that an offer reveals $R_1$, and offers of 0 and Q bound it (Ramsay and Signorino 2009).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import scipy.special

from foedus.errors import QueryError
from foedus.estimation.formulas import make_designs, needed, read_formula
from foedus.estimation.jets import Number, exp, log_logistic
from foedus.estimation.likelihood import Form, Likelihood
from foedus.estimation.model import Model, Prepared
from foedus.estimation.problems import Problems
from foedus.estimation.table import Table
from foedus.estimation.ultimatum_play import ExpectedPlay, best_offer, expected_play

PROPOSER, RECEIVER = "proposer", "receiver"
SCALES = {PROPOSER: "log scale proposer", RECEIVER: "log scale receiver"}


@dataclass(frozen=True, eq=False, kw_only=True)
class UltimatumRows:
    """Offers, and 1 or 0 for accepted or not; None where answers are not used."""

    prize: float
    offer: np.ndarray
    accepted: np.ndarray | None
    fixed: Mapping[str, float]  # log scales that are not estimated

    @property
    def outcomes(self) -> tuple[str, ...]:
        return ("accept", "reject")

    def log_probabilities(self, forms: Mapping[str, Number], rows: slice) -> list[Number]:
        """Of acceptance and refusal of the offers that were made."""
        ahead = self._ahead(forms, self._taken(self.offer, forms, rows))
        return [log_logistic(ahead), log_logistic(-ahead)]

    def contribution(self, forms: Mapping[str, Number], rows: slice) -> Number:
        """Density of an inner offer, probability of one at an end, and of the answer."""
        offer = self._taken(self.offer, forms, rows)
        ahead = self._ahead(forms, offer)
        scale = self._scale(PROPOSER, forms)
        threshold = self.prize - offer - exp(self._scale(RECEIVER, forms)) * (1.0 + exp(ahead))
        error = (threshold - forms[PROPOSER]) * exp(-scale)
        low, high = offer <= 0.0, offer >= self.prize
        inner = ~(low | high) * 1.0
        # An offer of everything says R_1 is at most the threshold there; of nothing, at least.
        below, above = log_logistic(error), log_logistic(-error)
        stretch = -log_logistic(-ahead)
        total = below * (inner + high) + above * (inner + low) + (stretch - scale) * inner
        if self.accepted is not None:
            accepted = self._taken(self.accepted, forms, rows)
            total = total + log_logistic(ahead) * accepted + log_logistic(-ahead) * (1 - accepted)
        return total

    @property
    def quantities(self) -> dict[str, float]:
        """What is predicted before an offer is made, and how large it can be."""
        return {"offer": self.prize, "acceptance": 1.0}

    def expected(self, forms: Mapping[str, Number], rows: slice) -> list[np.ndarray]:
        """The quantities' expectations: offers are predicted and not taken as made."""
        play = self.play(forms, rows)
        return [play.offer, play.acceptance]

    def play(self, forms: Mapping[str, Number], rows: slice) -> ExpectedPlay:
        """All expectations, where the forms are numbers and not jets."""
        means = [np.broadcast_to(np.asarray(forms[p]), (rows.stop - rows.start,)) for p in SCALES]
        scales = [np.exp(np.asarray(self._scale(player, forms))) for player in SCALES]
        return expected_play(means[0], means[1], (scales[0], scales[1]), self.prize)

    def drawn(
        self, forms: Mapping[str, Number], rows: slice, rng: np.random.Generator
    ) -> UltimatumRows:
        """Games played anew: a best offer to each drawn reservation value, and its answer."""
        size = rows.stop - rows.start
        noise = scipy.special.logit(rng.random((len(SCALES), size)))
        scales = [np.exp(np.asarray(self._scale(player, forms))) for player in SCALES]
        own, other = (
            np.asarray(forms[player]) + scale * luck
            for player, scale, luck in zip(SCALES, scales, noise, strict=True)
        )
        offer = best_offer(own, np.asarray(forms[RECEIVER]), scales[1], self.prize)
        accepted = None if self.accepted is None else (offer >= other) * 1.0
        return replace(self, offer=offer, accepted=accepted)

    def start(self) -> dict[str, float]:
        """Constants to search from: answers as uncertain as offers are spread."""
        middle, spread = float(np.median(self.offer)), max(float(self.offer.std()), 1e-3)
        return {
            f"{PROPOSER}:Intercept": self.prize - middle - 3.0 * spread,
            f"{RECEIVER}:Intercept": middle - (spread if RECEIVER not in self.fixed else 0.0),
            f"{SCALES[PROPOSER]}:Intercept": float(np.log(spread)),
            f"{SCALES[RECEIVER]}:Intercept": float(np.log(spread)),
        }

    def take(self, chosen: np.ndarray) -> UltimatumRows:
        """The same, of other rows."""
        accepted = None if self.accepted is None else self.accepted[chosen]
        return replace(self, offer=self.offer[chosen], accepted=accepted)

    def _taken(self, column: np.ndarray, forms: Mapping[str, Number], rows: slice) -> np.ndarray:
        if rows.stop <= len(column):
            return column[rows]
        return np.resize(column, rows.stop)[rows]  # the same rows at several points

    def _scale(self, player: str, forms: Mapping[str, Number]) -> Number:
        return forms.get(SCALES[player], self.fixed.get(player, 0.0))

    def _ahead(self, forms: Mapping[str, Number], offer: np.ndarray) -> Number:
        return (offer - forms[RECEIVER]) * exp(-self._scale(RECEIVER, forms))


@dataclass(frozen=True, eq=False, kw_only=True)
class UltimatumModel(Model):
    """Reservation values as formulas, and the columns of offers and answers.

    - `accept`: the column of 0/1 answers; None to estimate from offers alone.
    - `scales`: fixed scales by player, `{"receiver": 1.0}`; those not named are estimated, as
        `log scale proposer` and `log scale receiver`.

    >>> model = UltimatumModel(proposer="1 + x1", receiver="1 + z1", offer="offer",
    ...                        accept="accept", prize=15)
    """

    proposer: str
    receiver: str
    offer: str
    accept: str | None
    prize: float
    scales: Mapping[str, float] | None = None

    def prepare(
        self, table: Table, *, weights: str | None, cluster: str | None, missing: str
    ) -> Prepared:
        """The likelihood over a table; every problem of the table at once."""
        problems = Problems(source=table.source)
        scales = dict(self.scales or {})
        if set(scales) - set(SCALES) or any(not s > 0 for s in scales.values()):
            raise QueryError(f"scales are positive and belong to {', '.join(SCALES)}; {scales}")
        texts = {PROPOSER: self.proposer, RECEIVER: self.receiver}
        texts |= {SCALES[p]: "1" for p in SCALES if p not in scales}
        read = {name: read_formula(text) for name, text in texts.items()}
        if None in (read[PROPOSER], read[RECEIVER]):
            raise QueryError("both reservation values need a formula, at least `1`")
        formulas = {name: f for name, f in read.items() if f is not None}
        names = [*needed(formulas), self.offer]
        names += [n for n in (self.accept, weights, cluster) if n is not None]
        if not table.require(names, problems, "the model"):
            problems.check()
        complete, report = table.complete(names, missing)
        offer = complete.numbers(self.offer, problems, least=0.0)
        if (offer > self.prize).any():
            lines = [int(n) for n in complete.lines[offer > self.prize]]
            problems.add(f"offers above {self.prize:g}", column=self.offer, lines=lines)
        accepted = None if self.accept is None else complete.numbers(self.accept, problems)
        if accepted is not None and not np.isin(accepted, (0.0, 1.0)).all():
            lines = [int(n) for n in complete.lines[~np.isin(accepted, (0.0, 1.0))]]
            problems.add("answers are 0 or 1", column=str(self.accept), lines=lines)
        designs, matrices = make_designs(formulas, complete, problems)
        weight = (
            np.ones(len(offer)) if weights is None else complete.numbers(weights, problems, least=0)
        )
        if np.ptp(offer) == 0:
            problems.add("all offers are the same", column=self.offer)
        problems.check()
        rows = UltimatumRows(
            prize=float(self.prize),
            offer=offer,
            accepted=accepted,
            fixed={player: float(np.log(scale)) for player, scale in scales.items()},
        )
        forms = tuple(
            Form(name=n, design=m, columns=designs.columns(n)) for n, m in matrices.items()
        )
        return Prepared(
            likelihood=Likelihood(rows=rows, forms=forms, weights=weight),
            designs=designs,
            table=complete,
            missing=report,
            clusters=None if cluster is None else complete.frame[cluster].to_numpy(),
            title="ultimatum game",
        )
