"""`foedus new`: a commented scenario to start from."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path

import click

from foedus.cli.options import json_option
from foedus.cli.text import show_json
from foedus.errors import QueryError


@click.command()
@click.argument("name")
@json_option
def new(name: str, as_json: bool) -> None:
    """Write NAME.yaml, a commented scenario to start from.

    It can be checked and solved as it is. An existing file is never overwritten.

    \b
    Example:
      foedus new crisis
    """
    from foedus.scenario.library import starter

    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]*", os.path.split(name)[1]):
        raise QueryError(
            f"{name!r} cannot name a scenario: use letters, digits, `_`, `-` and `.`, "
            f"with a letter or digit first"
        )
    path = Path(name if name.endswith((".yaml", ".yml")) else f"{name}.yaml")
    write_new(path, starter(path.stem))
    if as_json:
        show_json({"file": str(path)})
    else:
        click.echo(f"wrote {path}; next: foedus check {shlex.quote(str(path))}")


def write_new(path: Path, text: str) -> None:
    """Write a file that is not there yet. Raises `QueryError` if it is, or cannot be written."""
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise QueryError(f"{path} is already there; choose another name") from None
    except OSError as error:
        raise QueryError(f"{path} cannot be written: {error.strerror}") from None
