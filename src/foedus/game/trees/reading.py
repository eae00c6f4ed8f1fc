"""Reads game files, `.efg` and `.nfg`, with every fault of a file at once and by line."""

from __future__ import annotations

from pathlib import Path

from foedus.errors import GameFileError
from foedus.game.trees.efg import parse_efg
from foedus.game.trees.faults import Enough, Fault, Report, refusal
from foedus.game.trees.nfg import parse_nfg
from foedus.game.trees.strategic import StrategicGame
from foedus.game.trees.tokens import Tokens
from foedus.game.trees.tree import ExtensiveGame

MOST_BYTES = 2**26


def read_game(path: str | Path) -> ExtensiveGame | StrategicGame:
    """The game in a file of Gambit's: a tree (`.efg`) or a table of strategies (`.nfg`).

    The content decides which of the two, not the name. Numbers stay exact. Read as well: decimals
    and exponents, outcomes at inner nodes, information sets whose actions are listed once, labels
    that are empty or not unique, payoffs missing from an outcome (0, with a remark), comments
    after `#`, and probabilities printed with six decimals or more that miss 1 by rounding.

    Raises `GameFileError` with every fault found, by line: probabilities that do not sum to 1,
    two players or two actions of one name, payoffs that are too few or too many, an incomplete
    tree, files above 64 MB or 500,000 nodes.

    >>> from pathlib import Path
    >>> folder = getfixture("tmp_path")
    >>> _ = (folder / "crisis.efg").write_text('''EFG 2 R "A threat" { "A" "B" }
    ... p "" 1 1 "" { "threaten" "wait" } 0
    ... p "" 2 1 "" { "yield" "fight" } 0
    ... t "" 1 "" { 1, -1/3 }
    ... t "" 2 "" { -2, -2 }
    ... t "" 3 "" { 0, 0 }''')
    >>> read_game(folder / "crisis.efg")
    <ExtensiveGame 'A threat': players A, B; nodes: 5, information sets: 2, ... leaves: 3>
    """
    game, faults = examine_game(path)
    if game is None:
        raise refusal(list(faults))
    return game


def examine_game(
    path: str | Path,
) -> tuple[ExtensiveGame | StrategicGame | None, tuple[Fault, ...]]:
    """The game in a file, None where it has errors, and every fault in the order of the file.

    Raises `GameFileError` for a file that cannot be opened.
    """
    path = Path(path)
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            said = f"the file has {size:,} bytes; foedus reads game files up to {MOST_BYTES:,}"
            return None, (_whole(path, said),)
        raw = path.read_bytes()
    except OSError as error:
        raise GameFileError(f"{path} cannot be read: {error.strerror or error}") from None
    if b"\0" in raw[:4096]:
        return None, (_whole(path, "this is no text file, as .efg and .nfg files are"),)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    return _parse(text, str(path))


def parse_game(text: str, name: str = "the text") -> ExtensiveGame | StrategicGame:
    """The game that `.efg` or `.nfg` text describes; as `read_game`, without a file."""
    game, faults = _parse(text, name)
    if game is None:
        raise refusal(list(faults))
    return game


def _parse(text: str, name: str) -> tuple[ExtensiveGame | StrategicGame | None, tuple[Fault, ...]]:
    report = Report(name, text)
    game: ExtensiveGame | StrategicGame | None = None
    try:
        tokens = Tokens(text, report)
        first = tokens.take()
        parsers = {"EFG": parse_efg, "NFG": parse_nfg}
        if first.word.upper() not in parsers:
            raise report.stop(
                first.at,
                f"a game file begins with EFG or NFG, not with {first.shown}",
                "scenarios are read by fd.read, tables of stochastic games by fd.from_table",
            )
        game = parsers[first.word.upper()](tokens, report)
    except Enough:
        game = None
    return game, tuple(report.faults)


def _whole(path: Path, message: str) -> Fault:
    return Fault(severity="error", file=str(path), line=0, column=0, message=message)
