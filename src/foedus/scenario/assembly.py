"""From an edited tree to the rules of one regime, section by section."""

from __future__ import annotations

from functools import partial

from foedus.scenario.model import Rules
from foedus.scenario.nodes import Place, items, text
from foedus.scenario.scope import BrokenName, ParameterName, PlayersName, Scope, Symbol
from foedus.scenario.sections.context import Context
from foedus.scenario.sections.counterfactuals import Assembly
from foedus.scenario.sections.definitions import declare, read_definitions
from foedus.scenario.sections.entries import Entry, is_read, read_entries, read_variables
from foedus.scenario.sections.moves import read_sequence
from foedus.scenario.sections.parameters import read_parameters, read_precision
from foedus.scenario.sections.payoffs import read_parts, read_terminal
from foedus.scenario.sections.players import read_horizon, read_players
from foedus.scenario.sections.quantities import Asked, read_quantities
from foedus.scenario.sections.starts import read_starts
from foedus.scenario.sections.state import Factor, read_endings, read_state
from foedus.scenario.sections.transitions import read_transitions
from foedus.scenario.sections.types import declare_types, moving_beliefs, read_types, started
from foedus.scenario.types import variables

SPACES = ("state", "parameters", "define")  # sections whose names expressions use


def assemble(
    context: Context, regime: str | None, variant: str | None, regimes: list[str]
) -> Assembly:
    """The rules in the context's tree. They hold only if nothing was reported as an error."""
    horizon = read_horizon(context)
    factors = read_state(context)
    entries = read_entries(context)
    parameters = read_parameters(context)
    scope = _scope(context, factors, entries)
    constant = scope.narrowed((), "changes during play; only parameters may be read here")
    types = read_types(context, horizon, constant)
    declare_types(types, scope)
    hidden = tuple(variable for one in types for variable in variables(one))
    rules_scope = scope.without(
        {one.belief: "is what others believe; rules cannot turn on it" for one in types}
    )
    state = scope.narrowed(
        [*factors, *(variable.name for variable in hidden)],
        "is not part of the state when a period begins",
    )
    names = [key.text for key, _ in context.section("players")]
    defines = read_definitions(context, scope)
    players = read_players(context, horizon.solve is not None, constant)
    endings = read_endings(context, factors, constant)
    parts = read_parts(context, names, rules_scope)
    starts = read_starts(context, factors)
    asked = Asked(
        players=names,
        regimes=regimes,
        starts=starts,
        parts=parts,
        endings=endings,
        factors=factors,
        horizon=horizon,
        everything=scope,
        state=state,
    )
    quantities, own = read_quantities(context, asked)
    rules = Rules(
        title=text(context.tree.get("title")),
        regime=regime,
        variant=variant,
        period=text(context.tree.get("period")) or "period",
        horizon=horizon,
        players=players,
        parameters=parameters,
        precision=read_precision(context),
        convention="shock" if text(context.tree.get("convention")) == "shock" else "expected",
        factors=(*(f.variable for f in factors.values() if f.variable is not None), *hidden),
        endings=endings,
        moves=tuple(
            symbol.variable
            for name in dict.fromkeys(entry.name for entry in entries)
            if (symbol := scope.variable(name)) is not None and not symbol.factor
        ),
        sequence=read_sequence(context, entries, scope),
        transitions=(
            *read_transitions(context, factors, rules_scope),
            *moving_beliefs(types),
        ),
        parts=parts,
        terminal=read_terminal(context, names, horizon.solve is not None, state),
        defines=defines,
        starts=tuple(started(start, types) for start in (*starts, *own)),
        quantities=quantities,
        types=types,
    )
    origins = tuple(range(len(entries)))
    return Assembly(rules=rules, entries=entries, scope=scope, origins=origins)


def _scope(context: Context, factors: dict[str, Factor], entries: list[Entry]) -> Scope:
    """Every name of the file and what it stands for; a name with two meanings is reported."""
    scope = Scope({})
    places = {key.text: key.place for section in SPACES for key, _ in context.section(section)}
    places |= {entry.name: entry.place for entry in entries}
    moves = read_variables(context, entries)
    declared: list[tuple[str, str, Symbol]] = [
        *(("factor", name, factor.symbol) for name, factor in factors.items()),
        *(("move", name, symbol) for name, symbol in moves.items()),
    ]
    for key, _ in context.section("parameters"):
        symbol = context.memory.once("name", (key.text,), partial(ParameterName, key.text))
        declared.append(("parameter", key.text, symbol))
    kinds: dict[str, str] = {}
    for kind, name, meaning in declared:
        if name in kinds:
            _twice(context, places[name], name, kinds[name], kind)
        kinds.setdefault(name, kind)
        scope.symbols.setdefault(name, meaning)
    if any(not read for read in map(is_read, items(context.tree.get("moves")))):
        # The name of a move that cannot be read may be a player's: uses of it are not to blame.
        for key, _ in context.section("players"):
            scope.symbols.setdefault(key.text, BrokenName(key.text))
    for key, _ in context.section("define"):
        if key.text in kinds:
            _twice(context, key.place, key.text, kinds[key.text], "definition")
    players = tuple(key.text for key, _ in context.section("players"))
    scope.symbols["players"] = context.memory.once(
        "players", players, partial(PlayersName, players)
    )
    declare(context, scope)
    return scope


def _twice(context: Context, place: Place, name: str, first: str, second: str) -> None:
    context.report.error(
        "F303",
        place,
        f"`{name}` is the name of a {first} and of a {second}",
        why="an expression could not tell them apart",
        hint="rename one of them",
    )
