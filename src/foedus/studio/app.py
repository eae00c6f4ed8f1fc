"""The studio as an application, and as a server on one address."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import AsyncIterator, Callable

from starlette.applications import Starlette
from starlette.types import ASGIApp

from foedus.errors import QueryError
from foedus.studio.guard import Guard, Rules
from foedus.studio.office import Office
from foedus.studio.routes import documents, exploring, pages, questioning
from foedus.studio.settings import Settings


def application(office: Office) -> ASGIApp:
    """The application of a studio, behind its guard."""

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        office.open()
        yield
        await office.close()

    routes = [*documents.ROUTES, *exploring.ROUTES, *questioning.ROUTES, *pages.ROUTES]
    app = Starlette(routes=routes, lifespan=lifespan)
    app.state.office = office
    limits = office.settings.limits
    rules = Rules(hosts=office.settings.hosts, port=lambda: office.port, body=limits.body)
    return Guard(app, rules, office.access, lambda: office.cookie)


def listen(settings: Settings) -> socket.socket:
    """A socket on the address of the settings. Raises `QueryError` where there is none to have.

    An address other than this machine's needs a password, so that nobody opens a door unawares.
    """
    if not settings.local and not settings.password:
        raise QueryError(
            f"{settings.host} can be reached from other machines: set FOEDUS_STUDIO_PASSWORD to "
            "the password that visitors must give"
        )
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host.strip("[]"), settings.port))
    except OSError as fault:
        listener.close()
        raise QueryError(
            f"cannot listen on {settings.host}:{settings.port}: {fault.strerror or fault}; "
            "choose another --port"
        ) from None
    listener.listen(128)
    return listener


def serve(settings: Settings, announce: Callable[[str], None]) -> None:
    """Serve until the process is told to stop. `announce` is given each new address to open."""
    import uvicorn

    with listen(settings) as listener:
        port = listener.getsockname()[1]

        def address(token: str) -> None:
            announce(f"http://{settings.host}:{port}/enter?token={token}")

        office = Office(settings, address)
        office.port = port
        if settings.password is None:
            address(office.access.token)
        else:
            announce(f"http://{settings.host}:{port}/login")
        config = uvicorn.Config(
            application(office),
            log_level="warning",
            access_log=False,
            server_header=False,
            ws="none",
            timeout_graceful_shutdown=2,
            h11_max_incomplete_event_size=32_768,
            limit_concurrency=256,
        )
        uvicorn.Server(config).run(sockets=[listener])
