"""The feeds of a publication: Atom and JSON Feed, newest first, and the site map."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

from foedus.briefing.publication.changes import changes
from foedus.briefing.publication.edition import Edition
from foedus.briefing.publication.settings import Settings
from foedus.briefing.publication.shelf import Standing
from foedus.briefing.wording import hashtag

ATOM = "http://www.w3.org/2005/Atom"
SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
NEVER = "1970-01-01T00:00:00Z"  # of a feed without entries


def identity(edition: Edition, settings: Settings) -> str:
    """A `tag:` URI (RFC 4151) that stays the same wherever the files are moved to."""
    authority = urlsplit(settings.base_url).hostname or "foedus.invalid"
    return f"tag:{authority},{edition.day}:{edition.slug}/{edition.edition}"


def told(briefing: Standing) -> str:
    """What a feed says of a briefing: the finding, and what changed with this edition."""
    words = [briefing.newest.sentence]
    if len(briefing.editions) > 1:
        words += ["Changed:", *changes(*briefing.editions[-2:])]
    return " ".join(words)


def atom(briefings: Sequence[Standing], settings: Settings) -> bytes:
    """The Atom feed (RFC 4287). Links are relative where no base address is known."""
    feed = ElementTree.Element("feed", {"xmlns": ATOM, "xml:lang": "en"})
    newest = [one.newest.date for one in briefings]
    authority = urlsplit(settings.base_url).hostname or "foedus.invalid"
    _text(feed, "id", settings.address("") or f"tag:{authority},1970-01-01:briefings")
    _text(feed, "title", settings.title)
    if settings.description:
        _text(feed, "subtitle", settings.description)
    _text(feed, "updated", max(newest, default=NEVER))
    author = ElementTree.SubElement(feed, "author")
    _text(author, "name", settings.title)
    ElementTree.SubElement(
        feed, "link", {"rel": "self", "href": settings.address("feed.xml") or "feed.xml"}
    )
    ElementTree.SubElement(
        feed, "link", {"rel": "alternate", "href": settings.address("index.html") or "index.html"}
    )
    for briefing in reversed(briefings):
        _entry(feed, briefing, settings)
    return _xml(feed)


def _entry(feed: ElementTree.Element, briefing: Standing, settings: Settings) -> None:
    edition = briefing.newest
    entry = ElementTree.SubElement(feed, "entry")
    path = f"{briefing.path}/index.html"
    _text(entry, "id", identity(edition, settings))
    _text(entry, "title", edition.title)
    _text(entry, "published", briefing.editions[0].date)
    _text(entry, "updated", edition.date)
    ElementTree.SubElement(
        entry, "link", {"rel": "alternate", "href": settings.address(path) or path}
    )
    discussion = settings.discussion(edition.slug)
    if discussion:
        # RFC 4685: where replies to the entry are.
        ElementTree.SubElement(
            entry, "link", {"rel": "replies", "type": "text/html", "href": discussion}
        )
    for tag in edition.tags:
        ElementTree.SubElement(entry, "category", {"term": tag, "label": hashtag(tag)})
    _text(entry, "summary", told(briefing))


def json_feed(briefings: Sequence[Standing], settings: Settings) -> bytes:
    """The JSON Feed, version 1.1."""
    feed: dict[str, Any] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": settings.title,
        "home_page_url": settings.address("index.html") or "index.html",
        "feed_url": settings.address("feed.json") or "feed.json",
        "language": "en",
        "items": [_item(one, settings) for one in reversed(briefings)],
    }
    if settings.description:
        feed["description"] = settings.description
    return (json.dumps(feed, ensure_ascii=False, indent=1) + "\n").encode()


def _item(briefing: Standing, settings: Settings) -> dict[str, Any]:
    edition = briefing.newest
    path = f"{briefing.path}/index.html"
    item: dict[str, Any] = {
        "id": identity(edition, settings),
        "url": settings.address(path) or path,
        "title": edition.title,
        "summary": edition.sentence,
        "content_text": told(briefing),
        "date_published": briefing.editions[0].date,
        "date_modified": edition.date,
        "tags": list(edition.tags),
        "_comments": _comments(settings.discussion(edition.slug)),
    }
    if "card.png" in edition.files:
        card = f"{briefing.path}/card.png"
        item["image"] = settings.address(card) or card
    return item


def _comments(discussion: str) -> dict[str, str]:
    """Whether there is a discussion, and where: an extension, as JSON Feed itself has no word."""
    return {"state": "open", "url": discussion} if discussion else {"state": "closed"}


def site_map(pages: Sequence[tuple[str, str]], settings: Settings) -> bytes:
    """The site map of pages, each with the day it last changed; needs a base address."""
    root = ElementTree.Element("urlset", {"xmlns": SITEMAP})
    for path, day in pages:
        place = ElementTree.SubElement(root, "url")
        _text(place, "loc", settings.address(path))
        if day:
            _text(place, "lastmod", day)
    return _xml(root)


def _text(parent: ElementTree.Element, name: str, words: str) -> None:
    ElementTree.SubElement(parent, name).text = words


def _xml(root: ElementTree.Element) -> bytes:
    ElementTree.indent(root)
    written: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"
