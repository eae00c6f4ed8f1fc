"""Wherever a move applies there is something to choose, and one entry only says what."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from foedus.scenario.model import ChanceMove, Move
from foedus.scenario.rules.finding import Finding
from foedus.scenario.rules.period import entries
from foedus.scenario.rules.play import Play
from foedus.scenario.rules.situations import literals

CODES = {
    "F911": "A move applies in a situation in which none of its actions is available.",
    "F912": "Two entries of one move apply in the same situation.",
}


def check_choices(play: Play) -> Iterator[Finding]:
    """Every entry of every move, in every situation that the factors' levels allow."""
    for entry in entries(play.rules):
        if isinstance(entry, Move):
            yield from _nothing_to_choose(play, entry)
    for found in play.period.entries.values():
        for first, second in combinations(found, 2):
            yield from _both_apply(play, first, second)


def _nothing_to_choose(play: Play, move: Move) -> Iterator[Finding]:
    wanted = [*literals(move.when)]
    for action in move.actions:
        wanted += literals(action.when, False)
    found = play.situations.example(wanted, play.period.domain)
    if found is None:
        return
    where = f"where {play.period.say(found, found)}" if found else "at all"
    yield play.finding(
        "F911",
        "error",
        play.subject(move),
        f"move {move.variable} has no action to choose {where}",
        why="a player who moves needs at least one action",
        hint="let one action be available always, or narrow the `when` of the move",
    )


def _both_apply(
    play: Play, first: Move | ChanceMove, second: Move | ChanceMove
) -> Iterator[Finding]:
    wanted = [*literals(first.when), *literals(second.when)]
    found = play.situations.example(wanted, play.period.domain)
    if found is None:
        return
    where = f"where {play.period.say(found, found)}" if found else "always"
    yield play.finding(
        "F912",
        "error",
        play.subject(second),
        f"two entries of move {first.variable} apply {where}",
        why="entries that share a name are one move, which is made once a period",
        hint="make their `when` exclude each other, or give the second one a `name` of its own",
    )
