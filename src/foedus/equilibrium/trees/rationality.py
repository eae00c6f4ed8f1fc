"""What kind of Nash equilibrium play is: beliefs, best replies off the path, subgames.

Play is a sequential equilibrium if some beliefs make it optimal at every information set, and come
from play by ever rarer mistakes. Which beliefs do so at a set that nothing leads to is a linear
programme; whether they come from mistakes is another, in the orders of the mistakes and the
logarithms of their weights (Kohlberg & Reny 1997; Perea, Jansen & Peters 1997).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice, product
from typing import Literal

import numpy as np
import scipy.optimize

from foedus.equilibrium.trees.evidence import TINY, TreeCertificate, certify_tree
from foedus.equilibrium.trees.mistakes import Beliefs, Mistakes
from foedus.game.trees.shape import subgame_roots
from foedus.game.trees.subtree import subtree
from foedus.game.trees.tree import ExtensiveGame

Concept = Literal["sequential", "weak perfect Bayesian", "subgame perfect", "Nash", "none"]

TRIED = 200  # systems of beliefs looked at
MOST_SUBGAMES = 400_000  # nodes of all subgames together


@dataclass(frozen=True, eq=False, kw_only=True)
class Rationality:
    """The strongest concept that was shown, why no stronger one, and beliefs that support it.

    - `concept`: sequential; weak perfect Bayesian (beliefs support every choice, and none were
        found that come from mistakes); subgame perfect; Nash; none.
    - `refuted`: whether it is certain that play is not a sequential equilibrium.
    - `reason`: in words, what keeps it from a stronger concept.
    """

    concept: Concept
    refuted: bool
    reason: str
    beliefs: Beliefs = field(repr=False)

    def __str__(self) -> str:
        names = {
            "sequential": "a sequential equilibrium",
            "weak perfect Bayesian": "a weak perfect Bayesian equilibrium",
            "subgame perfect": "a subgame-perfect equilibrium",
            "Nash": "a Nash equilibrium",
            "none": "not an equilibrium",
        }
        return names[self.concept] + (f": {self.reason}" if self.reason else "")


def judge(
    game: ExtensiveGame,
    play: Sequence[Sequence[float]],
    *,
    beliefs: Beliefs | None = None,
    tolerance: float = 1e-7,
) -> Rationality:
    """What kind of equilibrium this play is, by code that no solver shares.

    `beliefs` are tried before others where nothing leads. A gain within `tolerance`, relative to
    the larger of 1 and the largest payoff, does not count.
    """
    found = certify_tree(game, play)
    largest = max((abs(float(p)) for paid in game.collected for p in paid), default=0.0)
    slack = tolerance * max(1.0, largest)
    on_path = max((d.gain for d in found.deviations if d.reached > TINY), default=0.0)
    whole = on_path if found.player_regret is None else max(found.player_regret, on_path)
    if whole > slack:
        worst = found.deviations[0]
        said = f"{worst.player} gains {worst.gain:.3g} at {worst.information_set!r}"
        return Rationality(concept="none", refuted=True, reason=said, beliefs=found.beliefs)
    if found.player_regret is None:
        return Rationality(
            concept="Nash" if not found.recall.startswith("absent") else "none",
            refuted=False,
            reason=f"{found.recall}: no agent on the path gains; whole strategies not checked",
            beliefs=found.beliefs,
        )
    if found.agent_regret <= slack:  # with the beliefs of equally likely mistakes
        return Rationality(concept="sequential", refuted=False, reason="", beliefs=found.beliefs)
    sets = _OffPath(game, play, found, slack)
    if beliefs is not None:
        near = sets.mistakes.fitted(beliefs, sets.worth)
        held = certify_tree(game, play, beliefs=near)
        if held.agent_regret <= slack and sets.mistakes.consistent(held.beliefs):
            return Rationality(concept="sequential", refuted=False, reason="", beliefs=held.beliefs)
    incredible = sets.incredible()
    if incredible is None:
        for candidate in islice(sets.candidates(), TRIED):
            if sets.mistakes.consistent(candidate):
                return Rationality(
                    concept="sequential", refuted=False, reason="", beliefs=candidate
                )
        perfect, _ = _subgame_perfect(game, play, slack)
        return Rationality(
            concept="weak perfect Bayesian",
            refuted=not perfect,
            reason="beliefs support every choice; none were found that come from rare mistakes",
            beliefs=next(sets.candidates()),
        )
    perfect, where = _subgame_perfect(game, play, slack)
    name = repr(game.name(incredible))
    reason = (
        f"at {name}, which play does not reach, no belief makes what is played there a best reply"
    )
    if not perfect and where:
        reason = f"{reason}; not subgame perfect: {where}"
    return Rationality(
        concept="subgame perfect" if perfect else "Nash",
        refuted=True,
        reason=reason,
        beliefs=found.beliefs,
    )


def _subgame_perfect(
    game: ExtensiveGame, play: Sequence[Sequence[float]], slack: float
) -> tuple[bool, str]:
    """Whether play is a Nash equilibrium in every subgame; where not, in words."""
    roots = subgame_roots(game)[1:]
    if sum(game.last[root] - root + 1 for root in roots) > MOST_SUBGAMES:
        return False, "its subgames are too many to check"
    for root in reversed(roots):
        inner, sets = subtree(game, root)
        found = certify_tree(inner, [play[at] for at in sets])
        regret = found.player_regret
        if regret is not None and regret > slack:
            return (
                False,
                f"{regret:.3g} is gained in the subgame at {game.name(game.nodes[root].at)!r}",
            )
    return True, ""


class _OffPath:
    """The information sets that play does not reach, and beliefs that support it there."""

    def __init__(
        self,
        game: ExtensiveGame,
        play: Sequence[Sequence[float]],
        found: TreeCertificate,
        slack: float,
    ) -> None:
        self.game, self.slack, self.found = game, slack, found
        self.chances = [
            [float(c) for c in one.probabilities] if one.probabilities is not None else list(own)
            for one, own in zip(game.sets, play, strict=True)
        ]
        reach = [1.0] * len(game.nodes)
        for number, node in enumerate(game.nodes):
            if node.parent >= 0:
                step = self.chances[game.nodes[node.parent].at][node.branch]
                reach[number] = reach[node.parent] * step
        self.sets = [at for at in game.decisions if sum(reach[n] for n in game.members[at]) <= TINY]
        self.worth = self._worth()
        self.mistakes = Mistakes(game, self.chances, self.sets)
        self.options = {at: self._options(at) for at in self.sets}

    def _worth(self) -> list[np.ndarray]:
        game = self.game
        found: list[np.ndarray] = [np.zeros(0)] * len(game.nodes)
        for number in range(len(game.nodes) - 1, -1, -1):
            node = game.nodes[number]
            if node.at < 0:
                found[number] = np.array([float(p) for p in game.collected[number]])
            else:
                found[number] = sum(
                    (
                        chance * found[child]
                        for chance, child in zip(self.chances[node.at], node.children, strict=True)
                    ),
                    np.zeros(len(game.players)),
                )
        return found

    def incredible(self) -> int | None:
        """A set where no belief makes what is played optimal, if there is one."""
        return next((at for at in self.sets if not self.options[at]), None)

    def _options(self, at: int) -> list[tuple[float, ...]]:
        """Beliefs that make play optimal: one inside of all of them, then extreme ones."""
        game = self.game
        player, nodes = game.sets[at].player, game.members[at]
        table = np.array(
            [[self.worth[child][player] for child in game.nodes[node].children] for node in nodes]
        )
        played = [a for a, chance in enumerate(self.chances[at]) if chance > 1e-9]
        behind = [
            table[:, other] - table[:, own]
            for own in played
            for other in range(table.shape[1])
            if other != own
        ]
        size = len(nodes)
        rows = np.array(behind).reshape(-1, size)
        if size == 1:
            return [(1.0,)] if rows.max(initial=0.0) <= self.slack else []
        options = []
        # The belief whose smallest share is largest, then those that lean to one node.
        inside = self._programme(np.append(np.zeros(size), -1.0), rows, smallest=True)
        if inside is None:
            return []
        options.append(inside)
        for node in range(size if size > 1 else 0):
            goal = np.zeros(size + 1)
            goal[node] = -1.0
            extreme = self._programme(goal, rows, smallest=False)
            if extreme is not None:
                options.append(extreme)
        return options

    def _programme(
        self, goal: np.ndarray, rows: np.ndarray, *, smallest: bool
    ) -> tuple[float, ...] | None:
        size = len(goal) - 1
        above = [np.append(row, 0.0) for row in rows]
        limits = [self.slack] * len(rows)
        if smallest:
            above += [np.append(-np.eye(size)[node], 1.0) for node in range(size)]
            limits += [0.0] * size
        answer = scipy.optimize.linprog(
            goal,
            A_ub=np.array(above) if above else None,
            b_ub=limits if above else None,
            A_eq=np.append(np.ones(size), 0.0)[None],
            b_eq=[1.0],
            bounds=[(0.0, 1.0)] * (size + 1),
        )
        if answer.status != 0:
            return None
        shares = np.where(answer.x[:size] > 1e-9, answer.x[:size], 0.0)
        return tuple((shares / shares.sum()).tolist())

    def candidates(self) -> Iterator[Beliefs]:
        """Systems of beliefs that support all that is played, likelier ones first."""
        held = list(self.found.beliefs)
        for picked in product(*(self.options[at] for at in self.sets)):
            for at, belief in zip(self.sets, picked, strict=True):
                held[at] = belief
            yield tuple(held)
