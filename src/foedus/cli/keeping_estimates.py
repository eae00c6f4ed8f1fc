"""Estimates kept in the run store, with their page; a fault of the store costs a warning only."""

from __future__ import annotations

import hashlib
import os
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from foedus.cli.text import plain
from foedus.ensemble import Label, Store, default_store, versions
from foedus.errors import StoreError

if TYPE_CHECKING:
    from foedus.estimation.bootstrap import Bootstrap
    from foedus.estimation.profile import Profile
    from foedus.estimation.specification import Specification


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What was estimated from what: the files, the model in them, the settings, the extras."""

    model: Path
    data: Path
    stated: Specification
    settings: Mapping[str, Any]
    profiles: Sequence[str]
    draws: int | None

    def description(self) -> dict[str, Any]:
        """Everything that the numbers depend on."""
        scenario = self.stated.scenario
        return {
            "model": _sha256(self.model),
            "scenario": None if scenario is None else scenario.digest,
            "data": _sha256(self.data),
            "settings": dict(self.settings),
            "bootstrap": self.draws,
            "profiles": sorted(self.profiles),
            "versions": versions(),
        }


def keep_estimate(
    asked: Asked,
    fit: Any,
    resampled: Bootstrap | None,
    profiled: Sequence[Profile],
    page: Path | None,
    store: Path | None,
) -> str:
    """Keep an estimate with the page that was written of it, if one was.

    Returns a line that says how to open it; empty where the store refuses, of which is warned.
    """
    from foedus.estimation.kept import keep
    from foedus.estimation.record import record

    description = asked.description()
    origin = {
        "model_file": asked.model.name,
        "model_sha256": description["model"],
        "data_file": asked.data.name,
        "data_sha256": description["data"],
    }
    known = plain(record(fit, resampled, profiles=profiled))
    title = asked.stated.title or fit.title
    # In order, which the store keeps of lists only.
    order = {"names": list(fit.names), "facts": [list(fact) for fact in fit.facts().items()]}
    estimate = {"title": title, "origin": origin, **order, **known}
    packed, said = _packed(page)
    about = {
        "log_likelihood": known["log_likelihood"],
        "observations": known["observations"],
        "coefficients": len(known["parameters"]),
        "resamples": asked.draws,
        "data": asked.data.name,
        "page": said,
    }
    label = Label(
        kind="estimate",
        title=title,
        source=asked.model.read_text(encoding="utf-8", errors="replace"),
        command=shlex.join(["foedus", *sys.argv[1:]]),
        versions=versions(),
    )
    try:
        with Store(store or default_store(os.environ)) as place:
            run = keep(
                place, description, label,
                fit=fit, resampled=resampled, estimate=estimate, about=about, page=packed,
            )  # fmt: skip
    except StoreError as fault:
        click.echo(f"foedus: the estimate is not kept: {str(fault).splitlines()[0]}", err=True)
        return ""
    without = ""
    if said is not None and packed is None:
        without = f" without its page, which is too large ({said['bytes'] / 2**20:.1f} MB)"
    return f"kept as run {run}{without}; `foedus runs show {run}` and `foedus studio` open it"


def _packed(page: Path | None) -> tuple[bytes | None, dict[str, Any] | None]:
    """The page in a folder as one piece, unless it is too large, and what is said of it."""
    if page is None:
        return None, None
    from foedus.briefing.packing import packed

    files = {
        path.relative_to(page.parent).as_posix(): path.read_bytes()
        for path in page.parent.rglob("*")
        if path.is_file()
    }
    found = packed(files)
    return found, {"bytes": sum(map(len, files.values())), "kept": found is not None}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
