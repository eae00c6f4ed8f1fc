"""One regime of a finite game, solved for many draws side by side."""

from __future__ import annotations

import copy
import math
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from foedus.equilibrium.lanes import Backward, Witness
from foedus.equilibrium.period_lanes import lay_out
from foedus.errors import GameError
from foedus.findings.itinerary import Findings
from foedus.findings.numbers import parameter_values, precisions
from foedus.findings.prepared import Place, prepare
from foedus.findings.programs import PLAY, PLAY_QUICKLY_COMPILED, SMALL, Played, play
from foedus.findings.soundness import Soundness
from foedus.game.game import Game
from foedus.game.stages import Block
from foedus.numerics.programs import QUICK_COMPILE, Program
from foedus.outcomes.inflow import inflows
from foedus.outcomes.plan import Question
from foedus.outcomes.play import start_distribution
from foedus.scenario.model import Quantity, Rules

ROWS = 64  # pools are rounded up to a multiple of this many rows, so that programs are shared


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
    """A regime's games, one for each draw of the parameters.

    `precision` and `convention` take the place of the scenario's where given; `visited` are
    starts and dates at which other regimes look; `few`: not worth compiling well for.

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
        visited: Sequence[Place] = (),
        few: bool = False,
    ) -> None:
        self.rules, self.game = rules, game
        self.precision = precision
        self.convention = convention or rules.convention
        blocks = any(isinstance(stage, Block) for stage in game.structure.stages)
        if self.hard and blocks:
            raise GameError(
                "an infinite precision asks for best replies, and where moves do not see each "
                "other these may not exist without mixing; take a high finite precision"
            )
        self.made = prepare(game, quantities, convention=self.convention, visited=visited)
        structure, tables = self.made.structure, self.made.tables
        with jax.enable_x64(True):  # put down once, and not for every batch
            self._arguments = jax.device_put(
                (
                    lay_out(structure),
                    tables,
                    inflows(structure),
                    self.made.journey,
                    tuple(fan.nodes for fan in self.made.first.fans),
                )
            )
        self._impossible = Soundness(rules, game, tables, self.convention)
        edges = sum(int(stage.occupied.sum()) for stage in structure.stages)
        quickly = few or blocks or edges < SMALL
        self._program = PLAY_QUICKLY_COMPILED if quickly else PLAY
        self._slopes = Program(self._sloped, options=QUICK_COMPILE)
        self._compiling = threading.Lock()

    def changed(self, rules: Rules, precision: float | None) -> Lanes:
        """The same structure and program at other parameter values and another precision."""
        other = copy.copy(self)
        other.rules, other.precision = rules, precision
        other._impossible = Soundness(rules, self.game, self.made.tables, self.convention)
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
            "horizon": self.made.structure.horizon,
            "kept": self.made.itinerary.periods,
            "shock": self.convention == "shock" and not self.hard,
            "hard": self.hard,
        }

    def sharpness(self, columns: Mapping[str, Any], draws: int, xp: Any = np) -> Any:
        """(players, draws): everybody's precision; best replies take none, and have 1."""
        lookup = self.game.origin.lookup
        found = precisions(self.rules, lookup, columns, self.precision, draws, xp)
        return xp.ones_like(found) if self.hard else found

    def entries(self, columns: Mapping[str, Any], draws: int, xp: Any = np) -> Any:
        """The pool's values, rounded up to a multiple of `ROWS` rows."""
        found = self.made.pool.values(parameter_values(self.rules, columns), draws, xp)
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
        found, _ = self._program(*arguments, **self.settings)
        played: Played = jax.tree.map(np.asarray, found)
        backward = played.backward
        for draw in good:
            if not backward.converged[draw]:
                wrong[draw] = ("SolveError", LOST)
            elif not np.isfinite(backward.values[..., draw]).all():
                wrong[draw] = ("SolveError", INFINITE)
        findings = self.findings(played, pool)
        return Batch(
            answers=self.answers(backward, findings),
            findings=findings,
            wrong=wrong,
            witness=backward.witness,
            values=np.moveaxis(np.asarray(backward.values), 1, 0)[: len(self.rules.players)],
        )

    def slopes(
        self,
        at: Mapping[str, np.ndarray],
        along: Mapping[str, np.ndarray],
        visited: tuple[Place, ...],
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
            played = run(*arguments, pool, sharp, 0, apart)
            findings = self.findings(played, pool, jnp)
            answers = self.answers(played.backward, findings)
            return answers, [findings.states(*one) for one in visited]

        values, slopes = jax.jvp(seen, (at,), (along,))
        return values, slopes

    def findings(self, played: Played, pool: Any, xp: Any = np) -> Findings:
        """What was seen of play."""
        made = self.made

        def flow(name: str) -> Any:
            index = made.measures[name].flow
            if index is None:
                return xp.zeros((made.structure.states.n_states, pool.shape[1]))
            return pool[index]

        first = made.first.collected(
            played.first, made.tables.probability, pool, made.counted_first, xp
        )
        return Findings(made.itinerary, played.arrivals, first, flow, xp)

    def answers(self, backward: Backward, findings: Findings) -> dict[str, Any]:
        """Every quantity but distances, (draws,) each."""
        found = {}
        for question, names in zip(self.made.plan.questions, self.made.asked, strict=True):
            kind = question.quantity.kind
            if kind == "value":
                start = start_distribution(self.made.structure, question.start)
                found[question.quantity.name] = self._worth(backward, start, question)
            elif kind != "distance":
                found[question.quantity.name] = findings.answer(question, names)
        return found

    def _worth(self, backward: Backward, start: np.ndarray, question: Question) -> Any:
        """(draws,): discounted payoffs of a player, or of one part, from a start."""
        account = (str(question.quantity.player), question.quantity.part)
        players, accounts = self.made.structure.players, self.made.accounts
        column = players.index(account[0])
        if account in accounts:
            column = len(players) + accounts.index(account)
        (states,) = np.nonzero(start)
        return (start[states, None] * backward.values[states, column]).sum(axis=0)


LOST = (
    "the path from uniform play to the equilibrium was lost where moves do not see each other; "
    "a lower precision or moves in sequence usually help"
)
INFINITE = "the values are not finite; look for payoffs that grow without bound"
