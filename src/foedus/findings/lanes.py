"""One regime of a finite game, solved for many draws side by side."""

from __future__ import annotations

import copy
import math
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from foedus.compiler.numbers import FrameNumbers
from foedus.compiler.pools import TERMINAL, Account, make_pool
from foedus.equilibrium.lanes import Backward, Witness
from foedus.equilibrium.period_lanes import lay_out
from foedus.errors import GameError, QueryError
from foedus.findings.itinerary import Findings, in_play, itinerary
from foedus.findings.numbers import parameter_values, precisions
from foedus.findings.programs import PLAY, PLAY_QUICKLY_COMPILED, SMALL, play
from foedus.findings.soundness import Soundness
from foedus.findings.watching import BEFORE_ENDING, IN_PLAY, Watched, watchlist
from foedus.game.game import Game
from foedus.game.measure import Measure
from foedus.game.pooled import ONE, ZERO, PooledMeasure
from foedus.game.stages import Block
from foedus.numerics.programs import QUICK_COMPILE, Program
from foedus.outcomes.inflow import inflows
from foedus.outcomes.lanes import Arrivals
from foedus.outcomes.plan import Question, check_measures, plan
from foedus.outcomes.play import start_distribution
from foedus.scenario.formulas import Formula, parameters
from foedus.scenario.model import Quantity, Rules

ROWS = 256  # pools are rounded up to a multiple of this many rows, so that programs are shared


@dataclass(frozen=True, eq=False, kw_only=True)
class Batch:
    """A batch of draws, solved.

    `answers` has every quantity but distances by name, `wrong` the error's class and message
    for each draw that is no answer, `values` what play is worth in each state at first.
    """

    answers: Mapping[str, Float[np.ndarray, "draws"]]
    findings: Findings
    wrong: Mapping[int, tuple[str, str]]
    witness: Witness
    values: Float[np.ndarray, "players states draws"]


