"""An announcement in words, within the length that a network takes."""

from __future__ import annotations

from foedus.briefing.publication.edition import Edition
from foedus.briefing.wording import hashtag, plain

CUT = "…"


def message(edition: Edition, link: str, limit: int, *, titled: bool = True) -> str:
    """Title, one sentence, tags and link; whatever has to go, the link stays whole.

    Where it is too long the sentence is cut at a word, then it goes, then the tags, the last
    first, and at last the title is cut. `titled` is false where the title has a place of its own.
    """
    title = plain(edition.title) if titled else ""
    tags = list(dict.fromkeys(filter(None, map(hashtag, edition.tags))))
    whole = _joined(title, edition.sentence, tags, link)
    if len(whole) <= limit:
        return whole
    room = limit - len(_joined(title, "", tags, link)) - 2
    sentence = _cut(edition.sentence, room)
    if sentence:
        return _joined(title, sentence, tags, link)
    while tags and len(_joined(title, "", tags, link)) > limit:
        tags.pop()
    if len(found := _joined(title, "", tags, link)) <= limit:
        return found
    return _joined(_cut(title, limit - len(link) - 2), "", [], link)


def _joined(title: str, sentence: str, tags: list[str], link: str) -> str:
    return "\n\n".join(filter(None, [title, sentence, " ".join(tags), link]))


def _cut(text: str, room: int) -> str:
    """The words that fit, with a sign that there were more; nothing if hardly any do."""
    if len(text) <= room:
        return text
    if room < 30:
        return ""
    kept = text[: room - len(CUT)]
    words, gap, _ = kept.rpartition(" ")
    return f"{(words if gap and len(words) > room // 2 else kept).rstrip(' ,;:.')}{CUT}"
