"""Thousands of draws of the same games: every quantity under every regime, with its checks."""

from __future__ import annotations

import copy
import math
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import numpy as np
from jaxtyping import Float

from foedus.compiler.compile import compile_rules
from foedus.ensemble.executors import cores
from foedus.errors import QueryError
from foedus.findings.auditing import audit, played
from foedus.findings.columns import audited, checked
from foedus.findings.derivatives import derivatives
from foedus.findings.distances import Key, sides
from foedus.findings.evaluation import Check, Evaluation, evaluation
from foedus.findings.lanes import Batch, Lanes
from foedus.findings.one_by_one import OneByOne
from foedus.findings.sharing import on_same_structure
from foedus.outcomes.plan import EQUILIBRIUM
from foedus.outcomes.play import evaluation_window
from foedus.scenario.model import Rules
from foedus.scenario.suggestions import did_you_mean

DRAWS = 16  # solved side by side: more leave the cache, fewer leave vector units idle


class Evaluator:
    """Solves every draw of a table under every regime.

    - `rules`: the rules of each regime by name. A parameter that they fix keeps its value
      whatever column is given for it.
    - `quantities`: names, by default all but the values by part.
    - `precision`, `convention`: instead of the scenario's. An infinite precision asks for best
      replies, ties shared evenly.
    - `reference`: the rules that a distance to `equilibrium` is measured to, by regime; without
      them these distances are 0.
    - `starts`: where play is followed from up to the evaluation horizon, whatever is asked.
    - `few`: a few hundred draws are expected, for which compiling well takes longer than it
      saves.

    Draws are solved side by side, the same way whatever else runs and however many there are,
    so that a draw's numbers depend on its parameters alone. One evaluator may be called from
    several threads.

    Raises `QueryError` for an unknown quantity and for one that cannot be answered as put.
    """

    def __init__(
        self,
        rules: Mapping[str, Rules],
        *,
        quantities: Sequence[str] | None = None,
        precision: float | None = None,
        convention: str | None = None,
        reference: Mapping[str, Rules] | None = None,
        starts: Sequence[str] = (),
        few: bool = False,
    ) -> None:
        self.regimes = tuple(rules)
        self._rules = rules
        self.quantities = _names(rules, quantities)
        asked = {
            name: tuple(q for q in own.quantities if q.name in self.quantities)
            for name, own in rules.items()
        }
        every: dict[Key, Rules] = {("", name): own for name, own in rules.items()}
        for name, own in (reference or {}).items():
            if any(q.against == EQUILIBRIUM for q in asked.get(name, ())):
                every[EQUILIBRIUM, name] = own
        games = {key: compile_rules(own) for key, own in every.items()}
        self._sides = sides(games, asked)
        self._compiling, self._ready, self._checks = threading.Lock(), False, True
        self._one_by_one: OneByOne | None = None
        self._lanes: dict[Key, Lanes] = {}
        if any(g.horizon is None or g.information is not None for g in games.values()):
            self._one_by_one = OneByOne(every, games, asked, precision, convention)
            return
        visited: dict[Key, list[tuple[str | None, int]]] = {key: [] for key in every}
        for side in self._sides:
            visited[side.against].append((side.start, side.date))
        for key, game in games.items():
            make = partial(
                Lanes,
                every[key],
                game,
                # The reference answers nothing, but with the same questions it is the same program.
                asked[key[1]],
                precision=precision,
                convention=convention,
                few=few,
            )
            lanes, date = make(visited=visited[key]), evaluation_window(game.structure)
            missed = [(s, date) for s in starts if not lanes.made.itinerary.follows(s, date)]
            self._lanes[key] = make(visited=[*visited[key], *missed]) if missed else lanes

    def changed(
        self, rules: Mapping[str, Rules], *, quantities: Sequence[str], precision: float | None
    ) -> Evaluator | None:
        """An evaluator of other rules that shares what is compiled; None where nothing can be.

        Of the regimes here, rules that differ in the values of parameters alone (see
        `on_same_structure`), and a finite precision. It does no checks of its own: the programs
        and the structure are the ones that are checked here.
        """
        if self._one_by_one is not None or (precision is not None and math.isinf(precision)):
            return None
        if any(lanes.hard for lanes in self._lanes.values()):
            return None
        if not all(on_same_structure(own, self._rules[name]) for name, own in rules.items()):
            return None
        other = copy.copy(self)
        other.regimes, other.quantities = tuple(rules), _names(rules, quantities)
        other._rules, other._checks = rules, False
        other._lanes = {
            ("", name): self._lanes["", name].changed(own, precision) for name, own in rules.items()
        }
        other._sides = tuple(
            side
            for side in self._sides
            if side.regime in rules and side.quantity in other.quantities
        )
        return other

    def __call__(
        self, parameters: Mapping[str, Float[np.ndarray, "draws"]], *, check: bool = True
    ) -> Evaluation:
        """Every quantity of every regime in every draw, from one column for each parameter.

        A parameter without a column has its central value. With `check`, one draw is checked by
        code that shares nothing with the solver. Raises `QueryError` for columns of
        unknown names, of different lengths, or none at all.
        """
        columns = checked(parameters, list(self._rules.values()))
        if self._one_by_one is not None:
            return self._each(self._one_by_one, columns)
        self._prepare(columns)
        count = len(next(iter(columns.values())))
        values = np.full((len(self.regimes), len(self.quantities), count), np.nan)
        problems: dict[int, tuple[str, str]] = {}
        checks: list[Check] = []
        chosen, regime = audited(columns, count, len(self.regimes))
        for first in range(0, count, DRAWS):
            draws = np.minimum(np.arange(first, first + DRAWS), count - 1)
            part = {name: column[draws] for name, column in columns.items()}
            inside = first <= chosen < first + DRAWS
            witness = chosen - first if inside else 0
            batches = {key: lanes(part, witness) for key, lanes in self._lanes.items()}
            size = min(DRAWS, count - first)
            values[:, :, first : first + size] = self._answers(batches)[:, :, :size]
            for key, batch in batches.items():
                for draw, (name, message) in sorted(batch.wrong.items()):
                    if draw < size:
                        problems.setdefault(first + draw, (name, _said(key, message)))
            if check and self._checks and inside and chosen not in problems:
                errors, reason = self._audit(regime, part, witness, batches)
                checks.append((chosen, self.regimes[regime], *errors))
                if reason:
                    said = _said(("", self.regimes[regime]), reason)
                    problems[chosen] = ("SolveError", said)
        return evaluation(values, problems, checks)

    @property
    def one_by_one(self) -> OneByOne | None:
        """What solves draw after draw, where they cannot be solved side by side."""
        return self._one_by_one

    def batches(
        self, parameters: Mapping[str, Float[np.ndarray, "draws"]]
    ) -> Iterator[tuple[range, Mapping[str, tuple[Lanes, Batch]]]]:
        """The draws side by side, a few at a time, with everything that is seen of each regime.

        A batch may have more draws than its range, repeats of the last one. Raises `QueryError`
        for columns as a call does, and where draws are solved one by one.
        """
        if self._one_by_one is not None:
            raise QueryError("these games are solved draw by draw, so there are no batches")
        columns = checked(parameters, list(self._rules.values()))
        self._prepare(columns)
        count = len(next(iter(columns.values())))
        for first in range(0, count, DRAWS):
            draws = np.minimum(np.arange(first, first + DRAWS), count - 1)
            part = {name: column[draws] for name, column in columns.items()}
            yield (
                range(first, min(first + DRAWS, count)),
                {r: (self._lanes["", r], self._lanes["", r](part, 0)) for r in self.regimes},
            )

    def _prepare(self, columns: Mapping[str, np.ndarray]) -> None:
        """Compile the programs of all regimes side by side, where that is still to be done."""
        first = {name: np.repeat(column[:1], DRAWS) for name, column in columns.items()}
        with self._compiling:
            if not self._ready:
                # Compiling takes half a gigabyte: no more at a time than there are cores for.
                with ThreadPoolExecutor(cores()) as pool:
                    list(pool.map(lambda lanes: lanes.prepare(first), self._lanes.values()))
                self._ready = True

    def derivatives(self, at: Mapping[str, float]) -> Float[np.ndarray, "regimes quantities names"]:
        """Exact derivatives of every quantity at one point, by parameter in the order of `at`.

        A parameter that the rules fix has 0 throughout. Raises `QueryError` for games whose
        derivatives are not known here: stationary ones, and best replies.
        """
        columns = checked(
            {name: np.array([value]) for name, value in at.items()}, list(self._rules.values())
        )
        point = {name: float(column[0]) for name, column in columns.items()}
        if self._one_by_one is not None or any(lanes.hard for lanes in self._lanes.values()):
            raise QueryError(
                "exact derivatives are known for logit play over a finite horizon only; "
                "use finite differences"
            )
        found = derivatives(self._lanes, self._sides, point)
        return self._table(found, (len(point),))

    def _answers(self, batches: Mapping[Key, Batch]) -> np.ndarray:
        found: dict[str, dict[str, Any]] = {
            name: dict(batches["", name].answers) for name in self.regimes
        }
        for side in self._sides:
            here, there = batches["", side.regime].findings, batches[side.against].findings
            found[side.regime][side.quantity] = side.distance(here, there)
        return self._table(found, (DRAWS,))

    def _table(self, found: Mapping[str, Mapping[str, Any]], shape: tuple[int, ...]) -> np.ndarray:
        """(regimes, quantities, ...), NaN for what a regime does not have."""
        nothing = np.full(shape, np.nan)
        return np.array(
            [[found[r].get(q, nothing) for q in self.quantities] for r in self.regimes], dtype=float
        ).reshape(len(self.regimes), len(self.quantities), *shape)

    def _audit(
        self,
        regime: int,
        columns: Mapping[str, np.ndarray],
        draw: int,
        batches: Mapping[Key, Batch],
    ) -> tuple[tuple[float, float, float], str]:
        """The residual, the regret and the largest difference of a draw, and what is wrong."""
        name = self.regimes[regime]
        others = {
            side.name: played(
                self._lanes[side.against], columns, draw, batches[side.against].witness
            )
            for side in self._sides
            if side.regime == name
        }
        table = self._answers(batches)[regime, :, draw]
        answers = dict(zip(self.quantities, table.tolist(), strict=True))
        lanes = self._lanes["", name]
        found = audit(lanes, columns, draw, batches["", name].witness, answers, others)
        return (found.residual, found.regret, found.difference), found.reason

    def _each(self, one_by_one: OneByOne, columns: Mapping[str, np.ndarray]) -> Evaluation:
        """Draw after draw, where they cannot be solved side by side."""
        count = len(next(iter(columns.values())))
        values = np.full((len(self.regimes), len(self.quantities), count), np.nan)
        problems: dict[int, tuple[str, str]] = {}
        checks: list[Check] = []
        chosen, regime = audited(columns, count, len(self.regimes))
        for draw in range(count):
            answers, certificates, wrong = one_by_one(columns, draw)
            if wrong is not None:
                key, error, message = wrong
                problems[draw] = (error, _said(key, message))
                continue
            values[:, :, draw] = self._table(answers, ())
            if draw == chosen:
                own = certificates[self.regimes[regime]]
                checks.append((draw, self.regimes[regime], own.residual or 0.0, own.regret, 0.0))
        return evaluation(values, problems, checks)


def _names(rules: Mapping[str, Rules], wanted: Sequence[str] | None) -> tuple[str, ...]:
    """The quantities, in the order of the rules or as asked for."""
    known = {q.name: q for own in rules.values() for q in own.quantities}
    if wanted is None:
        return tuple(n for n, q in known.items() if q.kind != "value" or q.part is None)
    for name in wanted:
        if name not in known:
            raise QueryError(
                f"no quantity `{name}`; {did_you_mean(name, list(known), 'quantities')}"
            )
    return tuple(dict.fromkeys(wanted))


def _said(key: Key, message: str) -> str:
    kind, regime = key
    return f"regime {regime}{', at equilibrium' if kind else ''}: {message}"
