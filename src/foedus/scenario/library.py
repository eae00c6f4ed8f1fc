"""The scenarios that ship with foedus."""

from __future__ import annotations

from pathlib import Path

from foedus.errors import QueryError
from foedus.scenario.suggestions import did_you_mean

FOLDER = Path(__file__).parent / "library"
STARTER = Path(__file__).parent / "starter.yaml"


def names() -> tuple[str, ...]:
    """Names of all shipped scenarios, sorted."""
    return tuple(sorted(file.stem for file in FOLDER.glob("*.yaml")))


def path(name: str) -> Path:
    """The file of a shipped scenario; raises `QueryError` if there is none of that name."""
    if name not in names():
        raise QueryError(f"no shipped scenario is called `{name}`; {hint(name)}")
    return FOLDER / f"{name}.yaml"


def hint(name: str) -> str:
    """What somebody who asked for `name` may have meant."""
    return did_you_mean(name, names(), "shipped scenarios")


def titles() -> dict[str, str]:
    """Name -> title of all shipped scenarios, without reading them whole."""
    return {name: _title(FOLDER / f"{name}.yaml") for name in names()}


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
