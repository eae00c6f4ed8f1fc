r"""From what a model names to the tree, its payoffs and the outcomes that are told apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from foedus.compiler.arithmetic import ArrayAlgebra
from foedus.compiler.compile import compile_scenario
from foedus.errors import DataError, QueryError
from foedus.estimation.classic import CLASSIC
from foedus.estimation.payoffs import Payoffs, StatedPayoffs
from foedus.estimation.scenario_payoffs import ScenarioPayoffs
from foedus.estimation.tree import Tree
from foedus.estimation.unfolding import Unfolded, unfold
from foedus.game.game import Game
from foedus.scenario.formulas import evaluate
from foedus.scenario.scenario import Scenario
from foedus.scenario.suggestions import did_you_mean

if TYPE_CHECKING:
    from foedus.estimation.model import TreeModel


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """The formulas and fixed numbers of a model, by name."""

    formulas: Mapping[str, str]
    fixed: Mapping[str, float]


@dataclass(frozen=True, eq=False, kw_only=True)
class Structured:
    """Payoffs ready to be played, the outcomes told apart, and the formulas that are left."""

    payoffs: Payoffs
    outcomes: tuple[str, ...]
    outcome_of: tuple[int, ...]
    formulas: Mapping[str, str]
    title: str


def payoffs_of(model: TreeModel, wanted: Wanted, labels: Sequence[str] | None) -> Structured:
    """What a model's names mean on its game.

    Raises `QueryError` for a name that is no player's outcome, payoff part or parameter.
    """
    if isinstance(model.game, Scenario):
        structured = _scenario(model, wanted, model.game)
    else:
        structured = _stated(model, wanted, labels)
    if model.shocks == "private" and (player := structured.payoffs.tree.moves_once()):
        raise QueryError(
            f"{player} moves twice on a path: what it did first would tell the others about its "
            "private information. Use shocks='agent', or SignallingModel for the crisis "
            "signalling game"
        )
    return structured


def _stated(model: TreeModel, wanted: Wanted, labels: Sequence[str] | None) -> Structured:
    if isinstance(model.game, Tree):
        tree, title = model.game, f"game of {', '.join(model.game.players)}"
    else:
        if model.game not in CLASSIC:
            raise QueryError(f"{model.game!r} is no game here; there are {', '.join(CLASSIC)}")
        tree, title = CLASSIC[str(model.game)].tree(list(labels or ())), str(model.game)
    outcomes = tuple(dict.fromkeys(tree.terminals))
    formulas = {n: f for n, f in wanted.formulas.items() if str(f).strip() != "0"}
    places = {_place(name, tree): name for name in formulas}
    fixed = {_place(name, tree): value for name, value in wanted.fixed.items()}
    return Structured(
        payoffs=StatedPayoffs(tree=tree, forms=places, fixed=fixed),
        outcomes=outcomes,
        outcome_of=tuple(outcomes.index(label) for label in tree.terminals),
        formulas=formulas,
        title=title,
    )


def _place(name: str, tree: Tree) -> tuple[int, int]:
    for position, player in enumerate(tree.players):
        if name.startswith(f"{player}.") and name[len(player) + 1 :] in tree.terminals:
            return position, tree.terminals.index(name[len(player) + 1 :])
    known = [f"{player}.{label}" for player in tree.players for label in tree.terminals]
    raise QueryError(f"`{name}` is no player's outcome; {did_you_mean(name, known, 'there are')}")


def _scenario(model: TreeModel, wanted: Wanted, scenario: Scenario) -> Structured:
    game = compile_scenario(scenario, regime=model.regime, variant=model.variant)
    if model.parameters:
        game = game.at(**model.parameters)
    unfolded = unfold(game, start=model.start)
    tree = unfolded.tree
    labels, outcome_of = _outcomes(model, game, unfolded)
    free, weighted, added, fixed = [], {}, {}, {}
    parts = {f"{player}.{part}": (player, part) for player, part in game.origin.parts()}
    for name in [*wanted.formulas, *wanted.fixed]:
        endings = _endings(name, tree.players, labels, outcome_of)
        formula = name in wanted.formulas
        if name in game.values:
            if not formula:
                raise QueryError(f"fix the parameter {name} by parameters={{'{name}': ...}}")
            free.append(name)
        elif name in parts and not endings:
            if not formula:
                raise QueryError(f"the payoff part {name} can have a formula, not a number")
            weighted[parts[name]] = name
        elif endings and name not in parts:
            for place in endings:
                if formula:
                    added[place] = name
                else:
                    fixed[place] = wanted.fixed[name]
        elif endings:
            raise QueryError(
                f"`{name}` is a payoff part and an outcome; name the outcome otherwise "
                "by outcomes={...}"
            )
        else:
            known = [*game.values, *parts, *(f"{p}.{o}" for p in tree.players for o in labels)]
            raise QueryError(
                f"`{name}` is no parameter, payoff part or outcome of this scenario; "
                f"{did_you_mean(name, known, 'there are')}"
            )
    return Structured(
        payoffs=ScenarioPayoffs(
            game=game,
            unfolded=unfolded,
            free=tuple(free),
            weighted=weighted,
            added=added,
            fixed=fixed,
        ),
        outcomes=labels,
        outcome_of=outcome_of,
        formulas=wanted.formulas,
        title=scenario.title,
    )


def _endings(
    name: str, players: Sequence[str], labels: Sequence[str], outcome_of: Sequence[int]
) -> list[tuple[int, int]]:
    for position, player in enumerate(players):
        if name.startswith(f"{player}.") and name[len(player) + 1 :] in labels:
            outcome = labels.index(name[len(player) + 1 :])
            return [(position, t) for t, o in enumerate(outcome_of) if o == outcome]
    return []


def _outcomes(
    model: TreeModel, game: Game, unfolded: Unfolded
) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """The outcomes, and which one every ending is observed as."""
    if not isinstance(model.outcomes, Mapping):
        whole = not isinstance(model.outcome, str | Mapping)
        names = [
            " ".join(action for _, action in history) if whole else label
            for history, label in zip(unfolded.histories, unfolded.tree.terminals, strict=True)
        ]
        labels = tuple(dict.fromkeys(names))
        return labels, tuple(labels.index(name) for name in names)
    columns = _situations(game, unfolded)
    of = np.full(len(unfolded.histories), -1)
    labels = tuple(model.outcomes)
    for position, condition in enumerate(model.outcomes.values()):
        algebra = ArrayAlgebra(game.origin.lookup, columns, game.values)
        value = np.broadcast_to(evaluate(game.origin.read(condition), algebra), of.shape)
        twice = (value != 0) & (of >= 0)
        if twice.any():
            raise DataError(
                f"the outcomes {labels[of[twice][0]]} and {labels[position]} both hold at the "
                f"ending `{unfolded.tree.terminals[int(np.flatnonzero(twice)[0])]}`"
            )
        of[value != 0] = position
    if (of < 0).any():
        left = unfolded.tree.terminals[int(np.flatnonzero(of < 0)[0])]
        raise DataError(f"no outcome holds at the ending `{left}`")
    return labels, tuple(int(o) for o in of)


def _situations(game: Game, unfolded: Unfolded) -> dict[str, np.ndarray]:
    """What was done on the way to every ending, as the scenario's formulas read it."""
    if game.horizon != 1:
        raise QueryError("outcomes by condition need a scenario of one period")
    columns: dict[str, np.ndarray] = {}
    for variable in game.origin.rules.moves:
        codes = [
            next((variable.levels.index(a) for name, a in h if name == variable.name), -1)
            for h in unfolded.histories
        ]
        columns[variable.name] = np.array(codes, dtype=np.int16)
    return columns
