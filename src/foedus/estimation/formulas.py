r"""Formulas over the columns of a table: what they may say, and the designs they give.

Formulas are formulaic's. Their terms are names, numbers, arithmetic and the functions listed
here; everything else is refused before anything is evaluated, because a model may come from
somebody else's file.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import formulaic
import numpy as np
import pandas as pd
from formulaic.errors import DataMismatchWarning, FormulaicError

from foedus.errors import DataError
from foedus.estimation.plain_terms import PlainTerms, plain_terms
from foedus.estimation.problems import Problems
from foedus.estimation.table import Table

FUNCTIONS = {"log": np.log, "log1p": np.log1p, "exp": np.exp, "sqrt": np.sqrt, "abs": np.abs}
OF_FORMULAIC = {"C", "center", "scale", "poly", "bs", "cr", "cc", "lag", "I"}
ALLOWED = (
    ast.Expression, ast.BinOp, ast.UnaryOp, ast.Call, ast.Name, ast.Constant, ast.Compare,
    ast.keyword, ast.Load, ast.operator, ast.unaryop, ast.cmpop, ast.List, ast.Tuple,
)  # fmt: skip


def split(formula: str) -> tuple[list[str], list[str]]:
    """The left side's columns and the right side's parts of `y ~ u11 | u13 | u14`.

    >>> split("esc + war ~ balance | 0 | 1")
    (['esc', 'war'], ['balance', '0', '1'])
    """
    left, tilde, right = formula.partition("~")
    if not tilde or "~" in right:
        raise DataError(f"a formula has the form `y ~ a | b | ...`; found {formula!r}")
    return [name.strip() for name in left.split("+")], [part.strip() for part in right.split("|")]


@lru_cache(maxsize=512)
def read_formula(text: str) -> formulaic.Formula | None:
    """The formula, or None where it is 0, which stands for a utility of nothing.

    Raises `DataError` for what is no formula, and for terms that are not allowed.
    """
    text = str(text).strip()
    if text == "0":
        return None
    if "~" in text or "|" in text or not text:
        raise DataError(f"`{text}` is not one right-hand side such as `1 + balance`")
    try:
        parsed = formulaic.Formula(text)
        terms = list(parsed)
    except (FormulaicError, SyntaxError, TypeError, ValueError) as error:
        raise DataError(f"`{text}` is no formula: {error}") from None
    for term in terms:
        for factor in term.factors:
            if str(factor.eval_method.value) == "python":
                _allow(str(factor.expr), text)
    if not terms:
        return None
    return parsed


def _allow(expression: str, text: str) -> None:
    try:
        tree = ast.parse(expression, mode="eval")
    except SyntaxError as error:
        raise DataError(f"`{expression}` in `{text}` makes no sense: {error.msg}") from None
    for node in ast.walk(tree):
        if not isinstance(node, ALLOWED):
            raise DataError(f"`{expression}` in `{text}` is not allowed: {type(node).__name__}")
        if isinstance(node, ast.Call) and not (
            isinstance(node.func, ast.Name) and node.func.id in {*FUNCTIONS, *OF_FORMULAIC}
        ):
            known = ", ".join(sorted({*FUNCTIONS, *OF_FORMULAIC}))
            raise DataError(f"`{expression}` in `{text}`: only these functions are known: {known}")


@dataclass(frozen=True, eq=False, kw_only=True)
class Designs:
    """Formulas by name of the form, remembered as they were fitted, for other tables."""

    formulas: Mapping[str, formulaic.Formula]
    specs: Mapping[str, formulaic.ModelSpec | PlainTerms]

    def columns(self, name: str) -> tuple[str, ...]:
        return tuple(map(str, self.specs[name].column_names))

    def apply(self, frame: pd.DataFrame) -> dict[str, np.ndarray]:
        """The designs over other rows, with levels and centring as fitted.

        Raises `DataError` for levels that the fitted rows did not have.
        """
        answer = {}
        for name, spec in self.specs.items():
            try:
                answer[name] = _matrix(spec, frame)
            except DataMismatchWarning as unknown:
                raise DataError(f"the formula of {name} meets new levels: {unknown}") from None
            except DataError as wrong:
                raise DataError(f"the formula of {name}: {wrong}") from None
            except (FormulaicError, KeyError, NameError) as error:
                raise DataError(f"the formula of {name} cannot be applied: {error}") from None
        return answer


def needed(formulas: Mapping[str, formulaic.Formula]) -> list[str]:
    """The columns that formulas read."""
    ours = {*FUNCTIONS, *OF_FORMULAIC}
    return sorted(
        {str(v) for f in formulas.values() for v in f.required_variables if str(v) not in ours}
    )


def make_designs(
    formulas: Mapping[str, formulaic.Formula], table: Table, problems: Problems
) -> tuple[Designs, dict[str, np.ndarray]]:
    """The designs of these formulas over a table without missing values.

    Infinite entries and columns that repeat what others say are noted as problems.
    """
    specs, designs = {}, {}
    for name, formula in formulas.items():
        plain = plain_terms(formula, table.frame)
        if plain is not None:
            specs[name], design = plain, plain.matrix(table.frame)
            designs[name] = design
            _check(name, design, plain.column_names, table, problems)
            continue
        try:
            with np.errstate(all="ignore"):
                matrix = formulaic.model_matrix(
                    formula, table.frame, context=dict(FUNCTIONS), na_action="ignore"
                )
        except (FormulaicError, NameError, TypeError, ValueError) as error:
            problems.add(f"the formula of {name} cannot be evaluated: {error}")
            continue
        specs[name] = matrix.model_spec
        design = np.asarray(matrix, dtype=float)
        designs[name] = design
        _check(name, design, specs[name].column_names, table, problems)
    return Designs(formulas=dict(formulas), specs=specs), designs


def _check(
    name: str, design: np.ndarray, columns: Sequence[str], table: Table, problems: Problems
) -> None:
    _check_finite(name, design, columns, table, problems)
    if not problems.found:
        _check_rank(name, design, columns, problems)


def _matrix(spec: formulaic.ModelSpec | PlainTerms, frame: pd.DataFrame) -> np.ndarray:
    if isinstance(spec, PlainTerms):
        return spec.matrix(frame)
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("error", DataMismatchWarning)  # it would make them missing
        made = spec.get_model_matrix(frame, context=dict(FUNCTIONS), na_action="ignore")
    return np.asarray(made, dtype=float)


def _check_finite(
    name: str, design: np.ndarray, columns: Sequence[str], table: Table, problems: Problems
) -> None:
    bad = ~np.isfinite(design)
    for j in map(int, np.flatnonzero(bad.any(axis=0))):
        problems.add(
            f"{int(bad[:, j].sum()):,} values of `{columns[j]}` in the formula of {name} are not "
            "finite",
            lines=table.lines[bad[:, j]],
            hint="mend or leave out these rows; a logarithm of 0 is infinite",
        )


def _check_rank(name: str, design: np.ndarray, columns: Sequence[str], problems: Problems) -> None:
    """Columns that the columns before them say already, found by pivot-free orthogonalisation."""
    if design.shape[1] < 2 and np.any(design):
        return
    scale = np.sqrt((design**2).sum(axis=0))
    gram = (design / np.where(scale > 0, scale, 1.0)).T @ (design / np.where(scale > 0, scale, 1.0))
    for j in range(design.shape[1]):
        if scale[j] == 0:
            problems.add(f"`{columns[j]}` in the formula of {name} is 0 in every row")
        elif j:
            weights, *_ = np.linalg.lstsq(gram[:j, :j], gram[:j, j], rcond=1e-12)
            left = gram[j, j] - gram[j, :j] @ weights
            if left < 1e-11:
                others = [str(columns[int(i)]) for i in np.flatnonzero(np.abs(weights) > 1e-6)]
                constant = others == ["Intercept"]
                what = "is constant" if constant else f"repeats what {', '.join(others)} say"
                problems.add(
                    f"`{columns[j]}` in the formula of {name} {what}",
                    hint="leave it out: its coefficient cannot be told from theirs",
                )
