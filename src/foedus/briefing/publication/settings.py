"""What a publication is called and where it stands: the file `site.toml` in its folder."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from foedus.errors import BriefingError
from foedus.findings.words import listing

NAME = "site.toml"
STARTER = """\
# The publication in this folder. `foedus publish` reads this file and never changes it.

title = "Briefings"
description = "Strategic arguments, tested over the whole range of their assumptions."

# Where the site will stand, such as "https://example.org/briefings". Canonical links, the
# site map and full addresses in the feeds need it; without it every link is relative.
base_url = ""

# Comments: "closed", or "open" with a link to where the discussion happens. {slug} in the
# link stands for the briefing's own name, that of its folder in briefings/.
comments = "closed"
comments_link = ""

# One briefing may have settings of its own; what it does not set is as above:
# [briefings.us-ukraine-pact]
# comments = "open"
# comments_link = "https://forum.example.org/t/1234"
"""
COMMENTS = ("comments", "comments_link")
KNOWN = ("title", "description", "base_url", *COMMENTS)
OWN = "briefings"  # the table of settings that briefings have of their own


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings of a publication. `base_url` is empty or ends without a slash.

    `briefings`: by a briefing's slug, what it sets of `comments` and `comments_link` itself.
    """

    title: str = "Briefings"
    description: str = ""
    base_url: str = ""
    comments: str = "closed"
    comments_link: str = ""
    briefings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def address(self, path: str) -> str:
        """The full address of a page of the site; empty without a base address."""
        return f"{self.base_url}/{path}" if self.base_url else ""

    def discussion(self, slug: str) -> str:
        """Where a briefing is discussed; empty where its comments are closed."""
        comments, link = (
            self.briefings.get(slug, {}).get(name) or getattr(self, name) for name in COMMENTS
        )
        return link.replace("{slug}", slug) if comments == "open" else ""


def read_settings(site: Path) -> Settings:
    """The settings of the site in this folder.

    Raises `BriefingError` that lists everything wrong with the file.
    """
    path = site / NAME
    try:
        found = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise BriefingError(f"{path} cannot be read: {fault}") from fault
    own = found.pop(OWN, {})
    problems = _not_text(found, KNOWN, "")
    if not (isinstance(own, dict) and all(isinstance(one, dict) for one in own.values())):
        problems.append(f"{OWN} must hold a table for each briefing, such as [{OWN}.some-name]")
    else:
        problems += [
            said
            for slug, settings in own.items()
            for said in _not_text(settings, COMMENTS, f"{OWN}.{slug}.")
        ]
    if not problems:
        settings = Settings(**found, briefings=own)
        problems = list(_problems(settings))
    if problems:
        raise BriefingError("\n  ".join([f"{path} cannot be used:", *problems]))
    return replace(settings, base_url=settings.base_url.rstrip("/"))


def refuse_strangers(settings: Settings, slugs: Collection[str]) -> None:
    """Raise `BriefingError` if the settings name a briefing that is not among these.

    A name that is not quite right would leave comments as nobody wants them, silently.
    """
    strangers = [slug for slug in settings.briefings if slug not in slugs]
    if strangers:
        raise BriefingError(
            f"{NAME} has settings for {listing(strangers)}, and there is no such briefing here",
            hints=[f"the briefings here are {listing(sorted(slugs)) or 'none yet'}"],
        )


def _not_text(found: Mapping[str, Any], known: Sequence[str], inside: str) -> list[str]:
    problems = [
        f"{inside + name!r} is no setting; known are {', '.join(inside + one for one in known)}"
        for name in found
        if name not in known
    ]
    return problems + [
        f"{inside}{name} must be text" for name in known if not isinstance(found.get(name, ""), str)
    ]


def _problems(settings: Settings) -> Iterator[str]:
    yield from _of_comments({name: getattr(settings, name) for name in COMMENTS}, "", settings)
    for slug, own in settings.briefings.items():
        yield from _of_comments(own, f"{OWN}.{slug}.", settings)
    if settings.base_url and not _web(settings.base_url):
        yield f"base_url must begin with https:// or http://: {settings.base_url!r}"


def _of_comments(found: Mapping[str, str], inside: str, settings: Settings) -> Iterator[str]:
    state = found.get("comments", "")
    if state not in ("", "open", "closed"):
        yield f'{inside}comments must be "open" or "closed", not {state!r}'
    link = found.get("comments_link") or settings.comments_link
    if (state or settings.comments) == "open" and not _web(link):
        yield (
            f"{inside}comments are open, so {inside}comments_link must begin with https:// or "
            f"http://: {link!r}"
        )


def _web(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)
