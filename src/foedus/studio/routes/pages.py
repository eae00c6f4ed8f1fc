"""The pages themselves, what they load, and the door: one-time addresses and the password."""

from __future__ import annotations

import asyncio
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import (
    FileResponse,
    HTMLResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from foedus.errors import FoedusError
from foedus.studio.documents import Missing
from foedus.studio.office import Office
from foedus.studio.routes.asking import Asking, answering, failed

STATIC = Path(__file__).parents[1] / "static"
VIEWS = ("explore", "question", "edit", "play")
LOGIN = """<form method="post" action="/login"><label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required>
<button type="submit">Enter</button></form>"""

RUNS = '<p><a href="/runs">All runs</a></p>'
BRIEFING_POLICY = "; ".join(
    [
        "default-src 'none'",
        "img-src 'self' data:",
        "style-src 'self' 'unsafe-inline'",  # bars have their lengths as styles
        "form-action 'none'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ]
)
KINDS = {
    ".html": "text/html",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".csv": "text/csv",
    ".json": "application/json",
    ".gz": "application/gzip",
    ".txt": "text/plain",
    ".yaml": "text/plain",
}


def _shell() -> str:
    return (STATIC / "index.html").read_text(encoding="utf-8")


async def page(request: Request) -> Response:
    """The one page; its script shows the view that the address names."""
    return HTMLResponse(_shell())


async def enter(request: Request) -> Response:
    """A one-time token exchanged for a cookie.

    The answer is a small page and not a redirect: a `Strict` cookie is not sent along a
    redirect that another site's link has begun.
    """
    office: Office = request.app.state.office
    opened = office.access.enter(request.query_params.get("token", ""))
    if opened is None:
        known = office.access.desk(request.cookies.get(office.cookie))
        if known is not None:
            return RedirectResponse("/", 303)
        return _plain("This address was used already. The studio has printed a new one.", 403)
    await office.tidy()
    cookie, desk = opened
    to = "/"
    source = office.settings.scenario
    if source is not None:
        to = f"/explore/{_first(office, desk, source)}"
    answer = HTMLResponse(
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>foedus studio</title>'
        f'<meta http-equiv="refresh" content="0;url={escape(to)}"></head>'
        f'<body><p><a href="{escape(to)}">Enter the studio</a></p></body></html>'
    )
    _give(answer, office, cookie, secure=request.url.scheme == "https")
    return answer


async def login(request: Request) -> Response:
    """The door of a studio with a password."""
    office: Office = request.app.state.office
    if office.settings.password is None:
        return _plain("This studio has no password: open the address that it has printed.", 404)
    if request.method == "GET":
        return _plain("", after=LOGIN)
    fields = parse_qs((await request.body()).decode("utf-8", errors="replace"))
    opened = office.access.log_in(fields.get("password", [""])[0])
    if opened is None:
        return _plain("That is not the password, or too many were tried.", 403, after=LOGIN)
    await office.tidy()
    source = office.settings.scenario
    to = "/" if source is None else f"/explore/{_first(office, opened[1], source)}"
    answer = RedirectResponse(to, 303)
    _give(answer, office, opened[0], secure=request.url.scheme == "https")
    return answer


async def vega(request: Request) -> Response:
    """The script that draws figures."""
    office: Office = request.app.state.office
    head = {"cache-control": "private, max-age=86400"}
    return Response(await office.vega(), media_type="text/javascript", headers=head)


async def icon(request: Request) -> Response:
    """The sign of the studio, for pages that name none: those of a briefing."""
    return FileResponse(STATIC / "icon.svg", media_type="image/svg+xml")


async def events(request: Request) -> Response:
    """News for the page, as they come."""
    asking = Asking(request, {})
    stream = asking.office.events.stream(asking.desk.id)
    try:
        first = await anext(stream)
    except FoedusError as error:
        return failed(error)

    async def all_of_them() -> Any:
        yield first
        async for said in stream:
            yield said

    return StreamingResponse(all_of_them(), media_type="text/event-stream")


async def briefing(request: Request) -> Response:
    """A page or a file of a briefing. Nothing in it runs: its policy allows no script."""
    asking = Asking(request, {})
    run, name = asking.path("run"), asking.path("name")
    try:
        file = await asyncio.to_thread(asking.office.briefings.file, asking.desk, run, name)
    except Missing as error:
        return _plain(f"{str(error).capitalize()}.", 404, after=RUNS)
    kind = KINDS.get(file.suffix, "application/octet-stream")
    head = {"content-security-policy": BRIEFING_POLICY, "cache-control": "private, no-cache"}
    return FileResponse(file, media_type=kind, headers=head)


async def about(asking: Asking) -> Any:
    """What this studio is, for the page."""
    settings = asking.office.settings
    return {"local": settings.local, "draws": settings.limits.draws, "text": settings.limits.text}


def _first(office: Office, desk: str, source: str) -> str:
    """The document that a new desk opens first; visitors from elsewhere get a copy of a file."""
    documents = office.desks.desk(desk).documents
    path = Path(source)
    if path.exists() and office.settings.local:
        return documents.opened(path).name
    if path.exists():
        return documents.add(path.stem, path.read_text(encoding="utf-8"), origin="file").name
    try:
        return documents.get(source).name
    except Missing:
        return ""


def _give(answer: Response, office: Office, cookie: str, *, secure: bool) -> None:
    answer.set_cookie(
        office.cookie,
        cookie,
        max_age=30 * 86400,
        httponly=True,
        samesite="strict",
        secure=secure,
        path="/",
    )


def _plain(words: str, status: int = 200, *, after: str = "") -> Response:
    return HTMLResponse(
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<title>foedus studio</title><link rel="stylesheet" href="/static/tokens.css">'
        '<link rel="stylesheet" href="/static/style.css"></head><body class="plain"><main>'
        f"<h1>foedus studio</h1><p>{escape(words)}</p>{after}</main></body></html>",
        status,
    )


ROUTES = [
    Route("/", page),
    Route("/runs", page),
    *(Route(f"/{view}/{{name}}", page) for view in VIEWS),
    Route("/briefings/{run}/{name:path}", briefing),
    Route("/favicon.ico", icon),
    Route("/enter", enter),
    Route("/login", login, methods=["GET", "POST"]),
    Route("/api/events", events),
    Route("/api/about", answering(about)),
    Route("/static/vega.js", vega),
    Mount("/static", StaticFiles(directory=STATIC)),
]
