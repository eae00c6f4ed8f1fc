"""The draws of a kept run as labelled data, and as files for other programs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from foedus.ensemble import Plan, Run, Store
from foedus.ensemble.text import canonical, parsed
from foedus.errors import QueryError

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr


def labelled(store: Store, run: Run) -> xr.Dataset:
    """The values of every kept draw of a run; of an assessment, those of its base sample.

    - `values` (draw, regime, quantity), NaN where a quantity has no answer or a draw failed.
    - Coordinates of a draw: every parameter, `row` in its sample, the labels of the plan's
      axes, such as the setting it was solved in, and of an assessment whether it is `plausible`.
    - Attributes: the run's id, its title, its command and the versions it was made with.

    Raises `QueryError` where no draws are kept, `StoreError` at a damaged chunk.
    """
    rests_on = _plan(run).description.get("runs")
    if not rests_on:
        return _labelled(store, run)
    data = _labelled(store, store.run(rests_on[0]))
    counts = store.result(run.id, 0).arrays.get("plausible")
    if counts is not None and len(counts) == data.sizes["draw"]:
        data = data.assign_coords(plausible=("draw", counts))
    return data.assign_attrs(run=run.id, title=run.label.title, command=run.label.command)


def _labelled(store: Store, run: Run) -> xr.Dataset:
    """The draws in the run's own chunks."""
    import xarray as xr

    plan = _plan(run)
    about = plan.description
    parameters: list[np.ndarray] = []
    values: list[np.ndarray] = []
    rows: list[int] = []
    labels: dict[str, list[str]] = {axis: [] for axis in plan.axes}
    for index in sorted(store.stored(run.id)):
        arrays = store.result(run.id, index).arrays
        found, points = arrays.get("values"), arrays.get("parameters")
        if found is None or points is None:
            continue
        chunk = plan.chunk(index)
        parameters.append(points)
        values.append(np.moveaxis(found, -1, 0))
        rows += chunk.draws
        for axis, label in chunk.cell.items():
            labels[axis] += [label] * len(points)
    if not values:
        raise QueryError(
            f"run {run.id} ({run.label.kind}) keeps no draws; `foedus runs` lists those that do"
        )
    drawn = np.concatenate(parameters)
    columns = {name: ("draw", drawn[:, i]) for i, name in enumerate(_parameter_names(about))}
    return xr.Dataset(
        {"values": (("draw", "regime", "quantity"), np.concatenate(values))},
        coords={
            "regime": list(about["regimes"]),
            "quantity": list(about["quantities"]),
            "row": ("draw", np.array(rows)),
            **{axis: ("draw", np.array(those)) for axis, those in labels.items()},
            **columns,
        },
        attrs={
            "run": run.id,
            "title": run.label.title,
            "command": run.label.command,
            "versions": canonical(run.label.versions),
        },
    )


def tidy(data: xr.Dataset) -> pd.DataFrame:
    """One row for each draw and regime: where it stands, its parameters, its quantities."""
    import pandas as pd

    regimes = [str(regime) for regime in data["regime"].values]
    quantities = [str(quantity) for quantity in data["quantity"].values]
    draws = {
        str(name): np.repeat(coordinate.values, len(regimes))
        for name, coordinate in data.coords.items()
        if coordinate.dims == ("draw",)
    }
    figures = data["values"].values.reshape(-1, len(quantities))
    found = pd.DataFrame({**draws, "regime": np.tile(regimes, data.sizes["draw"])})
    return pd.concat([found, pd.DataFrame(figures, columns=quantities)], axis=1)


def check_suffix(path: Path) -> None:
    """Raise `QueryError` for a file that cannot be written here, before any time goes into it."""
    if path.suffix not in WRITERS:
        raise QueryError(
            f"{path}: the suffix says what is written, and it must be one of {', '.join(WRITERS)}"
        )
    if path.suffix == ".parquet" and find_spec("pyarrow") is None:
        raise QueryError(
            "writing Parquet needs pyarrow, which is not installed\n"
            "  try: pip install 'foedus[export]'\n  try: .csv or .nc, which need nothing more"
        )


def write(data: xr.Dataset, path: Path) -> None:
    """Write the data as the suffix says: .csv and .parquet tidy, .nc with labelled axes."""
    check_suffix(path)
    WRITERS[path.suffix](data, path)


def _write_csv(data: xr.Dataset, path: Path) -> None:
    tidy(data).to_csv(path, index=False)


def _write_parquet(data: xr.Dataset, path: Path) -> None:
    tidy(data).to_parquet(path, engine="pyarrow", index=False)


def _write_netcdf(data: xr.Dataset, path: Path) -> None:
    # The format that SciPy writes, so that nothing more needs to be installed; it knows no
    # truth values and no integers of 64 bits.
    flags = {n: c.astype(np.int8) for n, c in data.coords.items() if c.dtype == bool}
    data.assign_coords(flags).to_netcdf(path, engine="scipy", format="NETCDF3_64BIT")


WRITERS: Mapping[str, Callable[[Any, Path], None]] = {
    ".csv": _write_csv,
    ".parquet": _write_parquet,
    ".nc": _write_netcdf,
}


def _plan(run: Run) -> Plan:
    """The plan that the run carries out."""
    fields = parsed(run.identity)
    return Plan(**{**fields, "axes": dict(fields["axes"])})


def _parameter_names(about: Mapping[str, Any]) -> list[str]:
    """The parameters, as the samples of an assessment or the answer of a solve name them."""
    if "parameters" in about:
        return list(about["parameters"])
    sample: Mapping[str, Any] = next(iter(about["samples"].values()))
    return list(sample["names"])
