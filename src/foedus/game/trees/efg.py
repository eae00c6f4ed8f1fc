"""Reads `.efg` text: every dialect that Gambit and OpenSpiel write, and a little more."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction

from foedus.game.trees.faults import Enough, Report
from foedus.game.trees.grow import Growth
from foedus.game.trees.tokens import Token, Tokens, named, repeated
from foedus.game.trees.tree import ExtensiveGame

MOST_NODES = 500_000
PRINTED = 6  # decimals from which a sum near 1 is taken for rounding


def parse_efg(tokens: Tokens, report: Report) -> ExtensiveGame | None:
    """The tree, or None where the report has an error. The word `EFG` is behind us."""
    try:
        title, players, comment = header(tokens, report, version="2")
        reader = _Reader(tokens, report, players)
        reader.read()
    except Enough:
        return None
    if report.failed:
        return None
    game = reader.growth.finish(title=title, comment=comment)
    return replace(game, remarks=tuple(report.faults))


def header(tokens: Tokens, report: Report, *, version: str) -> tuple[str, list[str], str]:
    """Title, players and comment, up to where the game itself begins."""
    token = tokens.take()
    if token.word != version:
        raise report.stop(
            token.at,
            f"this is version {token.shown} of the format; foedus reads version {version}",
        )
    if tokens.next.kind == "word" and tokens.next.word.upper() in ("R", "D"):
        tokens.take()  # rational or decimal: numbers say so themselves
    title = tokens.optional_string() or ""
    tokens.brace("{", "the names of the players")
    first = tokens.next
    players = []
    while not tokens.closes():
        players.append(tokens.string("the name of a player"))
    tokens.take()
    players = [name.strip() or f"Player {place}" for place, name in enumerate(players, 1)]
    if not players:
        raise report.stop(first.at, "a game has at least one player")
    for name in repeated(players):
        report.error(
            first.at, f"two players are called {name!r}", "names tell players apart; change one"
        )
    comment = ""
    if version == "2":
        comment = tokens.optional_string() or ""
    return title, players, comment


class _Reader:
    """Nodes one after another, each put where the tree has room for it."""

    def __init__(self, tokens: Tokens, report: Report, players: list[str]) -> None:
        self.tokens, self.report, self.players = tokens, report, players
        self.growth = Growth(players)
        self.actions: dict[tuple[int, int], list[str]] = {}
        self.chances: dict[int, list[Fraction]] = {}
        self.outcomes: dict[int, int] = {}
        self.paid: dict[int, tuple[Fraction, ...]] = {}
        self.first_seen: dict[int, int] = {}

    def read(self) -> None:
        tokens, report = self.tokens, self.report
        kinds = {"c": self._chance, "p": self._player, "t": self._terminal}
        while tokens.next.kind != "end":
            token = tokens.take()
            kind = kinds.get(token.word.lower()) if token.kind == "word" else None
            if kind is None:
                raise report.stop(
                    token.at,
                    f"a node is due here, not {token.shown}",
                    "a node begins with c (nature draws), p (a player chooses) or t (play ends)",
                )
            if len(self.growth) and not self.growth.open:
                raise report.stop(
                    token.at,
                    "every branch of the tree has its node already, and here is one more",
                    "look for a node with too few actions above",
                )
            if len(self.growth) >= MOST_NODES:
                raise report.stop(
                    token.at,
                    f"the tree has more than {MOST_NODES:,} nodes, which foedus does not read",
                    "a stochastic game or a scenario says the same in less",
                )
            kind(token)
        self._check_end()

    def _check_end(self) -> None:
        at = len(self.tokens.text)
        if not len(self.growth):
            raise self.report.stop(at, "there is no node: the file ends after its header")
        if self.growth.open:
            missing = self.growth.missing()
            raise self.report.stop(
                at,
                f"the tree is not complete: the file ends after {len(self.growth):,} nodes, and "
                f"{missing:,} branches above have no node",
                "the file may have been cut off when it was copied or saved",
            )
        for number, at in self.first_seen.items():
            if number not in self.paid:
                self.report.warning(
                    at, f"outcome {number} has no payoffs anywhere; it is taken to pay 0"
                )

    def _chance(self, start: Token) -> None:
        tokens = self.tokens
        node = tokens.optional_string() or ""
        number = tokens.integer("the number of nature's draw")
        label = tokens.optional_string() or ""
        if tokens.opens():
            self._list_draw(number)
        if number not in self.chances:
            raise self._unlisted(start, f"nature's draw {number}")
        self.growth.draw(
            self.actions[-1, number],
            self.chances[number],
            of=number,
            label=label,
            node=node,
            outcome=self._outcome(),
        )

    def _list_draw(self, number: int) -> None:
        tokens, report = self.tokens, self.report
        opening = tokens.take()
        labels, chances, decimals = [], [], 0
        while not tokens.closes():
            labels.append(tokens.string("what nature draws"))
            at, word = tokens.next.at, tokens.next.word
            chance = tokens.number("a probability after what is drawn")
            if not 0 <= chance <= 1:
                report.error(at, f"the probability {word[:40]} lies outside 0 to 1")
            places = re.fullmatch(r"[+-]?\d*\.(\d*)(?:[eE].*)?", word)
            decimals = max(decimals, len(places[1]) if places else 0)
            chances.append(chance)
        tokens.take()
        labels = self._labels(labels, opening, "nature's draw")
        known = self.actions.get((-1, number))
        if known is not None:
            if known != labels or self.chances[number] != self._summed(chances, decimals, None):
                self._differs(opening, known, labels, f"nature's draw {number}")
            return
        self.actions[-1, number] = labels
        self.chances[number] = self._summed(chances, decimals, opening)

    def _summed(
        self, chances: list[Fraction], decimals: int, opening: Token | None
    ) -> list[Fraction]:
        """The probabilities with sum exactly 1, where what they miss is rounding of many digits."""
        total = sum(chances, Fraction(0))
        if total == 1 and min(chances) >= 0:
            return chances
        rounding = Fraction(len(chances), 2 * 10**decimals) if decimals >= PRINTED else 0
        close = abs(total - 1) <= rounding and min(chances) >= 0
        if opening is not None and close:
            self.report.warning(
                opening.at,
                f"the probabilities sum to {float(total)!r}, by rounding; they are divided by that",
            )
        elif opening is not None and total != 1:
            exact = str(total) if len(str(total)) <= 40 else repr(float(total))
            self.report.error(
                opening.at,
                f"the probabilities sum to {exact}, not to 1",
                "fractions such as 1/3 sum exactly",
            )
        if close:
            return [chance / total for chance in chances]
        return [Fraction(1), *[Fraction(0)] * (len(chances) - 1)]

    def _player(self, start: Token) -> None:
        tokens, report = self.tokens, self.report
        node = tokens.optional_string() or ""
        at = tokens.next.at
        player = tokens.integer("the number of the player who chooses")
        if not 1 <= player <= len(self.players):
            raise report.stop(
                at, f"there is no player {player}; the file lists {len(self.players)}"
            )
        number = tokens.integer("the number of the information set")
        label = tokens.optional_string() or ""
        whose = f"information set {number} of {self.players[player - 1]}"
        if tokens.opens():
            opening = tokens.take()
            listed = []
            while not tokens.closes():
                listed.append(tokens.string("the name of an action"))
            tokens.take()
            labels = self._labels(listed, opening, whose)
            known = self.actions.setdefault((player, number), labels)
            if known != labels:
                self._differs(opening, known, labels, whose)
        if (player, number) not in self.actions:
            raise self._unlisted(start, whose)
        self.growth.choose(
            player - 1,
            self.actions[player, number],
            of=number,
            label=label,
            node=node,
            outcome=self._outcome(),
        )

    def _labels(self, listed: list[str], opening: Token, whose: str) -> list[str]:
        if not listed:
            raise self.report.stop(opening.at, f"{whose} has no actions; it needs at least one")
        labels = named(listed)
        for label in repeated(labels):
            self.report.error(
                opening.at,
                f"two actions of {whose} are called {label!r}",
                "play is read by the names of actions, so each needs its own",
            )
        return labels

    def _differs(self, opening: Token, known: list[str], labels: list[str], whose: str) -> None:
        message = f"{whose} has other actions here than where it was first listed"
        hint = "nodes that a player cannot tell apart offer the same actions in the same order"
        if len(known) != len(labels):
            raise self.report.stop(
                opening.at, f"{message}: {len(labels)} instead of {len(known)}", hint
            )
        self.report.error(opening.at, message, hint)

    def _unlisted(self, start: Token, whose: str) -> Exception:
        return self.report.stop(
            start.at,
            f"the actions of {whose} are listed nowhere before",
            'they stand in braces after its number: { "attack" "wait" }',
        )

    def _terminal(self, start: Token) -> None:
        node = self.tokens.optional_string() or ""
        self.growth.end(node=node, outcome=self._outcome())

    def _outcome(self) -> int:
        """The outcome of the node just read: its number, perhaps a label, perhaps payoffs."""
        tokens = self.tokens
        if tokens.next.kind == "end" or tokens.next.word.lower() in ("c", "p", "t"):
            return -1
        at = tokens.next.at
        number = tokens.integer("the number of an outcome, 0 for none")
        label = tokens.optional_string() or ""
        paid: list[Fraction] = []
        listed = tokens.opens()
        if listed:
            opening = tokens.take()
            while not tokens.closes():
                paid.append(tokens.number("a payoff"))
            tokens.take()
            paid = self._counted(paid, opening)
        if number == 0 and not listed:
            return -1
        if number not in self.outcomes:
            nothing = [Fraction(0)] * len(self.players)
            self.outcomes[number] = self.growth.outcome(nothing, label=label)
            self.first_seen[number] = at
        if listed:
            self._pay(number, label, tuple(paid), at)
        return self.outcomes[number]

    def _counted(self, paid: list[Fraction], opening: Token) -> list[Fraction]:
        wanted = len(self.players)
        if len(paid) != wanted:
            self.report.error(
                opening.at, f"{len(paid)} payoffs stand here; there are {wanted} players"
            )
        return (paid + [Fraction(0)] * wanted)[:wanted]

    def _pay(self, number: int, label: str, paid: tuple[Fraction, ...], at: int) -> None:
        known = self.paid.setdefault(number, paid)
        if known != paid:
            before = ", ".join(map(str, known))
            self.report.error(
                at,
                f"outcome {number} pays {', '.join(map(str, paid))} here and paid {before} before",
                "give one of them another number",
            )
        self.growth.pay(self.outcomes[number], paid, label)
