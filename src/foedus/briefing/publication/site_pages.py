"""The pages of a publication besides the briefings: home, archive, tags, changes; and its frame."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from foedus.briefing.pages import environment
from foedus.briefing.publication.edition import Edition
from foedus.briefing.publication.settings import Settings
from foedus.briefing.publication.shelf import EDITIONS, Standing
from foedus.briefing.verdicts import ORDER
from foedus.briefing.wording import file_names, hashtag

RECENT = 12  # briefings on the home page


class SitePages:
    """Renders the pages of a site and what frames the pages of its briefings."""

    def __init__(self, briefings: Sequence[Standing], settings: Settings) -> None:
        self._briefings = briefings
        self._settings = settings
        self._environment = environment()
        tags = sorted({hashtag(tag) for one in briefings for tag in one.newest.tags} - {""})
        # Networks take #NATO and #nato for the same; the first spelling stands for all.
        self._spelling = {tag.casefold(): tag for tag in reversed(tags)}
        self._tags = file_names(self._spelling.values(), "tag")

    def all(self) -> Iterator[tuple[str, str]]:
        """The path of each page of the site itself, with its text."""
        newest = list(reversed(self._briefings))
        yield "index.html", self._render("home.html.j2", "index.html", newest=newest[:RECENT])
        years = [
            (year, list(group)) for year, group in groupby(newest, lambda one: one.newest.date[:4])
        ]
        yield "archive.html", self._render("archive.html.j2", "archive.html", years=years)
        counted = [(tag, file, len(self._tagged(tag))) for tag, file in self._tags.items()]
        yield "tags/index.html", self._render("tags.html.j2", "tags/index.html", counted=counted)
        for tag, file in self._tags.items():
            path = f"tags/{file}.html"
            yield path, self._render("tag.html.j2", path, tag=tag, found=self._tagged(tag))
        for one in self._briefings:
            path = f"{one.path}/changes.html"
            yield path, self._render("changes.html.j2", path, briefing=one, steps=one.steps())

    def frame(self, briefing: Standing, edition: Edition, page: str) -> dict[str, str]:
        """What to put in the places of a page of a briefing; `page` is its path in the edition."""
        place = self._briefings.index(briefing)
        older = edition is not briefing.newest
        inside = f"{briefing.path}/{EDITIONS}/{edition.edition}" if older else briefing.path
        values: dict[str, Any] = {
            "briefing": briefing,
            "edition": edition,
            "older": older,
            "page": page,
            "inside": inside,
            "previous": self._briefings[place - 1] if place else None,
            "next": self._briefings[place + 1] if place + 1 < len(self._briefings) else None,
            "discussion": self._settings.discussion(briefing.slug),
            "tags": self._of(edition),
            "card": "card.png" in edition.files,
        }
        path = f"{inside}/{page}"
        return {
            name: self._render(f"frame_{name}.html.j2", path, **values)
            for name in ("head", "top", "bottom")
        }

    def _tagged(self, tag: str) -> list[Standing]:
        return [one for one in reversed(self._briefings) if tag in dict(self._of(one.newest))]

    def _of(self, edition: Edition) -> list[tuple[str, str]]:
        spelled = (self._spelling.get(hashtag(tag).casefold(), "") for tag in edition.tags)
        return [(tag, self._tags[tag]) for tag in dict.fromkeys(spelled) if tag]

    def _render(self, template: str, path: str, **values: Any) -> str:
        return self._environment.get_template(template).render(
            root="../" * path.count("/"),
            here=path,
            site=self._settings,
            address=self._settings.address(path),
            tally=tally,
            tags_of=self._of,
            **values,
        )


def tally(edition: Edition) -> list[tuple[str, str, int]]:
    """How many claims have each verdict: the word, its class in the style sheet, the count."""
    words = [one.verdict for one in edition.verdicts]
    return [
        (word, word.replace(" ", "-"), words.count(word)) for word in ORDER if words.count(word)
    ]
