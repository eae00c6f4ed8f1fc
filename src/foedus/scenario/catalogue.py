"""The catalogue of shipped scenarios: what each is about, and who first said so, to choose by."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from foedus.scenario.diagnostics import Report
from foedus.scenario.document import parse
from foedus.scenario.library import names, path
from foedus.scenario.nodes import plain

_REFERENCE = re.compile(r"(?P<authors>[^(]+)\((?P<year>\d{4})")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One scenario of the library, as its file introduces it.

    `authors` and `years` are those of its sources, in order; `canon` says whether it is a
    published model.
    """

    name: str
    title: str
    summary: str
    tags: tuple[str, ...]
    sources: tuple[str, ...]
    authors: tuple[str, ...]
    years: tuple[int, ...]
    canon: bool
    file: Path

    def matches(
        self,
        *,
        tag: str | None = None,
        author: str | None = None,
        year: int | None = None,
        topic: str | None = None,
    ) -> bool:
        """Whether all that is asked for holds; words count whatever their case.

        A topic is any words, each of which stands in the name, title, summary or tags.
        """
        text = " ".join((self.name, self.title, self.summary, *self.tags)).casefold()
        named = " ".join(self.authors).casefold()
        return (
            (tag is None or tag.casefold() in (known.casefold() for known in self.tags))
            and (author is None or author.casefold() in named)
            and (year is None or year in self.years)
            and (topic is None or all(word in text for word in topic.casefold().split()))
        )


def entries() -> tuple[Entry, ...]:
    """Every shipped scenario, by name. Rules are not read, so that this is quick.

    >>> [entry.name for entry in entries() if entry.matches(author="Brams")]
    ['brams1994-cuban-missile-crisis']
    """
    return tuple(_entry(name, path(name)) for name in names())


def _entry(name: str, file: Path) -> Entry:
    root = parse(file.read_bytes(), Report(name))
    said: dict[str, Any] = {} if root is None else plain(root)
    sources = tuple(said.get("sources", {}).values())
    cited = [found for text in sources if (found := _REFERENCE.match(text))]
    return Entry(
        name=name,
        title=said.get("title", name),
        summary=" ".join(said.get("summary", "").split()),
        tags=tuple(said.get("tags", ())),
        sources=sources,
        authors=tuple(dict.fromkeys(who for one in cited for who in _people(one["authors"]))),
        years=tuple(sorted({int(one["year"]) for one in cited})),
        canon=file.parent.name == "canon",
        file=file,
    )


def _people(authors: str) -> Iterator[str]:
    for who in re.split(r",| and ", authors):
        if who.strip():
            yield who.strip()
