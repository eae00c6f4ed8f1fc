"""The section `moves`, second reading: conditions, and who sees what."""

from __future__ import annotations

from foedus.scenario.formulas import ONE, Formula, Number
from foedus.scenario.model import Action, Block, ChanceMove, Move
from foedus.scenario.nodes import Mapping, Node
from foedus.scenario.scope import Scope, VariableName
from foedus.scenario.sections.context import Context
from foedus.scenario.sections.entries import Entry
from foedus.scenario.simplify import both
from foedus.scenario.types import type_name

ROUNDING = 1e-9  # probabilities written in decimals, such as 0.1 + 0.2 + 0.7


def read_sequence(
    context: Context, entries: list[Entry], scope: Scope
) -> tuple[Block | ChanceMove, ...]:
    """Blocks and chance moves in order, each with what its movers see."""
    sequence: list[Block | ChanceMove] = []
    for first, last in together(entries):
        group = entries[first : last + 1]
        if group[0].player is None:
            if len(group) == 1 and group[0].node.get("chance") is not None:
                sequence.append(_chance(context, group[0], entries[:first], scope))
            continue
        sees = tuple(
            tuple(_sees(group[i], group[j]) if i < j else False for i in range(len(group)))
            for j in range(len(group))
        )
        moves = tuple(_move(context, entries, first, first + j, scope) for j in range(len(group)))
        for entry in group[1:]:
            if entry.node.get("chance") is not None:
                _refuse_chance(context, entry, group)
        sequence.append(Block(moves=moves, sees=sees))
    return tuple(sequence)


def _sees(earlier: Entry, later: Entry) -> bool:
    """Whether the later mover knows what the earlier move was."""
    if earlier.player == later.player and earlier.player is not None:
        return True
    if earlier.block is not None and earlier.block == later.block:
        return False
    return later.player is None or later.player not in earlier.hidden


def together(entries: list[Entry]) -> list[tuple[int, int]]:
    """First and last of each run of entries that must be decided together.

    A run reaches from a move to the last mover who does not see it, and runs
    that overlap are one.
    """
    runs: list[tuple[int, int]] = []
    at = 0
    while at < len(entries):
        last = inner = at
        while inner <= last:
            blind = [
                later
                for later in range(inner + 1, len(entries))
                if not _sees(entries[inner], entries[later])
            ]
            last = max([last, *blind])
            inner += 1
        runs.append((at, last))
        at = last + 1
    return runs


def _move(context: Context, entries: list[Entry], first: int, at: int, scope: Scope) -> Move:
    entry = entries[at]
    scope = what_is_seen(entries, first, at, scope)
    symbol = scope.symbols.get(entry.name)
    levels = symbol.variable.levels if isinstance(symbol, VariableName) else ()
    actions = []
    for key, said in entry.choices:
        when = said.get("when") if isinstance(said, Mapping) else None
        if key.text in levels and isinstance(symbol, VariableName):
            code = levels.index(key.text)
            label = symbol.variable.level_labels[code]
            actions.append(Action(code=code, label=label, when=context.formula(when, scope)))
    return Move(
        variable=entry.name,
        player=entry.player or "",
        when=_condition(context, entry.whens, scope),
        actions=tuple(actions),
    )


def _chance(context: Context, entry: Entry, earlier: list[Entry], scope: Scope) -> ChanceMove:
    scope = what_is_seen([*earlier, entry], len(earlier), len(earlier), scope)
    symbol = scope.symbols.get(entry.name)
    levels = symbol.variable.levels if isinstance(symbol, VariableName) else ()
    outcomes = [
        (levels.index(key.text), context.formula(said, scope))
        for key, said in entry.choices
        if key.text in levels
    ]
    probabilities = [p.value for _, p in outcomes if isinstance(p, Number)]
    if len(probabilities) == len(entry.choices) and abs(sum(probabilities) - 1) > ROUNDING:
        context.report.error(
            "F503",
            entry.place,
            f"the probabilities of `{entry.name}` add up to {sum(probabilities):g}, not 1",
        )
    return ChanceMove(
        variable=entry.name,
        when=_condition(context, entry.whens, scope),
        outcomes=tuple(outcomes),
    )


def _condition(context: Context, whens: tuple[Node, ...], scope: Scope) -> Formula:
    if not whens:
        return ONE
    return both([context.formula(when, scope) for when in whens])


def what_is_seen(entries: list[Entry], first: int, at: int, scope: Scope) -> Scope:
    """The scope of the conditions of the entry at `at`, whose block begins at `first`.

    A name whose entries stand before and after is known: of its entries only
    one applies, and one that is still to come has not been played.
    """
    entry = entries[at]
    who = entry.player or f"`{entry.name}`"
    known: set[str] = set()
    reasons: dict[str, str] = {}
    for position, other in enumerate(entries[:at]):
        if not _sees(other, entry):
            reasons[other.name] = f"is not seen by {who}"
        elif position >= first:
            reasons[other.name] = (
                f"is decided in one block with this move of {who}, because somebody between "
                "the two does not see it"
            )
        else:
            known.add(other.name)
    known -= reasons.keys()
    for other in entries[at:]:
        if other.name not in known:
            own = other.name == entry.name
            later = f"is decided later in the period than this move of {who}"
            reasons.setdefault(other.name, "is what is decided here" if own else later)
    factors = {n for n, s in scope.symbols.items() if isinstance(s, VariableName) and s.factor}
    for name in factors:
        if name.startswith("belief("):
            reasons[name] = "is what others believe; rules cannot turn on it"
        elif name.startswith("type(") and entry.player and name != type_name(entry.player):
            reasons[name] = f"is known to {name[5:-1]} alone, not to {entry.player}"
    known = (factors | known) - reasons.keys()
    return scope.narrowed(known, "is not known before the period is over", reasons)


def _refuse_chance(context: Context, entry: Entry, group: list[Entry]) -> None:
    hidden = group[0].name
    context.report.error(
        "F502",
        entry.place,
        f"the chance move `{entry.name}` stands between the hidden move `{hidden}` and a player "
        "who does not see it",
        hint="put the chance move before the hidden move, or after the last who does not see it",
    )
