"""A folder written whole or not at all, and never in the place of somebody else's."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from foedus.errors import BriefingError


def write_folder(files: Mapping[str, bytes], at: Path, *, mark: str) -> None:
    """Write the files as the folder `at`, in place of an older one that holds the file `mark`.

    The new folder is made beside it first, so that a reader finds the old one or the new one,
    whole. Raises `BriefingError` if there is something else at that place, or if the disk refuses.
    """
    at = Path(os.path.abspath(at))
    refuse_others(at, mark=mark)
    try:
        at.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=f".{at.name[:40]}-", suffix=".part", dir=at.parent))
    except OSError as fault:
        raise BriefingError(f"{at} cannot be written: {fault.strerror or fault}") from fault
    try:
        for name, content in sorted(files.items()):
            path = made / _inside(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        for folder in (made, *(path for path in made.rglob("*") if path.is_dir())):
            folder.chmod(0o755)
        swap(made, at)
    except OSError as fault:
        raise BriefingError(f"{at} cannot be written: {fault.strerror or fault}") from fault
    finally:
        shutil.rmtree(made, ignore_errors=True)


def refuse_others(at: Path, *, mark: str) -> None:
    """Raise `BriefingError` if there is something at `at` that is neither empty nor marked so."""
    if at.is_symlink() or (at.exists() and not at.is_dir()):
        raise BriefingError(
            f"{at} is not a folder", hints=["name a folder that is not there yet, with -o"]
        )
    if at.is_dir() and any(at.iterdir()) and not (at / mark).is_file():
        raise BriefingError(
            f"{at} holds something else (no {mark} in it), so it is left as it is",
            hints=["name a folder that is not there yet, with -o", "empty this one first"],
        )


def swap(made: Path, at: Path) -> None:
    """Put a finished folder in its place; the old one is out of the way before it is removed."""
    if not at.exists():
        made.rename(at)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{at.name[:40]}-", suffix=".old", dir=at.parent))
    try:
        at.rename(old / "it")
        try:
            made.rename(at)
        except OSError:
            (old / "it").rename(at)
            raise
    finally:
        shutil.rmtree(old, ignore_errors=True)


def _inside(name: str) -> PurePosixPath:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not path.parts:
        raise BriefingError(f"{name!r} is no place inside a folder")
    return path