class Lanes:
    """A regime made ready: its structure, its pool of numbers, and what is read off play.

    `precision` and `convention` take the place of the scenario's where given; `visited` are
    starts and dates at which other regimes look.

    Raises `QueryError` for quantities that cannot be answered as put, and `GameError` for an
    infinite precision where moves do not see each other.
    """

    def __init__(
        self,
        rules: Rules,
        game: Game,
        quantities: Sequence[Quantity],
        *,
        precision: float | None,
        convention: str | None,
        visited: Sequence[tuple[str | None, int]] = (),
    ) -> None:
        self.rules, self.game = rules, game
        self.precision = precision
        self.convention = convention or rules.convention
        self.plan = plan(game.structure, quantities)
        factors = frozenset(factor.name for factor in rules.factors)
        wanted = watchlist(self.plan, game.origin.read, factors)
        self.asked: tuple[Watched, ...] = wanted.asked
        watched = game.origin.watch(wanted.conditions)
        self.structure, self.lift = watched.structure, watched.lift
        self.blocks = any(isinstance(stage, Block) for stage in self.structure.stages)
        if self.hard and self.blocks:
            raise GameError(
                "an infinite precision asks for best replies, and where moves do not see each "
                "other these may not exist without mixing; take a high finite precision"
            )
        central = watched.measures(game.values)
        self._check(central)
        assert isinstance(watched.source, FrameNumbers)
        self.accounts = self._accounts()
        self.pool = make_pool(watched.source, self.accounts)
        self.measures = self._countable()
        self._numbers = self._in_numbers(wanted.conditions, game.values)
        self.itinerary = itinerary(
            self.structure,
            self.plan,
            self.asked,
            ends=lambda name: self._ends(wanted.conditions[name], central[name]),
            visited=visited,
        )
        self._arguments = (
            lay_out(self.structure),
            self.pool.tables,
            inflows(self.structure),
            self.itinerary.journeys(self.measures, self._numbers),
        )
        self._impossible = Soundness(rules, game, self.pool.tables, self.convention)
        edges = sum(int(stage.occupied.sum()) for stage in self.structure.stages)
        quickly = self.blocks or edges < SMALL
        self._program = PLAY_QUICKLY_COMPILED if quickly else PLAY
        self._slopes = Program(self._sloped, options=QUICK_COMPILE)
        self._compiling = threading.Lock()

    def changed(self, rules: Rules, precision: float | None) -> Lanes:
        """The same structure and program at other parameter values and another precision."""
        other = copy.copy(self)
        other.rules, other.precision = rules, precision
        other._impossible = Soundness(rules, self.game, self.pool.tables, self.convention)
        other._slopes = Program(other._sloped, options=QUICK_COMPILE)
        return other

    @property
    def hard(self) -> bool:
        """Whether players take best replies."""
        return self.precision is not None and math.isinf(self.precision)

    @property
    def settings(self) -> dict[str, Any]:
        """What the program is compiled for besides shapes."""
        return {
            "horizon": self.structure.horizon,
            "kept": self.itinerary.periods,
            "shock": self.convention == "shock",
            "hard": self.hard,
        }

    def sharpness(self, columns: Mapping[str, Any], draws: int, xp: Any = np) -> Any:
        """(players, draws): everybody's precision; best replies take none, and have 1."""
        lookup = self.game.origin.lookup
        found = precisions(self.rules, lookup, columns, self.precision, draws, xp)
        return xp.ones_like(found) if self.hard else found

    def entries(self, columns: Mapping[str, Any], draws: int, xp: Any = np) -> Any:
        """The pool's values, rounded up to a multiple of `ROWS` rows."""
        found = self.pool.values(parameter_values(self.rules, columns), draws, xp)
        return xp.concatenate([found, xp.zeros((-len(found) % ROWS, draws))])

    def prepare(self, columns: Mapping[str, Float[np.ndarray, "draws"]]) -> None:
        """Compile the program for as many draws, where that is still to be done."""
        draws = len(next(iter(columns.values())))
        with np.errstate(all="ignore"):  # the draws may be no game
            pool, sharp = self.entries(columns, draws), self.sharpness(columns, draws)
        arguments = (*self._arguments, pool, sharp, np.int32(0), True)
        with self._compiling:  # one thread compiles, the others find the program
            self._program.prepare(*arguments, **self.settings)

    def __call__(self, columns: Mapping[str, Float[np.ndarray, "draws"]], witness: int) -> Batch:
        """Solve a batch of draws; `witness` is the one returned in full."""
        draws = len(next(iter(columns.values())))
        pool, sharp = self.entries(columns, draws), self.sharpness(columns, draws)
        wrong = self._impossible(columns, pool, sharp)
        good = [draw for draw in range(draws) if draw not in wrong]
        if good and wrong:
            # A draw that is no game takes another's numbers, so that nothing waits for it.
            taken = [good[0] if draw in wrong else draw for draw in range(draws)]
            pool, sharp = pool[:, taken], sharp[:, taken]
        arguments = (*self._arguments, pool, sharp, np.int32(witness), True)
        (backward, arrivals), _ = self._program(*arguments, **self.settings)
        backward, arrivals = jax.tree.map(np.asarray, (backward, arrivals))
        findings = self.findings(arrivals, pool)
        for draw in good:
            if not backward.converged[draw]:
                wrong[draw] = ("SolveError", LOST)
            elif not all(np.isfinite(v[:, draw]).all() for v in backward.values):
                wrong[draw] = ("SolveError", INFINITE)
        return Batch(
            answers=self.answers(backward, findings),
            findings=findings,
            wrong=wrong,
            witness=backward.witness,
            values=np.stack(backward.values[: len(self.rules.players)]),
        )

    def slopes(
        self,
        at: Mapping[str, np.ndarray],
        along: Mapping[str, np.ndarray],
        visited: tuple[tuple[str | None, int], ...],
    ) -> tuple[Any, Any]:
        """Answers and where play stands at the starts and dates `visited`; then the derivatives
        of both, in each draw along its own direction. Nothing is checked."""
        (values, slopes), _ = self._slopes(
            self._arguments, dict(at), dict(along), True, visited=visited
        )
        return jax.tree.map(np.asarray, values), jax.tree.map(np.asarray, slopes)

    def _sloped(
        self, arguments: Any, at: Any, along: Any, apart: Any, *, visited: Any
    ) -> tuple[Any, Any]:
        draws = len(next(iter(at.values())))

        def seen(columns: Mapping[str, Any]) -> tuple[Any, Any]:
            pool = self.entries(columns, draws, jnp)
            sharp = self.sharpness(columns, draws, jnp)
            run: Any = partial(play, **self.settings)
            backward, arrivals = run(*arguments, pool, sharp, 0, apart)
            findings = self.findings(arrivals, pool, jnp)
            return self.answers(backward, findings), [findings.states(*one) for one in visited]

        values, slopes = jax.jvp(seen, (at,), (along,))
        return values, slopes

    def findings(self, arrivals: Sequence[Arrivals], pool: Any, xp: Any = np) -> Findings:
        """What the journeys saw."""

        def flow(name: str) -> Any:
            index = self.measures[name].flow
            if index is None:
                return xp.zeros((self.structure.states.n_states, pool.shape[1]))
            return pool[index]

        return Findings(self.itinerary, arrivals, flow, xp)

    def answers(self, backward: Backward, findings: Findings) -> dict[str, Any]:
        """Every quantity but distances, (draws,) each."""
        found = {}
        for question, names in zip(self.plan.questions, self.asked, strict=True):
            kind = question.quantity.kind
            if kind == "value":
                start = start_distribution(self.structure, question.start)
                found[question.quantity.name] = start @ self._worth(backward, question)
            elif kind != "distance":
                found[question.quantity.name] = findings.answer(question, names)
        return found

    def _worth(self, backward: Backward, question: Question) -> Any:
        """(states, draws): discounted payoffs of a player, or of one part."""
        account = (str(question.quantity.player), question.quantity.part)
        players = [player.name for player in self.rules.players]
        if account in self.accounts:
            return backward.values[len(players) + self.accounts.index(account)]
        return backward.values[players.index(account[0])]

    def _accounts(self) -> list[Account]:
        """Parts that are asked for, and payoffs without the worth of private shocks."""
        players = [player.name for player in self.rules.players]
        known = [*self.game.origin.parts(), *((player, TERMINAL) for player in players)]
        found: dict[Account, None] = {}
        problems = []
        for question in self.plan.questions:
            quantity = question.quantity
            player, part = quantity.player, quantity.part
            if quantity.kind != "value":
                continue
            if player not in players or (part is not None and (player, part) not in known):
                whose = f"player {player!r}" if part is None else f"part {part!r} of {player!r}"
                listed = ", ".join(f"{who}.{what}" for who, what in known[: -len(players)])
                problems.append(f"quantity {quantity.name}: no {whose}; there are {listed}")
            elif part is not None or self.convention == "shock":
                found[str(player), part] = None
        if problems:
            raise QueryError("\n".join(problems))
        return list(found)

    def _check(self, central: Mapping[str, Measure]) -> None:
        """Raises `QueryError` for conditions that are no answer to what is asked of them."""
        measures = {}
        for question, names in zip(self.plan.questions, self.asked, strict=True):
            watched = (names.of, names.other)
            for name, own in zip(question.names, watched, strict=False):
                if own in central:
                    measures[name] = central[own]
        check_measures(self.plan, measures)

    def _in_numbers(
        self, conditions: Mapping[str, Formula], values: Mapping[str, float]
    ) -> dict[str, Measure]:
        """The measures that read no parameter, as numbers."""
        pool = self.pool.values(values, 1)[:, 0]
        found = {}
        for name, measure in self.measures.items():
            condition = conditions.get(name.removesuffix(BEFORE_ENDING))
            if condition is None or not parameters(condition):
                flow = None if measure.flow is None else pool[measure.flow]
                stages = (None if rows is None else pool[rows] for rows in measure.stages)
                found[name] = Measure(flow, tuple(stages))
        return found

    def _countable(self) -> dict[str, PooledMeasure]:
        """Every measure that is asked for, without what is nothing anywhere."""
        n_live = self.structure.states.n_live
        found = {IN_PLAY: in_play(self.structure, ONE, ZERO)}
        for name, measure in self.pool.measures.items():
            found[name] = _thin(measure)
            flow = np.array(measure.flow)
            flow[n_live:] = ZERO
            found[name + BEFORE_ENDING] = _thin(replace(measure, flow=flow))
        return found

    def _ends(self, formula: Formula, central: Measure) -> bool:
        """Whether a condition holds in endings and nowhere else, whatever the parameters."""
        n_live = self.structure.states.n_live
        return (
            not parameters(formula)
            and not np.any(central.flow[:n_live])
            and not any(stage is not None and np.any(stage) for stage in central.stages)
        )


LOST = (
    "the path from uniform play to the equilibrium was lost where moves do not see each other; "
    "a lower precision or moves in sequence usually help"
)
INFINITE = "the values are not finite; look for payoffs that grow without bound"


def _thin(measure: PooledMeasure) -> PooledMeasure:
    """The measure with None for what is `ZERO` throughout."""

    def kept(rows: Any) -> Any:
        return rows if rows is not None and np.any(rows != ZERO) else None

    return PooledMeasure(flow=kept(measure.flow), stages=tuple(map(kept, measure.stages)))
