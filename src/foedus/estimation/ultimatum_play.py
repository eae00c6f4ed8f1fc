r"""What the ultimatum game leads to: expected offers, acceptance, and offers at the ends.

The best offer of a proposer with reservation value r has a closed form in Wright's ω, which solves
$ω(a) + \log ω(a) = a$:

    y*(r) = Q - s_2 - r - s_2 ω(a),   a = (Q - s_2 - r - x_2'β_2) / s_2,   clipped to [0, Q]

and is accepted with probability ω / (1 + ω) inside. Expectations are over the logistic r, that is
over $u = F_1(r)$ in (0, 1): its ends are clipped offers, and between them there are two integrals,
which meet where a = 0, by the double-exponential rule (Takahasi and Mori 1974).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.special

STEP, REACH = 0.2, 3.4  # of the rule: 35 nodes


@dataclass(frozen=True, eq=False, kw_only=True)
class ExpectedPlay:
    """Expectations by row: the offer, its variance, acceptance, and offers of nothing and all."""

    offer: np.ndarray
    variance: np.ndarray
    acceptance: np.ndarray
    nothing: np.ndarray
    everything: np.ndarray


def best_offer(reservation: Any, receiver: Any, scale: Any, prize: float) -> np.ndarray:
    """The offer that is best for a proposer with this reservation value.

    `receiver` and `scale` are of the receiver's reservation value.

    >>> round(float(best_offer(2.0, 4.0, 1.2, 15.0)), 6)
    5.90927
    """
    room = prize - scale - np.asarray(reservation)
    wanted = room - scale * scipy.special.wrightomega((room - receiver) / scale)
    clipped: np.ndarray = np.clip(wanted, 0.0, prize)
    return clipped


def expected_play(
    proposer: np.ndarray, receiver: np.ndarray, scales: tuple[Any, Any], prize: float
) -> ExpectedPlay:
    """Expectations where reservation values have these means and scales, proposer's first."""
    own, other = (np.broadcast_to(scale, np.shape(proposer)) for scale in scales)
    receiver = np.broadcast_to(receiver, np.shape(proposer))

    def place(reservation: np.ndarray) -> np.ndarray:
        return np.asarray(scipy.special.expit((reservation - proposer) / own))

    def accepted(offer: Any) -> np.ndarray:
        return np.asarray(scipy.special.expit((offer - receiver) / other))

    # With a reservation value above `high` nothing is offered, with one below `low` everything.
    high = prize - other * (1.0 + np.exp(-receiver / other))
    low = -other * (1.0 + np.exp(np.minimum((prize - receiver) / other, 700.0)))
    first, last = place(low), place(high)
    middle = np.clip(place(prize - other - receiver), first, last)
    above = scipy.special.expit((proposer - high) / own)  # 1 - last, without cancellation
    totals = [first * prize, first * prize**2, first * accepted(prize) + above * accepted(0.0)]
    t = np.arange(-REACH, REACH + STEP / 2, STEP)
    inside = scipy.special.expit(np.pi * np.sinh(t))
    weight = STEP * np.pi * np.cosh(t) * inside * (1.0 - inside)
    for begin, end in ((first, middle), (middle, last)):
        for share, part in zip(inside, weight, strict=True):
            u = np.clip(begin + (end - begin) * share, 1e-300, 1.0 - 1e-16)
            offer = best_offer(proposer + own * scipy.special.logit(u), receiver, other, prize)
            length = part * (end - begin)
            for k, value in enumerate((offer, offer**2, accepted(offer))):
                totals[k] = totals[k] + length * value
    offer, square, acceptance = totals
    return ExpectedPlay(
        offer=offer,
        variance=np.maximum(square - offer**2, 0.0),
        acceptance=acceptance,
        nothing=above,
        everything=first,
    )
