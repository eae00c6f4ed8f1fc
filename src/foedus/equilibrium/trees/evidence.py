r"""Evidence about play on a tree, by code that no solver shares.

Plain Python over the nodes of the game itself, in double precision. Play is evaluated again, and
every information set's agent, and every player as a whole, is offered its best deviation.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from foedus.errors import GameError
from foedus.game.trees.shape import Recall, own_sequences, recall_of
from foedus.game.trees.tree import ExtensiveGame

NEVER = -1e4  # log probability of what nature never draws, for beliefs beyond it
TINY = 1e-290  # of reach, below which Bayes' rule has no digits left


@dataclass(frozen=True, kw_only=True)
class TreeDeviation:
    """The most that the agent of one information set gains by another action, and where."""

    player: str
    gain: float
    information_set: str
    action: str
    reached: float  # probability that play gets there


@dataclass(frozen=True, eq=False, kw_only=True)
class TreeCertificate:
    r"""What an independent evaluation of play on a tree found.

    - `regret`: the larger of the two below.
    - `agent_regret`: the largest gain at any information set from another action there, with
        beliefs by Bayes' rule or, where nothing leads there, those that come with the play.
    - `player_regret`: the largest gain of any player from another strategy for the whole game;
        None where a player forgets what it did, so that no recursion finds the best strategy.
    - `regret_by_player`: the larger of the two for each.
    - `player_regrets`: what each player gains by another strategy for the whole game.
    - `residual`: the largest $|\sigma - \text{logit}(\lambda Q)|$; None if no precision is claimed.
    - `value_error`: from the values that the solver reported, relative to the larger of 1 and
        the largest value.
    - `probability_error`: how far any strategy is from being a distribution.
    - `recall`: whether players remember, in words.
    - `beliefs`: of each information set, over its nodes.
    - `passed`: a claimed precision: the residual and errors are within `tolerance` plus rounding.
        Otherwise `player_regret` is (`agent_regret` on the path, where that is None).
    """

    passed: bool
    regret: float
    agent_regret: float
    player_regret: float | None
    regret_by_player: Mapping[str, float]
    player_regrets: Mapping[str, float] | None
    deviations: tuple[TreeDeviation, ...]
    residual: float | None
    value_error: float | None
    probability_error: float
    tolerance: float
    recall: str
    solved: bool = True
    selection: str = ""
    tried: tuple[str, ...] = ()
    values: tuple[float, ...]
    beliefs: tuple[tuple[float, ...], ...] = field(repr=False)
    action_values: tuple[tuple[float, ...], ...] = field(repr=False)

    def __str__(self) -> str:
        words = [f"agent regret {self.agent_regret:.3g}"]
        if self.player_regret is not None:
            words.append(f"player regret {self.player_regret:.3g}")
        if self.residual is not None:
            words.append(f"logit residual {self.residual:.1e}")
        if self.recall != "perfect recall":
            words.append(self.recall)
        if self.selection and self.solved:
            words.append(self.selection)
        return f"{'passed' if self.passed else 'FAILED'}: " + ", ".join(words)


def certify_tree(
    game: ExtensiveGame,
    play: Sequence[Sequence[float]],
    *,
    precision: Sequence[float] | None = None,
    log_play: Sequence[Sequence[float]] | None = None,
    beliefs: Sequence[Sequence[float]] | None = None,
    values: Sequence[float] | None = None,
    tolerance: float = 1e-8,
    solved: bool = True,
    selection: str = "",
    tried: tuple[str, ...] = (),
) -> TreeCertificate:
    """Evaluate any play of a tree, and say how far it is from an equilibrium.

    - `play`: for each information set, the probability of each action; nature's entries are not
        looked at.
    - `log_play`: the same as logarithms, where probabilities are too small to be told from 0.
    - `beliefs`: over the nodes of each set, used where nothing leads there; by default those of
        mistakes that are equally likely everywhere.
    - `precision`: of each player, where the claim is logit play.

    Raises `GameError` where the play does not have the game's shape.
    """
    chances = _chances(game, play)
    recall = recall_of(game)
    reach = _reach(game, chances)
    worth = _worth(game, chances)
    held = _beliefs(game, chances, reach, log_play, beliefs)
    earned = _action_values(game, worth, held)
    scale = max([1.0, *(abs(x) for row in worth for x in row)])
    agents, deviations = _agents(game, chances, reach, earned)
    players = _players(game, chances, recall)
    residual = None if precision is None else _residual(game, chances, earned, precision)
    off = [abs(a - b) for a, b in zip(values or (), worth[0], strict=values is not None)]
    value_error = None if values is None else max(off) / scale
    probability_error = _probability_error(game, chances)
    sharp = 0.0 if precision is None else max(precision)
    rounding = min(256 * 2.0**-52 * scale * sharp, 1e-6)
    on_path = max((d.gain for d in deviations if d.reached > TINY), default=0.0)
    player_regret = None if players is None else max(players.values(), default=0.0)
    checks = [
        solved,
        probability_error <= tolerance,
        value_error is None or value_error <= tolerance,
        (on_path if player_regret is None else player_regret) <= tolerance * scale
        if residual is None
        else residual <= tolerance + rounding,
    ]
    by_player = {
        name: max(agents.get(name, 0.0), (players or {}).get(name, 0.0)) for name in game.players
    }
    return TreeCertificate(
        passed=all(checks),
        regret=max(by_player.values()),
        agent_regret=max(agents.values(), default=0.0),
        player_regret=player_regret,
        regret_by_player=by_player,
        player_regrets=players,
        deviations=deviations,
        residual=residual,
        value_error=value_error,
        probability_error=probability_error,
        tolerance=tolerance,
        recall=recall.words(game),
        solved=solved,
        selection=selection,
        tried=tried,
        values=tuple(worth[0]),
        beliefs=held,
        action_values=earned,
    )


def _chances(game: ExtensiveGame, play: Sequence[Sequence[float]]) -> list[list[float]]:
    """Probabilities of the actions of every set, nature's from the game."""
    if len(play) != len(game.sets):
        raise GameError(f"play has {len(play)} information sets, the game {len(game.sets)}")
    found = []
    for at, (own, one) in enumerate(zip(play, game.sets, strict=True)):
        if one.probabilities is not None:
            found.append([float(chance) for chance in one.probabilities])
        elif len(own) != len(one.actions):
            raise GameError(
                f"play at {game.name(at)!r} has {len(own)} actions, not {len(one.actions)}"
            )
        else:
            found.append([float(chance) for chance in own])
    return found


