"""Publishing: briefings put into a site, and everything around them written to match."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from foedus.briefing.brief import style_sheet
from foedus.briefing.folder import refuse_others
from foedus.briefing.publication.edition import Edition, read_edition, read_files
from foedus.briefing.publication.feeds import atom, json_feed, site_map
from foedus.briefing.publication.settings import (
    NAME,
    STARTER,
    Settings,
    read_settings,
    refuse_strangers,
)
from foedus.briefing.publication.shelf import EDITIONS, Standing, put, standing, write
from foedus.briefing.publication.site_pages import SitePages
from foedus.briefing.publication.slots import filled
from foedus.errors import BriefingError

LOCK = ".publishing"


@dataclass(frozen=True, kw_only=True)
class Published:
    """What became of one folder: `new`, `changed` or `known`, and what changed in words."""

    edition: Edition
    outcome: str
    changes: tuple[str, ...]
    page: Path


@dataclass(frozen=True, kw_only=True)
class Publication:
    """A site after publishing. `written`: how many of its files are not what they were."""

    settings: Settings
    briefings: tuple[Standing, ...]
    published: tuple[Published, ...]
    written: int


def publish(folders: Sequence[Path], site: Path) -> Publication:
    """Put the briefings in these folders into the site, and write the site around them.

    The same briefings again change nothing. A changed one takes the place of its older edition,
    which stays readable beside it, with what changed. Raises `BriefingError` for a folder that
    holds no briefing or a changed one, for a site that is something else, and for settings that
    make no sense; then nothing is published.
    """
    editions = [read_edition(folder) for folder in folders]
    _refuse_twins(editions)
    files = [read_files(*pair) for pair in zip(folders, editions, strict=True)]
    refuse_others(site, mark=NAME)
    try:
        site.mkdir(parents=True, exist_ok=True)
        with FileLock(site / LOCK):
            started = not (site / NAME).exists() and write(site / NAME, STARTER.encode())
            settings = read_settings(site)
            here = {one.slug for one in standing(site)} | {one.slug for one in editions}
            refuse_strangers(settings, here)
            outcomes = [put(site, *pair) for pair in zip(editions, files, strict=True)]
            briefings = standing(site)
            written = started + _surround(site, briefings, settings)
    except OSError as fault:
        raise BriefingError(f"{site} cannot be written: {fault.strerror or fault}") from fault
    return Publication(
        settings=settings,
        briefings=briefings,
        published=tuple(
            _published(site, edition, outcome, briefings)
            for edition, outcome in zip(editions, outcomes, strict=True)
        ),
        written=written + sum(outcome != "known" for outcome in outcomes),
    )


def _refuse_twins(editions: Sequence[Edition]) -> None:
    slugs = [edition.slug for edition in editions]
    twins = sorted({slug for slug in slugs if slugs.count(slug) > 1})
    if twins:
        raise BriefingError(
            f"two of these folders are briefings of {', '.join(twins)}",
            hints=["publish the older one first, then the newer one"],
        )


def _published(
    site: Path, edition: Edition, outcome: str, briefings: Sequence[Standing]
) -> Published:
    [briefing] = [one for one in briefings if one.slug == edition.slug]
    [(_, changed), *_] = briefing.steps()
    page = site / briefing.path / "index.html"
    return Published(
        edition=edition,
        outcome=outcome,
        changes=changed if outcome == "changed" else (),
        page=page,
    )


def _surround(site: Path, briefings: Sequence[Standing], settings: Settings) -> int:
    """Write everything that depends on which briefings stand in the site; count what is new."""
    pages = SitePages(briefings, settings)
    own = {path: text.encode() for path, text in pages.all()}
    own["theme/briefing.css"] = style_sheet()
    own["feed.xml"] = atom(briefings, settings)
    own["feed.json"] = json_feed(briefings, settings)
    if settings.base_url:
        own["sitemap.xml"] = site_map(list(_mapped(own, briefings)), settings)
    written = sum(write(site / path, content) for path, content in own.items())
    for briefing in briefings:
        for edition in briefing.editions:
            written += _framed(site, briefing, edition, pages)
    return written + _removed(site, own)


def _framed(site: Path, briefing: Standing, edition: Edition, pages: SitePages) -> int:
    older = edition is not briefing.newest
    folder = site / briefing.path / (f"{EDITIONS}/{edition.edition}" if older else "")
    written = 0
    for page in (name for name in edition.files if name.endswith(".html")):
        path = folder / page
        written += write(path, filled(path.read_bytes(), pages.frame(briefing, edition, page)))
    return written


def _mapped(own: dict[str, bytes], briefings: Sequence[Standing]) -> Iterator[tuple[str, str]]:
    newest = max((one.newest.day for one in briefings), default="")
    days = {one.path: one.newest.day for one in briefings}
    for path in own:
        if path.endswith(".html"):
            yield path, days.get(path.rpartition("/")[0], newest)
    for briefing in briefings:
        for page in briefing.newest.files:
            if page.endswith(".html"):
                yield f"{briefing.path}/{page}", briefing.newest.day


def _removed(site: Path, own: dict[str, bytes]) -> int:
    """Remove the pages of tags that no briefing has any more, and a site map without a base."""
    stale = [path for path in (site / "tags").glob("*.html") if f"tags/{path.name}" not in own]
    if "sitemap.xml" not in own and (site / "sitemap.xml").exists():
        stale.append(site / "sitemap.xml")
    for path in stale:
        path.unlink()
    return len(stale)
