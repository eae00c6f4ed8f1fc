"""`foedus runs export`: the draws or coefficients of a run as a file for other programs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from foedus.cli.options import json_option
from foedus.cli.progress import progress
from foedus.cli.runs_estimates import KINDS, write
from foedus.cli.storing import one, opened, store_option
from foedus.cli.text import Unwritten, counted, show_json
from foedus.errors import QueryError

if TYPE_CHECKING:
    import xarray as xr

    from foedus.ensemble import Run, Store


@click.command()
@click.argument("run")
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="A new file; its suffix says what is written: .csv, .parquet, .nc or .json.",
)
@store_option
@json_option
def export(run: str, output: Path, store: Path | None, as_json: bool) -> None:
    """Write the parameters and values of every draw of a RUN to a new file.

    CSV and Parquet have a row for each draw and regime, NetCDF has labelled axes. Of an estimate
    the coefficients are written, of a bootstrap its resamples, as .csv or .json.
    """
    if os.path.lexists(output):
        raise QueryError(f"{output} is already there; choose another name")
    if not output.parent.is_dir():
        raise QueryError(f"{output} cannot be written: there is no folder {output.parent}")
    with opened(store) as kept:
        found = one(kept, run)
        estimated = found.label.kind in KINDS
        data = None if estimated else _draws(kept, found, output)
        try:
            with progress(f"writing {output}"):
                count = write(kept, found, output) if data is None else _write(data, output)
        except OSError as error:
            output.unlink(missing_ok=True)
            raise Unwritten(f"{output} could not be written: {error.strerror or error}") from None
    what = {"estimate": "coefficient", "bootstrap": "resample"}.get(found.label.kind, "draw")
    if as_json:
        show_json({"file": str(output), "run": found.id, f"{what}s": count})
    else:
        click.echo(f"wrote {output}: {counted(count, what)} of run {found.id}")


def _draws(store: Store, run: Run, output: Path) -> xr.Dataset:
    from foedus.findings.exports import check_suffix, labelled

    check_suffix(output)
    return labelled(store, run)


def _write(data: xr.Dataset, output: Path) -> int:
    from foedus.findings.exports import write as write_draws

    write_draws(data, output)
    return int(data.sizes["draw"])
