"""Every player has something to choose."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from foedus.scenario.model import Move
from foedus.scenario.rules.finding import Finding
from foedus.scenario.rules.period import entries
from foedus.scenario.rules.play import Play

CODES = {"F928": "A player has no move, under any regime."}


def check_idle_players(plays: Sequence[Play]) -> Iterator[Finding]:
    """Players without a move under any regime or variant."""
    movers = {e.player for p in plays for e in entries(p.rules) if isinstance(e, Move)}
    for player in plays[0].rules.players:
        if player.name not in movers:
            yield plays[0].finding(
                "F928",
                "warning",
                ("players", player.name),
                f"{player.name} never moves",
                why="a player without a move is only somebody whose payoffs are counted",
                hint=f"add a move of {player.name} under `moves` if one was meant",
            )
