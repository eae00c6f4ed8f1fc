"""`foedus brief`: the findings on a scenario as a folder of pages."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from foedus.cli.assessing import assessed, assessment_options, executor_options
from foedus.cli.options import json_option
from foedus.cli.storing import opened, store_option

if TYPE_CHECKING:
    from foedus.scenario.scenario import Scenario


@click.command()
@click.argument("scenario", required=False)
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
    scenario: str | None,
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
    bytes. A run keeps its scenario, so --run needs no other.

    \b
    Examples:
      foedus brief us-ukraine-pact -o briefing
      foedus brief us-ukraine-pact --draws 200 --quick -o briefing
      foedus brief --run 566a9c -o briefing
    """
    from foedus.briefing.folder import refuse_others
    from foedus.briefing.manifest import NAME
    from foedus.cli.progress import progress
    from foedus.scenario.reader import read

    given = [name for name in settings if _given(ctx, name)]
    if run is not None and given:
        raise click.UsageError(f"--run is of a finished run; --{given[0].replace('_', '-')} is not")
    if run is None and scenario is None:
        raise click.UsageError("name a scenario, or a kept assessment with --run")
    refuse_others(output, mark=NAME)  # before an assessment that takes minutes
    asked = None
    if scenario is not None:
        with progress("reading the scenario"):
            asked = read(scenario)
        if run is None and not given:
            run = _newest(asked, store)
        if run is None:
            run = assessed(
                asked, claims=None, workers=workers, cluster=cluster, store=store, **settings
            ).run
    assert run is not None
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


def _written(asked: Scenario | None, run: str, store: Path | None, output: Path) -> Path:
    from foedus.briefing.brief import brief as write
    from foedus.cli.material import kept, lacks_portrait, portrayed, prepare
    from foedus.cli.progress import RunLine, progress

    material = kept(store, run)
    if asked is not None and material.findings.digest != asked.digest:
        click.echo(
            f"foedus: run {material.run.id} is of another text of {asked.name}; the briefing is "
            "about that text",
            err=True,
        )
    if lacks_portrait(material):
        with progress("starting JAX"):
            prepare()
        with RunLine() as line:
            material = portrayed(material, store, line, shlex.join(["foedus", *sys.argv[1:]]))
    with progress("writing the briefing"):
        return write(material, output)


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
