"""What changed from one edition of a briefing to the next, in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from foedus.briefing.publication.edition import Assumption, Edition
from foedus.briefing.wording import number, share


def changes(old: Edition, new: Edition) -> tuple[str, ...]:
    """Verdicts that moved, claims and assumptions that came, went or were edited."""
    return tuple(_changes(old, new)) or (
        "No verdict moved and no assumption was edited; words, pictures or figures changed.",
    )


def _changes(old: Edition, new: Edition) -> Iterator[str]:
    if old.draws != new.draws:
        yield f"{new.draws:,} draws instead of {old.draws:,}."
    yield from _verdicts(old, new)
    yield from _assumptions(old, new)


def _verdicts(old: Edition, new: Edition) -> Iterator[str]:
    before = {one.claim: one for one in old.verdicts}
    after = {one.claim: one for one in new.verdicts}
    for claim, now in after.items():
        was = before.get(claim)
        if was is None:
            yield f"New claim {claim}, {now.label}: {now.verdict}."
        elif was.verdict != now.verdict:
            yield (
                f"Claim {claim}, {now.label}: from {was.verdict} ({share(was.share)}) to "
                f"{now.verdict} ({share(now.share)})."
            )
    for claim, was in before.items():
        if claim not in after:
            yield f"Claim {claim}, {was.label}, is no longer made."


def _assumptions(old: Edition, new: Edition) -> Iterator[str]:
    before = {one.name: one for one in old.assumptions}
    after = {one.name: one for one in new.assumptions}
    for name, now in after.items():
        was = before.get(name)
        if was is None:
            yield f"New assumption {name}: {_range(now)}."
        elif was != now:
            yield f"Assumption {name}: from {_range(was)} to {_range(now)}."
    for name in before:
        if name not in after:
            yield f"Assumption {name} is gone."


def _range(one: Assumption) -> str:
    if one.low == one.high:
        return number(one.value)
    log = ", logarithmic" if one.scale == "log" else ""
    return f"[{number(one.low)}, {number(one.high)}{log}, central {number(one.value)}]"
