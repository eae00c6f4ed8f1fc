"""`foedus runs show`: where a run comes from, how far it is, what it found and what failed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from foedus.cli.assess_text import FLAGS, briefly, roomy
from foedus.cli.options import json_option
from foedus.cli.runs_estimates import KINDS, tables
from foedus.cli.storing import (
    depends_on,
    entry,
    one,
    opened,
    settings_in,
    share_done,
    store_option,
    when,
)
from foedus.cli.text import Table, counted, number, show_json
from foedus.cli.text import show as show_table
from foedus.ensemble import FailureRecord, Run

FEW = 10  # failures shown of a run
LONG, ROOM = 5, 55  # items and characters beyond which a list is cut


@click.command()
@click.argument("run")
@click.option("--source", is_flag=True, help="Print the scenario or model as it was, nothing else.")
@store_option
@json_option
def show(run: str, source: bool, store: Path | None, as_json: bool) -> None:
    """Say where a RUN comes from, how far it is, what it found and what failed."""
    with opened(store) as kept:
        found = one(kept, run)
        failures, artefacts = kept.failures(found.id), kept.artefacts(found.id)
        parts = []
        if found.label.kind in KINDS and not (as_json or source):
            parts = list(tables(kept, found, artefacts))
    if as_json:
        show_json({**entry(found), **_provenance(found), "source": found.label.source,
                   "failures": [_failure(record) for record in failures],
                   "artefacts": artefacts})  # fmt: skip
        return
    if source:
        click.echo(found.label.source, nl=not found.label.source.endswith("\n"))
        return
    click.echo("\n".join(_described(found, failures)))
    if "findings" in artefacts:
        click.echo()
        claims = artefacts["findings"]["claims"]
        show_table(_claims(claims))
        if any(claim["by_construction"] for claim in claims):
            click.echo(f"\nc  {FLAGS['c']}")
    for part in parts:
        click.echo()
        click.echo(part) if isinstance(part, str) else show_table(part)
    if found.label.source:
        what = "model" if found.label.kind == "estimate" else "scenario"
        click.echo(f"\n`foedus runs show {found.id} --source` prints the {what} as it was")


def _provenance(run: Run) -> dict[str, Any]:
    return {
        "command": run.label.command,
        "versions": dict(run.label.versions),
        "depends_on": depends_on(run),
    }


def _failure(record: FailureRecord) -> dict[str, Any]:
    return {"chunk": record.chunk, "cell": dict(record.cell), **vars(record.failure)}


def _described(run: Run, failures: Sequence[FailureRecord]) -> Iterator[str]:
    yield f"{run.label.kind} {run.id}: {run.label.title}"
    yield f"started   {when(run.started)}"
    if run.finished is None:
        yield f"stopped   {share_done(run)} done; its command goes on from there"
    else:
        yield f"finished  {when(run.finished)}"
    yield f"command   {run.label.command}"
    yield f"versions  {', '.join(f'{k} {v}' for k, v in run.label.versions.items())}"
    yield f"size      {run.n_bytes / 1e6:.2f} MB in {counted(run.n_chunks, 'chunk')}"
    yield from ("", "What its numbers depend on")
    for name, value in settings_in(depends_on(run)):
        if not name.startswith("versions.") and name not in ("axes", "chunk_size"):
            yield f"  {name}: {_short(value)}"
    if failures:
        yield from ("", counted(len(failures), "failure"))
        yield from (f"  {_failed(record)}" for record in failures[:FEW])
    if len(failures) > FEW:
        yield f"  and {len(failures) - FEW} more; --json has them, with their parameters"


def _short(value: Any) -> str:
    """A setting on one line; a long list by its beginning and its length."""
    if not isinstance(value, list):
        return _item(value)
    items = [_item(item) for item in value]
    if len(items) <= LONG and len(", ".join(items)) <= ROOM:
        return ", ".join(items) or "none"
    first = [item for i, item in enumerate(items[:3]) if len(", ".join(items[: i + 1])) <= ROOM]
    return f"{', '.join(first or items[:1])}, ... ({len(items)} in all)"


def _item(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _failed(record: FailureRecord) -> str:
    failure = record.failure
    which = f"chunk {record.chunk}" if failure.draw is None else f"draw {failure.draw}"
    cell = "".join(f", {axis} {label}" for axis, label in record.cell.items())
    return f"{which}{cell}: {failure.error}: {failure.message.splitlines()[0]}"


def _claims(claims: Sequence[Mapping[str, Any]]) -> Table:
    """The claims as they were found."""
    rows, labels = [], [_label(claim) for claim in claims]
    wide = roomy(labels)
    for claim, label in zip(claims, briefly(labels), strict=True):
        effect = claim["effect"] or {}
        pivots = [pivot["parameter"] for pivot in claim["pivots"][:2]]
        rows.append(
            [
                label,
                claim["verdict"],
                _share(claim) if wide else _share(claim).partition(" (")[0],
                number(effect.get("median")),
                ", ".join(pivots) or "-",
                "c" if claim["by_construction"] else "",
            ]
        )
    headings = ["Claim", "verdict", "share", "effect", "decided by", ""]
    return Table(headings=headings, rows=rows, one_line=True)


def _label(claim: Mapping[str, Any]) -> str:
    name, label = str(claim["id"]), claim["label"]
    return name if label == name else f"{name}  {label}"


def _share(claim: Mapping[str, Any]) -> str:
    if claim["share"] is None or claim["interval"] is None:
        return "-"
    low, high = (round(100 * end) for end in claim["interval"])
    return f"{100 * claim['share']:.0f} % ({low}-{high})"
