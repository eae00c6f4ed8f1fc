"""`foedus runs`: what is kept in the run store, and what can be done with it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from foedus.cli.options import json_option
from foedus.cli.runs_compare import compare
from foedus.cli.runs_estimates import KINDS, in_brief
from foedus.cli.runs_export import export
from foedus.cli.runs_show import show
from foedus.cli.storing import behind, entry, one, opened, share_done, store_option, when
from foedus.cli.text import counted, show_json
from foedus.ensemble import Run


@click.group(invoke_without_command=True)
@store_option
@json_option
@click.pass_context
def runs(ctx: click.Context, store: Path | None, as_json: bool) -> None:
    """List, show, compare, export and remove kept runs.

    Every solve, assessment and estimate is kept with the text of its scenario or model, its
    settings and the versions of the programs. A run's id may be shortened to its first letters.

    \b
    Examples:
      foedus runs
      foedus runs show 1a2b
      foedus runs compare 1a2b 3c4d
      foedus runs export 1a2b -o draws.csv
    """
    if ctx.invoked_subcommand is None:
        _list(store, every=False, as_json=as_json)


@runs.command("list")
@click.option("--all", "every", is_flag=True, help="List runs of draws behind assessments too.")
@store_option
@json_option
def list_runs(every: bool, store: Path | None, as_json: bool) -> None:
    """List the runs, the newest first."""
    _list(store, every=every, as_json=as_json)


@runs.command()
@click.argument("runs", nargs=-1, required=True, metavar="RUN...")
@store_option
@json_option
def remove(runs: tuple[str, ...], store: Path | None, as_json: bool) -> None:
    """Remove runs with everything kept for them.

    The draws behind an assessment go with it, unless another assessment rests on them.
    """
    with opened(store, readonly=False) as kept:
        # All are looked up first: a mistake in the last removes none.
        named = {run.id: run for run in (one(kept, start) for start in runs)}
        others = [run for run in kept.runs() if run.id not in named]
        needed = {run_id for run in others for run_id in behind(run)}
        there = {run.id for run in others}
        draws = {run_id for run in named.values() for run_id in behind(run)} & there - needed
        for run_id in [*named, *sorted(draws)]:
            kept.remove(run_id)
    if as_json:
        show_json({"removed": [*named, *sorted(draws)]})
        return
    for run in named.values():
        click.echo(f"removed {run.id} {run.label.kind}: {run.label.title}")
    if draws:
        click.echo(f"removed {counted(len(draws), 'run')} of draws behind")


@runs.command()
@store_option
@json_option
@click.pass_context
def verify(ctx: click.Context, store: Path | None, as_json: bool) -> None:
    """Read everything in the store and name what is damaged. Exits with 3 if anything is."""
    with opened(store) as kept:
        problems = kept.check()
        count = 0 if problems else len(kept.runs())
    if as_json:
        show_json({"store": str(store), "problems": problems})
    elif problems:
        click.echo("\n".join(problems))
        click.echo("repeating a damaged run computes again what is damaged, and only that")
    else:
        click.echo(f"{store}: {counted(count, 'run')}, all as they were kept")
    ctx.exit(3 if problems else 0)


runs.add_command(show)
runs.add_command(compare)
runs.add_command(export)


def _list(store: Path | None, *, every: bool, as_json: bool) -> None:
    found: tuple[Run, ...] = ()
    about: dict[str, Any] = {}
    if store is None or store.exists():
        with opened(store) as kept:
            found = kept.runs()
            about = {
                run.id: said
                for run in found
                if run.label.kind in KINDS and (said := kept.artefact(run.id, "about"))
            }
    if as_json:
        runs = [{**entry(run), **_counted(about.get(run.id))} for run in found]
        show_json({"store": str(store), "runs": runs})
    elif not found:
        click.echo(f"no runs are kept in {store}; `foedus solve` keeps its answers there")
    else:
        rests = {run_id for run in found for run_id in behind(run)}
        shown = [run for run in found if every or run.id not in rests]
        click.echo("\n".join(_listed(shown, about)))
        if hidden := len(found) - len(shown):
            draws = f"{counted(hidden, 'run')} of draws behind these"
            click.echo(f"\n{draws} not listed; `foedus runs list --all` lists everything")


def _counted(about: Mapping[str, Any] | None) -> dict[str, Any]:
    """What is found by an estimate or a bootstrap, in few figures."""
    names = ("log_likelihood", "observations", "resamples")
    return {} if about is None else {name: about[name] for name in names}


def _listed(runs: Sequence[Run], about: Mapping[str, Any]) -> Iterator[str]:
    width = shutil.get_terminal_size((80, 24)).columns
    kinds = max(4, *(len(run.label.kind) for run in runs))
    yield f"{'run':<12}  {'kind':<{kinds}}  {'started':<16}  {'done':>4}  {'failed':>6}  title"
    for run in runs:
        line = (
            f"{run.id:<12}  {run.label.kind:<{kinds}}  {when(run.started)}  "
            f"{share_done(run):>4}  {run.n_failures or '-':>6}  {run.label.title}"
        )
        yield _cut(line, width)
        if run.id in about:
            yield _cut(f"{'':<14}{in_brief(run, about[run.id])}", width)


def _cut(line: str, width: int) -> str:
    return line if len(line) <= width else f"{line[: width - 3].rstrip()}..."
