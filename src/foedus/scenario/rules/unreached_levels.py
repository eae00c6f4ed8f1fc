"""Every level of every factor, and every ending, can be reached under some regime."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from foedus.scenario.rules.finding import Finding
from foedus.scenario.rules.play import Play, of_regimes

CODES = {
    "F921": "No start leads to a level of a factor, under any regime.",
    "F922": "No start leads to an ending, under any regime.",
}


def check_unreached_levels(plays: Sequence[Play]) -> Iterator[Finding]:
    """Levels that no regime and no variant can reach; reaching fewer under one is normal."""
    missing: dict[tuple[str, str], Play] = {}
    for play in of_regimes(plays):
        for factor in play.rules.factors:
            for level in factor.levels:
                missing.setdefault((factor.name, level), play)
    for play in plays:
        if not missing:
            return
        for factor in play.rules.factors:
            for code in play.reached[factor.name]:
                missing.pop((factor.name, factor.levels[code]), None)
    for (name, level), play in missing.items():
        code = play.period.factors[name].levels.index(level)
        if code in play.period.endings[name]:
            yield play.finding(
                "F922",
                "warning",
                ("state", name, "endings", level),
                f"no start leads to the ending {level} of {name}",
                why="its payoffs never count, and every probability of it is zero",
                hint=f"add a rule under `next: {name}` that leads there, or drop the ending",
            )
        else:
            yield play.finding(
                "F921",
                "warning",
                ("state", name, "levels", level),
                f"no start leads to the level {level} of {name}",
                why="the level only makes the game larger",
                hint=f"add a rule under `next: {name}` that leads there, or drop the level",
            )
