"""`foedus studio`: explore, question, edit and play a scenario in the browser."""

from __future__ import annotations

import os
import sys
import webbrowser
from pathlib import Path

import click

from foedus.cli.options import json_option
from foedus.cli.storing import store_option


@click.command()
@click.argument("scenario", required=False)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8642,
    show_default=True,
    help="The port to listen on; 0 takes any that is free.",
)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="The address to listen on. Any but this machine's needs --password.",
)
@click.option(
    "--password", is_flag=True, help="Let in whoever knows the password in FOEDUS_STUDIO_PASSWORD."
)
@click.option(
    "--allow-host",
    "names",
    multiple=True,
    metavar="NAME",
    help="A further name by which browsers may reach it; may be repeated.",
)
@click.option(
    "--home",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where documents and games are kept.  [default: `studio` beside the run store]",
)
@click.option(
    "--solvers",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="Processes that answer questions; more serve more people at once.",
)
@click.option("--open/--no-open", "show", default=None, help="Open the browser, or do not.")
@store_option
@json_option
def studio(
    scenario: str | None,
    port: int,
    host: str,
    password: bool,
    names: tuple[str, ...],
    home: Path | None,
    solvers: int,
    show: bool | None,
    store: Path | None,
    as_json: bool,
) -> None:
    """Explore SCENARIO in the browser: sliders, verdicts, an editor, a seat to play.

    The page is for this machine alone, and the address that is printed lets one browser in,
    once. Everything typed is kept; the same command brings it back.

    \b
    Examples:
      foedus studio us-ukraine-pact
      FOEDUS_STUDIO_PASSWORD=... foedus studio --host 0.0.0.0 --password --allow-host studio.example
    """
    from foedus.cli.jax_session import start_jax
    from foedus.cli.text import show_json
    from foedus.ensemble.place import default_store
    from foedus.errors import QueryError
    from foedus.scenario import library
    from foedus.studio.app import serve
    from foedus.studio.settings import Settings, is_loopback

    if scenario is not None and not Path(scenario).exists() and library.full_name(scenario) is None:
        raise QueryError(
            f"there is no file and no shipped scenario `{scenario}`; {library.hint(scenario)}"
        )
    if not is_loopback(host) and not password:
        raise QueryError(
            f"{host} can be reached from other machines; if that is meant, set "
            "FOEDUS_STUDIO_PASSWORD and add --password"
        )
    secret = os.environ.get("FOEDUS_STUDIO_PASSWORD") if password else None
    if password and (secret is None or len(secret) < 12):
        raise QueryError("--password needs FOEDUS_STUDIO_PASSWORD, of at least 12 characters")
    store = default_store(os.environ) if store is None else store
    settings = Settings(
        home=home or store.parent / "studio",
        store=store,
        host=host,
        port=port,
        scenario=scenario,
        password=secret,
        names=names,
        writer="foedus.cli.studio_briefing",
        prepare=start_jax,
        solvers=solvers,
    )
    first = True

    def announce(address: str) -> None:
        nonlocal first
        if as_json and first:
            show_json({"address": address})
        else:
            said = "open" if first else "for another browser, open"
            click.echo(f"foedus studio: {said} {address}", err=not first)
        sys.stdout.flush()
        wanted = sys.stdout.isatty() if show is None else show
        if first and wanted:
            webbrowser.open(address)
        first = False

    serve(settings, announce)
