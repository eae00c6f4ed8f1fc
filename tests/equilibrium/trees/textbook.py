"""Textbook games, written from their payoffs."""

from __future__ import annotations

from collections.abc import Sequence

from foedus.game.trees import ExtensiveGame, Growth, StrategicGame, parse_game


def crisis() -> ExtensiveGame:
    """A defender who may bluff, of two types; a challenger who may press; a last clear chance."""
    growth = Growth(["Defender", "Challenger"])
    growth.draw(["Resolved", "Weak"], ["2/5", "3/5"])
    for kind, war in (("resolved", [2, -4]), ("weak", [-8, -2])):
        growth.choose("Defender", ["Threaten", "Concede"], label=f"{kind}: threat")
        growth.choose("Challenger", ["Press", "Back down"], of="threatened", label="threatened")
        growth.choose("Defender", ["Fight", "Retreat"], label=f"{kind}: last chance")
        growth.end(war)
        growth.end([-3, 12])
        growth.end([10, 0])
        growth.end([0, 10])
    return growth.finish(title="crisis")


def beer_or_quiche() -> ExtensiveGame:
    """Cho & Kreps (1987): the strong like beer, the weak quiche, and nobody likes duels."""
    growth = Growth(["Sender", "Receiver"])
    growth.draw(["strong", "weak"], ["9/10", "1/10"])
    for kind, liked in (("strong", "beer"), ("weak", "quiche")):
        growth.choose("Sender", ["beer", "quiche"], label=kind)
        for meal in ("beer", "quiche"):
            growth.choose("Receiver", ["duel", "let go"], of=meal, label=f"after {meal}")
            for reply in ("duel", "let go"):
                sender = (meal == liked) + 2 * (reply == "let go")
                growth.end([sender, int((reply == "duel") == (kind == "weak"))])
    return growth.finish(title="beer or quiche")


def horse() -> ExtensiveGame:
    """Selten (1975): one Nash equilibrium that no beliefs support, one that is perfect."""
    growth = Growth(["1", "2", "3"])
    growth.choose("1", ["C", "D"], label="one")
    growth.choose("2", ["c", "d"], label="two")
    growth.end([1, 1, 1])
    growth.choose("3", ["L", "R"], of="three", label="three")
    growth.end([4, 4, 0])
    growth.end([0, 0, 1])
    growth.choose("3", ["L", "R"], of="three")
    growth.end([3, 3, 2])
    growth.end([0, 0, 0])
    return growth.finish(title="Selten's horse")


def centipede(legs: int) -> ExtensiveGame:
    """Whoever takes gets four fifths of a pile that doubles with every pass."""
    growth = Growth(["1", "2"])
    for leg in range(legs):
        growth.choose(leg % 2, ["take", "pass"], label=f"leg {leg + 1}")
        pile = 5 * 2**leg
        growth.end([4 * pile // 5, pile // 5] if leg % 2 == 0 else [pile // 5, 4 * pile // 5])
    pile = 5 * 2**legs
    growth.end([4 * pile // 5, pile // 5] if legs % 2 == 0 else [pile // 5, 4 * pile // 5])
    return growth.finish(title=f"centipede of {legs} legs")


def chain_store(entrants: int) -> ExtensiveGame:
    """Selten (1978): a chain store that meets entrants one after another, all in the open."""
    growth = Growth(["Store", *(f"Entrant {n + 1}" for n in range(entrants))])
    waiting: list[tuple[str, ...]] = [()]
    while waiting:
        history = waiting.pop()
        entrant = sum(step in ("out", "fight", "share") for step in history)
        if history and history[-1] == "in":
            growth.choose("Store", ["fight", "share"])
            waiting += [(*history[:-1], "share"), (*history[:-1], "fight")]
        elif entrant < entrants:
            growth.choose(1 + entrant, ["in", "out"])
            waiting += [(*history, "out"), (*history, "in")]
        else:
            paid = [sum({"out": 5, "share": 2, "fight": 0}[step] for step in history)]
            growth.end(paid + [{"out": 1, "share": 2, "fight": 0}[step] for step in history])
    return growth.finish(title=f"chain store, {entrants} entrants")


def two_stages(first: Sequence[Sequence[int]], second: Sequence[Sequence[int]]) -> ExtensiveGame:
    """A two-by-two game played twice, the first outcome seen by both; payoffs add up."""
    growth = Growth(["1", "2"])
    growth.choose("1", ["a", "b"], of="1")
    for i in range(2):
        growth.choose("2", ["a", "b"], of="2")
        for j in range(2):
            growth.choose("1", ["a", "b"], of=("1", i, j))
            for k in range(2):
                growth.choose("2", ["a", "b"], of=("2", i, j))
                for m in range(2):
                    growth.end([first[i][j] + first[k][m], second[i][j] + second[k][m]])
    return growth.finish()


def table(text: str) -> StrategicGame:
    """A table of strategies, from `.nfg` text."""
    found = parse_game(text)
    assert isinstance(found, StrategicGame)
    return found


def three_by_two() -> StrategicGame:
    """Three players with two strategies each: nine equilibria (McKelvey & McLennan 1997)."""
    return table(
        'NFG 1 R "" { "1" "2" "3" } { 2 2 2 } 9 8 12 0 0 0 0 0 0 9 8 2 0 0 0 3 4 6 3 4 6 0 0 0'
    )


def absent_minded() -> ExtensiveGame:
    """A driver who cannot tell the first exit from the second (Piccione & Rubinstein 1997)."""
    growth = Growth(["Driver"])
    growth.choose("Driver", ["exit", "go on"], of="crossing", label="crossing")
    growth.end([0])
    growth.choose("Driver", ["exit", "go on"], of="crossing")
    growth.end([4])
    growth.end([1])
    return growth.finish()


def forgetful() -> ExtensiveGame:
    """A player who forgets its first move before the second; matching them pays."""
    growth = Growth(["P"])
    growth.choose("P", ["l", "r"], label="first")
    for first in range(2):
        growth.choose("P", ["l", "r"], of="second", label="second")
        for second in range(2):
            growth.end([int(first == second) * (1 + first)])
    return growth.finish()