def _reach(game: ExtensiveGame, chances: list[list[float]]) -> list[float]:
    found: list[float] = []
    for node in game.nodes:
        above = game.nodes[node.parent].at if node.parent >= 0 else -1
        found.append(found[node.parent] * chances[above][node.branch] if above >= 0 else 1.0)
    return found


def _worth(game: ExtensiveGame, chances: list[list[float]]) -> list[list[float]]:
    """What each node is worth to each player, everything paid on the way included."""
    found: list[list[float]] = [[] for _ in game.nodes]
    for number in range(len(game.nodes) - 1, -1, -1):
        node = game.nodes[number]
        if node.at < 0:
            found[number] = [float(paid) for paid in game.collected[number]]
        else:
            steps = list(zip(chances[node.at], node.children, strict=True))
            found[number] = [
                math.fsum(chance * found[child][player] for chance, child in steps)
                for player in range(len(game.players))
            ]
    return found


def _beliefs(
    game: ExtensiveGame,
    chances: list[list[float]],
    reach: list[float],
    log_play: Sequence[Sequence[float]] | None,
    given: Sequence[Sequence[float]] | None,
) -> tuple[tuple[float, ...], ...]:
    """By Bayes' rule; where nothing leads to a set, as given or from rare mistakes."""
    found: list[tuple[float, ...]] = []
    rare = _log_reach(game, chances, log_play)
    for at, nodes in enumerate(game.members):
        total = math.fsum(reach[node] for node in nodes)
        if total > TINY:
            found.append(tuple(reach[node] / total for node in nodes))
        elif given is not None and game.sets[at].player is not None:
            found.append(tuple(map(float, given[at])))
        else:
            # The fewest mistakes first; among those, by what is played without one.
            top = max(rare[node] for node in nodes)
            shares = [
                math.exp(rare[node][1] - top[1]) if rare[node][0] == top[0] else 0.0
                for node in nodes
            ]
            found.append(tuple(share / sum(shares) for share in shares))
    return tuple(found)


def _log_reach(
    game: ExtensiveGame,
    chances: list[list[float]],
    log_play: Sequence[Sequence[float]] | None,
) -> list[tuple[int, float]]:
    """Of each node: minus the mistakes that it takes, and the log probability of the rest."""
    found: list[tuple[int, float]] = []
    for node in game.nodes:
        if node.parent < 0:
            found.append((0, 0.0))
            continue
        before, at = found[node.parent], game.nodes[node.parent].at
        chance = chances[at][node.branch]
        if log_play is not None and game.sets[at].player is not None:
            found.append((0, before[1] + float(log_play[at][node.branch])))
        elif chance > 0:
            found.append((before[0], before[1] + math.log(chance)))
        elif log_play is not None:
            found.append((0, before[1] + NEVER))
        else:
            found.append((before[0] - 1, before[1]))
    return found


