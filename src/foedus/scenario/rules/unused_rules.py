"""Every transition rule applies somewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from foedus.scenario.rules.finding import Finding
from foedus.scenario.rules.play import Play, of_regimes

CODES = {"F925": "A transition rule never applies, under any regime."}


def check_unused_rules(plays: Sequence[Play]) -> Iterator[Finding]:
    """Rules that no reachable situation leaves to them, under any regime or variant."""
    unused: dict[tuple[str, int], Play] = {}
    used: set[tuple[str, int]] = set()
    for play in plays:
        for transition in play.rules.transitions:
            for position in range(len(transition.rules)):
                key = (transition.factor, position)
                if key in used:
                    continue
                if play.situations.exists(
                    play.situations.applies(transition, position), play.drawing
                ):
                    used.add(key)
                elif play in of_regimes(plays):
                    unused.setdefault(key, play)
    for (factor, position), play in unused.items():
        if (factor, position) in used:
            continue
        yield play.finding(
            "F925",
            "warning",
            ("next", factor, position),
            f"rule {position + 1} for the next {factor} never applies",
            why="its `when` fails in every situation that play can reach and earlier rules leave",
            hint="check its `when`; the first rule that holds is the one that counts",
        )
