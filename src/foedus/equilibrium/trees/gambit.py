"""Gambit's solvers for trees, where pygambit is installed: in a process of their own, timed.

foedus needs no part of Gambit. The tree is handed over as `.efg` text, play comes back as JSON,
and every answer is certified here like any other. A solver that hangs is stopped.
"""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec

import numpy as np

from foedus.equilibrium.stochastic.nash import Nash
from foedus.equilibrium.trees.logit import require_solvable
from foedus.equilibrium.trees.plans import Play, filled
from foedus.equilibrium.trees.result import TreeEquilibrium
from foedus.equilibrium.trees.search import RANK, SAME, TreeEquilibria
from foedus.equilibrium.trees.solving import as_tree, nash_play
from foedus.errors import GameError, SolveError
from foedus.game.trees.strategic import StrategicGame
from foedus.game.trees.tree import ExtensiveGame
from foedus.game.trees.writing import game_text

METHODS = (
    "enummixed",
    "enumpoly",
    "enumpure",
    "gnm",
    "hp",
    "ipa",
    "lcp",
    "liap",
    "logit",
    "lp",
    "simpdiv",
)

# Of each information set: the actions that lead to one of its nodes, probabilities by action.
Answer = list[tuple[list[str], dict[str, float]]]

CHILD = """
import io, json, sys
import pygambit
game = pygambit.read_efg(io.StringIO(sys.stdin.read()))
result = getattr(pygambit.nash, sys.argv[1] + "_solve")(game)
found = getattr(result, "equilibria", None)
if found is None:
    one = getattr(result, "equilibrium", None)
    found = [] if one is None else [one]
answers = []
for item in found:
    item = item.as_behavior() if hasattr(item, "as_behavior") else item
    answers.append(
        [
            [[step.action for step in history], {k: float(v) for k, v in dict(chances).items()}]
            for own in item
            for history, chances in own
        ]
    )
print(json.dumps({"version": pygambit.__version__, "answers": answers}))
"""


def gambit_equilibria(
    game: ExtensiveGame | StrategicGame, method: str = "enumpoly", *, seconds: float = 60.0
) -> TreeEquilibria:
    """What one of Gambit's solvers finds, with foedus' own certificates; needs pygambit 17.

    - `method`: enummixed, lcp (two players), lp (constant sum), enumpoly, enumpure, gnm, ipa, liap,
        simpdiv, logit, hp.
    - `seconds`: after which the solver is stopped.

    Answers that are no equilibria are dropped, and counted in `completeness`.

    Raises `GameError` where pygambit is missing or the method unknown, `SolveError` where the
    solver fails or runs out of time.
    """
    if method not in METHODS:
        raise GameError(f"no method {method!r}; choose one of {', '.join(METHODS)}")
    if find_spec("pygambit") is None:
        raise GameError("Gambit's solvers need pygambit 17: pip install 'pygambit>=17.0.0b2'")
    tree = as_tree(game)
    require_solvable(tree)
    version, answers = _ask(game_text(tree), method, seconds)
    items: list[TreeEquilibrium] = []
    dropped = 0
    for answer in answers:
        item = _judged(tree, _play(tree, answer), f"Gambit {version}, {method}")
        if item is None:
            dropped += 1
        elif not any(_same(item, known) for known in items):
            items.append(item)
    words = f"what Gambit's {method} returned; others not ruled out"
    if dropped:
        words += f"; {dropped} of its answers are no equilibria and were dropped"
    items.sort(key=lambda item: RANK.index(item.concept))
    return TreeEquilibria(items=tuple(items), components=(-1,) * len(items), completeness=words)


def _ask(text: str, method: str, seconds: float) -> tuple[str, list[Answer]]:
    try:
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", CHILD, method],
            input=text,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise SolveError(
            f"Gambit's {method} was stopped after {seconds:g} seconds",
            hints=("another method", "more seconds", "solve(tree), which takes subgames apart"),
        ) from None
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["it ended without a word"])[-1]
        raise SolveError(f"Gambit's {method} failed: {last}", hints=("another method",))
    found = json.loads(done.stdout)
    return found["version"], found["answers"]


def _play(tree: ExtensiveGame, answer: Answer) -> Play:
    """Each set by the actions that lead to one of its nodes, its actions by name."""
    play: Play = [None] * len(tree.sets)
    for history, chances in answer:
        node = 0
        for action in history:
            at = tree.nodes[node].at
            node = tree.nodes[node].children[tree.sets[at].actions.index(action)]
        at = tree.nodes[node].at
        row = np.array([chances[action] for action in tree.sets[at].actions])
        if np.isfinite(row).all() and row.sum() > 0:
            play[at] = row / row.sum()
    return play


def _judged(tree: ExtensiveGame, play: Play, words: str) -> TreeEquilibrium | None:
    for whole in filled(tree, play):
        item = nash_play(tree, whole, Nash(tolerance=1e-8), found_by=words)
        if item.certificate.passed and item.concept != "none":
            return item
    return None


def _same(one: TreeEquilibrium, other: TreeEquilibrium) -> bool:
    pairs = zip(one.play, other.play, strict=True)
    return all(float(np.abs(np.subtract(a, b)).max()) <= SAME for a, b in pairs)
