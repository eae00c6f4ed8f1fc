"""Every move applies somewhere, and every action is available somewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from foedus.scenario.formulas import ONE
from foedus.scenario.model import ChanceMove, Move
from foedus.scenario.rules.finding import Finding
from foedus.scenario.rules.period import choices, entries
from foedus.scenario.rules.play import Play, listed, of_regimes
from foedus.scenario.rules.situations import literals

CODES = {
    "F923": "A move never applies, under any regime.",
    "F924": "An action is never available, under any regime.",
}

_Key = tuple[str, tuple[str, ...]]  # a move's name and its actions: an entry in every regime


def check_unused_moves(plays: Sequence[Play]) -> Iterator[Finding]:
    """Moves and actions that no reachable situation allows under any regime or variant."""
    idle: dict[_Key, tuple[Play, Move | ChanceMove]] = {}
    closed: dict[tuple[str, str], tuple[Play, Move]] = {}
    for play in of_regimes(plays):
        for entry in entries(play.rules):
            idle.setdefault(_key(play, entry), (play, entry))
            if isinstance(entry, Move):
                for name in _names(play, entry):
                    closed.setdefault((entry.variable, name), (play, entry))
    for play in plays:
        for entry in entries(play.rules):
            _use(play, entry, idle, closed)
    for play, entry in idle.values():
        yield play.finding(
            "F923",
            "warning",
            play.subject(entry),
            f"move {entry.variable} ({listed(_names(play, entry))}) never applies",
            why="its `when` holds in no situation that play can reach",
            hint="check the levels and actions that its `when` names",
        )
    for (variable, name), (play, move) in closed.items():
        if _key(play, move) not in idle:
            yield play.finding(
                "F924",
                "warning",
                (*play.subject(move), "actions", name),
                f"action {name} of move {variable} is never available",
                why="its `when` holds in no situation in which the move is made",
                hint="check its `when`, or drop the action",
            )


def _names(play: Play, entry: Move | ChanceMove) -> tuple[str, ...]:
    levels = play.period.variables[entry.variable].levels
    return tuple(levels[code] for code in choices(entry))


def _key(play: Play, entry: Move | ChanceMove) -> _Key:
    return entry.variable, _names(play, entry)


def _use(
    play: Play,
    entry: Move | ChanceMove,
    idle: dict[_Key, tuple[Play, Move | ChanceMove]],
    closed: dict[tuple[str, str], tuple[Play, Move]],
) -> None:
    """Strike out what this entry shows to be in use."""
    key, given = _key(play, entry), [*literals(entry.when)]
    actions = entry.actions if isinstance(entry, Move) else ()
    levels = play.period.variables[entry.variable].levels
    open_ = [a for a in actions if (entry.variable, levels[a.code]) in closed]
    if key not in idle and not open_:
        return
    if not play.situations.exists(given, play.domain):
        return
    idle.pop(key, None)
    for action in open_:
        if action.when is ONE or play.situations.exists(
            [*given, *literals(action.when)], play.domain
        ):
            del closed[entry.variable, levels[action.code]]
