"""Which run store a command uses, `--store` or the user's own, and the runs in it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from foedus.errors import QueryError, StoreError

if TYPE_CHECKING:
    from foedus.ensemble import Run, Store

F = TypeVar("F", bound=Callable[..., Any])


def _place(ctx: click.Context, _parameter: click.Parameter, asked: Path | None) -> Path | None:
    # `foedus runs --store FILE show ...` names it for the command that follows.
    asked = ctx.meta.setdefault("store", asked) if asked is None else asked
    if asked is not None:
        ctx.meta["store"] = asked
        return asked
    from foedus.ensemble.place import default_store

    try:
        return default_store(os.environ)
    except StoreError:
        return None


def store_option(command: F) -> F:
    """`--store FILE`: the argument `store` is a path, that of the user's own store by default.

    It is None for somebody without a home directory who names no store.
    """
    return click.option(
        "--store",
        type=click.Path(dir_okay=False, path_type=Path),
        callback=_place,
        metavar="FILE",
        help="The run store.  [default: FOEDUS_STORE, else foedus/runs.sqlite in the data "
        "directory]",
    )(command)


def opened(path: Path | None, *, readonly: bool = True) -> Store:
    """The store, which must be there. Raises `StoreError` that says how one comes to be."""
    from foedus.ensemble import Store, default_store

    path = default_store(os.environ) if path is None else path
    if not path.exists():
        raise StoreError(
            f"there is no run store {path} yet",
            path=path,
            hints=["`foedus solve` and `foedus assess` make one", "name another with --store"],
        )
    return Store(path, readonly=readonly)


def one(store: Store, start: str) -> Run:
    """The run whose id begins so. Raises `QueryError` if none or several do."""
    known = store.runs()
    found = [run for run in known if start and run.id.startswith(start.lower())]
    if len(found) == 1:
        return found[0]
    some = "\n".join(f"  {run.id}  {_what(run)}" for run in (found or known)[:5])
    if found:
        raise QueryError(f"{len(found)} runs begin with {start!r}; give more of one:\n{some}")
    newest = f"; the newest are\n{some}" if known else "; the store is empty"
    raise QueryError(f"no run begins with {start!r} in {store.path}{newest}")


def entry(run: Run) -> dict[str, Any]:
    """A run in a list, as plain data."""
    return {
        "id": run.id,
        "kind": run.label.kind,
        "title": run.label.title,
        "started": run.started,
        "finished": run.finished,
        "done": run.n_done,
        "chunks": run.n_chunks,
        "failures": run.n_failures,
        "bytes": run.n_bytes,
    }


def depends_on(run: Run) -> dict[str, Any]:
    """Everything that the run's numbers depend on, as it was planned."""
    from foedus.ensemble.text import parsed

    identity: dict[str, Any] = parsed(run.identity)
    settings = identity.pop("description")
    return {**settings, **identity}


def behind(run: Run) -> tuple[str, ...]:
    """The runs of draws that an assessment rests on; none for other runs."""
    return tuple(depends_on(run).get("runs", ()))


def settings_in(value: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Nested settings by their paths, such as `samples.draws.seed`; what is not set is left out."""
    for key, item in value.items():
        name = f"{prefix}{key}"
        if isinstance(item, Mapping):
            yield from settings_in(item, f"{name}.")
        elif item not in (None, []):
            yield name, item


def share_done(run: Run) -> str:
    """How much of it is done; `all` only when nothing is missing."""
    if run.n_done >= run.n_chunks:
        return "all"
    return f"{100 * run.n_done // run.n_chunks} %"


def when(time: str) -> str:
    """A time of the store, to the minute, where the user is."""
    return datetime.fromisoformat(time).astimezone().strftime("%Y-%m-%d %H:%M")


def _what(run: Run) -> str:
    return f"{run.label.kind}  {when(run.started)}  {run.label.title}"
