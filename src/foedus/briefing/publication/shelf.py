"""The briefings that stand in a site: the newest edition of each, and the older ones."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from foedus.briefing.folder import swap
from foedus.briefing.publication.changes import changes
from foedus.briefing.publication.edition import SLUG, Edition, read_edition

BRIEFINGS, EDITIONS, HISTORY = "briefings", "editions", "history.json"


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A briefing in a site: its editions, oldest first; the last one is what readers find."""

    editions: tuple[Edition, ...]

    @property
    def newest(self) -> Edition:
        """The edition that readers find."""
        return self.editions[-1]

    @property
    def slug(self) -> str:
        """The name of its folder."""
        return self.newest.slug

    @property
    def path(self) -> str:
        """Its folder's path in the site."""
        return f"{BRIEFINGS}/{self.slug}"

    def steps(self) -> list[tuple[Edition, tuple[str, ...]]]:
        """Each edition with what it changed, the newest first; the first one changed nothing."""
        pairs = zip(self.editions, self.editions[1:], strict=False)
        found = [(self.editions[0], ()), *((new, changes(old, new)) for old, new in pairs)]
        return found[::-1]


def standing(site: Path) -> tuple[Standing, ...]:
    """Every briefing of the site, by the time of its newest edition's run, oldest first."""
    folder = site / BRIEFINGS
    found = []
    for place in sorted(folder.iterdir()) if folder.is_dir() else ():
        if place.is_dir() and SLUG.fullmatch(place.name):
            newest = read_edition(place)
            older = [read_edition(place / EDITIONS / name) for name in _history(place)[:-1]]
            found.append(Standing(editions=(*older, newest)))
    return tuple(sorted(found, key=lambda one: (one.newest.date, one.slug)))


def put(site: Path, edition: Edition, files: Mapping[str, bytes]) -> str:
    """Put an edition on the shelf. Returns what that was: `new`, `changed` or `known`.

    The folder of the briefing is made anew beside the old one and takes its place at once. An
    edition that stands there already, or once did, changes nothing.
    """
    place = site / BRIEFINGS / edition.slug
    history = _history(place)
    if edition.edition in history:
        return "known"
    place.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=f".{edition.slug}-", suffix=".part", dir=place.parent))
    try:
        made.chmod(0o755)
        for name, content in sorted(files.items()):
            path = made / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        if history:
            _keep_older(place, made, history)
        write(made / HISTORY, _written([*history, edition.edition]))
        swap(made, place)
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return "changed" if history else "new"


def _keep_older(place: Path, made: Path, history: list[str]) -> None:
    """Copy what stands in `place`, older editions and the newest, under the new one."""
    for name in history[:-1]:
        shutil.copytree(place / EDITIONS / name, made / EDITIONS / name)
    left_out = {EDITIONS, HISTORY, "changes.html"}
    shutil.copytree(
        place,
        made / EDITIONS / history[-1],
        ignore=lambda folder, names: left_out & set(names) if Path(folder) == place else set(),
    )


def _history(place: Path) -> list[str]:
    path = place / HISTORY
    if not path.is_file():
        return []
    return [str(name) for name in json.loads(path.read_text("utf-8"))]


def _written(history: list[str]) -> bytes:
    return (json.dumps(history) + "\n").encode()


def write(path: Path, content: bytes) -> bool:
    """Write a file whole, and only if it is not that already. Returns whether it was written."""
    if path.is_file() and path.read_bytes() == content:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(name, 0o644)
        os.replace(name, path)
    finally:
        if os.path.exists(name):
            os.unlink(name)
    return True
