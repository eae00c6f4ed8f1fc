"""What all routes share: the desk of a request, its JSON, and errors as answers."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from foedus.errors import FoedusError, QueryError
from foedus.studio.desk import Desk
from foedus.studio.documents import Conflict, Missing, TooLarge, TooMuch
from foedus.studio.line import Superseded
from foedus.studio.office import Office
from foedus.studio.process import Ended, Failed, Refused

LOG = logging.getLogger("foedus.studio")
STATUS: dict[type[FoedusError], int] = {
    Missing: 404,
    Conflict: 409,
    Superseded: 409,
    TooLarge: 413,
    TooMuch: 429,
    Ended: 503,
    Failed: 500,
    Refused: 422,
    QueryError: 422,
}
Handler = Callable[["Asking"], Awaitable[Any]]


class Asking:
    """One request: whose it is, what it says, and the studio it is put to."""

    def __init__(self, request: Request, body: Any) -> None:
        self.request = request
        self.body = body
        self.office: Office = request.app.state.office
        self.desk: Desk = self.office.desks.desk(request.scope["desk"])

    def path(self, name: str) -> str:
        """A part of the address."""
        return str(self.request.path_params[name])

    def get(self, name: str, kind: type[Any] | tuple[type[Any], ...], default: Any = None) -> Any:
        """A field of the body. Raises `QueryError` if it is of another kind."""
        value = self.body.get(name, default)
        if value is None and default is None:
            return None
        right = isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
        if not right:
            raise QueryError(f"`{name}` is missing or of the wrong kind")
        return value

    @property
    def tab(self) -> str:
        """The tab that asks."""
        return str(self.request.headers.get("x-tab", ""))[:40]

    @property
    def document(self) -> str:
        """The name of the document that is asked about."""
        return str(self.get("document", str, ""))

    def text(self) -> str:
        """The text of that document; the body may bring its own."""
        given = self.get("text", str)
        if given is not None:
            return str(given)
        return self.desk.documents.get(self.document).text


def answering(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    """The handler with JSON in, JSON out, and every error in words."""

    async def route(request: Request) -> Response:
        try:
            body: Any = {}
            if request.method not in ("GET", "HEAD", "DELETE"):
                raw = await request.body()
                body = json.loads(raw) if raw else {}
            if not isinstance(body, dict):
                raise QueryError("the body is not a JSON object")
            found = await handler(Asking(request, body))
            return found if isinstance(found, Response) else JSONResponse(found)
        except (ValueError, RecursionError):
            return refusal(400, "the body is not JSON")
        except FoedusError as error:
            return failed(error)

    return route


def failed(error: FoedusError) -> Response:
    """The answer that an error amounts to."""
    status = next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 422)
    if isinstance(error, Failed):
        LOG.error("%s", error)
        last = str(error).strip().splitlines()[-1]
        return refusal(status, f"the studio has made a mistake: {last}", kind="Failed")
    extra = {"current": error.current.to_dict()} if isinstance(error, Conflict) else {}
    kind = (error.kind if isinstance(error, Refused) else "") or type(error).__name__
    return refusal(status, str(error), kind=kind, **extra)


def refusal(status: int, message: str, **extra: Any) -> Response:
    """An error as JSON."""
    return JSONResponse({"error": {"message": message, **extra}}, status_code=status)
