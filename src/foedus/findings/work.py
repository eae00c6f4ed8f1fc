"""What one chunk of an assessment is: points of a sample solved in a setting, and checked."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

from foedus.ensemble import Chunk, Failure, Result
from foedus.errors import FoedusError, QueryError, SolveError
from foedus.findings.samples import CENTRE, LINE, SLOPES, Samples, by_name
from foedus.findings.settings import BASE, Setting, sequential
from foedus.scenario.model import Rules
from foedus.scenario.reader import examine_text
from foedus.scenario.scenario import Scenario

if TYPE_CHECKING:
    from foedus.findings.evaluator import Evaluator

UNIQUE = "unique: sequential moves, finite horizon"
AT_HAND = 4  # settings whose programs' inputs are kept in memory
AUDITED = 4  # of so many chunks, one has a draw checked by other code


@dataclass(frozen=True, kw_only=True)
class Task:
    """Makes the work of an assessment in the process that computes it.

    - `text`: the scenario; `regimes`: all of its regimes.
    - `settings`: every setting that a chunk may name by its label.
    - `quantities`: what is worked out, in this order.
    """

    text: str
    regimes: tuple[str, ...]
    settings: tuple[Setting, ...]
    quantities: tuple[str, ...]
    samples: Samples

    def __call__(self) -> Work:
        """The work, once in every process."""
        scenario, _ = examine_text(self.text)
        if scenario is None:
            raise AssertionError("the text of a scenario without errors has errors")
        return Work(self, scenario)


@dataclass(frozen=True, eq=False)
class Work:
    """Turns a chunk into its result. Several threads may use it at once.

    A chunk's cell names its `sample` and its `setting`. The result's arrays are

    - `parameters` (draws, parameters): the points;
    - `values` (regimes, quantities, draws): NaN where a regime is not solved in the setting,
        where a draw failed, and where a quantity conditions on what never happens;
    - `solved` (draws,);
    - `audit` (checks, 5): the draw, the regime's number, and by code that the solver does not
        share the residual, the regret and the largest difference of any quantity;
    - `derivatives` (regimes, quantities, parameters), of `centre with slopes` alone, where the
        game's derivatives are known;
    - `selection`, of the central point alone: which equilibrium each regime's is, and what is
        known of others, as JSON.
    """

    task: Task
    scenario: Scenario
    _evaluators: OrderedDict[str, Evaluator] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def __call__(self, chunk: Chunk) -> Result:
        """The result of a chunk. What fails in a draw is a record of it."""
        sample, label = chunk.cell["sample"], chunk.cell["setting"]
        points = self.task.samples.points(sample, chunk.draws.start, chunk.draws.stop)
        try:
            evaluator = self._evaluator(label)
            solved = self._solved(evaluator, chunk, points)
            if sample in (CENTRE, SLOPES):
                return self._centre(solved, evaluator, chunk, points)
            return solved
        except FoedusError as error:
            return self._unsolved(chunk, points, error)

    def _solved(self, evaluator: Evaluator, chunk: Chunk, points: np.ndarray) -> Result:
        in_turn = chunk.draws.start % (AUDITED * len(points)) == 0
        checked = in_turn and not chunk.cell["sample"].startswith(LINE)
        columns = columns_of(self.task.samples.names, points, self.scenario)
        evaluation = evaluator(columns, check=checked)
        numbers = self._regimes(evaluator.regimes)
        audit = [
            (chunk.draws[draw], numbers[evaluator.regimes.index(regime)], *rest)
            for draw, regime, *rest in evaluation.audit
        ]
        failures = tuple(
            self._failure(chunk, points, row, *problem)
            for row, problem in sorted(evaluation.problems.items())
        )
        values = np.where(evaluation.solved, evaluation.values, np.nan)
        arrays = {
            "parameters": points,
            "values": self._placed(evaluator, values),
            "solved": np.asarray(evaluation.solved, bool),
            "audit": np.array(audit, float).reshape(-1, 5),
        }
        return Result(arrays, failures)

    def _centre(
        self, solved: Result, evaluator: Evaluator, chunk: Chunk, points: np.ndarray
    ) -> Result:
        """The central point, with what is known of it alone."""
        at = dict(zip(self.task.samples.names, points[0].tolist(), strict=True))
        found = {**solved.arrays, "selection": self._selection(chunk.cell["setting"], at)}
        if chunk.cell["sample"] == SLOPES:
            with suppress(QueryError):  # of games whose derivatives are not known
                found["derivatives"] = self._placed(evaluator, evaluator.derivatives(at))
        return Result(found, solved.failures)

    def _selection(self, label: str, at: Mapping[str, float]) -> np.ndarray:
        """What the certificates say of uniqueness, which a sequential game has by theorem."""
        words = {
            regime: UNIQUE if sequential(rules) else _selected(rules, self._setting(label), at)
            for regime, rules in self._setting(label).rules(self.scenario).items()
        }
        return np.frombuffer(json.dumps(words).encode(), np.uint8)

    def _unsolved(self, chunk: Chunk, points: np.ndarray, error: FoedusError) -> Result:
        """Every draw failed for one reason: the setting's rules or its game make no sense."""
        problem = (type(error).__name__, str(error))
        failures = [self._failure(chunk, points, row, *problem) for row in range(len(points))]
        shape = (len(self.task.regimes), len(self.task.quantities), len(points))
        arrays = {
            "parameters": points,
            "values": np.full(shape, np.nan),
            "solved": np.zeros(len(points), bool),
            "audit": np.empty((0, 5)),
        }
        return Result(arrays, tuple(failures))

    def _failure(
        self, chunk: Chunk, points: np.ndarray, row: int, error: str, message: str
    ) -> Failure:
        inputs = dict(zip(self.task.samples.names, points[row].tolist(), strict=True))
        return Failure(draw=chunk.draws[row], error=error, message=message, inputs=inputs)

    def _placed(self, evaluator: Evaluator, values: np.ndarray) -> np.ndarray:
        """The evaluator's regimes and quantities at their places among the task's."""
        quantities = self.task.quantities
        shape = (len(self.task.regimes), len(quantities), *values.shape[2:])
        placed = np.full(shape, np.nan)
        rows = self._regimes(evaluator.regimes)
        columns = [quantities.index(name) for name in evaluator.quantities]
        placed[np.ix_(rows, columns)] = values
        return placed

    def _regimes(self, names: Sequence[str]) -> list[int]:
        return [self.task.regimes.index(name) for name in names]

    def _evaluator(self, label: str) -> Evaluator:
        """The evaluator of a setting; the ones used last are at hand."""
        with self._lock:
            if label not in self._evaluators:
                if len(self._evaluators) >= AT_HAND:
                    oldest = next(key for key in self._evaluators if key != BASE.label)
                    del self._evaluators[oldest]
                self._evaluators[label] = self._make(self._setting(label))
            self._evaluators.move_to_end(label)
            return self._evaluators[label]

    def _make(self, setting: Setting) -> Evaluator:
        from foedus.findings.evaluator import Evaluator

        rules = setting.rules(self.scenario)
        quantities = setting.quantities(self.scenario, self.task.quantities)
        alike = replace(setting, without=None, precision=None, regimes=())
        if setting != BASE and alike == BASE:
            if BASE.label not in self._evaluators:
                self._evaluators[BASE.label] = self._make(BASE)
            base = self._evaluators[BASE.label]
            shared = base.changed(rules, quantities=quantities, precision=setting.precision)
            if shared is not None:
                return shared
        return Evaluator(
            rules,
            quantities=quantities,
            precision=setting.precision,
            convention=setting.convention,
            reference=setting.reference(self.scenario),
            few=setting != BASE,
        )

    def _setting(self, label: str) -> Setting:
        return next(setting for setting in self.task.settings if setting.label == label)


def _selected(rules: Rules, setting: Setting, at: Mapping[str, float]) -> str:
    """What the certificate of one regime's equilibrium says of it."""
    from foedus.compiler.compile import compile_rules
    from foedus.equilibrium import Logit, solve

    free = {p.name: at[p.name] for p in rules.parameters if p.low < p.high}
    solver = Logit(precision=setting.precision, convention=setting.convention)
    try:
        return solve(compile_rules(rules).at(**free), solver).certificate.selection
    except SolveError:
        return "not solved at the central values"


def columns_of(
    names: Sequence[str], points: Float[np.ndarray, "points parameters"], scenario: Scenario
) -> Mapping[str, Float[np.ndarray, "points"]]:
    """The columns of points by parameter; without parameters that of the precision, which is
    the same throughout and only says how many points there are."""
    precision = np.full(len(points), scenario.precision.value)
    return by_name(names, points) or {scenario.precision.name: precision}
