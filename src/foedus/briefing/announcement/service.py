"""One network through apprise: what it takes, and what became of a post."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from foedus.briefing.announcement.networks import Address
from foedus.errors import BriefingError

STATUS = re.compile(r"error=(\d{3})\b")
# What was never sent: the other side was not reached at all.
NOT_REACHED = re.compile(r"refused|establish a new connection|NameResolution|ConnectTimeout", re.I)
PASSING = ("429", "503")  # refusals that may be over in a moment


@dataclass(frozen=True)
class Outcome:
    """What became of a post, in a word and a detail without secrets.

    `passing`: it was not posted, and trying again soon makes sense.
    """

    state: Literal["sent", "refused", "uncertain"]
    detail: str = ""
    passing: bool = False


class Service:
    """A network ready to post to. Raises `BriefingError` if its address cannot be used."""

    def __init__(self, address: Address) -> None:
        try:
            import apprise
        except ImportError as fault:
            raise BriefingError(
                "announcements need the package apprise", hints=["pip install 'foedus[announce]'"]
            ) from fault
        self.network = address.network
        with _heard():
            self._plugin: Any = apprise.Apprise.instantiate(address.url)
        if self._plugin is None:
            raise BriefingError(
                f"the address of {self.network.name}, in {self.network.variable}, is none that "
                "apprise knows (it is not shown here, as it holds secrets)"
            )
        if getattr(self._plugin, "mode", None) == "dm":
            raise BriefingError(
                f"{self.network.name} would send a direct message instead of a post",
                hints=[f"add ?mode=tweet to the address in {self.network.variable}"],
            )

    @property
    def kind(self) -> str:
        """What the network is."""
        return str(self._plugin.service_name)

    @property
    def limit(self) -> int:
        """Most characters of a post."""
        most = int(self._plugin.body_maxlen)
        return most if self.network.limit is None else min(most, self.network.limit)

    @property
    def titled(self) -> bool:
        """Whether a title has a place of its own, as the subject of a mail."""
        return bool(self._plugin.title_maxlen)

    def post(self, body: str, *, title: str, card: Path | None, key: str) -> Outcome:
        """Post once, without trying again.

        `key` is given to networks that post only once whatever comes with the same key.
        """
        import apprise

        if hasattr(self._plugin, "idempotency_key"):
            self._plugin.idempotency_key = key
        attached = None
        if card is not None and self.network.card and self._plugin.attachment_support:
            attached = apprise.AppriseAttachment(str(card))
        with _heard() as said:
            arrived = self._plugin.notify(
                body=body,
                title=title if self.titled else "",
                body_format=apprise.NotifyFormat.TEXT,
                attach=attached,
            )
        return Outcome("sent") if arrived else _judged(said)


def _judged(said: list[str]) -> Outcome:
    """What a failed post came to, by what the library said of it; when in doubt, uncertain."""
    everything = "\n".join(said)
    if found := STATUS.search(everything):
        status = found[1]
        if status.startswith("4") or status == "503":
            return Outcome("refused", f"the network answered {status}", status in PASSING)
        return Outcome("uncertain", f"the network answered {status}")
    if NOT_REACHED.search(everything):
        return Outcome("refused", "the network could not be reached", passing=True)
    return Outcome("uncertain", "no answer came, so it may have been posted")


@contextmanager
def _heard() -> Iterator[list[str]]:
    """What apprise says meanwhile, kept from every log: addresses in it may hold secrets."""
    logger = logging.getLogger("apprise")
    said: list[str] = []

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(record.getMessage())

    ear, level, spread, others = Ear(), logger.level, logger.propagate, logger.handlers
    logger.handlers, logger.propagate = [ear], False
    logger.setLevel(logging.DEBUG)
    try:
        yield said
    finally:
        logger.handlers, logger.propagate = others, spread
        logger.setLevel(level)
