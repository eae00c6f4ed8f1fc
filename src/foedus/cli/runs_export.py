"""`foedus runs export`: the draws of a run as a file for other programs."""

from __future__ import annotations

import os
from pathlib import Path

import click

from foedus.cli.options import json_option
from foedus.cli.storing import one, opened, store_option
from foedus.cli.text import Unwritten, counted, show_json
from foedus.errors import QueryError


@click.command()
@click.argument("run")
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="A new file; its suffix says what is written: .csv, .parquet or .nc.",
)
@store_option
@json_option
def export(run: str, output: Path, store: Path | None, as_json: bool) -> None:
    """Write the parameters and values of every draw of a RUN to a new file.

    CSV and Parquet have a row for each draw and regime, NetCDF has labelled axes.
    """
    if os.path.lexists(output):
        raise QueryError(f"{output} is already there; choose another name")
    if not output.parent.is_dir():
        raise QueryError(f"{output} cannot be written: there is no folder {output.parent}")
    from foedus.cli.progress import progress
    from foedus.findings.exports import check_suffix, labelled, write

    check_suffix(output)
    with opened(store) as kept:
        found = one(kept, run)
        data = labelled(kept, found)
    try:
        with progress(f"writing {output}"):
            write(data, output)
    except OSError as error:
        output.unlink(missing_ok=True)
        raise Unwritten(f"{output} could not be written: {error.strerror or error}") from None
    if as_json:
        show_json({"file": str(output), "run": found.id, "draws": data.sizes["draw"]})
    else:
        click.echo(f"wrote {output}: {counted(data.sizes['draw'], 'draw')} of run {found.id}")
