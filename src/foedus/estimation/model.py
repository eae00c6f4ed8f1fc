r"""A strategic model: a game, formulas for what its endings are worth, and what was observed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np
import pandas as pd

from foedus.errors import DataError, QueryError
from foedus.estimation.classic import CLASSIC
from foedus.estimation.formulas import Designs, make_designs, needed, read_formula, split
from foedus.estimation.likelihood import Form, Likelihood, TreeRows
from foedus.estimation.observations import (
    check_variety,
    count_actions,
    count_labels,
    count_numbers,
)
from foedus.estimation.optimum import Optimum
from foedus.estimation.play import Behaviour, Convention, Distribution, Shocks
from foedus.estimation.problems import Problems
from foedus.estimation.search import Start, ascend
from foedus.estimation.structure import Wanted, payoffs_of
from foedus.estimation.table import Missing, Table
from foedus.estimation.tree import Tree
from foedus.scenario.scenario import Scenario

PRECISION = "log precision"  # the form's name, followed by the player where each has its own


@dataclass(frozen=True, eq=False, kw_only=True)
class Prepared:
    """A model met with data: the likelihood, and what is needed to meet other data."""

    likelihood: Likelihood
    designs: Designs
    table: Table
    missing: Missing
    clusters: np.ndarray | None
    title: str

    def over(self, frame: pd.DataFrame) -> Likelihood:
        """The likelihood over rows without outcomes, to predict with."""
        designs, rows = self.designs.apply(frame), self.likelihood.rows
        empty = np.zeros((len(frame), 0))  # of utilities that no formula is about
        forms = [
            replace(form, design=designs.get(form.name, empty)) for form in self.likelihood.forms
        ]
        return replace(
            self.likelihood,
            rows=rows.unseen(len(frame))
            if hasattr(rows, "unseen")
            else rows.take(np.zeros(len(frame), dtype=int)),
            forms=tuple(forms),
            weights=np.ones(len(frame)),
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class Sampling:
    """The curvature and the scores by row, without weights, that errors are made of.

    `notes` are what a reader of these errors must know.
    """

    hessian: np.ndarray
    scores: np.ndarray
    cov_type: str = "nonrobust"
    notes: tuple[str, ...] = ()


class Model(Protocol):
    """What `estimate` needs of a model: a likelihood over a table, and ways that are its own."""

    def prepare(
        self, table: Table, *, weights: str | None, cluster: str | None, missing: str
    ) -> Prepared: ...

    def begin(self, prepared: Prepared, starts: int, seed: int) -> Sequence[Start]:
        """Where to search from; nothing where the usual starts will do."""
        return ()

    @staticmethod
    def climb(
        likelihood: Likelihood, point: np.ndarray, label: str, penalty: str | None
    ) -> tuple[Optimum, Likelihood]:
        """A maximum from a point on, and the likelihood as it stands there."""
        return ascend(likelihood, point, label, penalty)

    @classmethod
    def refit(
        cls, likelihood: Likelihood, point: np.ndarray, label: str, penalty: str | None
    ) -> tuple[Optimum, Likelihood]:
        """The estimate from a resample, sought from a point on."""
        return cls.climb(likelihood, point, label, penalty)

    def sampling(self, likelihood: Likelihood, best: Optimum) -> Sampling:
        """What errors of the estimate are made of."""
        return Sampling(hessian=best.hessian, scores=likelihood.scores(best.point))


@dataclass(frozen=True, eq=False, kw_only=True)
class TreeModel(Model):
    r"""A game of one play whose payoffs are linear forms of covariates.

    - `game`: a `Tree`, a scenario of finite horizon, or "egame12", "egame122", "egame123".
    - `utilities`: formulas by what they are about. `"A.war"`: A's utility of the outcome `war`.
        With a scenario also `"A.part"`, a weight on that payoff part, and the name of a
        parameter, which the formula then stands for. A number fixes a utility; what is not
        named is 0, or what the scenario says.
    - `outcome`: the column of observed outcomes; or the columns of 0/1 actions in order of play;
        or `{outcome: column}` with counts.
    - `outcomes`: the outcomes' labels in the order of the tree, for the classic games; or for a
        scenario `{label: condition}` in the scenario's words, where endings are observed coarsely.
    - `shocks`: "agent" disturbs every action at every node, "private" every player's utility of
        every ending, known to that player from the start. `distribution`: "normal" or "gumbel"
        (agent only). See `foedus.estimation.play` for the equations.
    - `precision`: one over the scale of the disturbances; a number, "free" to estimate one,
        or formulas for its logarithm by player, `{"A": "1", "D": "1 + democracy"}`.
    - `parameters`: values of a scenario's other parameters, in place of the central ones.

    >>> war = {"player": "D", "actions": {"yield": "gain", "fight": "war"}}
    >>> tree = {"player": "A", "actions": {"wait": "quiet", "attack": war}}
    >>> from foedus.estimation.tree import read_tree
    >>> model = TreeModel(game=read_tree(tree), outcome="y", utilities={"A.gain": "1 + power"})
    """

    game: Tree | Scenario | str
    utilities: Mapping[str, str | float]
    outcome: str | Sequence[str] | Mapping[str, str]
    outcomes: Sequence[str] | Mapping[str, str] | None = None
    shocks: Shocks = "agent"
    distribution: Distribution = "normal"
    precision: float | str | Mapping[str, str] = 1.0
    convention: Convention = "expected"
    regime: str | None = None
    variant: str | None = None
    start: str | None = None
    parameters: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.shocks not in ("agent", "private") or self.distribution not in ("normal", "gumbel"):
            raise QueryError(
                "shocks are `agent` or `private`, their distribution `normal` or `gumbel`; found "
                f"{self.shocks!r} and {self.distribution!r}"
            )
        if self.shocks == "private" and self.distribution == "gumbel":
            raise QueryError(
                "private disturbances are normal: a sum of several type-I extreme values over "
                "uncertain endings has no closed form"
            )

    def prepare(
        self, table: Table, *, weights: str | None, cluster: str | None, missing: str
    ) -> Prepared:
        """The likelihood of this model over a table; every problem of the table at once."""
        problems = Problems(source=table.source)
        wanted = Wanted(
            formulas={k: v for k, v in self.utilities.items() if isinstance(v, str)},
            fixed={k: float(v) for k, v in self.utilities.items() if not isinstance(v, str)},
        )
        structure = payoffs_of(self, wanted, self._labels(table, problems))
        formulas = {**structure.formulas, **self._precisions(structure.payoffs.tree)}
        read = {name: read_formula(text) for name, text in formulas.items()}
        kept = {name: formula for name, formula in read.items() if formula is not None}
        if not kept:
            raise DataError("there is nothing to estimate: no utility has a formula")
        names, observed = needed(kept), self._observed()
        extra = [name for name in (weights, cluster) if name is not None]
        found = table.require(names, problems, "a formula")
        if not (table.require([*observed, *extra], problems, "the model") and found):
            problems.check()
        always = (
            names + extra + (observed if isinstance(self.outcome, str | Mapping) else observed[:1])
        )
        complete, report = table.complete(always, missing)
        counts = self._counts(complete, structure.outcomes, problems)
        designs, matrices = make_designs(kept, complete, problems)
        weight = (
            np.ones(len(complete.frame))
            if weights is None
            else complete.numbers(weights, problems, least=0.0)
        )
        if not problems.found:
            size = sum(m.shape[1] for m in matrices.values())
            check_variety(counts * (weight > 0)[:, None], structure.outcomes, size, problems)
        problems.check()
        tree = structure.payoffs.tree
        rows = TreeRows(
            payoffs=structure.payoffs,
            behaviour=Behaviour(
                shocks=self.shocks, distribution=self.distribution, convention=self.convention
            ),
            precision=(self._fixed_precision(),) * len(tree.players),
            precisions=self._precision_forms(tree, kept),
            outcomes=structure.outcomes,
            outcome_of=structure.outcome_of,
            counts=counts,
        )
        forms = tuple(
            Form(name=name, design=matrix, columns=designs.columns(name))
            for name, matrix in matrices.items()
        )
        return Prepared(
            likelihood=Likelihood(rows=rows, forms=forms, weights=weight),
            designs=designs,
            table=complete,
            missing=report,
            clusters=None if cluster is None else complete.frame[cluster].to_numpy(),
            title=f"{structure.title}, {self.shocks} {self.distribution} disturbances",
        )

    def _labels(self, table: Table, problems: Problems) -> Sequence[str] | None:
        """Labels of a classic game's outcomes where none are given: as they sort."""
        if not isinstance(self.game, str) or self.outcomes is not None:
            return None if isinstance(self.outcomes, Mapping) else self.outcomes
        if not isinstance(self.outcome, str):
            return (
                list(self.outcome)
                if isinstance(self.outcome, Mapping)
                else _action_labels(self.game, list(self.outcome))
            )
        if not table.require([self.outcome], problems, "the model"):
            problems.check()
        from foedus.estimation.observations import label

        return sorted({label(v) for v in table.frame[self.outcome].dropna().unique()})

    def _observed(self) -> list[str]:
        if isinstance(self.outcome, str):
            return [self.outcome]
        return list(self.outcome.values() if isinstance(self.outcome, Mapping) else self.outcome)

    def _counts(self, table: Table, outcomes: Sequence[str], problems: Problems) -> np.ndarray:
        if isinstance(self.outcome, str):
            return count_labels(table, self.outcome, outcomes, problems)
        if isinstance(self.outcome, Mapping):
            unknown = sorted(set(self.outcome) - set(outcomes))
            if unknown:
                raise DataError(f"{', '.join(unknown)} is no outcome; there are {outcomes}")
            columns = {o: self.outcome.get(o) for o in outcomes}
            counted = count_numbers(table, [c for c in columns.values() if c], problems)
            counts = np.zeros((len(table.frame), len(outcomes)))
            counts[:, [i for i, c in enumerate(columns.values()) if c]] = counted
            return counts
        if not isinstance(self.game, str):
            frame = table.frame[list(self.outcome)]
            joined = frame.apply(lambda row: " ".join(str(v) for v in row if pd.notna(v)), axis=1)
            whole = replace(table, frame=pd.DataFrame({"actions": joined}))
            return count_labels(whole, "actions", outcomes, problems)
        return count_actions(
            table, list(self.outcome), CLASSIC[self.game].codes, outcomes, problems
        )

    def _fixed_precision(self) -> float:
        return float(self.precision) if isinstance(self.precision, int | float) else 1.0

    def _precisions(self, tree: Tree) -> dict[str, str]:
        if isinstance(self.precision, int | float):
            if not self.precision > 0:
                raise QueryError(f"a precision is a positive number; found {self.precision}")
            return {}
        if isinstance(self.precision, str):
            return {PRECISION: "1" if self.precision == "free" else self.precision}
        unknown = sorted(set(self.precision) - set(tree.players))
        if unknown:
            raise QueryError(f"precision of {', '.join(unknown)}: players are {tree.players}")
        return {f"{PRECISION} {player}": text for player, text in self.precision.items()}

    def _precision_forms(self, tree: Tree, kept: Mapping[str, Any]) -> dict[int, str]:
        if PRECISION in kept:
            return dict.fromkeys(range(len(tree.players)), PRECISION)
        return {
            position: f"{PRECISION} {player}"
            for position, player in enumerate(tree.players)
            if f"{PRECISION} {player}" in kept
        }