def _action_values(
    game: ExtensiveGame, worth: list[list[float]], held: tuple[tuple[float, ...], ...]
) -> tuple[tuple[float, ...], ...]:
    found = []
    for one, nodes, belief in zip(game.sets, game.members, held, strict=True):
        if one.player is None:
            found.append((0.0,) * len(one.actions))
            continue
        found.append(
            tuple(
                math.fsum(
                    share * worth[game.nodes[node].children[action]][one.player]
                    for share, node in zip(belief, nodes, strict=True)
                )
                for action in range(len(one.actions))
            )
        )
    return tuple(found)


def _agents(
    game: ExtensiveGame,
    chances: list[list[float]],
    reach: list[float],
    earned: tuple[tuple[float, ...], ...],
) -> tuple[dict[str, float], tuple[TreeDeviation, ...]]:
    """The largest gain of any of each player's agents, and the largest gain at each set."""
    worst = dict.fromkeys(game.players, 0.0)
    found = []
    for at in game.decisions:
        player = game.sets[at].player
        assert player is not None
        played = math.fsum(c * q for c, q in zip(chances[at], earned[at], strict=True))
        best = max(range(len(earned[at])), key=earned[at].__getitem__)
        gain = max(earned[at][best] - played, 0.0)
        worst[game.players[player]] = max(worst[game.players[player]], gain)
        found.append(
            TreeDeviation(
                player=game.players[player],
                gain=gain,
                information_set=game.name(at),
                action=game.sets[at].actions[best],
                reached=math.fsum(reach[node] for node in game.members[at]),
            )
        )
    return worst, tuple(sorted(found, key=lambda one: -one.gain))


def _players(
    game: ExtensiveGame, chances: list[list[float]], recall: Recall
) -> dict[str, float] | None:
    """What each player gains by its best strategy for the whole game: sequences, last ones first.

    With perfect recall, what a player did before is the same at all nodes of a set, so its sets
    and actions form a tree of their own, in which the best strategy is found from its ends.
    """
    if not recall.perfect:
        return None
    sequences = own_sequences(game)
    gains = {}
    for player, name in enumerate(game.players):
        paid: dict[tuple[int, int] | None, float] = {}
        others = [1.0] * len(game.nodes)
        for number, node in enumerate(game.nodes):
            if node.parent >= 0:
                above = game.nodes[node.parent].at
                own = game.sets[above].player == player
                step = 1.0 if own else chances[above][node.branch]
                others[number] = others[node.parent] * step
            if node.at < 0:
                last = sequences[number][player]
                value = others[number] * float(game.collected[number][player])
                paid[last] = paid.get(last, 0.0) + value
        played = dict(paid)
        own_sets = [at for at in game.decisions if game.sets[at].player == player]
        # A set stands before the sets that its actions lead to.
        for at in reversed(own_sets):
            size = len(game.sets[at].actions)
            before = sequences[game.members[at][0]][player]
            best = max(paid.get((at, action), 0.0) for action in range(size))
            paid[before] = paid.get(before, 0.0) + best
            mean = math.fsum(
                chances[at][action] * played.get((at, action), 0.0) for action in range(size)
            )
            played[before] = played.get(before, 0.0) + mean
        gains[name] = max(paid.get(None, 0.0) - played.get(None, 0.0), 0.0)
    return gains


def _residual(
    game: ExtensiveGame,
    chances: list[list[float]],
    earned: tuple[tuple[float, ...], ...],
    precision: Sequence[float],
) -> float:
    worst = 0.0
    for at in game.decisions:
        player = game.sets[at].player
        assert player is not None
        top = max(earned[at])
        weights = [math.exp(precision[player] * (q - top)) for q in earned[at]]
        total = math.fsum(weights)
        for chance, weight in zip(chances[at], weights, strict=True):
            worst = max(worst, abs(chance - weight / total))
    return worst


def _probability_error(game: ExtensiveGame, chances: list[list[float]]) -> float:
    return max(
        (
            max(abs(math.fsum(chances[at]) - 1.0), max(0.0, -min(chances[at])))
            for at in game.decisions
        ),
        default=0.0,
    )
