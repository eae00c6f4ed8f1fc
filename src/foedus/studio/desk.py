"""One visitor's desk: documents, games and assessments, apart from everybody else's."""

from __future__ import annotations

import re
import secrets
import shutil
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from foedus.studio.disk import read_json, write_json
from foedus.studio.documents import Documents, Missing, TooMuch
from foedus.studio.settings import Settings

ID = re.compile(r"[0-9a-f]{8,32}")


@dataclass(frozen=True, eq=False)
class Desk:
    """What belongs to one cookie. Everything is on disk, so a killed server loses nothing."""

    id: str
    folder: Path
    settings: Settings

    @property
    def documents(self) -> Documents:
        """Its scenario texts."""
        limits = self.settings.limits
        return Documents(self.folder / "documents", limits.documents, limits.text)

    @property
    def store(self) -> Path:
        """Its run store: the user's own on a studio for this machine alone."""
        return self.settings.store if self.settings.local else self.folder / "runs.sqlite"

    @property
    def briefings(self) -> Path:
        """Where its briefings are kept: beside the store that they were written from."""
        return (self.settings.home if self.settings.local else self.folder) / "briefings"

    def things(self, kind: str) -> list[dict[str, Any]]:
        """All games, or all assessments, the newest first."""
        found = [read_json(file) for file in (self.folder / kind).glob("*.json")]
        kept = [one for one in found if isinstance(one, dict) and "id" in one]
        return sorted(kept, key=lambda one: -float(one.get("made", 0)))

    def thing(self, kind: str, id_: str) -> dict[str, Any]:
        """One of them. Raises `Missing`."""
        found = read_json(self._file(kind, id_))
        if not isinstance(found, dict):
            raise Missing(f"there is no such thing among your {kind}")
        return found

    def put(self, kind: str, content: Mapping[str, Any]) -> dict[str, Any]:
        """Keep one, under a new id if it has none."""
        kept = {"id": secrets.token_hex(6), "made": time.time(), **content}
        if "id" not in content and len(self.things(kind)) >= self.settings.limits.games:
            raise TooMuch(f"a desk keeps {self.settings.limits.games} {kind}; remove some first")
        write_json(self._file(kind, kept["id"]), kept)
        return kept

    def drop(self, kind: str, id_: str) -> None:
        """Remove one. Raises `Missing`."""
        self.thing(kind, id_)
        self._file(kind, id_).unlink(missing_ok=True)

    def _file(self, kind: str, name: str) -> Path:
        if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,80}", name):
            raise Missing(f"{name!r} names nothing here")
        return self.folder / kind / f"{name}.json"


@dataclass(frozen=True, eq=False)
class Desks:
    """All desks of a studio."""

    settings: Settings

    def desk(self, id_: str) -> Desk:
        """The desk with this id."""
        assert ID.fullmatch(id_)
        return Desk(id_, self._folder / id_, self.settings)

    def tidy(self, known: Collection[str]) -> None:
        """Where there are too many, remove those that no cookie opens, and the oldest first."""
        folders = [path for path in self._folder.glob("*") if path.is_dir()]
        folders.sort(key=lambda path: (path.name not in known, -path.stat().st_mtime))
        for folder in folders[self.settings.limits.desks :]:
            shutil.rmtree(folder, ignore_errors=True)

    @property
    def _folder(self) -> Path:
        return self.settings.home / "desks"
