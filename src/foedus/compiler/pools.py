"""A frame's numbers as a pool: every value once, and where each one stands.

Evaluating a pool for many draws costs the distinct values only. Tables in full would take
a thousand times the memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import jax
import numpy as np
from jaxtyping import Float, Int

from foedus.compiler.frame import Key, Layer
from foedus.compiler.numbers import FrameNumbers
from foedus.compiler.recipes import Recipes
from foedus.compiler.terms import Term
from foedus.game.pooled import ONE, ZERO, PooledMeasure, PooledTables
from foedus.scenario.formulas import Formula

Account = tuple[str, str | None]
"""A player, and one of its payoff parts or None for all of them."""

TERMINAL = "terminal"  # the part that a state is worth after the last period
Rows = Int[np.ndarray, "..."]


@dataclass(frozen=True, eq=False, kw_only=True)
class Pool:
    """The values of a frame, and its tables and conditions as rows of them.

    Rows are those of `game.pooled`, then the contexts of the terms, then the totals of the
    rows that each of `totals` lists. No two rows have one recipe.
    """

    terms: tuple[Term, ...]
    totals: Int[np.ndarray, "totals addends"]
    tables: PooledTables
    measures: Mapping[str, PooledMeasure]

    def values(
        self, parameters: Mapping[str, Any], draws: int, xp: Any = np
    ) -> Float[Any, "rows draws"]:
        """Every row for every draw; a parameter is a number or an array (draws,).

        Differentiable with `xp=jax.numpy`. What cannot be computed comes out as NaN or inf.
        """
        shaped = {name: xp.asarray(value)[..., None] for name, value in parameters.items()}
        rows = [xp.zeros((1, draws)), xp.ones((1, draws))]
        with np.errstate(all="ignore"):
            for term in self.terms:
                values = term.values(shaped, xp)
                rows.append(xp.broadcast_to(values, (draws, values.shape[-1])).T)
            base = xp.concatenate(rows)
            return xp.concatenate([base, base[self.totals].sum(axis=1)])


def make_pool(numbers: FrameNumbers, accounts: Sequence[Account] = ()) -> Pool:
    """The pool of a frame; its accounts are the players' payoffs, in order, then `accounts`."""
    players = numbers.rules.players
    every: list[Account] = [*((player.name, None) for player in players), *accounts]
    discounts = {player.name: player.discount for player in players}
    maker = _Maker(numbers)
    tables = PooledTables(
        discount=np.array([maker.scalar(discounts[owner]) for owner, _ in every]),
        flow=np.stack([maker.flow(account) for account in every]),
        terminal=np.stack([maker.terminal(account) for account in every]),
        payoff=tuple(maker.payoffs(layer, every) for layer in numbers.frame.layers),
        probability=tuple(maker.chances(layer) for layer in numbers.frame.layers),
    )
    watched = [c.key[1] for c in numbers.frame.schedule.collected if c.key[0] == ""]
    measures = {name: maker.measure(name) for name in watched}
    number = maker.numbers_of_rows()
    tables, measures = jax.tree.map(number, (tables, measures))
    return Pool(
        terms=maker.terms(),
        totals=number(maker.totals()),
        tables=tables,
        measures=measures,
    )


@dataclass(eq=False)
class _Contexts:
    """A formula, with the codes that it is read with and the provisional row of each."""

    formula: Formula
    names: tuple[str, ...]
    rows: dict[tuple[int, ...], int] = field(default_factory=dict)


