"""What play is worth to one player, part by part: plain NumPy that shares nothing with a solver."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Bool, Float

from foedus.equilibrium.play import move_names
from foedus.errors import QueryError
from foedus.game.game import Game, Structure, Tables
from foedus.game.measure import Measure
from foedus.game.profile import Profile
from foedus.game.stages import Block, Chance, Stage, Turn
from foedus.outcomes.accounts import TERMINAL
from foedus.outcomes.conditions import Watching
from foedus.outcomes.ever import totals
from foedus.outcomes.play import numbers
from foedus.outcomes.steps import Routes, edge_probabilities

if TYPE_CHECKING:
    from foedus.equilibrium.result import Equilibrium

SHOCK = "payoff shocks"  # the part that private shocks add to values under `shock`

Paid = tuple[Float[np.ndarray, "parts nodes edges"], ...]


@dataclass(frozen=True, eq=False)
class Worth:
    r"""The payoffs of one player under an equilibrium's profile, by named part.

    For each part c, backward from the last period,

    $$W_c(s) = u_c(s) + E\Bigl[\sum_e u_c(e) + \delta_i W_c(s')\Bigr]$$

    so that the parts add up to the player's value in every state. What states are worth
    after the last period is the part `terminal`; under the `shock` convention, what the
    player's own private shocks add, $(\gamma + H(\sigma))/\lambda_i$ at each of its moves,
    is a part too.
    """

    equilibrium: Equilibrium
    player: str

    @cached_property
    def parts(self) -> tuple[str, ...]:
        """The names, in the order of the file."""
        return tuple(self._measures)

    @property
    def discount(self) -> float:
        """The player's discount factor."""
        return float(self._tables.discount[self._index])

    def at_start(self, period: int) -> Float[np.ndarray, "parts states"]:
        """The worth of each state at the start of a period, what it pays itself included.

        Raises `QueryError` where play without discounting or end makes a part infinite.
        """
        if self._game.horizon is None:
            return self._for_ever()
        live = self._structure.states.n_live
        worth = self._flow.copy()
        worth[:, :live] = 0.0
        if TERMINAL in self.parts:
            worth[self.parts.index(TERMINAL), :live] = self._tables.terminal[self._index, :live]
        for now in reversed(range(period, self._game.horizon)):
            values = self.back(self.discount * worth, now, 0, paid=True)
            worth = self._flow.copy()
            worth[:, :live] += values
        return worth

    def back(
        self, values: Float[np.ndarray, "parts nodes"], period: int, stage: int, *, paid: bool
    ) -> Float[np.ndarray, "parts nodes"]:
        """From worth at the end of a period to worth at the nodes of a stage in it.

        With `paid`, what that stage and the later ones pay is added.
        """
        edges = edge_probabilities(self._tables, self._profile, period)
        payoffs = self.paid(period) if paid else None
        for k in reversed(range(stage, len(edges))):
            ahead = values[:, self._routes.successors[k]]
            if payoffs is not None:
                ahead = ahead + payoffs[k]
            values = np.einsum("ne,pne->pn", edges[k], ahead)
        return values

    def of_choice(
        self, period: int, stage: int, member: int
    ) -> tuple[Float[np.ndarray, "parts nodes *edges"], Float[np.ndarray, "parts nodes *edges"]]:
        """What each edge of a choice is worth: within the period, and in later ones, discounted.

        What the player has been paid before counts nowhere, and its shock at this very choice
        does not either.
        """
        ahead = self.discount * self.at_start(period + 1 if self._game.horizon else 0)
        later = self.back(ahead, period, stage + 1, paid=False)
        now = self.back(np.zeros_like(ahead), period, stage + 1, paid=True)
        successor, paid = self._routes.successors[stage], self.paid(period)[stage].copy()
        if SHOCK in self.parts:
            paid[self.parts.index(SHOCK)] -= self._shock(stage, member, period)
        shape = (len(self.parts), *self._structure.stages[stage].shape)
        return (now[:, successor] + paid).reshape(shape), later[:, successor].reshape(shape)

    def paid(self, period: int) -> Paid:
        """What every edge pays in a period, stage by stage; nothing on padding."""
        if SHOCK not in self.parts:
            return self._payoffs
        place, found = self.parts.index(SHOCK), []
        for k, payoffs in enumerate(self._payoffs):
            with_shocks = payoffs.copy()
            for member in range(len(move_names(self._structure.stages[k]))):
                with_shocks[place] += self._shock(k, member, period)
            found.append(with_shocks)
        return tuple(found)

    def _shock(self, stage: int, member: int, period: int) -> Float[np.ndarray, "nodes edges"]:
        """What private shocks at one move add on every edge: 0 where another player moves."""
        here = self._structure.stages[stage]
        strategy = strategies_at(self._profile, stage, period)[member]
        moves = moves_of(here, member, self._index)
        logs = np.log(np.where(strategy > 0, strategy, 1.0))
        entropy = -(strategy * logs).sum(axis=member + 1, keepdims=True)
        bonus = (np.euler_gamma + entropy) / self.equilibrium.precision[self._index]
        bonus = np.where(moves.reshape(-1, *(1,) * (bonus.ndim - 1)), bonus, 0.0)
        return np.broadcast_to(bonus, here.shape).reshape(here.shape[0], -1)

    @property
    def _game(self) -> Game:
        return self.equilibrium.game

    @property
    def _structure(self) -> Structure:
        return self._game.structure

    @property
    def _index(self) -> int:
        return self._game.players.index(self.player)

    @cached_property
    def _routes(self) -> Routes:
        return Routes.of(self._structure)

    @cached_property
    def _numbers(self) -> tuple[Tables, Profile]:
        return numbers(self.equilibrium)

    @property
    def _tables(self) -> Tables:
        return self._numbers[0]

    @property
    def _profile(self) -> Profile:
        return self._numbers[1]

    @cached_property
    def _measures(self) -> dict[str, Measure]:
        """The parts as measures; what the shocks add on edges depends on the period."""
        tables, i = self._tables, self._index
        if self._game.origin is None:
            stages = tuple(None if paid is None else paid[i] for paid in tables.payoff)
            found = {"payoff": Measure(tables.flow[i], stages)}
        else:
            parts = self._game.origin.part_measures(self._game.values)
            found = {part: m for (who, part), m in parts.items() if who == self.player}
        silent = Measure(np.zeros(self._structure.states.n_states), (None,) * len(tables.payoff))
        if self._game.horizon is not None and np.any(tables.terminal[i]):
            found[TERMINAL] = silent
        if self.equilibrium.solver.convention == "shock":
            found[SHOCK] = silent
        return found

    @cached_property
    def _flow(self) -> Float[np.ndarray, "parts states"]:
        return np.stack([np.asarray(m.flow, float) for m in self._measures.values()])

    @cached_property
    def _payoffs(self) -> Paid:
        """What every edge pays by part, private shocks left out."""
        found = []
        for k, stage in enumerate(self._structure.stages):
            nothing = np.zeros(stage.shape)
            # What padding pays means nothing and may not be a number.
            by_part = [
                nothing
                if (paid := measure.stages[k]) is None
                else np.where(stage.occupied, paid, 0)
                for measure in self._measures.values()
            ]
            found.append(np.stack(by_part).reshape(len(self.parts), stage.shape[0], -1))
        return tuple(found)

    def _for_ever(self) -> Float[np.ndarray, "parts states"]:
        seen = Watching(
            structure=self._structure, tables=self._tables, profile=self._profile, measures={}
        )
        shapes = [stage.shape for stage in self._structure.stages]
        paid = self.paid(0)
        measures = [
            Measure(flow, tuple(paid[k][c].reshape(shape) for k, shape in enumerate(shapes)))
            for c, flow in enumerate(self._flow)
        ]
        worth: np.ndarray = totals(seen, measures, discount=self.discount).T
        if not np.isfinite(worth).all():
            raise QueryError(
                f"the payoffs of {self.player} add up without bound: play may go on for ever and "
                f"the discount is {self.discount:g}; discount below 1, or ask at a finite horizon"
            )
        return worth


def strategies_at(profile: Profile, stage: int, period: int) -> tuple[np.ndarray, ...]:
    """The strategies of a stage's members in a period; none of nature's."""
    played = profile.stages[stage]
    if played is None:
        return ()
    members = played if isinstance(played, tuple) else (played,)
    return tuple(member[min(period, len(member) - 1)] for member in members)


def moves_of(stage: Stage, member: int, player: int) -> Bool[np.ndarray, "nodes"]:
    """The nodes of a stage at which this member is to move and is the player."""
    match stage:
        case Turn():
            return np.asarray(stage.mover == player)
        case Block():
            own = (stage.action[member] >= 0) & stage.available[member]
            return np.asarray(own.any(axis=1) & (stage.movers[member] == player))
        case Chance():
            return np.zeros(stage.shape[0], dtype=bool)
