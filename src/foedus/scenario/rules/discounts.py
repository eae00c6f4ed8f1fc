"""Discounts lie in [0, 1], and below one where play has no last period."""

from __future__ import annotations

from collections.abc import Iterator

from foedus.scenario.formulas import Number
from foedus.scenario.rules.finding import Finding
from foedus.scenario.rules.play import Play, number
from foedus.scenario.rules.proof import TOLERANCE
from foedus.scenario.rules.verdicts import Bound

CODES = {"F906": "A discount lies outside what the horizon allows."}


def check_discounts(play: Play) -> Iterator[Finding]:
    """Every player's discount over the whole parameter box."""
    stationary = play.rules.horizon.solve is None
    # A discount of one must fail the check, and everything is compared with a tolerance.
    high = 1.0 - 2 * TOLERANCE if stationary else 1.0
    allowed = "[0, 1)" if stationary else "[0, 1]"
    for player in play.rules.players:
        if isinstance(player.discount, Number) and 0.0 <= player.discount.value <= high:
            continue
        witness = play.decide(Bound(formula=player.discount, domain={}, low=0.0, high=high)).witness
        if witness is None:
            continue
        found = f"is {number(witness.value)}" if not witness.fault else f"has {witness.fault}"
        yield play.finding(
            "F906",
            "error",
            ("players", player.name, "discount"),
            f"the discount of {player.name} {found}{play.where(player.discount, witness)}",
            why=f"with this horizon a discount must lie in {allowed} for every draw",
            hint="narrow the range" + (", or set a finite horizon" if stationary else ""),
        )
