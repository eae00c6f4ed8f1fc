"""Announcing: every edition at most once on every network, also across a crash."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from filelock import FileLock

from foedus.briefing.announcement.ledger import Entry, Ledger
from foedus.briefing.announcement.message import message
from foedus.briefing.announcement.networks import Address
from foedus.briefing.announcement.service import Outcome, Service
from foedus.briefing.publication.edition import Edition
from foedus.briefing.publication.settings import Settings
from foedus.briefing.publication.shelf import BRIEFINGS
from foedus.errors import BriefingError
from foedus.scenario.suggestions import did_you_mean

LOCK = ".announcing"
PAUSES = (1.0, 4.0)  # seconds before a post that was not taken is tried again
Word = Literal["would send", "sent", "refused", "uncertain", "already sent", "left alone"]


@dataclass(frozen=True, kw_only=True)
class Announcement:
    """One edition on one network: what is said, and what became of it."""

    network: str
    kind: str
    edition: Edition
    text: str
    outcome: Word
    detail: str = ""


def announce(
    editions: Sequence[Edition],
    site: Path,
    settings: Settings,
    addresses: Sequence[Address],
    *,
    send: bool = False,
    again: Collection[str] = (),
    pauses: Sequence[float] = PAUSES,
) -> list[Announcement]:
    """Announce these editions of a site on all networks; without `send`, only say what would be.

    What a network has been told is not said again. Where a crash or a silence leaves it open
    whether a post was made, it is left alone unless its network is in `again`. Raises
    `BriefingError` for a site without a base address, and for addresses that cannot be used.
    """
    if not settings.base_url:
        raise BriefingError(
            "an announcement needs a link that others can follow",
            hints=[f"set base_url in {site / 'site.toml'}"],
        )
    services = [Service(address) for address in addresses]
    _refuse_unknown(again, services)
    with FileLock(site / LOCK):
        round_ = _Round(
            site=site, settings=settings, ledger=Ledger(site), send=send, again=again, pauses=pauses
        )
        return [round_.announced(edition, service) for edition in editions for service in services]


def _refuse_unknown(again: Collection[str], services: Sequence[Service]) -> None:
    known = [service.network.name for service in services]
    for name in again:
        if name not in known:
            hint = did_you_mean(name, known, "networks")
            raise BriefingError(f"there is no network {name!r} to try again; {hint}")


@dataclass(frozen=True, kw_only=True)
class _Round:
    """One round of announcements of a site, under its lock."""

    site: Path
    settings: Settings
    ledger: Ledger
    send: bool
    again: Collection[str]
    pauses: Sequence[float]

    def announced(self, edition: Edition, service: Service) -> Announcement:
        name = service.network.name
        link = self.settings.address(f"{BRIEFINGS}/{edition.slug}/index.html")
        text = message(edition, link, service.limit, titled=not service.titled)
        state = self.ledger.state(name, edition.edition)
        outcome: Word = "would send"
        detail = ""
        if state == "sent":
            outcome = "already sent"
        elif state == "uncertain" and name not in self.again:
            outcome = "left alone"
            detail = (
                "an earlier attempt was cut off, so it may have been posted; look there, then "
                f"use --again {name} if it was not"
            )
        elif self.send:
            last = self._posted(edition, service, text)
            outcome, detail = last.state, last.detail
        return Announcement(
            network=name,
            kind=service.kind,
            edition=edition,
            text=text,
            outcome=outcome,
            detail=detail,
        )

    def _posted(self, edition: Edition, service: Service, text: str) -> Outcome:
        """The last of several attempts, each written down before and after."""
        about = {
            "network": service.network.name,
            "slug": edition.slug,
            "edition": edition.edition,
        }
        card = self.site / BRIEFINGS / edition.slug / "card.png"
        pauses = [0.0, *self.pauses]
        while True:
            time.sleep(pauses.pop(0))
            self.ledger.note(Entry(**about, state="intended"))
            outcome = service.post(
                text,
                title=edition.title,
                card=card if card.is_file() else None,
                key=f"{edition.slug}-{edition.edition}",
            )
            self.ledger.note(Entry(**about, state=outcome.state, detail=outcome.detail))
            if not (outcome.passing and pauses):
                return outcome
