"""A frame's numbers as functions of the parameters: payoffs, probabilities, measures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from foedus.compiler.arithmetic import ArrayAlgebra, Lookup
from foedus.compiler.frame import Frame, Key
from foedus.compiler.terms import Term, make_term
from foedus.game.game import Tables
from foedus.game.measure import Measure
from foedus.scenario.formulas import Formula, evaluate
from foedus.scenario.model import Rules

Lead = tuple[int, ...]  # leading axes of draws


@dataclass(frozen=True, eq=False, kw_only=True)
class FrameNumbers:
    """Implements `game.Parametric` and `measure.WatchedNumbers` for a compiled scenario."""

    rules: Rules
    lookup: Lookup
    frame: Frame
    terminal: Mapping[str, Term]  # player -> value of live states after the last period

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters, in the order of the file."""
        return tuple(parameter.name for parameter in self.rules.parameters)

    def tables(self, values: Mapping[str, Any], xp: Any = np) -> Tables:
        """The tables at these parameter values; traceable when `xp` is `jax.numpy`.

        Values may be arrays over draws; every table then has a leading axis of draws.
        """
        lead, values = _draws(values, xp)
        players = [player.name for player in self.rules.players]
        shapes = [layer.stage.shape for layer in self.frame.layers]
        return Tables(
            discount=xp.stack(
                [self._scalar(p.discount, values, lead, xp) for p in self.rules.players], axis=-1
            ),
            flow=_by_player([self._flow(p, values, lead, xp) for p in players], 1, xp),
            terminal=_by_player([self._terminal(p, values, lead, xp) for p in players], 1, xp),
            payoff=tuple(
                _by_player(
                    [_sum(self._edges(k, p, values, xp), (*lead, *shape), xp) for p in players],
                    len(shape),
                    xp,
                )
                if any(player for (player, _), _ in self.frame.layers[k].collected)
                else None
                for k, shape in enumerate(shapes)
            ),
            probability=tuple(
                None if layer.probability is None else layer.probability.table(values, xp, lead)
                for layer in self.frame.layers
            ),
        )

    def measures(self, values: Mapping[str, Any], xp: Any = np) -> dict[str, Measure]:
        """The watched conditions."""
        _, values = _draws(values, xp)
        return {name: self._measure(("", name), values, xp) for name in self._keys("")}

    def part_measures(self, values: Mapping[str, Any], xp: Any = np) -> dict[Key, Measure]:
        """Every payoff part, and every ending as a part of its own."""
        lead, values = _draws(values, xp)
        silent = (None,) * len(self.frame.layers)
        answer = {}
        for player in (player.name for player in self.rules.players):
            for part in self._keys(player):
                answer[player, part] = self._measure((player, part), values, xp)
            for position, ending in enumerate(self.rules.endings):
                if player in ending.payoffs:
                    arrival = np.zeros(len(self.frame.states))
                    arrival[self.frame.n_live + position] = 1.0
                    paid = self._scalar(ending.payoffs[player], values, lead, xp)
                    answer[player, ending.name] = Measure(arrival * paid[..., None], silent)
        return answer

    def _keys(self, player: str) -> list[str]:
        return [c.key[1] for c in self.frame.schedule.collected if c.key[0] == player]

    def _measure(self, key: Key, values: Mapping[str, Any], xp: Any) -> Measure:
        n_live, n_endings = self.frame.n_live, len(self.frame.states) - self.frame.n_live
        live = [t.spread(values, (n_live,), xp) for name, t in self.frame.flow if name == key]
        ends = [t.spread(values, (n_endings,), xp) for n, t in self.frame.in_endings if n == key]
        pieces = [_sum(live, (n_live,), xp), _sum(ends, (n_endings,), xp)]
        lead = np.broadcast_shapes(*(piece.shape[:-1] for piece in pieces))
        flow = xp.concatenate(
            [xp.broadcast_to(piece, (*lead, piece.shape[-1])) for piece in pieces], axis=-1
        )
        stages: list[Any | None] = []
        for layer in self.frame.layers:
            own = [term for name, term in layer.collected if name == key]
            stages.append(own[0].spread(values, layer.stage.shape, xp) if own else None)
        return Measure(flow, tuple(stages))

    def _flow(self, player: str, values: Mapping[str, Any], lead: Lead, xp: Any) -> Any:
        """Payoffs on entering each state: parts that the state settles, and endings."""
        shape = (self.frame.n_live,)
        live = [t.spread(values, shape, xp) for key, t in self.frame.flow if key[0] == player]
        endings = [
            self._scalar(ending.payoffs[player], values, lead, xp)
            if player in ending.payoffs
            else xp.zeros(lead)
            for ending in self.rules.endings
        ]
        pieces = [_sum(live, (*lead, *shape), xp)]
        if endings:
            pieces.append(xp.stack(endings, axis=-1))
        return xp.concatenate(pieces, axis=-1)

    def _terminal(self, player: str, values: Mapping[str, Any], lead: Lead, xp: Any) -> Any:
        n_states, n_live = len(self.frame.states), self.frame.n_live
        last = self.terminal.get(player)
        live = [] if last is None else [last.spread(values, (n_live,), xp)]
        rest = xp.zeros((*lead, n_states - n_live))
        return xp.concatenate([_sum(live, (*lead, n_live), xp), rest], axis=-1)

    def _edges(self, k: int, player: str, values: Mapping[str, Any], xp: Any) -> list[Any]:
        layer = self.frame.layers[k]
        shape = layer.stage.shape
        return [t.spread(values, shape, xp) for key, t in layer.collected if key[0] == player]

    def _scalar(self, formula: Formula, values: Mapping[str, Any], lead: Lead, xp: Any) -> Any:
        value = xp.asarray(
            evaluate(formula, ArrayAlgebra(self.lookup, {}, values, xp)), dtype=float
        )
        return xp.broadcast_to(value, (*lead, 1))[..., 0]


def _draws(values: Mapping[str, Any], xp: Any) -> tuple[Lead, dict[str, Any]]:
    """The leading axes of the draws, and values that broadcast over contexts behind them."""
    shaped = {name: xp.asarray(value)[..., None] for name, value in values.items()}
    lead = np.broadcast_shapes(*(value.shape[:-1] for value in shaped.values()))
    return lead, shaped


def _by_player(arrays: list[Any], trailing: int, xp: Any) -> Any:
    return xp.stack(arrays, axis=-1 - trailing)


def _sum(arrays: list[Any], shape: tuple[int, ...], xp: Any) -> Any:
    answer = xp.zeros(shape)
    for array in arrays:
        answer = answer + array
    return answer


def frame_numbers(rules: Rules, lookup: Lookup, frame: Frame) -> FrameNumbers:
    """The numbers of a frame."""
    columns = {f.name: frame.states[: frame.n_live, i] for i, f in enumerate(rules.factors)}
    return FrameNumbers(
        rules=rules,
        lookup=lookup,
        frame=frame,
        terminal={
            player: make_term(formula, lookup, columns, frame.n_live)
            for player, formula in rules.terminal.items()
        },
    )
