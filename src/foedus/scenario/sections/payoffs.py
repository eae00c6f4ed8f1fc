"""The sections `payoffs` and `terminal`."""

from __future__ import annotations

from foedus.scenario.formulas import Formula
from foedus.scenario.model import Part
from foedus.scenario.scope import Scope
from foedus.scenario.sections.context import Context, named


def read_parts(context: Context, players: list[str], scope: Scope) -> tuple[Part, ...]:
    """All payoff parts, players in the order of `payoffs`."""
    return tuple(
        Part(player=player.text, name=part.text, formula=context.formula(node, scope))
        for player, parts in context.section("payoffs")
        if context.known(player, players, "player")
        for part, node in named(parts)
    )


def read_terminal(
    context: Context, players: list[str], finite: bool, scope: Scope
) -> dict[str, Formula]:
    """Player -> value of a state after the last period; `scope` is that of the state."""
    terminal = {}
    for player, node in context.section("terminal"):
        if not finite:
            context.report.error(
                "F606",
                player.place,
                "a stationary game has no last period, so no terminal value",
                hint="leave out `terminal`, or solve a finite number of periods",
            )
        if context.known(player, players, "player"):
            terminal[player.text] = context.formula(node, scope)
    return terminal
