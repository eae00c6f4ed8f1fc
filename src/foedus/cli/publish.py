"""`foedus publish`: briefings put into a site of many."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from foedus.cli.options import json_option

if TYPE_CHECKING:
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
@json_option
def publish(folders: tuple[Path, ...], site: Path, as_json: bool) -> None:
    """Put briefings, the folders that `foedus brief` writes, into a site of many.

    The site has a home page, pages by tag, an archive, Atom and JSON feeds and, where its
    `site.toml` says where it stands, canonical links and a site map. The same briefing again
    changes nothing; a changed one keeps its older editions and says what changed. Without
    briefings, the site is written anew around those it has, as after an edit of `site.toml`.

    \b
    Examples:
      foedus publish briefing --site site
      foedus publish --site site
    """
    from foedus.briefing.publication.publish import publish as put

    _show(put(folders, site), site, as_json=as_json)


def _show(publication: Publication, site: Path, *, as_json: bool) -> None:
    from foedus.cli.text import counted, show_json

    if as_json:
        show_json(
            {
                "site": str(site / "index.html"),
                "briefings": len(publication.briefings),
                "written": publication.written,
                "published": [_entry(one) for one in publication.published],
            }
        )
        return
    for one in publication.published:
        words = {"new": "is new", "changed": "has changed", "known": "was there already"}
        click.echo(f"{one.edition.title} {words[one.outcome]}")
        for sentence in one.changes:
            click.echo(f"  {sentence}")
    click.echo(f"{counted(len(publication.briefings), 'briefing')}: {site / 'index.html'}")


def _entry(one: Published) -> dict[str, Any]:
    return {
        "slug": one.edition.slug,
        "edition": one.edition.edition,
        "outcome": one.outcome,
        "changes": list(one.changes),
        "page": str(one.page),
    }
