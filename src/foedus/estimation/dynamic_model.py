r"""A dynamic game met with data: states and actions observed over time, payoffs estimated."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from foedus.errors import QueryError, SolveError
from foedus.estimation.dynamic_equilibrium import Linearised
from foedus.estimation.dynamic_fit import DynamicFit
from foedus.estimation.dynamic_game import DynamicGame
from foedus.estimation.dynamic_methods import (
    ROUNDS,
    Round,
    begin_at_data,
    constrained,
    counted,
    epl,
    frequencies,
    given_choices,
    nested_fixed_point,
    npl,
    values_of,
)
from foedus.estimation.folds import dynamic_fold, told
from foedus.estimation.optimum import Optimum
from foedus.estimation.problems import Problems
from foedus.estimation.search import Search, distinct, listed
from foedus.estimation.table import Missing, Table
from foedus.estimation.two_step import nested_scores, two_step_scores

Method = Literal["nfxp", "cmle", "epl", "npl", "two-step"]
METHODS = ("nfxp", "cmle", "epl", "npl", "two-step")


@dataclass(frozen=True, eq=False, kw_only=True)
class DynamicModel:
    r"""A stationary game of incomplete information, and the columns it was observed in.

    - `game`: payoffs linear in the parameters `names`; see `DynamicGame`.
    - `states`: one row per state with the values of the state columns, which have the same names
        in the data. `actions`: the data's column of each player's action, 0, 1, ..., or one of
        its `labels`.
    - `method`: "nfxp" (full likelihood, the equilibrium solved at every step), "cmle" (the same
        maximum, estimates and equilibrium sought together), "epl", "npl" or "two-step".
    - `damping`: for "npl", the weight of new choice probabilities.
    """

    game: DynamicGame
    names: Sequence[str]
    states: pd.DataFrame
    actions: Sequence[str]
    method: Method = "nfxp"
    damping: float = 1.0
    labels: Sequence[Sequence[str]] | None = None

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise QueryError(f"a method is {', '.join(METHODS)}; found {self.method!r}")
        if len(self.names) != self.game.features.shape[-1]:
            raise QueryError(
                f"the game has {self.game.features.shape[-1]} parameters, and "
                f"{len(self.names)} names"
            )
        if len(self.actions) != len(self.game.sizes) or len(self.states) != self.game.n_states:
            raise QueryError("one action column per player, and one row of `states` per state")
        if self.states.duplicated().any():
            raise QueryError("two rows of `states` are the same state")

    @property
    def alternatives(self) -> tuple[tuple[str, ...], ...]:
        """Every player's actions by name: `a1=0`, `a1=1`, or with labels in place of numbers."""
        labels = self.labels or [tuple(map(str, range(size))) for size in self.game.sizes]
        return tuple(
            tuple(f"{column}={label}" for label in own)
            for column, own in zip(self.actions, labels, strict=True)
        )

    def estimate(
        self,
        table: Table,
        *,
        weights: str | None,
        cluster: str | None,
        missing: str,
        starts: int,
        seed: int,
        first: Any,
    ) -> DynamicFit:
        """The estimates; every problem of the table at once."""
        problems = Problems(source=table.source)
        names = [*map(str, self.states.columns), *self.actions]
        names += [name for name in (weights, cluster) if name is not None]
        if not table.require(names, problems, "the model"):
            problems.check()
        complete, report = table.complete(names, missing)
        state, taken = self._coded(complete, problems)
        weight = np.ones(len(state))
        if weights is not None:
            weight = complete.numbers(weights, problems, least=0.0)
        for i, column in enumerate(self.actions):
            if not problems.found and len(np.unique(taken[:, i])) < 2:
                problems.add("only one action is ever taken", column=column)
        problems.check()
        counts = counted(self.game, state, taken, weight)
        tried, at, rounds = self._maximum(counts, starts, seed, first)
        clusters = None if cluster is None else complete.frame[cluster].to_numpy()
        return self._fit(counts, state, taken, weight, clusters, report, tried, at, rounds)

    def _coded(self, table: Table, problems: Problems) -> tuple[np.ndarray, np.ndarray]:
        """The state and the actions of every row as positions."""
        keyed = self.states.reset_index(drop=True).assign(**{"": range(len(self.states))})
        columns = list(map(str, self.states.columns))
        for name in columns:  # 1 and 1.0 are the same level
            if pd.api.types.is_numeric_dtype(self.states[name]):
                table.numbers(name, problems)
        problems.check()
        joined = table.frame[columns].merge(keyed, on=columns, how="left")[""]
        unknown = joined.isna().to_numpy()
        if unknown.any():
            shown = table.frame.loc[unknown, columns].iloc[0].to_dict()
            lines = [int(n) for n in table.lines[unknown]]
            problems.add(
                f"{unknown.sum():,} rows are in no state of the game: {shown}", lines=lines
            )
        taken = np.zeros((len(joined), len(self.actions)), dtype=int)
        for i, name in enumerate(self.actions):
            if self.labels is None:
                column = table.numbers(name, problems)
                allowed = f"0 to {self.game.sizes[i] - 1}"
            else:
                place = {label: code for code, label in enumerate(self.labels[i])}
                column = table.frame[name].map(place).to_numpy(dtype=float, na_value=-1.0)
                allowed = ", ".join(self.labels[i])
            bad = ~np.isin(column, np.arange(self.game.sizes[i]))
            if bad.any():
                lines = [int(n) for n in table.lines[bad]]
                problems.add(f"actions are {allowed}", column=name, lines=lines)
            taken[:, i] = np.where(bad, 0, column).astype(int)
        return joined.fillna(0).to_numpy(dtype=int), taken

    def _maximum(
        self, counts: np.ndarray, starts: int, seed: int, first: Any
    ) -> tuple[Search, Linearised, tuple[Round, ...]]:
        game, size = self.game, len(self.names)
        observed = frequencies(game, counts)
        if self.method in ("npl", "two-step"):
            rounds = 1 if self.method == "two-step" else ROUNDS
            reached = npl(game, counts, observed, rounds=rounds, damping=self.damping)
            return (
                _one(game, counts, reached.point, reached.at, reached),
                reached.at,
                reached.rounds,
            )
        begun = npl(game, counts, observed, rounds=1)
        if self.method == "epl":
            reached = epl(game, counts, begun.point, values_of(game, observed))
            return (
                _one(game, counts, reached.point, reached.at, reached),
                reached.at,
                reached.rounds,
            )
        points = [("two-step", begun.point, begun.at.v)]
        points.append(("zero", np.zeros(size), values_of(game, observed)))
        rng = np.random.default_rng(seed)
        for number in range(max(0, starts - 2)):
            noise = rng.standard_normal(size) * (0.5 + np.abs(begun.point))
            points.append((f"random {number + 1}", begun.point + noise, np.zeros_like(begun.at.v)))
        if first is not None:
            given = np.array(
                [float(first[n]) for n in self.names] if hasattr(first, "keys") else first
            )
            points.insert(0, ("given", given, begun.at.v))
        found: list[tuple[Optimum, Linearised]] = []
        failed: list[Optimum] = []
        way: Callable[..., tuple[Optimum, Linearised]] = nested_fixed_point
        if self.method == "cmle":
            way = constrained
            points.insert(0, ("choices as observed", *begin_at_data(game, counts)))
            points = [one for one in points if one[0] != "zero"]
        for label, point, v in points[: max(1, starts)]:
            try:
                found.append(way(game, counts, point, v, label))
            except SolveError as error:
                failed.append(_failed(label, point, str(error).splitlines()[0]))
        if not found:
            raise SolveError(
                f"none of {len(failed)} starts led to an equilibrium", hints=["method='epl'"]
            )
        every = [optimum for optimum, _ in found] + failed
        optima, numbers = distinct(every)
        best = next(at for optimum, at in found if optimum is optima[0])
        return Search(optima=optima, attempts=listed(every, numbers)), best, ()

    def _fit(
        self,
        counts: np.ndarray,
        state: np.ndarray,
        taken: np.ndarray,
        weight: np.ndarray,
        clusters: np.ndarray | None,
        report: Missing,
        tried: Search,
        at: Linearised,
        rounds: tuple[Round, ...],
    ) -> DynamicFit:
        best, game = tried.optima[0], self.game
        kind = "robust" if self.method in ("npl", "two-step") else "nonrobust"
        moved = game.slopes(at.v) @ at.solve(at.features)
        scores = np.zeros((len(state), len(self.names)))
        for i, span in enumerate(game.spans):
            scores += moved[state, span.start + taken[:, i]]
        hessian, notes = best.hessian, []
        if self.method in ("npl", "two-step"):
            hessian, scores = self._corrected(counts, state, taken, best, at)
            notes.append("standard errors count the noise of beliefs taken from data")
        if len(tried.optima) > 1:
            values = ", ".join(f"{optimum.value:.4f}" for optimum in tried.optima)
            notes.append(f"{len(tried.optima)} distinct optima, log-likelihoods {values}")
        with np.errstate(all="ignore"):
            notes += told(np.array([dynamic_fold(at, np.linalg.pinv(-best.hessian))]))
        if not best.converged:
            notes.append(f"not converged: {best.reason}")
        return DynamicFit(
            names=tuple(self.names),
            point=best.point,
            llf=float((counts * game.log_choices(at.v)).sum()),
            hessian=hessian,
            scores=scores,
            weights=weight,
            nobs=float(weight.sum()),
            title=f"dynamic game of {len(game.sizes)}, {game.n_states} states, {self.method}",
            cov_type=kind if clusters is None else "cluster",
            clusters=clusters,
            converged=best.converged,
            iterations=best.iterations,
            notes=tuple(notes),
            model=self,
            counts=counts,
            state=state,
            taken=taken,
            missing=report,
            at=at,
            optima=tried.optima,
            attempts=tried.attempts,
            rounds=rounds,
        )

    def _corrected(
        self,
        counts: np.ndarray,
        state: np.ndarray,
        taken: np.ndarray,
        best: Optimum,
        at: Linearised,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Minus the information, and scores with which sandwiches count both steps' noise."""
        game = self.game
        choices = frequencies(game, counts) if self.method == "two-step" else at.choices
        constant, slopes = given_choices(game, choices)
        if self.method == "two-step":
            bread, scores = two_step_scores(
                game, counts, state, taken, choices=choices, own=values_of(game, choices),
                v=constant + slopes @ best.point, slopes=slopes, theta=best.point,
            )  # fmt: skip
            return -bread, scores
        bread, scores = nested_scores(at, counts, state, taken, slopes)
        return best.hessian, np.linalg.solve(bread, scores.T).T @ -best.hessian


def _failed(label: str, point: np.ndarray, reason: str) -> Optimum:
    size = len(point)
    return Optimum(
        point=point, value=-np.inf, gradient=np.zeros(size), hessian=-np.eye(size),
        decrement=np.nan, iterations=0, converged=False, reason=reason, start=label,
    )  # fmt: skip


def _one(
    game: DynamicGame, counts: np.ndarray, point: np.ndarray, at: Linearised, reached: Any
) -> Search:
    """The estimate of a sequential method as a search of one start."""
    from foedus.estimation.dynamic_methods import NestedFixedPoint

    try:
        value, score, hessian = NestedFixedPoint(game, counts, at.v).exact(point)
    except SolveError:
        value, score, hessian = -np.inf, np.zeros(len(point)), -np.eye(len(point))
    optimum = Optimum(
        point=point, value=value, gradient=score, hessian=hessian, decrement=np.nan,
        iterations=len(reached.rounds), converged=reached.converged, reason=reached.reason,
        start="frequencies",
    )  # fmt: skip
    return Search(optima=(optimum,), attempts=listed([optimum], [0 if reached.converged else None]))