class _Maker:
    """A pool in the making, where every number has one row.

    Rows are provisional until all formulas and totals are known: from 0 on in the order
    they are met, and -1, -2, ... for totals.
    """

    def __init__(self, numbers: FrameNumbers) -> None:
        self.numbers, self.frame = numbers, numbers.frame
        self._recipes = Recipes(numbers.lookup)
        self._rows = {self._recipes.number(0.0): ZERO, self._recipes.number(1.0): ONE}
        self._contexts: dict[int, _Contexts] = {}
        self._placed: dict[tuple[int, tuple[int, ...]], int] = {}
        self._totals: dict[tuple[int, ...], int] = {}

    def terms(self) -> tuple[Term, ...]:
        """Every formula on the contexts in which it makes a number that no other has made."""
        found = []
        for own in self._contexts.values():
            codes = np.array(list(own.rows), dtype=np.int64).reshape(len(own.rows), len(own.names))
            contexts = {name: codes[:, i] for i, name in enumerate(own.names)}
            lookup = self.numbers.lookup
            found.append(Term(formula=own.formula, contexts=contexts, index=None, lookup=lookup))
        return tuple(found)

    def totals(self) -> Rows:
        """The rows that every total adds up, in as many columns as the longest has."""
        longest = max(map(len, self._totals), default=0)
        padded = [(*rows, *[ZERO] * (longest - len(rows))) for rows in self._totals]
        return np.array(padded, dtype=int).reshape(len(padded), longest)

    def numbers_of_rows(self) -> Callable[[np.ndarray], np.ndarray]:
        """From provisional to final rows: formula by formula, then the totals."""
        met = [row for own in self._contexts.values() for row in own.rows.values()]
        size = len(self._rows)
        final = np.arange(size)
        final[np.array(met, dtype=int)] = np.arange(ONE + 1, size)

        def number(rows: np.ndarray) -> np.ndarray:
            return np.where(rows < 0, size - 1 - rows, final[np.maximum(rows, 0)]).astype(np.int32)

        return number

    def scalar(self, formula: Formula) -> int:
        lookup = self.numbers.lookup
        return int(self._place(Term(formula=formula, contexts={}, index=None, lookup=lookup))[0])

    def flow(self, account: Account) -> Rows:
        """Collected on entering each state: parts that the state settles, and endings."""
        player, part = account
        settled = [t for key, t in self.frame.flow if _counts(key, account)]
        live = self._total(settled, self.frame.n_live)
        endings = [
            self.scalar(ending.payoffs[player])
            if player in ending.payoffs and part in (None, ending.name)
            else ZERO
            for ending in self.numbers.rules.endings
        ]
        return np.concatenate([live, np.array(endings, dtype=int)])

    def terminal(self, account: Account) -> Rows:
        player, part = account
        worth = self.numbers.terminal.get(player) if part in (None, TERMINAL) else None
        live = self._total([] if worth is None else [worth], self.frame.n_live)
        return np.concatenate([live, np.full(len(self.frame.states) - len(live), ZERO)])

    def payoffs(self, layer: Layer, accounts: Sequence[Account]) -> dict[int, Rows]:
        paid = {}
        for number, account in enumerate(accounts):
            own = [t for key, t in layer.collected if _counts(key, account)]
            if own:
                paid[number] = self._on_edges(layer, own)
        return paid

    def chances(self, layer: Layer) -> Rows | None:
        pool = layer.probability
        if pool is None:
            return None
        rows = [np.array([ZERO]), *(self._place(term) for term in pool.terms)]
        table = np.concatenate(rows)[pool.index]
        found: Rows = np.where(layer.stage.occupied, table, ZERO).T
        return found

    def measure(self, name: str) -> PooledMeasure:
        live = [t for key, t in self.frame.flow if key == ("", name)]
        ends = [t for key, t in self.frame.in_endings if key == ("", name)]
        n_live, n_states = self.frame.n_live, len(self.frame.states)
        stages = []
        for layer in self.frame.layers:
            own = [t for key, t in layer.collected if key == ("", name)]
            stages.append(self._on_edges(layer, own) if own else None)
        flow = np.concatenate([self._total(live, n_live), self._total(ends, n_states - n_live)])
        return PooledMeasure(flow=flow, stages=tuple(stages))

    def _on_edges(self, layer: Layer, terms: Sequence[Term]) -> Rows:
        """The total on every edge, nodes last; `ZERO` on padding."""
        shape = layer.stage.shape
        total = self._total(terms, int(np.prod(shape))).reshape(shape)
        return np.moveaxis(np.where(layer.stage.occupied, total, ZERO), 0, -1)

    def _total(self, terms: Iterable[Term], size: int) -> Rows:
        """The rows that hold the sum of the terms at each of `size` places."""
        placed: list[Rows] = [
            self._place(t)[np.zeros(size, dtype=int) if t.index is None else t.index] for t in terms
        ]
        if not placed:
            return np.full(size, ZERO)
        if len(placed) == 1:
            return placed[0]
        different, which = np.unique(np.stack(placed, axis=1), axis=0, return_inverse=True)
        return np.array([self._sum(rows) for rows in different.tolist()])[which.reshape(-1)]

    def _sum(self, rows: Sequence[int]) -> int:
        """The provisional row of a sum of rows."""
        addends = tuple(sorted(row for row in rows if row != ZERO))
        if len(addends) < 2:
            return addends[0] if addends else ZERO
        return -1 - self._totals.setdefault(addends, len(self._totals))

    def _place(self, term: Term) -> Rows:
        """The provisional row of each context of the term."""
        names = tuple(term.contexts)
        codes = zip(*(column.tolist() for column in term.contexts.values()), strict=True)
        found = []
        for code in codes if names else [()]:
            key = (id(term.formula), code)
            if key not in self._placed:
                self._placed[key] = self._row(term.formula, names, code)
            found.append(self._placed[key])
        return np.array(found, dtype=int)

    def _row(self, formula: Formula, names: tuple[str, ...], code: tuple[int, ...]) -> int:
        recipe = self._recipes.of(formula, dict(zip(names, code, strict=True)))
        if recipe not in self._rows:
            own = self._contexts.setdefault(id(formula), _Contexts(formula, names))
            own.rows[code] = self._rows[recipe] = len(self._rows)
        return self._rows[recipe]


def _counts(key: Key, account: Account) -> bool:
    player, part = account
    return key[0] == player and part in (None, key[1])
