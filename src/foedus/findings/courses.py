"""What one chunk of a portrait is: play followed by period in some draws, under every regime."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from foedus.ensemble import Chunk, Result
from foedus.errors import FoedusError
from foedus.findings.portrait import (
    Factor,
    Named,
    Reached,
    factors_of,
    levels_of,
    reaches_of,
    starts_of,
)
from foedus.findings.samples import DRAWS, Samples
from foedus.findings.work import columns_of
from foedus.scenario.model import Rules
from foedus.scenario.reader import examine_text
from foedus.scenario.scenario import Scenario

if TYPE_CHECKING:
    from foedus.findings.evaluator import Evaluator
    from foedus.findings.lanes import Batch, Lanes


@dataclass(frozen=True, kw_only=True)
class CourseTask:
    """Makes the work in the process that computes it. `rows`: places in the base sample."""

    text: str
    regimes: tuple[str, ...]
    quantities: tuple[str, ...]
    samples: Samples
    rows: tuple[int, ...]

    def __call__(self) -> CourseWork:
        """The work, once in every process."""
        scenario, _ = examine_text(self.text)
        if scenario is None:
            raise AssertionError("the text of a scenario without errors has errors")
        return CourseWork(self, scenario)


class CourseWork:
    """Turns a chunk into its result. Several threads may use it at once.

    The result's arrays are `levels` (draws, regimes, starts, dates, levels), `reached`
    (draws, regimes, reaches, dates), `values` (draws, regimes, starts, players), see `Portrait`,
    and `solved` (draws,); a draw that was not solved has NaN throughout.
    """

    def __init__(self, task: CourseTask, scenario: Scenario) -> None:
        from foedus.findings.evaluator import Evaluator

        self.task, self._scenario = task, scenario
        self.rules = {regime: scenario.rules(regime) for regime in task.regimes}
        self.factors, self.starts = factors_of(scenario), starts_of(scenario)
        self.reaches = reaches_of(scenario, self.starts)
        self.dates = 1 + horizon(next(iter(self.rules.values())))
        self.players = players_of(self.rules)
        last = max(task.rows, default=0)
        self._points = task.samples.points(DRAWS, 0, last + 1)[list(task.rows)]
        self._evaluator: Evaluator = Evaluator(
            self.rules,
            quantities=task.quantities,
            starts=[start.name for start in self.starts],
        )

    def __call__(self, chunk: Chunk) -> Result:
        """The result of a chunk."""
        points = self._points[chunk.draws.start : chunk.draws.stop]
        columns = columns_of(self.task.samples.names, points, self._scenario)
        found = self._nothing(len(points))
        follow = self._side_by_side if self._evaluator.one_by_one is None else self._in_turn
        for draws, regime, seen in follow(columns, len(points)):
            for name, values in seen.items():
                found[name][draws, regime] = values
        solved = np.isfinite(found["levels"]).all(axis=(1, 2, 3, 4))
        for values in found.values():
            values[~solved] = np.nan
        return Result({**found, "solved": solved})

    def _nothing(self, draws: int) -> dict[str, np.ndarray]:
        head = (draws, len(self.rules))
        levels = sum(len(factor.levels) for factor in self.factors)
        starts, dates = len(self.starts), self.dates
        shapes = {
            "levels": (*head, starts, dates, levels),
            "reached": (*head, len(self.reaches), dates),
            "values": (*head, starts, len(self.players)),
        }
        return {name: np.full(shape, np.nan, np.float32) for name, shape in shapes.items()}

    def _side_by_side(
        self, columns: Mapping[str, np.ndarray], count: int
    ) -> Iterator[tuple[Any, int, Mapping[str, np.ndarray]]]:
        for draws, batches in self._evaluator.batches(columns):
            for regime, (lanes, batch) in enumerate(batches.values()):
                good = [i for i in range(len(draws)) if i not in batch.wrong]
                yield np.array(draws)[good], regime, self._seen(lanes, batch, good)

    def _seen(self, lanes: Lanes, batch: Batch, draws: Sequence[int]) -> dict[str, np.ndarray]:
        """What a batch saw, with the draws first."""
        from foedus.findings.course import membership
        from foedus.outcomes.play import start_distribution

        made = lanes.made
        structure = made.structure
        member = membership(structure.states, levels_of(self.factors)).T
        names = [start.name for start in self.starts]
        levels = [
            [member @ batch.findings.states(name, date) for date in range(self.dates)]
            for name in names
        ]
        reached = np.full((len(self.reaches), self.dates, len(batch.values[0][0])), np.nan)
        asked = dict(zip((q.quantity.name for q in made.plan.questions), made.asked, strict=True))
        questions = {q.quantity.name: q for q in made.plan.questions}
        for place, one in enumerate(self.reaches):
            if one.name in questions:
                seen = batch.findings.cumulative(questions[one.name], asked[one.name], one.within)
                reached[place, : len(seen)] = seen
        begin = np.stack([start_distribution(structure, name) for name in names])
        values = np.full((len(names), len(self.players), reached.shape[-1]), np.nan)
        for place, player in enumerate(structure.players):
            values[:, self.players.index(player)] = begin @ batch.values[place]
        found = {"levels": np.array(levels), "reached": reached, "values": values}
        return {name: np.moveaxis(each, -1, 0)[list(draws)] for name, each in found.items()}

    def _in_turn(
        self, columns: Mapping[str, np.ndarray], count: int
    ) -> Iterator[tuple[Any, int, Mapping[str, np.ndarray]]]:
        from foedus.findings.numbers import one_draw

        one_by_one = self._evaluator.one_by_one
        assert one_by_one is not None
        for draw in range(count):
            for regime, name in enumerate(self.rules):
                with suppress(FoedusError):  # noted as not solved
                    equilibrium = one_by_one.solved(("", name), one_draw(columns, draw))
                    yield draw, regime, self._followed(name, equilibrium)

    def _followed(self, regime: str, equilibrium: Any) -> dict[str, np.ndarray]:
        """What is seen of one equilibrium."""
        from foedus.findings.course import course
        from foedus.outcomes.passage import first_passage

        structure, periods = equilibrium.game.structure, self.dates - 1
        names = [start.name for start in self.starts]
        reached = np.full((len(self.reaches), self.dates), np.nan)
        quantities = {q.name: q for q in self.rules[regime].quantities}
        for place, one in enumerate(self.reaches):
            if one.name in quantities:
                of = quantities[one.name].of
                passage = first_passage(equilibrium, of, within=one.within, start=one.start)
                reached[place, : one.within + 1] = passage.probability.values.cumsum()
        values = np.full((len(names), len(self.players)), np.nan)
        begin = np.stack([structure.starts[name] for name in names])
        at = [self.players.index(player) for player in structure.players]
        values[:, at] = begin @ equilibrium.values
        factors = levels_of(self.factors)
        levels = [course(equilibrium, factors, name, periods, flows=False).levels for name in names]
        return {"levels": np.stack(levels), "reached": reached, "values": values}


def horizon(rules: Rules) -> int:
    """How many periods are reported: the evaluation horizon, as far as play is solved."""
    solve, evaluate = rules.horizon.solve, rules.horizon.evaluate
    return evaluate if solve is None else min(evaluate, solve)


def players_of(rules: Mapping[str, Rules]) -> tuple[str, ...]:
    """The players of all regimes."""
    return tuple(dict.fromkeys(p.name for own in rules.values() for p in own.players))


def named_players(rules: Mapping[str, Rules]) -> tuple[Named, ...]:
    """The players of all regimes with their labels."""
    labels = {p.name: p.label or p.name for own in rules.values() for p in own.players}
    return tuple(Named(name=name, label=labels[name]) for name in players_of(rules))


def shapes_of(factors: Sequence[Factor], reaches: Sequence[Reached]) -> list[Any]:
    """What the axes of a chunk's arrays depend on, as plain data."""
    return [
        [[factor.name, list(factor.levels)] for factor in factors],
        [[one.name, one.start, one.within] for one in reaches],
    ]
