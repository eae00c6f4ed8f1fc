"""The section `quantities`: numbers to report about play."""

from __future__ import annotations

from dataclasses import dataclass

from foedus.scenario.fields_of_play import QUANTITY
from foedus.scenario.formulas import Formula
from foedus.scenario.model import (
    EQUILIBRIUM,
    Ending,
    Horizon,
    Part,
    Quantity,
    QuantityKind,
    Start,
)
from foedus.scenario.nodes import Mapping, Scalar, child, items, text
from foedus.scenario.scope import Scope
from foedus.scenario.sections.context import Context
from foedus.scenario.sections.own_starts import OwnStarts
from foedus.scenario.sections.state import Factor

AT_A_MOMENT = ("mean", "probability")  # read the state at the start of a period
WINDOWED = ("reach", "hazard", "occupancy", "switches", "rate")


@dataclass(frozen=True, eq=False, kw_only=True)
class Asked:
    """What quantities may name."""

    players: list[str]
    regimes: list[str]
    starts: tuple[Start, ...]
    parts: tuple[Part, ...]
    endings: tuple[Ending, ...]
    factors: dict[str, Factor]
    horizon: Horizon
    everything: Scope
    state: Scope


def read_quantities(
    context: Context, asked: Asked
) -> tuple[tuple[Quantity, ...], tuple[Start, ...]]:
    """All quantities, in the order of the file, and the starts that they make."""
    found = []
    own = OwnStarts(context, asked.starts, asked.factors)
    for key, node in context.section("quantities"):
        kind = next((kind for kind in QUANTITY.records if child(node, kind) is not None), None)
        if isinstance(node, Mapping) and kind is not None:
            found.append(_quantity(context, key.text, kind, node, asked, own))  # type: ignore[arg-type]
    return tuple(found), tuple(own.made.values())


def _quantity(
    context: Context,
    name: str,
    kind: QuantityKind,
    node: Mapping,
    asked: Asked,
    own: OwnStarts,
) -> Quantity:
    formulas: dict[str, Formula] = {}
    if kind not in ("value", "distance"):
        scope = asked.state if kind in AT_A_MOMENT else asked.everything
        formulas["of"] = context.formula(node.get(kind), scope)
    for field in ("to", "given"):
        if field in node.entries:
            formulas[field] = context.formula(node.get(field), asked.everything)
    within, after, at = _window(context, kind, node, asked.horizon)
    starts = [start.name for start in asked.starts]
    player = context.known(node.get("value"), asked.players, "player") if kind == "value" else None
    against = None
    if kind == "distance":
        known = [*asked.regimes, EQUILIBRIUM]
        against = context.known(node.get("distance"), known, "regime")
    levels = own.levels(node.get("from"))
    base = context.known(node.get("start"), starts, "start")
    return Quantity(
        name=name,
        label=text(node.get("label")) or name,
        kind=kind,
        start=own.changed(base, levels),
        of=formulas.get("of"),
        to=formulas.get("to"),
        given=formulas.get("given"),
        within=within,
        after=after,
        at=at,
        player=player,
        part=_part(context, node, player, asked) if player else None,
        against=against,
        factors=_factors(context, node, asked),
        starts=_levels_of_width(context, node, base, levels, own),
        unit=text(node.get("unit")),
    )


def _factors(context: Context, node: Mapping, asked: Asked) -> tuple[str, ...]:
    found = (context.known(f, asked.factors, "factor") for f in items(node.get("factors")))
    return tuple(dict.fromkeys(name for name in found if name is not None))


def _levels_of_width(
    context: Context, node: Mapping, base: str | None, levels: dict[str, int], own: OwnStarts
) -> tuple[str, ...]:
    """A width's starts, one for each level of the factor that it runs over."""
    over = context.known(node.get("over"), own.factors, "factor")
    if over is None:
        return ()
    if over in levels:
        key = child(node, "from").entries[over][0]  # type: ignore[union-attr]
        message = f"`{over}` runs over all its levels here and cannot begin at one of them"
        context.report.error("F607", key.place, message, hint="leave it out of `from`")
    return own.each_level(base, levels, over)


def _part(context: Context, node: Mapping, player: str, asked: Asked) -> str | None:
    part = node.get("part")
    if not isinstance(part, Scalar):
        return None
    names = [p.name for p in asked.parts if p.player == player]
    names += [ending.name for ending in asked.endings if player in ending.payoffs]
    if part.text not in names:
        listed = ", ".join(f"`{name}`" for name in names) or "none"
        context.report.error(
            "F605",
            part.place,
            f"the payoff of {player} has no part `{part.text}`",
            hint=f"its parts: {listed}",
        )
    return part.text


def _window(
    context: Context, kind: QuantityKind, node: Mapping, horizon: Horizon
) -> tuple[int | None, int, int | None]:
    """`within`, `after` and `at`, where the kind has them."""
    numbers: dict[str, int] = {}
    for field in ("within", "after", "at"):
        value = node.get(field)
        if not isinstance(value, Scalar) or value.whole is None:
            continue
        numbers[field] = value.whole
        if horizon.solve is not None and value.whole > horizon.solve:
            context.report.error(
                "F604",
                value.place,
                f"`{field}: {value.whole}` lies beyond the {horizon.solve} periods that are solved",
                hint="shorten the window, or raise `solve` under `horizon`",
            )
    within = numbers.get("within", horizon.evaluate) if kind in WINDOWED else None
    at = numbers.get("at", horizon.evaluate) if kind in (*AT_A_MOMENT, "distance") else None
    after = numbers.get("after", 0)
    value = node.get("after")
    if within is not None and after >= within and value is not None:
        message = f"no period is left: `after` is {after} and `within` is {within}"
        context.report.error("F604", value.place, message)
    return within, after, at
