"""A real HTTP server on the loopback that speaks enough of Mastodon's interface, and misbehaves."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN = "s3cr3t-t0ken"


@dataclass
class Mastodon:
    """What was posted, and how the next posts are answered: a status, `silence`, or nothing odd."""

    port: int = 0
    posts: list[dict[str, Any]] = field(default_factory=list)
    media: int = 0
    answers: list[int | str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"mastodon://{TOKEN}@127.0.0.1:{self.port}/?cto=0.5&rto=0.5"


@contextmanager
def mastodon(*answers: int | str) -> Iterator[Mastodon]:
    """The server, running; `answers` are for the first posts, later ones are taken."""
    state = Mastodon(answers=list(answers))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if self.headers.get("Authorization") != f"Bearer {TOKEN}":
                return self.answer(401, {"error": "The access token is invalid"})
            if "media" in self.path:
                state.media += 1
                return self.answer(200, {"id": str(state.media), "type": "image"})
            answer = state.answers.pop(0) if state.answers else 200
            if answer in (200, "silence"):
                state.posts.append(json.loads(body))
            if answer == "silence":
                time.sleep(1.2)
                return None
            taken = {"id": str(len(state.posts))}
            return self.answer(int(answer), taken if answer == 200 else {"error": "no"})

        def answer(self, status: int, content: dict[str, Any]) -> None:
            data = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    state.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