def _action_labels(game: str, columns: Sequence[str]) -> list[str]:
    """Outcomes named by the actions that lead to them, as in `~esc`, `esc,~war`, `esc,war`."""
    return [
        ",".join(
            ("" if taken else "~") + name for name, taken in zip(columns, history, strict=False)
        )
        for history in CLASSIC[game].codes
    ]


def classic_model(
    game: str,
    formula: str,
    *,
    outcomes: Sequence[str] | None = None,
    link: str = "probit",
    type: Shocks = "agent",
    **more: Any,
) -> TreeModel:
    r"""A model in the spelling of the R package `games`: `y ~ u11 | u13 | u14 | u24`.

    `y` is a column of outcome labels, or `esc + war`, 0/1 actions in order of play. With
    `link="logit"` the precision is $1/\sqrt 2$, as there: its coefficients are $\sqrt 2$ times
    those of a plain logit. `more` goes to `TreeModel`.

    >>> model = classic_model("egame12", "esc + war ~ balance | 0 | 1 | balance")
    >>> sorted(model.utilities)
    ['1.esc,war', '1.~esc', '2.esc,war']
    """
    if game not in CLASSIC:
        raise QueryError(f"{game!r} is no game here; there are {', '.join(CLASSIC)}")
    if link not in ("probit", "logit"):
        raise QueryError(f"link is probit or logit; found {link!r}")
    left, right = split(formula)
    classic = CLASSIC[game]
    if len(right) != len(classic.terms):
        wanted = " | ".join(f"u{player}{outcome + 1}" for player, outcome in classic.terms)
        raise DataError(f"{game} needs {len(classic.terms)} parts, {wanted}; found {len(right)}")
    if outcomes is None:
        outcomes = _action_labels(game, left) if len(left) > 1 else None
    if outcomes is None:
        raise DataError("outcomes=[...] must name the outcomes in the order of the tree")
    utilities = {
        f"{player}.{outcomes[outcome]}": part
        for (player, outcome), part in zip(classic.terms, right, strict=True)
        if part != "0"
    }
    more.setdefault("precision", 1.0 / np.sqrt(2.0) if link == "logit" else 1.0)
    return TreeModel(
        game=game,
        utilities=utilities,
        outcome=left if len(left) > 1 else left[0],
        outcomes=outcomes,
        shocks=type,
        distribution="gumbel" if link == "logit" else "normal",
        **more,
    )
