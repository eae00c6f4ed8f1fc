"""Writes `.efg` and `.nfg` files that Gambit and OpenSpiel read unchanged.

The dialect is what both accept: numbers whole, fractions or decimals, totals at the leaves and
nothing at inner nodes, actions listed at every node, sets numbered from 1 for each player, one
line for each node, and no comment after the players.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from fractions import Fraction
from pathlib import Path

from foedus.errors import GameError
from foedus.game.trees.strategic import StrategicGame
from foedus.game.trees.tree import ExtensiveGame


def write_game(game: ExtensiveGame | StrategicGame, path: str | Path) -> None:
    """Write a tree to an `.efg` file, a table of strategies to an `.nfg` file.

    Read again, the game has the same exact payoffs at every leaf, probabilities, information sets
    and labels; what inner nodes pay is added to the leaves below. Labels of nodes and sets that
    are not unique are left out, because Gambit refuses them.

    Raises `GameError` for another kind of game or ending, and where the file cannot be written.
    """
    path = Path(path)
    suffix = {ExtensiveGame: ".efg", StrategicGame: ".nfg"}.get(type(game))
    if suffix is None:
        raise GameError(
            f"write_game writes trees and tables of strategies, not a {type(game).__name__}; "
            "fd.unroll makes a tree of a game with a finite horizon"
        )
    if path.suffix.lower() != suffix:
        raise GameError(f"{path}: this kind of game is kept in a file ending in {suffix}")
    try:
        path.write_text(game_text(game), encoding="utf-8")
    except OSError as error:
        raise GameError(f"{path} cannot be written: {error.strerror or error}") from None


def game_text(game: ExtensiveGame | StrategicGame) -> str:
    """The text that `write_game` writes."""
    lines = _tree_lines(game) if isinstance(game, ExtensiveGame) else _table_lines(game)
    return "\n".join(lines) + "\n"


def _tree_lines(game: ExtensiveGame) -> Iterator[str]:
    yield f"EFG 2 R {_quoted(game.title)} {_braced(game.players)}"
    numbers, counts = [], dict[int | None, int]()
    for one in game.sets:
        counts[one.player] = counts.get(one.player, 0) + 1
        numbers.append(counts[one.player])
    labels = _unique([(one.player, one.label) for one in game.sets])
    middles = []
    for one, number, label in zip(game.sets, numbers, labels, strict=True):
        if one.player is None:
            assert one.probabilities is not None
            drawn = zip(one.actions, one.probabilities, strict=True)
            listed = " ".join(f"{_quoted(action)} {spelled(chance)}" for action, chance in drawn)
            middles.append(f"{number} {_quoted(label)} {{ {listed} }}")
        else:
            mover = one.player + 1
            middles.append(f"{mover} {number} {_quoted(label)} {_braced(one.actions)}")
    nodes = _unique([(None, node.label) for node in game.nodes])
    outcomes: dict[Hashable, int] = {}
    names: dict[str, Hashable] = {}
    for node, name, paid in zip(game.nodes, nodes, game.collected, strict=True):
        if node.at >= 0:
            kind = "c" if game.sets[node.at].player is None else "p"
            yield f"{kind} {_quoted(name)} {middles[node.at]} 0"
            continue
        at = node.outcome
        label = game.outcomes[at].label if at >= 0 else ""
        key = at if at >= 0 and game.outcomes[at].payoffs == paid else (label, paid)
        if label and names.setdefault(label, key) != key:
            label = ""  # an outcome of this name pays something else
        number = outcomes.setdefault(key, len(outcomes) + 1)
        yield f"t {_quoted(name)} {number} {_quoted(label)} {_listed(paid)}"


def _table_lines(game: StrategicGame) -> Iterator[str]:
    yield f"NFG 1 R {_quoted(game.title)} {_braced(game.players)}"
    yield ""
    sizes = " ".join(str(len(own)) for own in game.strategies)
    yield f"{{ {sizes} }}"
    yield ""
    for paid in game.payoffs:
        yield " ".join(spelled(payoff) for payoff in paid)


def _unique(labels: list[tuple[int | None, str]]) -> list[str]:
    """The labels, without those that stand more than once for one owner."""
    counts: dict[tuple[int | None, str], int] = {}
    for label in labels:
        counts[label] = counts.get(label, 0) + 1
    return [label[1] if counts[label] == 1 else "" for label in labels]


def _listed(paid: tuple[Fraction, ...]) -> str:
    return "{ " + ", ".join(spelled(payoff) for payoff in paid) + " }"


def spelled(exact: Fraction) -> str:
    """A number as both peers read it, without losing a digit.

    OpenSpiel reads fractions of 32-bit integers only, and decimals of any length.

    >>> spelled(Fraction(1, 3)), spelled(Fraction(-1, 10**12)), spelled(Fraction(10**10, 3))
    ('1/3', '-0.000000000001', '10000000000/3')
    """
    if max(abs(exact.numerator), exact.denominator) < 2**31:
        return str(exact)
    twos = (exact.denominator & -exact.denominator).bit_length() - 1
    fives, rest = 0, exact.denominator >> twos
    while rest % 5 == 0:
        rest //= 5
        fives += 1
    if rest > 1:
        return str(exact)
    places = max(twos, fives)
    digits = str(abs(exact.numerator) * 10**places // exact.denominator).zfill(places + 1)
    whole, part = digits[: len(digits) - places], digits[len(digits) - places :]
    return ("-" if exact < 0 else "") + whole + (f".{part}" if part else "")


def _braced(words: tuple[str, ...]) -> str:
    return "{ " + " ".join(_quoted(word) for word in words) + " }"


def _quoted(text: str) -> str:
    """In quotation marks; neither peer reads a quotation mark, backslash or line break inside."""
    plain = " ".join(text.split()).replace("\\", "/").replace('"', "'")
    return f'"{plain}"'
