"""The scenarios that ship with foedus: what they are called, and where their files are.

Models of the canon stand in `library/canon`, each under its citation: `powell1990-brinkmanship`.
They answer to the part after the citation too, where only one model has it.
"""

from __future__ import annotations

import re
from pathlib import Path

from foedus.errors import QueryError
from foedus.scenario.suggestions import did_you_mean

FOLDER = Path(__file__).parent / "library"
CANON = FOLDER / "canon"
STARTER = Path(__file__).parent / "starter.yaml"
_CITATION = re.compile(r"[a-z]+\d{4}-(?P<model>.+)")


def names() -> tuple[str, ...]:
    """Names of all shipped scenarios, sorted; models of the canon by citation."""
    return tuple(sorted(_files()))


def full_name(name: str) -> str | None:
    """The shipped scenario that `name` means; None if it means none, or several.

    >>> full_name("brinkmanship")
    'powell1990-brinkmanship'
    """
    known = _files()
    if name in known:
        return name
    meant = [full for full in known if (cited := _CITATION.fullmatch(full)) and cited[1] == name]
    return meant[0] if len(meant) == 1 else None


def path(name: str) -> Path:
    """The file of a shipped scenario; raises `QueryError` if there is none of that name."""
    full = full_name(name)
    if full is None:
        raise QueryError(f"no shipped scenario is called `{name}`; {hint(name)}")
    return _files()[full]


def hint(name: str) -> str:
    """What somebody who asked for `name` may have meant."""
    return did_you_mean(name, names(), "shipped scenarios")


def titles() -> dict[str, str]:
    """Name -> title of all shipped scenarios, without reading them whole."""
    files = _files()
    return {name: _title(files[name]) for name in names()}


def _files() -> dict[str, Path]:
    return {file.stem: file for folder in (FOLDER, CANON) for file in folder.glob("*.yaml")}


def _title(file: Path) -> str:
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("title:"):
                return line.removeprefix("title:").strip().strip("\"'")
    return file.stem


def starter(name: str) -> str:
    """The text of a commented scenario to start from, with `name` in its title."""
    title = name.replace("_", " ").replace("-", " ").strip() or "A new scenario"
    title = title[0].upper() + title[1:]
    return STARTER.read_text(encoding="utf-8").replace("TITLE", title, 1)
