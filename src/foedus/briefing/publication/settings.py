"""What a publication is called and where it stands: the file `site.toml` in its folder."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from foedus.errors import BriefingError

NAME = "site.toml"
STARTER = """\
# The publication in this folder. `foedus publish` reads this file and never changes it.

title = "Briefings"
description = "Strategic arguments, tested over the whole range of their assumptions."

# Where the site will stand, such as "https://example.org/briefings". Canonical links, the
# site map and full addresses in the feeds need it; without it every link is relative.
base_url = ""

# Comments: "closed", or "open" with a link to where the discussion happens. {slug} in the
# link stands for the briefing's own name.
comments = "closed"
comments_link = ""
"""
KNOWN = ("title", "description", "base_url", "comments", "comments_link")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings of a publication. `base_url` is empty or ends without a slash."""

    title: str = "Briefings"
    description: str = ""
    base_url: str = ""
    comments: str = "closed"
    comments_link: str = ""

    def address(self, path: str) -> str:
        """The full address of a page of the site; empty without a base address."""
        return f"{self.base_url}/{path}" if self.base_url else ""

    def discussion(self, slug: str) -> str:
        """Where a briefing is discussed; empty where comments are closed."""
        return self.comments_link.replace("{slug}", slug) if self.comments == "open" else ""


def read_settings(site: Path) -> Settings:
    """The settings of the site in this folder.

    Raises `BriefingError` that lists everything wrong with the file.
    """
    path = site / NAME
    try:
        found = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise BriefingError(f"{path} cannot be read: {fault}") from fault
    problems = [
        f"{name!r} is no setting; known are {', '.join(KNOWN)}"
        for name in found
        if name not in KNOWN
    ]
    problems += [
        f"{name} must be text" for name in KNOWN if not isinstance(found.get(name, ""), str)
    ]
    if not problems:
        problems = _problems({name: found.get(name, "") for name in KNOWN})
    if problems:
        raise BriefingError("\n  ".join([f"{path} cannot be used:", *problems]))
    settings = Settings(**found)
    return Settings(**{**vars(settings), "base_url": settings.base_url.rstrip("/")})


def _problems(found: dict[str, str]) -> list[str]:
    problems = []
    if found["comments"] not in ("", "open", "closed"):
        problems.append(f'comments must be "open" or "closed", not {found["comments"]!r}')
    if found["comments"] == "open" and not _web(found["comments_link"]):
        problems.append("open comments need a comments_link that begins with https:// or http://")
    if found["base_url"] and not _web(found["base_url"]):
        problems.append(f"base_url must begin with https:// or http://: {found['base_url']!r}")
    return problems


def _web(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)
