"""Who is let in: one-time tokens, a password, and the cookies that stand for a desk."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from foedus.studio.disk import read_json, write_json

LIFETIME = 30 * 24 * 3600.0  # seconds after its last use that a cookie is good for
TRIES, WINDOW = 10, 60.0  # wrong passwords that are listened to, and in how many seconds


@dataclass(eq=False, kw_only=True)
class Access:
    """The keys of one studio. Only hashes of cookies are kept, so the file opens no door.

    - `announce`: called with a new token whenever the last one has been used.
    """

    file: Path
    password: str | None
    announce: Callable[[str], None]
    most: int = 500
    now: Callable[[], float] = time.time
    token: str = ""
    _desks: dict[str, dict[str, float | str]] = field(default_factory=dict)
    _wrong: deque[float] = field(default_factory=deque)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        kept = read_json(self.file)
        self._desks = kept if isinstance(kept, dict) else {}
        self.token = secrets.token_urlsafe(24)

    def enter(self, token: str) -> tuple[str, str] | None:
        """The cookie and desk for a token that has not been used, None for any other."""
        with self._lock:
            if not hmac.compare_digest(token.encode(), self.token.encode()):
                return None
            self.token = secrets.token_urlsafe(24)
            opened = self._open()
        self.announce(self.token)
        return opened

    def log_in(self, password: str) -> tuple[str, str] | None:
        """The cookie and desk for the right password; None for a wrong one, or after too many."""
        now = self.now()
        with self._lock:
            while self._wrong and self._wrong[0] < now - WINDOW:
                self._wrong.popleft()
            if self.password is None or len(self._wrong) >= TRIES:
                return None
            if not hmac.compare_digest(password.encode(), self.password.encode()):
                self._wrong.append(now)
                return None
            return self._open()

    def desk(self, cookie: str | None) -> str | None:
        """The desk of a cookie; None for one that is unknown or has not been used for long."""
        found = self._desks.get(_digest(cookie)) if cookie else None
        if found is None:
            return None
        now, used = self.now(), float(found["used"])
        if now - used > LIFETIME:
            return None
        if now - used > 3600:
            with self._lock:
                found["used"] = now
                self._keep()
        return str(found["desk"])

    def desks(self) -> set[str]:
        """The desks that some cookie still opens."""
        now = self.now()
        found = list(self._desks.values())
        return {str(one["desk"]) for one in found if now - float(one["used"]) <= LIFETIME}

    def _open(self) -> tuple[str, str]:
        cookie, desk = secrets.token_urlsafe(32), secrets.token_hex(8)
        now = self.now()
        kept = [item for item in self._desks.items() if now - float(item[1]["used"]) <= LIFETIME]
        kept.sort(key=lambda item: float(item[1]["used"]))
        self._desks = dict(kept[-(self.most - 1) :])
        self._desks[_digest(cookie)] = {"desk": desk, "used": now}
        self._keep()
        return cookie, desk

    def _keep(self) -> None:
        write_json(self.file, self._desks)


def _digest(cookie: str) -> str:
    return hashlib.sha256(cookie.encode()).hexdigest()
