"""`foedus publish`: briefings put into a site of many."""

from __future__ import annotations

import os
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from foedus.cli.options import json_option

if TYPE_CHECKING:
    from foedus.briefing.announcement.announce import Announcement
    from foedus.briefing.publication.publish import Publication, Published


@click.command()
@click.argument("folders", nargs=-1, metavar="DIR...", type=click.Path(path_type=Path))
@click.option(
    "--site",
    type=click.Path(path_type=Path),
    required=True,
    metavar="DIR",
    help="The folder of the site; it is made where it is not there yet.",
)
@click.option(
    "--announce",
    "networks",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Announce these briefings on the networks of a configuration file; a dry run.",
)
@click.option("--send", is_flag=True, help="Announce them in earnest.")
@click.option(
    "--again",
    multiple=True,
    metavar="NETWORK",
    help="Try a network again where it is unknown whether an earlier post was made.",
)
@json_option
def publish(
    folders: tuple[Path, ...],
    site: Path,
    networks: Path | None,
    send: bool,
    again: tuple[str, ...],
    as_json: bool,
) -> None:
    """Put briefings, the folders that `foedus brief` writes, into a site of many.

    The site has a home page, pages by tag, an archive, Atom and JSON feeds and, where its
    `site.toml` says where it stands, canonical links and a site map. The same briefing again
    changes nothing; a changed one keeps its older editions and says what changed. Without
    briefings, the site is written anew around those it has, as after an edit of `site.toml`.

    \b
    Examples:
      foedus publish briefing --site site
      foedus publish --site site
      foedus publish briefing --site site --announce networks.toml
      foedus publish briefing --site site --announce networks.toml --send
    """
    from foedus.briefing.publication.publish import publish as put

    if networks is None and (send or again):
        raise click.UsageError("--send and --again need --announce FILE")
    publication = put(folders, site)
    said = [] if networks is None else _announced(publication, site, networks, send, again)
    _show(publication, said, site, as_json=as_json)
    if any(one.outcome in ("refused", "uncertain") for one in said):
        raise SystemExit(3)


def _announced(
    publication: Publication, site: Path, networks: Path, send: bool, again: tuple[str, ...]
) -> list[Announcement]:
    from foedus.briefing.announcement.announce import announce
    from foedus.briefing.announcement.networks import addresses, read_networks

    editions = [one.edition for one in publication.published]
    found = addresses(read_networks(networks), os.environ)
    return announce(editions, site, publication.settings, found, send=send, again=again)


def _show(publication: Publication, said: list[Announcement], site: Path, *, as_json: bool) -> None:
    from foedus.cli.text import counted, show_json

    if as_json:
        show_json(
            {
                "site": str(site / "index.html"),
                "briefings": len(publication.briefings),
                "written": publication.written,
                "published": [_entry(one) for one in publication.published],
                "announced": [_announcement(one) for one in said],
            }
        )
        return
    for one in publication.published:
        words = {"new": "is new", "changed": "has changed", "known": "was there already"}
        click.echo(f"{one.edition.title} {words[one.outcome]}")
        for sentence in one.changes:
            click.echo(f"  {sentence}")
    click.echo(f"{counted(len(publication.briefings), 'briefing')}: {site / 'index.html'}")
    for announcement in said:
        detail = f": {announcement.detail}" if announcement.detail else ""
        click.echo(
            f"\n{announcement.network} ({announcement.kind}), {announcement.outcome}{detail}"
        )
        click.echo(textwrap.indent(announcement.text, "  "))
    if any(announcement.outcome == "would send" for announcement in said):
        click.echo("\nA dry run: nothing was posted. --send posts it.")


def _entry(one: Published) -> dict[str, Any]:
    return {
        "slug": one.edition.slug,
        "edition": one.edition.edition,
        "outcome": one.outcome,
        "changes": list(one.changes),
        "page": str(one.page),
    }


def _announcement(one: Announcement) -> dict[str, Any]:
    return {
        "network": one.network,
        "kind": one.kind,
        "slug": one.edition.slug,
        "edition": one.edition.edition,
        "outcome": one.outcome,
        "detail": one.detail,
        "text": one.text,
    }
