"""Kept estimates and bootstraps in `foedus runs`: a line in the list, a table, a file."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from foedus.cli.text import Table, plain
from foedus.ensemble import Run, Store
from foedus.errors import QueryError

KINDS = ("estimate", "bootstrap")
SUFFIXES = (".csv", ".json")
Written = tuple[dict[str, Any], tuple[str, ...], list[list[Any]]]
COLUMNS = ("model", "coefficient", "estimate", "std err", "z", "p", "lower", "upper")


def in_brief(run: Run, about: Mapping[str, Any]) -> str:
    """What a list says of a run below its title."""
    words = [
        f"log-likelihood {about['log_likelihood']:.4f}",
        f"{about['observations']:,.0f} observations",
    ]
    if run.finished is None:
        words.append("its command goes on")
    elif about["resamples"]:
        words.append(f"{about['resamples']:,} resamples")
    return ", ".join(words)


def tables(store: Store, run: Run, artefacts: Mapping[str, Any]) -> Iterator[Table | str]:
    """A kept estimate, or the finished resamples of a bootstrap, as tables and lines."""
    if "estimate" in artefacts:
        estimate = in_order(artefacts["estimate"])
        yield _coefficients(estimate["parameters"])
        origin, page = estimate["origin"], artefacts["about"]["page"]
        lines = [f"{name}: {value}" for name, value in estimate["facts"]]
        lines += [f"Note: {note}" for note in estimate["notes"]]
        lines += [f"Files: {origin['model_file']}, {origin['data_file']}"]
        if page is not None:
            kept = "kept; `foedus studio` opens it" if page["kept"] else "too large to be kept"
            lines.append(f"Page: {kept} ({page['bytes'] / 2**20:.1f} MB)")
        yield "\n".join(lines)
        if found := estimate.get("bootstrap"):
            yield _resampled(found)
        if found := estimate.get("profiles"):
            yield _profiled(found)
    elif run.label.kind == "bootstrap" and run.n_done:
        from foedus.estimation.kept import read_bootstrap

        yield read_bootstrap(store, run).summary()


def write(store: Store, run: Run, path: Path) -> int:
    """Write coefficients, or resamples, as the suffix says. Returns how many rows there are.

    CSV has the columns of `foedus estimate --table csv`, and of a bootstrap a row for each
    resample; JSON has all that is kept. Raises `QueryError` for another suffix.
    """
    if path.suffix not in SUFFIXES:
        raise QueryError(
            f"{path}: an estimate or a bootstrap is written as one of {', '.join(SUFFIXES)}"
        )
    whole, columns, rows = (_estimate if run.label.kind == "estimate" else _draws)(store, run)
    if path.suffix == ".json":
        path.write_text(json.dumps(plain(whole), indent=1, ensure_ascii=False) + "\n", "utf-8")
        return len(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        # No number is `nan`, as in `--table csv`.
        writer.writerows([["nan" if x is None else x for x in row] for row in rows])
    return len(rows)


def in_order(estimate: Mapping[str, Any]) -> dict[str, Any]:
    """A kept estimate with its coefficients in the order of the model; the store sorts them."""
    found = dict(estimate)

    def ordered(value: Mapping[str, Any]) -> dict[str, Any]:
        return {name: value[name] for name in estimate["names"] if name in value}

    found["parameters"] = ordered(found["parameters"])
    if "bootstrap" in found:
        drawn = found["bootstrap"]
        found["bootstrap"] = {**drawn, "parameters": ordered(drawn["parameters"])}
    if "profiles" in found:
        found["profiles"] = ordered(found["profiles"])
    return found


def _estimate(store: Store, run: Run) -> Written:
    whole = store.artefact(run.id, "estimate")
    if whole is None:
        raise QueryError(f"run {run.id} keeps no estimate yet; `{run.label.command}` makes it")
    whole = in_order(whole)
    rows = [
        [1, name, one["estimate"], one["std_err"], one["z"], one["p"], *one["interval"]]
        for name, one in whole["parameters"].items()
    ]
    return whole, COLUMNS, rows


def _draws(store: Store, run: Run) -> Written:
    from foedus.estimation.kept import read_bootstrap

    found = read_bootstrap(store, run)
    each = zip(found.failed.tolist(), found.separated.tolist(), found.draws.tolist(), strict=True)
    rows = [[failed, away, *draw] for failed, away, draw in each]
    return {"title": run.label.title, **vars(found)}, ("failed", "separated", *found.names), rows


def _coefficients(parameters: Mapping[str, Any]) -> Table:
    """Estimates in groups by what stands before the last colon of their names."""
    rows: list[list[str]] = []
    group = ""
    for name, one in parameters.items():
        about, _, label = name.rpartition(":")
        if about != group:
            rows.append([about])
            group = about
        rows.append(
            [
                f"  {label}" if about else label,
                *(_figure(one[key]) for key in ("estimate", "std_err")),
                *(_figure(one[key], places) for key, places in (("z", 2), ("p", 3))),
                _interval(one["interval"]),
            ]
        )
    headings = ["", "estimate", "std err", "z", "P>|z|", "95 % interval"]
    return Table(headings=headings, rows=rows)


def _profiled(found: Mapping[str, Any]) -> Table:
    rows = [
        [name, "a higher optimum" if one["better"] else _interval(one["interval"])]
        for name, one in found.items()
    ]
    return Table(headings=["Profile likelihood", "95 % interval"], rows=rows)


def _resampled(found: Mapping[str, Any]) -> Table:
    said = f"{found['resamples']:,} {found['kind']} resamples, {found['failed']} failed"
    rows = [
        [
            name,
            _figure(one["std_err"]),
            _figure(one["robust_std_err"]),
            _interval(one["interval"]),
        ]
        for name, one in found["parameters"].items()
    ]
    return Table(headings=[said, "std err", "robust", "95 % percentiles"], rows=rows)


def _figure(value: float | None, places: int = 4) -> str:
    if value is None:
        return "-"
    return f"{value:.{places}f}" if abs(value) < 1e5 else f"{value:.3e}"


def _interval(ends: list[float | None]) -> str:
    return f"[{_figure(ends[0])}, {_figure(ends[1])}]"
