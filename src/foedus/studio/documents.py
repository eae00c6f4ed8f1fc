"""A user's scenario texts: every keystroke kept, and two tabs never overwrite each other."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from foedus.errors import FoedusError
from foedus.scenario import library
from foedus.studio.disk import read_json, write_json, write_text

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


class Missing(FoedusError):
    """There is no such thing on this desk."""


class Conflict(FoedusError):
    """The text was changed elsewhere in the meantime. `current` is what it is now."""

    def __init__(self, message: str, current: Document) -> None:
        super().__init__(message)
        self.current = current


class TooMuch(FoedusError):
    """More than this studio keeps or takes."""


class TooLarge(TooMuch):
    """More bytes than may come in at once."""


@dataclass(frozen=True, kw_only=True)
class Document:
    """One scenario text. `revision` counts its changes; `origin` is where it came from.

    `path` is a file on this machine that the text can be saved to, `saved` the text that was
    last read from it or written to it.
    """

    name: str
    text: str
    revision: int = 1
    origin: str = ""
    path: str = ""
    saved: str = ""
    changed: float = 0.0
    tab: str = ""  # the tab that changed it last

    def to_dict(self, *, text: bool = True) -> dict[str, Any]:
        """The document as plain data, with or without its text."""
        found = asdict(self)
        found["unsaved"] = self.text != self.saved
        del found["saved"]
        if not text:
            del found["text"]
        return found


@dataclass(frozen=True, eq=False)
class Documents:
    """The documents of one desk, each in a file of its own."""

    folder: Path
    most: int
    largest: int

    def all(self) -> list[Document]:
        """All documents, the one changed last first."""
        found = [self._read(file) for file in self.folder.glob("*.json")]
        return sorted((one for one in found if one), key=lambda one: -one.changed)

    def get(self, name: str) -> Document:
        """The document of that name, or the library's scenario. Raises `Missing`."""
        if NAME.fullmatch(name):
            found = self._read(self.folder / f"{name}.json")
            if found is not None:
                return found
            full = library.full_name(name)
            if full is not None:
                text = library.path(full).read_text(encoding="utf-8")
                return Document(name=full, text=text, saved=text, revision=0, origin="library")
        raise Missing(f"there is no document {name!r} on your desk")

    def add(self, name: str, text: str, *, origin: str = "", path: str = "") -> Document:
        """A new document, under a name that is free."""
        self._insist(text)
        if len(list(self.folder.glob("*.json"))) >= self.most:
            raise TooMuch(f"a desk holds {self.most} documents; remove some first")
        document = Document(
            name=self._free(name),
            text=text,
            origin=origin,
            path=path,
            saved=text if path else "",
            changed=time.time(),
        )
        self._write(document)
        return document

    def write(self, name: str, text: str, *, base: int, tab: str = "") -> Document:
        """The document with a new text that was made from revision `base`.

        Raises `Conflict` where another tab has changed the document since.
        """
        self._insist(text)
        current = self.get(name)
        if current.revision != base and current.text != text:
            raise Conflict("this document was changed in another tab or browser", current)
        if current.text == text:
            return current
        changed = replace(
            current, text=text, revision=current.revision + 1, changed=time.time(), tab=tab
        )
        self._write(changed)
        return changed

    def save(self, name: str) -> Document:
        """Write the text to the file that it came from. Raises `Conflict` if that has changed."""
        document = self.get(name)
        if not document.path:
            raise Missing("this document belongs to no file; download it instead")
        path = Path(document.path)
        try:
            there = path.read_text(encoding="utf-8") if path.exists() else document.saved
            if there not in (document.saved, document.text):
                raise Conflict(
                    f"{path.name} was changed by another program since it was opened here; "
                    "download your text, or open the file anew",
                    document,
                )
            write_text(path, document.text)
        except OSError as fault:
            raise TooMuch(f"{path.name} cannot be written: {fault.strerror}") from None
        saved = replace(document, saved=document.text)
        self._write(saved)
        return saved

    def remove(self, name: str) -> None:
        """Remove a document. Raises `Missing`."""
        self.get(name)
        (self.folder / f"{name}.json").unlink(missing_ok=True)

    def opened(self, source: Path) -> Document:
        """The document of a file on this machine: what is on the desk, else what the file says."""
        path = str(source.resolve())
        for document in self.all():
            if document.path == path:
                return document
        text = source.read_bytes()[: self.largest + 1].decode("utf-8", errors="replace")
        return self.add(source.stem, text, origin="file", path=path)

    def _insist(self, text: str) -> None:
        if len(text.encode("utf-8", errors="surrogatepass")) > self.largest:
            raise TooLarge(f"a scenario may have {self.largest:,} bytes")

    def _free(self, wanted: str) -> str:
        slug = re.sub(r"[^a-z0-9]+", "-", wanted.lower()).strip("-")[:48] or "scenario"
        taken = {file.stem for file in self.folder.glob("*.json")} | set(library.names())
        name, n = slug, 1
        while name in taken:
            n += 1
            name = f"{slug}-{n}"
        return name

    def _read(self, file: Path) -> Document | None:
        found = read_json(file)
        if not isinstance(found, Mapping):
            return None
        try:
            return Document(**found)
        except TypeError:
            return None

    def _write(self, document: Document) -> None:
        write_json(self.folder / f"{document.name}.json", asdict(document))
