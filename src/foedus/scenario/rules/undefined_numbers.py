"""Payoffs and other numbers have a value everywhere: no division by zero, no overflow."""

from __future__ import annotations

from collections.abc import Iterator

from foedus.scenario.formulas import Formula, Number
from foedus.scenario.rules.finding import Finding, Subject
from foedus.scenario.rules.play import Play
from foedus.scenario.rules.verdicts import Bound

CODES = {"F905": "A number has no value somewhere in the ranges of the parameters."}


def check_undefined_numbers(play: Play) -> Iterator[Finding]:
    """Every payoff part, ending, terminal value and quantity."""
    for label, subject, formula in _numbers(play):
        if isinstance(formula, Number):
            continue
        verdict = play.decide(Bound(formula=formula, domain=play.period.domain))
        if verdict.proved:
            continue
        if verdict.witness is not None:
            where = play.where(formula, verdict.witness)
            yield play.finding(
                "F905",
                "error",
                subject,
                f"{label} has no value{where}: {verdict.witness.fault}",
                why="the game is solved for every draw of the parameters, and each needs numbers",
                hint="narrow a range, or guard the expression: `x / y if y > 0 else 0`",
            )
        else:
            yield play.finding(
                "F904",
                "warning",
                subject,
                f"{label} could not be shown to have a value everywhere; no fault was found",
                why="a draw of the parameters might still break it, and solving would then stop",
                hint="bound what is divided by, or what a logarithm is taken of, with max(..., x)",
            )


def _numbers(play: Play) -> Iterator[tuple[str, Subject, Formula]]:
    rules = play.rules
    for part in rules.parts:
        label = f"payoff part {part.name} of {part.player}"
        yield label, ("payoffs", part.player, part.name), part.formula
    for ending in rules.endings:
        for player, formula in ending.payoffs.items():
            path: Subject = ("state", ending.factor, "endings", ending.name, "payoffs", player)
            yield f"what {player} is paid on {ending.name}", path, formula
    for player, formula in rules.terminal.items():
        yield f"the terminal value of {player}", ("terminal", player), formula
    for quantity in rules.quantities:
        fields = {quantity.kind: quantity.of, "to": quantity.to, "given": quantity.given}
        for name, found in fields.items():
            if found is not None:
                yield f"quantity {quantity.name}", ("quantities", quantity.name, name), found
