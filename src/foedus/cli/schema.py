"""`foedus schema`: the JSON Schema of scenario files, for editors."""

from __future__ import annotations

import click

from foedus.cli.options import json_option
from foedus.cli.text import show_json


@click.command()
@json_option
def schema(as_json: bool) -> None:
    """Print the JSON Schema of scenario files.

    Editors use it to complete and check what is typed.

    \b
    Example:
      foedus schema > foedus.schema.json
      and as the first line of a scenario:
      # yaml-language-server: $schema=foedus.schema.json
    """
    from foedus.scenario.schema import json_schema

    show_json(json_schema())
