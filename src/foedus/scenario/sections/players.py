"""The sections `players` and `horizon`."""

from __future__ import annotations

from foedus.scenario.formulas import ONE
from foedus.scenario.model import Horizon, Player
from foedus.scenario.nodes import Mapping, Scalar, child, text
from foedus.scenario.scope import Scope
from foedus.scenario.sections.context import Context

EVALUATED = 10  # periods, where the file does not say


def read_horizon(context: Context) -> Horizon:
    """How long play is solved and reported."""
    node = context.tree.get("horizon")
    evaluate, solve = _whole(child(node, "evaluate")), _whole(child(node, "solve"))
    stationary = text(node) == "stationary"
    if isinstance(node, Mapping):
        says = node.get("stationary")
        stationary = isinstance(says, Scalar) and says.truth is True
        if stationary and solve is not None:
            key = node.entries["solve"][0]
            message = "a stationary game is not solved for a number of periods"
            context.report.error("F207", key.place, message, hint="leave out `solve`")
        elif not stationary and solve is None and evaluate is None:
            context.report.error(
                "F202",
                context.tree.entries["horizon"][0].place,
                "the horizon needs `solve`, or `stationary: true`",
            )
    if stationary:
        return Horizon(solve=None, evaluate=evaluate or EVALUATED)
    solve = solve or evaluate or EVALUATED
    if evaluate is not None and evaluate > solve and isinstance(node, Mapping):
        place = node.entries["evaluate"][1].place
        message = f"results over {evaluate} periods need as many to be solved, not {solve}"
        context.report.error("F604", place, message, hint="raise `solve`")
    return Horizon(solve=solve, evaluate=evaluate or min(solve, EVALUATED))


def read_players(context: Context, finite: bool, scope: Scope) -> tuple[Player, ...]:
    """All players; `scope` is that of parameters."""
    players = []
    for key, node in context.section("players"):
        discount = child(node, "discount")
        if discount is None and not finite:
            context.report.error(
                "F606",
                key.place,
                f"`{key.text}` needs a `discount`",
                why="without one, payoffs of a game without a last period do not add up",
                hint="discount: 0.9",
            )
        own = child(node, "precision")
        players.append(
            Player(
                name=key.text,
                label=text(child(node, "label")) or key.text,
                discount=context.formula(discount, scope, ONE),
                precision=None if own is None else context.formula(own, scope),
            )
        )
    return tuple(players)


def _whole(node: object) -> int | None:
    return node.whole if isinstance(node, Scalar) else None
