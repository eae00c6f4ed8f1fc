"""`foedus explain`: what a diagnostic code means."""

from __future__ import annotations

import click

from foedus.cli.options import json_option
from foedus.cli.text import show_json
from foedus.errors import QueryError
from foedus.scenario.codes import CODES
from foedus.scenario.suggestions import did_you_mean


@click.command()
@click.argument("code", required=False)
@json_option
def explain(code: str | None, as_json: bool) -> None:
    """Say what a diagnostic code means.

    CODE may be the beginning of several; without it all are listed.

    \b
    Examples:
      foedus explain F404
      foedus explain F4
    """
    chosen = {name: said for name, said in CODES.items() if name.startswith((code or "").upper())}
    if not chosen:
        hint = did_you_mean(str(code), CODES, "codes")
        raise QueryError(f"there is no diagnostic {code}; {hint}")
    if as_json:
        show_json({"codes": chosen})
        return
    for name, meaning in chosen.items():
        click.echo(f"{name}  {meaning}")
