"""Reads `.nfg` text, with payoffs listed cell by cell or by outcome."""

from __future__ import annotations

from fractions import Fraction

from foedus.game.trees.efg import header
from foedus.game.trees.faults import Enough, Report
from foedus.game.trees.strategic import StrategicGame
from foedus.game.trees.tokens import Tokens, named, repeated

MOST_NUMBERS = 4_000_000  # payoffs in a table


def parse_nfg(tokens: Tokens, report: Report) -> StrategicGame | None:
    """The table, or None where the report has an error. The word `NFG` is behind us."""
    try:
        title, players, _ = header(tokens, report, version="1")
        strategies = _strategies(tokens, report, players)
        comment = tokens.optional_string() or ""
        cells = 1
        for own in strategies:
            cells *= len(own)
        if cells * len(players) > MOST_NUMBERS:
            raise report.stop(
                tokens.next.at,
                f"the table has {cells:,} profiles of strategies for {len(players)} players; "
                f"foedus reads up to {MOST_NUMBERS:,} payoffs",
                "a game tree says the same in less, where players know little of each other",
            )
        by_outcome = tokens.opens()
        table = (_by_outcome if by_outcome else _by_cell)(tokens, report, len(players), cells)
    except Enough:
        return None
    if report.failed:
        return None
    return StrategicGame(
        players=tuple(players),
        strategies=strategies,
        payoffs=table,
        title=title,
        comment=comment,
        remarks=tuple(report.faults),
    )


def _strategies(tokens: Tokens, report: Report, players: list[str]) -> tuple[tuple[str, ...], ...]:
    """By player: names in braces, or a number of strategies, which are then called 1, 2, ..."""
    opening = tokens.brace("{", "the strategies of each player")
    found: list[tuple[str, ...]] = []
    while not tokens.closes():
        place = tokens.next
        whose = players[len(found)] if len(found) < len(players) else "nobody"
        if tokens.opens():
            tokens.take()
            labels = []
            while not tokens.closes():
                labels.append(tokens.string(f"a strategy of {whose}"))
            tokens.take()
            labels = named(labels)
        else:
            count = tokens.integer(f"how many strategies {whose} has")
            if count > MOST_NUMBERS:
                raise report.stop(place.at, f"{whose} has {count:,} strategies, which is too many")
            labels = [str(number) for number in range(1, count + 1)]
        if not labels:
            raise report.stop(place.at, f"{whose} has no strategy; everybody needs at least one")
        for label in repeated(labels):
            report.error(
                place.at,
                f"two strategies of {whose} are called {label!r}",
                "play is read by the names of strategies, so each needs its own",
            )
        found.append(tuple(labels))
    tokens.take()
    if len(found) != len(players):
        raise report.stop(
            opening.at, f"strategies are listed for {len(found)} players; there are {len(players)}"
        )
    return tuple(found)


def _by_cell(
    tokens: Tokens, report: Report, n_players: int, cells: int
) -> tuple[tuple[Fraction, ...], ...]:
    start = tokens.next.at
    numbers: list[Fraction] = []
    while tokens.next.kind != "end":
        numbers.append(tokens.number("a payoff"))
        if len(numbers) > n_players * cells:
            raise _count(report, start, n_players, cells, "more")
    if len(numbers) != n_players * cells:
        raise _count(report, start, n_players, cells, str(len(numbers)))
    return tuple(
        tuple(numbers[first : first + n_players]) for first in range(0, len(numbers), n_players)
    )


def _count(report: Report, at: int, n_players: int, cells: int, found: str) -> Exception:
    return report.stop(
        at,
        f"{found} payoffs stand from here on; {cells:,} profiles of strategies for {n_players} "
        f"players need {n_players * cells:,}",
        "payoffs stand profile by profile, the first player's strategy running fastest",
    )


def _by_outcome(
    tokens: Tokens, report: Report, n_players: int, cells: int
) -> tuple[tuple[Fraction, ...], ...]:
    tokens.take()
    paid: list[tuple[Fraction, ...]] = [(Fraction(0),) * n_players]
    while not tokens.closes():
        opening = tokens.brace("{", "an outcome: its name, then a payoff for each player")
        tokens.optional_string()
        own: list[Fraction] = []
        while not tokens.closes():
            own.append(tokens.number("a payoff"))
        tokens.take()
        if len(own) != n_players:
            report.error(
                opening.at, f"{len(own)} payoffs stand here; there are {n_players} players"
            )
        paid.append(tuple(own))
    tokens.take()
    start = tokens.next.at
    table = []
    while tokens.next.kind != "end":
        at = tokens.next.at
        number = tokens.integer("the number of an outcome")
        if not 0 <= number < len(paid):
            report.error(at, f"there is no outcome {number}; {len(paid) - 1} are listed")
            number = 0
        table.append(paid[number])
        if len(table) > cells:
            break
    if len(table) != cells:
        found = "more" if len(table) > cells else f"{len(table):,}"
        raise report.stop(
            start,
            f"{found} outcomes stand from here on; there are {cells:,} profiles of strategies",
        )
    return tuple(table)
