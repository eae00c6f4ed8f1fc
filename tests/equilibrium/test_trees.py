"""Perfect-information trees: logit play against Gambit's, and against backward induction."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from foedus.equilibrium.logit import Logit
from foedus.equilibrium.solve import solve
from foedus.game.game import Game, StateSpace, Structure, Tables
from foedus.game.stages import Chance, Turn

PLAYERS = ("A", "B", "C")


@dataclass(frozen=True)
class Leaf:
    payoffs: tuple[float, ...]


@dataclass(frozen=True)
class Move:
    player: int  # -1: chance
    branches: tuple[Move | Leaf, ...]
    number: int
    chances: tuple[float, ...] = ()


def random_tree(rng: np.random.Generator, depth: int) -> Move:
    """Two to three branches everywhere, payoffs in multiples of 1/8, and chance moves."""
    count = iter(range(10_000))

    def grow(left: int) -> Move | Leaf:
        if left == 0 or (left < depth and rng.random() < 0.2):
            return Leaf(tuple(float(x) for x in rng.integers(-16, 17, len(PLAYERS)) / 8))
        number, player = next(count), int(rng.integers(-1 if left < depth else 0, len(PLAYERS)))
        branches = tuple(grow(left - 1) for _ in range(int(rng.integers(2, 4))))
        weights = rng.integers(1, 5, len(branches))
        chances = tuple(float(w) for w in weights / weights.sum()) if player < 0 else ()
        return Move(player, branches, number, chances)

    root = grow(depth)
    assert isinstance(root, Move)
    return root


def game_of(tree: Move) -> tuple[Game, list[list[Move | None]]]:
    """The tree as a one-period game, two stages a level, and the tree node at each turn's node."""
    level: list[Move | None] = [tree]
    stages: list[Turn | Chance] = []
    payoff: list[np.ndarray] = []
    probability: list[np.ndarray | None] = []
    turns: list[list[Move | None]] = []
    while any(level):
        for nature in (False, True):
            width, following, paid, chances = 3, [], [], []
            successor = np.zeros((len(level), width), np.int32)
            possible = np.zeros((len(level), width), bool)
            for node, move in enumerate(level):
                here = move is not None and (move.player < 0) == nature
                branches = move.branches if move is not None and here else (move,)
                for column, branch in enumerate(branches):
                    successor[node, column] = len(following)
                    possible[node, column] = True
                    following.append(branch if isinstance(branch, Move) else None)
                    pay = branch.payoffs if isinstance(branch, Leaf) else (0.0,) * len(PLAYERS)
                    paid.append((node, column, pay))
                    chances.append(
                        move.chances[column] if move is not None and here and nature else 1.0
                    )
            gains = np.zeros((len(PLAYERS), len(level), width))
            odds = np.zeros((len(level), width))
            for (node, column, pay), chance in zip(paid, chances, strict=True):
                gains[:, node, column], odds[node, column] = pay, chance
            payoff.append(gains)
            if nature:
                stages.append(
                    Chance(name=f"nature {len(turns)}", successor=successor, possible=possible)
                )
                probability.append(odds)
            else:
                mover = np.array(
                    [-1 if move is None or move.player < 0 else move.player for move in level],
                    np.int32,
                )
                turns.append(level)
                stages.append(
                    Turn(
                        name=f"level {len(turns)}",
                        mover=mover,
                        action=np.where(
                            possible & (mover >= 0)[:, None], np.arange(width), -1
                        ).astype(np.int32),
                        action_names=("0", "1", "2"),
                        available=possible,
                        successor=successor,
                    )
                )
                probability.append(None)
            level = following
    last = stages[-1]
    over = np.where(last.possible, 1, 0).astype(np.int32)
    stages[-1] = Chance(name=last.name, successor=over, possible=last.possible)
    structure = Structure(
        players=PLAYERS,
        player_labels=PLAYERS,
        states=StateSpace(
            factors=("play",),
            levels=(("on", "over"),),
            codes=np.array([[0], [1]], np.int16),
            n_live=1,
        ),
        stages=tuple(stages),
        horizon=1,
        starts={"start": np.array([1.0, 0.0])},
    )
    tables = Tables(
        discount=np.ones(len(PLAYERS)),
        flow=np.zeros((len(PLAYERS), 2)),
        terminal=np.zeros((len(PLAYERS), 2)),
        payoff=tuple(payoff),
        probability=tuple(probability),
    )
    return Game(structure=structure, tables=tables), turns


def play_of(profile: Any, turns: list[list[Move | None]]) -> dict[int, np.ndarray]:
    """Strategy at each decision of the tree, by its number."""
    found = {}
    for position, level in enumerate(turns):
        for node, move in enumerate(level):
            if move is not None and move.player >= 0:
                row = profile.stages[2 * position][0, node]
                found[move.number] = row[: len(move.branches)]
    return found


