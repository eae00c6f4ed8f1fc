"""Precisions of the logit response are not negative."""

from __future__ import annotations

from collections.abc import Iterator

from foedus.scenario.rules.finding import Finding
from foedus.scenario.rules.play import Play, number
from foedus.scenario.rules.verdicts import Bound

CODES = {"F907": "A precision is negative somewhere in the ranges of the parameters."}
_WHY = "at precision zero play is random; below zero players would seek what they dislike"
_HINT = "give a range above zero"


def check_precisions(play: Play) -> Iterator[Finding]:
    """The scenario's precision, and each player's own."""
    if play.rules.precision.low < 0.0:
        low = number(play.rules.precision.low)
        message = f"the precision can be as low as {low}"
        yield play.finding("F907", "error", ("precision",), message, why=_WHY, hint=_HINT)
    for player in play.rules.players:
        if player.precision is None:
            continue
        witness = play.decide(Bound(formula=player.precision, domain={}, low=0.0)).witness
        if witness is None:
            continue
        found = f"is {number(witness.value)}" if not witness.fault else f"has {witness.fault}"
        yield play.finding(
            "F907",
            "error",
            ("players", player.name, "precision"),
            f"the precision of {player.name} {found}{play.where(player.precision, witness)}",
            why=_WHY,
            hint=_HINT,
        )
