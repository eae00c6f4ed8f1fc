"""`foedus runs compare`: two runs, settings first, then claims or figures one by one."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from foedus.cli.options import json_option
from foedus.cli.storing import depends_on, one, opened, settings_in, store_option, when
from foedus.cli.text import Table, counted, number, show, show_json
from foedus.ensemble import Run, Store
from foedus.errors import QueryError

NOISE = 1e-9  # relative; what rounding on another machine may change


@click.command()
@click.argument("first")
@click.argument("second")
@store_option
@json_option
def compare(first: str, second: str, store: Path | None, as_json: bool) -> None:
    """Compare the run FIRST with the run SECOND.

    Says which settings differ, then what became of each claim of two assessments, of each figure
    of two solves, or of each coefficient of two estimates.
    """
    with opened(store) as kept:
        pair = (one(kept, first), one(kept, second))
        a, b = (_answers(kept, run) for run in pair)
    settings, text = _settings(*pair), pair[0].label.source == pair[1].label.source
    kinds = {run.label.kind for run in pair}
    if len(kinds) > 1:
        raise QueryError(f"one is of kind {', the other of kind '.join(sorted(kinds))}")
    rows = [{"name": name, **_row(a.get(name), b.get(name))} for name in dict.fromkeys([*a, *b])]
    if as_json:
        runs = [run.id for run in pair]
        show_json({"runs": runs, "settings": settings, "same_text": text, "rows": rows})
        return
    for run in pair:
        click.echo(f"{run.id}  {run.label.kind}  {when(run.started)}  {run.label.title}")
    click.echo("\n" + "\n".join(_differing(settings, same_text=text)) + "\n")
    _show(rows)


def _answers(store: Store, run: Run) -> dict[str, dict[str, Any]]:
    """What was found, by claim or by regime and figure. Raises `QueryError` if nothing is there."""
    findings = store.artefacts(run.id).get("findings")
    if findings is not None:
        return {str(claim["id"]): claim for claim in findings["claims"]}
    estimate = store.artefact(run.id, "estimate")
    if estimate is not None:
        found = estimate["parameters"]
        found = {name: {"value": found[name]["estimate"]} for name in estimate["names"]}
        return {**found, "log-likelihood": {"value": estimate["log_likelihood"]}}
    if run.label.kind == "bootstrap":
        raise QueryError(f"run {run.id} is a bootstrap; compare the estimates that it belongs to")
    if run.label.kind != "solve" or run.finished is None:
        raise QueryError(
            f"run {run.id} has no findings to compare yet: {run.n_done} of {run.n_chunks} chunks "
            f"are done; `{run.label.command}` goes on from there"
        )
    from foedus.cli.keeping import written

    regimes = written(store.result(run.id, 0))["regimes"]
    return {
        f"{regime}.{name}": {"value": value}
        for regime, found in regimes.items()
        for name, value in [*found["values"].items(), *found["quantities"].items()]
    }


def _settings(first: Run, second: Run) -> dict[str, list[Any]]:
    """Settings that differ: what each run has, None for what it lacks."""
    a, b = (dict(settings_in(depends_on(run))) for run in (first, second))
    names = [name for name in dict.fromkeys([*a, *b]) if name != "runs"]
    return {name: [a.get(name), b.get(name)] for name in names if a.get(name) != b.get(name)}


def _row(a: Mapping[str, Any] | None, b: Mapping[str, Any] | None) -> dict[str, Any]:
    """One claim or figure in both runs, and whether it moved."""
    fields = [f for f in ("verdict", "share", "effect", "value") if f in (a or b or {})]
    found = {field: [None if x is None else x.get(field) for x in (a, b)] for field in fields}
    if a is None or b is None:
        return {**found, "outcome": "only in the second" if a is None else "only in the first"}
    if "verdict" in found and found["verdict"][0] != found["verdict"][1]:
        return {**found, "outcome": "moved"}
    same = all(_close(*pair) for pair in found.values())
    return {**found, "outcome": "same" if same else "same verdict" if "verdict" in a else "moved"}


def _close(a: Any, b: Any) -> bool:
    """Whether two figures, or two sets of them, agree but for rounding."""
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        return a.keys() == b.keys() and all(_close(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple) and isinstance(b, list | tuple):
        return len(a) == len(b) and all(map(_close, a, b))
    if isinstance(a, int | float) and isinstance(b, int | float):
        return math.isclose(a, b, rel_tol=NOISE, abs_tol=NOISE) or (a != a and b != b)
    return bool(a == b)


def _differing(settings: Mapping[str, list[Any]], *, same_text: bool) -> Iterator[str]:
    if settings:
        yield "Settings that differ"
        for name, pair in settings.items():
            yield f"  {name}: {' | '.join(map(_setting, _without_common(*pair)))}"
    else:
        yield "The settings are the same."
    if not same_text:
        yield "  The scenario's text differs; `foedus runs show RUN --source` prints it."


def _without_common(a: Any, b: Any) -> tuple[Any, Any]:
    """Of two lists, what only one of them has; other values as they are."""
    if not isinstance(a, list) or not isinstance(b, list):
        return a, b
    return [x for x in a if x not in b], [x for x in b if x not in a]


def _setting(value: Any) -> str:
    if value is None:
        return "not set"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "nothing more"
    return str(value)


def _show(rows: list[dict[str, Any]]) -> None:
    """What is not the same in both, as a table, and how much is."""
    moved = [row for row in rows if row["outcome"] != "same"]
    fields = [f for f in ("verdict", "share", "effect", "value") if any(f in row for row in moved)]
    if moved:
        table = [
            [row["name"], *(_pair(row.get(field)) for field in fields), row["outcome"]]
            for row in moved
        ]
        show(Table(headings=["", *fields, ""], rows=table))
        click.echo()
    same = len(rows) - len(moved)
    what = "claim" if any("verdict" in row for row in rows) else "figure"
    said = "is" if same == 1 else "are"
    click.echo(f"{counted(same, what)} {said} the same" if same else "nothing is the same")


def _pair(pair: list[Any] | None) -> str:
    """A figure of the first run and of the second; one where they agree."""
    a, b = map(_cell, pair or (None, None))
    return a if a == b else f"{a} -> {b}"


def _cell(value: Any) -> str:
    if isinstance(value, Mapping):  # an effect: its median
        value = value.get("median")
    if isinstance(value, int | float):
        return number(value)
    return "-" if value is None else str(value)