def efg_of(tree: Move) -> str:
    """The tree in Gambit's format, each decision an information set labelled by its number."""
    outcome = iter(range(1, 10_000))
    counts = [0] * (len(PLAYERS) + 1)
    lines = ['EFG 2 R "tree" { ' + " ".join(f'"{p}"' for p in PLAYERS) + " }", '""']

    def write(node: Move | Leaf) -> None:
        if isinstance(node, Leaf):
            lines.append(f't "" {next(outcome)} "" {{ {", ".join(map(repr, node.payoffs))} }}')
            return
        counts[node.player] += 1
        names = [f'"{column}"' for column in range(len(node.branches))]
        if node.player < 0:
            total = round(1 / min(node.chances) * 12)
            whole = [f"{round(chance * total * 12)}/{total * 12}" for chance in node.chances]
            pairs = " ".join(f"{n} {w}" for n, w in zip(names, whole, strict=True))
            lines.append(f'c "" {counts[-1]} "{node.number}" {{ {pairs} }} 0')
        else:
            lines.append(
                f'p "" {node.player + 1} {counts[node.player]} "{node.number}" '
                f"{{ {' '.join(names)} }} 0"
            )
        for branch in node.branches:
            write(branch)

    write(tree)
    return "\n".join(lines) + "\n"


def subgame_perfect(node: Move | Leaf) -> tuple[float, ...]:
    """Values by backward induction on the tree itself."""
    if isinstance(node, Leaf):
        return node.payoffs
    below = [subgame_perfect(branch) for branch in node.branches]
    if node.player < 0:
        return tuple(np.array(node.chances) @ np.array(below))
    return max(below, key=lambda values: values[node.player])


@pytest.mark.parametrize("seed", range(4))
def test_play_is_gambits_agent_logit_equilibrium(seed: int) -> None:
    """An independent path follower finds the same probabilities at three precisions."""
    gambit = pytest.importorskip("pygambit")
    tree = random_tree(np.random.default_rng(seed), 3)
    game, turns = game_of(tree)
    theirs = gambit.read_efg(io.StringIO(efg_of(tree)))
    for precision in (0.5, 2.0, 6.0):
        (point,) = gambit.qre.logit_solve_lambda(theirs, precision)
        ours = play_of(solve(game, Logit(precision=point.lam)).profile, turns)
        compared = 0
        for player, numbers in decisions(tree).items():
            behaviour = [row for _, row in point.profile[PLAYERS[player]]]
            for number, row in zip(numbers, behaviour, strict=True):
                wanted = [row[str(column)] for column in range(len(ours[number]))]
                np.testing.assert_allclose(ours[number], wanted, atol=1e-8)
                compared += 1
        assert compared == len(ours)


def decisions(tree: Move) -> dict[int, list[int]]:
    """Numbers of each player's decisions, in the order a depth-first walk meets them."""
    found: dict[int, list[int]] = {}

    def walk(node: Move | Leaf) -> None:
        if isinstance(node, Move):
            if node.player >= 0:
                found.setdefault(node.player, []).append(node.number)
            for branch in node.branches:
                walk(branch)

    walk(tree)
    return found


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("convention", ["expected", "shock"])
def test_high_precision_approaches_subgame_perfect_play(seed: int, convention: str) -> None:
    """Payoffs are multiples of 1/8, so at 1e5 a worse action has no probability to speak of.

    Draws of subgame values can tie; the values compared here are those of trees without ties.
    """
    tree = random_tree(np.random.default_rng(seed), 3)
    game, _ = game_of(tree)
    equilibrium = solve(game, Logit(precision=1e5, convention=convention))
    np.testing.assert_allclose(equilibrium.values[0], subgame_perfect(tree), atol=1e-3)
    assert equilibrium.certificate.regret < 1e-4


def test_regret_shrinks_as_precision_rises() -> None:
    game, _ = game_of(random_tree(np.random.default_rng(1), 3))
    regrets = [solve(game, Logit(precision=p)).certificate.regret for p in (1.0, 10.0, 100.0)]
    assert regrets[0] > regrets[1] > regrets[2]


def test_precision_zero_is_uniform_play() -> None:
    game, turns = game_of(random_tree(np.random.default_rng(2), 3))
    for row in play_of(solve(game, Logit(precision=0.0)).profile, turns).values():
        np.testing.assert_allclose(row, 1 / len(row), atol=1e-15)


def test_a_single_binary_choice_has_the_closed_form() -> None:
    """P(0) = 1/(1 + exp(-λ Δ)); under shock (log Σ exp λu + γ)/λ, to the mover alone."""
    tree = Move(0, (Leaf((1.0, 2.0, 0.0)), Leaf((0.25, -1.0, 3.0))), 0)
    game, turns = game_of(tree)
    first = 1 / (1 + np.exp(-2.0 * 0.75))
    expected = solve(game, Logit(precision=2.0))
    np.testing.assert_allclose(play_of(expected.profile, turns)[0], [first, 1 - first], atol=1e-15)
    np.testing.assert_allclose(expected.values[0][0], first + 0.25 * (1 - first), atol=1e-15)
    shock = solve(game, Logit(precision=2.0, convention="shock"))
    log_sum = np.log(np.exp(2.0) + np.exp(0.5))
    np.testing.assert_allclose(shock.values[0][0], (log_sum + np.euler_gamma) / 2, atol=1e-15)
    np.testing.assert_allclose(shock.values[0][1:], expected.values[0][1:], atol=1e-15)
