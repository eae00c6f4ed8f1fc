"""What every request must be before anything looks at it, and what every answer carries."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from foedus.studio.access import Access
from foedus.studio.documents import TooLarge

SAFE = ("GET", "HEAD")
OURS = ("/api/", "/briefings/")  # asked for by our own pages only, or by people themselves
OPEN = ("/enter", "/login")  # pages for people who have no desk yet
POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "connect-src 'self'",
        "img-src 'self' data: blob:",
        "style-src 'self' 'unsafe-inline'",  # Vega sets styles on its elements
        "font-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ]
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}


@dataclass(frozen=True, kw_only=True)
class Rules:
    """Who may ask: `hosts` without the port, `port`, and the largest body in bytes."""

    hosts: tuple[str, ...]
    port: Callable[[], int]
    body: int

    def refusal(self, method: str, path: str, headers: Headers) -> tuple[int, str] | None:
        """The status and the reason with which a request is refused; None if it may pass.

        A name that is not ours means DNS rebinding. A write must come from one of our own
        pages: browsers say so in `Origin` and `Sec-Fetch-Site`, and scripts cannot forge either.
        Cookies do not tell ports apart, so a page of another server on this machine has ours.
        """
        host = headers.get("host", "").lower()
        name, _, port = host.rpartition(":") if ":" in host.rpartition("]")[2] else (host, "", "")
        if name not in self.hosts or (port and port != str(self.port())):
            return 400, "this address is not one of the studio's"
        site = headers.get("sec-fetch-site", "same-origin")
        if path.startswith(OURS) and site not in ("same-origin", "none"):
            return 403, "only the studio's own pages may ask this"
        if method in SAFE:
            return None
        if site != "same-origin":
            return 403, "only the studio's own pages may change anything"
        origin = headers.get("origin", "").lower()
        if origin not in (f"http://{host}", f"https://{host}"):
            return 403, "only the studio's own pages may change anything"
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > self.body:
            return 413, f"a request may have {self.body:,} bytes"
        return None


@dataclass(eq=False)
class Guard:
    """The application behind the rules. Requests carry their desk in `scope["desk"]`."""

    app: ASGIApp
    rules: Rules
    access: Access
    cookie: Callable[[], str]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":  # there are no sockets
            return
        headers, path = Headers(scope=scope), scope["path"]
        refused = self.rules.refusal(scope["method"], path, headers)
        if refused is None and not path.startswith("/static/"):
            scope["desk"] = self.access.desk(_cookie(headers, self.cookie()))
            if scope["desk"] is None and path not in OPEN:
                refused = 401, "open the address that the studio has printed"
        if refused is not None:
            if refused[0] == 413:
                await self._drain(receive)
            await _refuse(*refused, path, _with_headers(send))
            return
        await self.app(scope, self._bounded(receive), _with_headers(send))

    async def _drain(self, receive: Receive) -> None:
        """Take in what is not wanted, up to a point: who is still sending hears no answer."""
        left = 8 * self.rules.body
        while left > 0:
            message = await receive()
            left -= len(message.get("body", b""))
            if not message.get("more_body"):
                return

    def _bounded(self, receive: Receive) -> Receive:
        left = self.rules.body

        async def bounded() -> Message:
            nonlocal left
            message = await receive()
            left -= len(message.get("body", b""))
            if left < 0:
                raise TooLarge(f"a request may have {self.rules.body:,} bytes")
            return message

        return bounded


def _cookie(headers: Headers, name: str) -> str | None:
    for part in headers.get("cookie", "").split(";"):
        key, _, value = part.strip().partition("=")
        if key == name:
            return value
    return None


def _with_headers(send: Send) -> Callable[[Message], Awaitable[None]]:
    async def sending(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            given = {key.lower() for key, _ in message["headers"]}
            message["headers"] = [
                *message["headers"],
                *((k.encode(), v.encode()) for k, v in HEADERS.items() if k.encode() not in given),
            ]
            if b"cache-control" not in given:
                message["headers"].append((b"cache-control", b"no-store"))
        await send(message)

    return sending


async def _refuse(
    status: int, reason: str, path: str, send: Callable[[Message], Awaitable[None]]
) -> None:
    if path.startswith("/api/"):
        kind, body = b"application/json", json.dumps({"error": {"message": reason}}).encode()
    else:
        kind, body = b"text/html; charset=utf-8", _page(status, reason).encode()
    head = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": head})
    await send({"type": "http.response.body", "body": body})


def _page(status: int, reason: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        "<title>foedus studio</title>"
        '<link rel="stylesheet" href="/static/style.css"></head>'
        f'<body class="plain"><main><h1>foedus studio</h1><p>{reason[0].upper()}{reason[1:]}.</p>'
        f"<p class=quiet>Status {status}</p></main></body></html>"
    )
