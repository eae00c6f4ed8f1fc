"""One edition of a briefing as a publication sees it: its manifest, read with care."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from foedus.briefing.manifest import FORMAT, NAME
from foedus.errors import BriefingError

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
EDITION = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True, kw_only=True)
class VerdictOf:
    """A claim's verdict in an edition."""

    claim: str
    label: str
    verdict: str
    share: float | None


@dataclass(frozen=True, kw_only=True)
class Assumption:
    """A parameter's range in an edition."""

    name: str
    low: float
    high: float
    scale: str
    value: float


@dataclass(frozen=True, kw_only=True)
class Edition:
    """What a manifest says. `date` is the begin of the run, in UTC to the second."""

    slug: str
    title: str
    summary: str
    sentence: str
    tags: tuple[str, ...]
    date: str
    run: str
    scenario: str
    edition: str
    draws: int
    plausible: int
    verdicts: tuple[VerdictOf, ...]
    assumptions: tuple[Assumption, ...]
    files: Mapping[str, str] = field(repr=False)

    @property
    def day(self) -> str:
        """The day of the run."""
        return self.date[:10]


def read_edition(folder: Path) -> Edition:
    """The edition in a folder. Raises `BriefingError` if there is none, or it cannot be read."""
    path = folder / NAME
    try:
        content = json.loads(path.read_text("utf-8"))
    except FileNotFoundError as fault:
        raise BriefingError(
            f"{folder} holds no briefing: there is no {NAME} in it",
            hints=["write one with `foedus brief SCENARIO -o DIR`"],
        ) from fault
    except (OSError, ValueError) as fault:
        raise BriefingError(f"{path} cannot be read: {fault}") from fault
    try:
        return _edition(content)
    except (KeyError, TypeError, ValueError) as fault:
        raise BriefingError(
            f"{path} is no manifest that this version of foedus can read: {fault}",
            hints=["write the briefing again with `foedus brief`"],
        ) from fault


def _edition(content: Any) -> Edition:
    if content["foedus_briefing"] != FORMAT:
        raise ValueError(f"its format is {content['foedus_briefing']!r}, not {FORMAT}")
    found = Edition(
        **{name: str(content[name]) for name in ("slug", "title", "summary", "sentence", "date")},
        **{name: str(content[name]) for name in ("run", "scenario", "edition")},
        tags=tuple(str(tag) for tag in content["tags"]),
        draws=int(content["draws"]),
        plausible=int(content["plausible"]),
        verdicts=tuple(VerdictOf(**one) for one in content["verdicts"]),
        assumptions=tuple(Assumption(**one) for one in content["assumptions"]),
        files={str(name): str(value) for name, value in content["files"].items()},
    )
    if not SLUG.fullmatch(found.slug) or not EDITION.fullmatch(found.edition):
        raise ValueError(f"{found.slug!r} or {found.edition!r} is no name for a folder")
    datetime.fromisoformat(found.date)
    for name in found.files:
        if name.startswith("/") or "\\" in name or ".." in name.split("/"):
            raise ValueError(f"{name!r} is no place inside a folder")
    return found


def read_files(folder: Path, edition: Edition) -> dict[str, bytes]:
    """Every file of an edition, as its manifest lists them, and the manifest.

    Raises `BriefingError` for a file that is missing or is not what was written: what a
    publication shows is what the run found.
    """
    found, wrong = {}, []
    for name, digest in edition.files.items():
        try:
            content = (folder / name).read_bytes()
        except OSError:
            wrong.append(f"{name} is missing")
            continue
        if hashlib.sha256(content).hexdigest() != digest:
            wrong.append(f"{name} is not what was written")
        found[name] = content
    if wrong:
        more = [f"and {len(wrong) - 5} more"] if len(wrong) > 5 else []
        raise BriefingError(
            "\n  ".join([f"the briefing in {folder} has been changed:", *wrong[:5], *more]),
            hints=["write it again with `foedus brief`, then publish that"],
        )
    return {**found, NAME: (folder / NAME).read_bytes()}
