"""The section `state`: factors, their levels and endings."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from foedus.scenario.diagnostics import Report
from foedus.scenario.model import Ending, Variable
from foedus.scenario.names import is_name
from foedus.scenario.nodes import Mapping, Node, Scalar, Sequence, child, pairs, text
from foedus.scenario.scalars import level_range
from foedus.scenario.scope import BrokenName, Scope, VariableName
from foedus.scenario.sections.context import Context, named


@dataclass(frozen=True, eq=False)
class Factor:
    """A factor as read: its symbol, and its endings as written. Endings are its last levels."""

    symbol: VariableName | BrokenName
    endings: tuple[tuple[Scalar, Node], ...]

    @property
    def variable(self) -> Variable | None:
        """The variable, unless the declaration has errors."""
        return self.symbol.variable if isinstance(self.symbol, VariableName) else None


def read_state(context: Context) -> dict[str, Factor]:
    """All factors by name, in the order of the file."""
    return {
        key.text: context.memory.once(
            "factor",
            (key.text, node),
            partial(_factor, key.text, node, context.report),
        )
        for key, node in context.section("state")
    }


def read_endings(context: Context, factors: dict[str, Factor], scope: Scope) -> tuple[Ending, ...]:
    """All endings; `scope` is that of parameters."""
    players = [key.text for key, _ in context.section("players")]
    endings = []
    for name, factor in factors.items():
        for key, node in factor.endings:
            payoffs = {}
            for player, amount in named(child(node, "payoffs")):
                if context.known(player, players, "player"):
                    payoffs[player.text] = context.formula(amount, scope)
            label = text(child(node, "label")) or key.text
            endings.append(Ending(factor=name, name=key.text, label=label, payoffs=payoffs))
    return tuple(endings)


def _factor(name: str, node: Node, report: Report) -> Factor:
    levels = _levels(child(node, "levels"), report)
    endings = tuple(named(child(node, "endings")))
    if levels is None:
        return Factor(BrokenName(name), endings)
    words = [word for word, _ in levels]
    for key, _ in endings:
        if key.text in words:
            message = f"`{key.text}` is an ordinary level of `{name}` too"
            report.error("F505", key.place, message, hint="leave it out of `levels`")
            return Factor(BrokenName(name), endings)
    numeric = all(word.lstrip("-").isdigit() for word in words)
    # An ending of a numeric factor is no quantity and counts as 0; a named factor ranks all levels.
    values = [float(w) for w in words] if numeric else [float(i) for i in range(len(words))]
    ends = [0.0 if numeric else float(len(words) + i) for i in range(len(endings))]
    variable = Variable(
        name=name,
        label=text(child(node, "label")) or name,
        levels=(*words, *(key.text for key, _ in endings)),
        values=(*values, *ends),
        numeric=numeric,
        level_labels=(
            *(label for _, label in levels),
            *(text(child(end, "label")) or key.text for key, end in endings),
        ),
    )
    return Factor(VariableName(variable, True), endings)


def _levels(node: Node | None, report: Report) -> list[tuple[str, str]] | None:
    """Level names and labels; None where they cannot be used."""
    match node:
        case Scalar():
            return [(str(n), str(n)) for n in level_range(node.text)] or None
        case Sequence():
            keys = [item for item in node.items if isinstance(item, Scalar)]
            levels = [(_word(key), _word(key)) for key in keys]
        case Mapping():
            keys = [key for key, _ in pairs(node)]
            levels = [(_word(key), text(label) or _word(key)) for key, label in pairs(node)]
        case _:
            return None
    if not levels or not all(is_name(key.text) or key.whole is not None for key in keys):
        return None
    sound = True
    seen: set[str] = set()
    whole = keys[0].whole is not None
    for key in keys:
        if _word(key) in seen:
            report.error("F303", key.place, f"the level `{key.text}` stands twice")
            sound = False
        elif (key.whole is not None) != whole:
            message = "levels are either all names or all whole numbers"
            report.error("F203", key.place, message)
            sound = False
        seen.add(_word(key))
    return levels if sound else None


def _word(key: Scalar) -> str:
    """The level's name; `+2` and `02` are the level 2."""
    return key.text if key.whole is None else str(key.whole)
