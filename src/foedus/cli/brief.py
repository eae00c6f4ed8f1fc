"""`foedus brief`: the findings on a scenario as a folder of pages."""

from __future__ import annotations

import os
import shlex
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from foedus.cli.assessing import assessed, assessment_options, executor_options
from foedus.cli.options import json_option
from foedus.cli.storing import one, opened, store_option

if TYPE_CHECKING:
    from foedus.briefing.material import Material
    from foedus.ensemble import Run, Store
    from foedus.findings.portrait import Portrait
    from foedus.scenario.scenario import Scenario


@click.command()
@click.argument("scenario")
@click.option("--run", metavar="ID", help="The kept assessment to write about.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    metavar="DIR",
    help="The folder to write; an older briefing there is replaced, anything else is left.",
)
@assessment_options
@executor_options
@store_option
@json_option
@click.pass_context
def brief(
    ctx: click.Context,
    /,
    scenario: str,
    run: str | None,
    output: Path,
    workers: int | None,
    cluster: str | None,
    store: Path | None,
    as_json: bool,
    **settings: Any,
) -> None:
    """Write the findings on SCENARIO as a folder of pages to read, question and pass on.

    Without --run, the newest kept assessment of all claims of the scenario as it is now; where
    there is none, or where a setting is given, the scenario is assessed first, from kept draws
    as far as they go. The pages need no network and no script, and the same run gives the same
    bytes.

    \b
    Examples:
      foedus brief us-ukraine-pact -o briefing
      foedus brief us-ukraine-pact --draws 200 --quick -o briefing
      foedus brief us-ukraine-pact --run 566a9c -o briefing
    """
    from foedus.briefing.folder import refuse_others
    from foedus.briefing.manifest import NAME
    from foedus.cli.progress import progress
    from foedus.scenario.reader import read

    refuse_others(output, mark=NAME)  # before an assessment that takes minutes
    with progress("reading the scenario"):
        asked = read(scenario)
    given = [name for name in settings if _given(ctx, name)]
    if run is not None and given:
        raise click.UsageError(f"--run is of a finished run; --{given[0].replace('_', '-')} is not")
    if run is None and not given:
        run = _newest(asked, store)
    if run is None:
        run = assessed(
            asked, claims=None, workers=workers, cluster=cluster, store=store, **settings
        ).run
    first = _written(asked, run, store, output)
    _say(first, as_json=as_json)


def _given(ctx: click.Context, name: str) -> bool:
    return ctx.get_parameter_source(name) is not click.core.ParameterSource.DEFAULT


def _newest(scenario: Scenario, store: Path | None) -> str | None:
    """The id of the newest assessment of the scenario as it is now."""
    from foedus.errors import StoreError

    try:
        with opened(store) as kept:
            from foedus.findings.reading import latest

            found = latest(kept, scenario)
            return None if found is None else found.id
    except StoreError as fault:
        if fault.damaged:
            raise
        return None  # there is no store yet


def _written(asked: Scenario, run: str, store: Path | None, output: Path) -> Path:
    from foedus.briefing.brief import brief as write
    from foedus.cli.progress import progress
    from foedus.findings.portrait import starts_of

    with opened(store) as kept:
        material = _material(kept, one(kept, run))
    if material.findings.digest != asked.digest:
        click.echo(
            f"foedus: run {material.run.id} is of another text of {asked.name}; the briefing is "
            "about that text",
            err=True,
        )
    if material.portrait is None and starts_of(material.scenario):
        material = replace(material, portrait=_portrayed(material, store))
    with progress("writing the briefing"):
        return write(material, output)


def _material(kept: Store, run: Run) -> Material:
    from foedus.briefing.material import Material
    from foedus.findings.portray import read_portrait
    from foedus.findings.reading import read_findings

    scenario, findings = read_findings(kept, run.id)
    portrait = read_portrait(kept, scenario, findings) if findings.solved else None
    return Material(scenario=scenario, findings=findings, run=run, portrait=portrait)


def _portrayed(material: Material, store: Path | None) -> Portrait:
    """Play followed by period, which an assessment leaves out; kept for the next time."""
    from foedus.cli.jax_session import start_jax
    from foedus.cli.progress import RunLine, progress
    from foedus.ensemble.work import fix_threads

    fix_threads(os.environ)
    with progress("starting JAX"):
        start_jax()
        from foedus.findings.portray import portray
    with opened(store, readonly=False) as kept, RunLine() as line:
        return portray(
            material.scenario,
            material.findings,
            store=kept,
            progress=line,
            command=shlex.join(["foedus", *sys.argv[1:]]),
        )


def _say(first: Path, *, as_json: bool) -> None:
    from foedus.cli.text import counted, show_json

    paths = [path for path in first.parent.rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in paths)
    pages = sum(path.suffix == ".html" for path in paths)
    if as_json:
        show_json({"index": str(first), "pages": pages, "files": len(paths), "bytes": size})
        return
    click.echo(f"{counted(pages, 'page')} in {counted(len(paths), 'file')}, {size / 1e6:.1f} MB")
    click.echo(f"Read it: {first}")
