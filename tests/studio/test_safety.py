"""Nobody but the studio's own pages gets anything: doors, hosts, origins, sizes, other desks."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from served import BORDER, Studio, until

Visit = Callable[..., Any]

ATTACK = """<!doctype html><title>attack</title><body><script>
const to = "%s", found = {};
const tried = [
  ["read", () => fetch(to + "/api/gallery", {credentials: "include"}).then(r => r.text())],
  ["blind", () => fetch(to + "/api/documents", {method: "POST", mode: "no-cors",
      credentials: "include", body: JSON.stringify({name: "stolen", text: "x"})})
      .then(r => r.type === "opaque" ? Promise.reject("opaque") : r.text())],
  ["json", () => fetch(to + "/api/documents", {method: "POST", credentials: "include",
      headers: {"content-type": "application/json"}, body: "{}"}).then(r => r.text())],
  ["script", () => new Promise((yes, no) => { const s = document.createElement("script");
      s.src = to + "/static/main.js"; s.type = "module"; s.onload = yes; s.onerror = no;
      document.body.append(s); })],
  ["events", () => new Promise((yes, no) => { const e = new EventSource(to + "/api/events",
      {withCredentials: true}); e.onopen = yes; e.onerror = no; })],
  ["socket", () => new Promise((yes, no) => { const w = new WebSocket(to.replace("http", "ws")
      + "/api/events"); w.onopen = yes; w.onerror = no; })],
  ["frame", () => new Promise((yes, no) => { const f = document.createElement("iframe");
      f.src = to + "/"; f.onload = () => { try { f.contentDocument.body ? yes() : no(); }
      catch { no(); } }; document.body.append(f); })],
];
(async () => { for (const [name, act] of tried) { try { await act(); found[name] = "got it"; }
  catch { found[name] = "nothing"; } } window.found = found; })();
</script><form id="form" method="post" action="%s/api/documents" enctype="text/plain">
<input name='{"name":"stolen","text":"' value='"}'></form></body>"""


@pytest.fixture
def attacker(studio: Studio) -> Iterator[str]:
    """A page on another port of the same machine: the same site, so it is sent our cookies."""
    page = (ATTACK % (studio.base, studio.base)).encode()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *_: Any) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()


def test_an_attack_page_gets_nothing(studio: Studio, visit: Visit, attacker: str) -> None:
    page = visit(studio)
    names = "fetch('/api/gallery').then(r => r.json()).then(g => g.documents.map(d => d.name))"
    before = page.evaluate(names)
    bad = page.context.new_page()
    bad.goto(attacker)
    until(bad, "Boolean(window.found)")
    assert set(bad.evaluate("window.found").values()) == {"nothing"}
    with bad.expect_navigation() as went:
        bad.evaluate("document.getElementById('form').submit()")
    assert went.value.status == 403
    assert page.evaluate(names) == before


def test_two_browsers_have_a_desk_each(studio: Studio, visit: Visit) -> None:
    one, two = visit(studio), visit(studio)
    made = one.evaluate(
        "fetch('/api/documents', {method: 'POST', body: JSON.stringify({name: 'secret',"
        " from: 'starter'})}).then(r => r.json())"
    )
    path = f"/api/documents/{made['name']}"
    status = "path => fetch(path).then(r => r.status)"
    assert one.evaluate(status, path) == 200
    assert two.evaluate(status, path) == 404


@pytest.fixture
def client(studio: Studio) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=studio.base, headers={"origin": studio.base}) as found:
        token = studio.fresh.split("token=")[1]
        assert found.get("/enter", params={"token": token}).status_code == 200
        assert found.get("/enter", params={"token": token}).status_code == 303
        yield found


def test_a_one_time_address_opens_once(studio: Studio, client: httpx.Client) -> None:
    with httpx.Client(base_url=studio.base) as stranger:
        for path in ("/", "/api/gallery", "/api/events", "/explore/border"):
            assert stranger.get(path).status_code == 401
        used = studio.address(0).split("token=")[1]
        assert stranger.get("/enter", params={"token": used}).status_code == 403
        assert stranger.get("/enter", params={"token": ""}).status_code == 403
    assert client.get("/api/gallery").status_code == 200


def test_other_names_of_this_machine_are_refused(client: httpx.Client) -> None:
    for host in ("evil.example", "127.0.0.1:1", "localhost.evil.example", ""):
        assert client.get("/api/gallery", headers={"host": host}).status_code == 400


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": ""},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
    ],
    ids=str,
)
def test_writes_from_elsewhere_are_refused(client: httpx.Client, headers: dict[str, str]) -> None:
    answer = client.post("/api/documents", json={"name": "x"}, headers=headers)
    assert answer.status_code == 403


def test_what_is_too_large_or_no_json_is_refused(client: httpx.Client) -> None:
    assert client.post("/api/documents", content=b"x" * 2_200_000).status_code == 413
    chunks = (b"x" * 100_000 for _ in range(30))
    assert client.post("/api/documents", content=chunks).status_code == 413
    assert client.post("/api/documents", json={"text": "é" * 600_000}).status_code == 413
    assert client.post("/api/documents", content=b"[1]").status_code == 422
    assert client.post("/api/documents", content=b"{").status_code == 400
    assert client.post("/api/documents", content=b"[" * 100_000).status_code == 400


def test_no_path_leads_out_of_the_desk(client: httpx.Client) -> None:
    for name in ("..%2F..%2Fkeys", "%2e%2e", "a%00b", "A", "x" * 99, "..%2f..%2f..%2fetc%2fpasswd"):
        assert client.get(f"/api/documents/{name}").status_code == 404
        assert client.get(f"/api/games/{name}").status_code in (404, 422)
        assert client.get(f"/static/{name}").status_code == 404


def test_questions_that_make_no_sense_are_answered_in_words(client: httpx.Client) -> None:
    ask = {"document": "border", "setting": {}}
    for body in (
        {**ask, "setting": {"values": {"cost": "1e999"}}},
        {**ask, "setting": {"values": {"cost": True}}},
        {**ask, "setting": {"regime": ["none"]}},
        {**ask, "setting": {"values": {"cost": 5}}},
        {**ask, "setting": {"regime": "x" * 500}},
        {**ask, "quantities": "war"},
        {**ask, "document": 7},
    ):
        answer = client.post("/api/solve", json=body)
        assert answer.status_code == 422, body
        assert answer.json()["error"]["message"]
    assert client.post("/api/solve", json={**ask, "document": "nothing"}).status_code == 404


def test_pages_carry_their_policy(client: httpx.Client) -> None:
    head = client.get("/explore/border").headers
    policy = head["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-eval" not in policy
    assert "http" not in policy
    assert head["x-frame-options"] == "DENY"
    assert head["x-content-type-options"] == "nosniff"
    assert head["cache-control"] == "no-store"
    assert client.get("/static/vega.js").headers["cross-origin-resource-policy"] == "same-origin"


def test_keys_on_disk_open_no_door(studio: Studio, client: httpx.Client) -> None:
    kept = (studio.home / "studio" / "keys.json").read_text()
    (cookie,) = client.cookies.values()
    assert cookie not in kept
    assert (studio.home / "studio" / "keys.json").stat().st_mode & 0o077 == 0


def test_nothing_is_loaded_from_elsewhere(studio: Studio, visit: Visit) -> None:
    asked: list[str] = []
    page = visit(studio)
    page.on("request", lambda request: asked.append(request.url))
    for path in ("/", "/explore/border", "/question/border", "/edit/border", "/play/border"):
        page.goto(studio.base + path)
        page.wait_for_selector("h1:not(.unseen)")
    assert asked
    assert [url for url in asked if not url.startswith(("data:", "blob:", studio.base))] == []


def test_visitors_from_elsewhere_need_the_password(
    own_studio: Callable[..., Studio], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOEDUS_STUDIO_PASSWORD", "correct horse battery")
    studio = own_studio(str(BORDER), "--host", "0.0.0.0", "--password", "--allow-host", "127.0.0.1")
    assert studio.address().endswith("/login")
    with httpx.Client(base_url=studio.base, headers={"origin": studio.base}) as client:
        assert client.get("/").status_code == 401
        assert client.get("/", headers={"host": f"localhost:{studio.port}"}).status_code == 400
        assert client.get("/enter", params={"token": "x"}).status_code == 403
        assert 'type="password"' in client.get("/login").text
        assert client.post("/login", data={"password": "wrong"}).status_code == 403
        right = {"password": "correct horse battery"}
        elsewhere = {"origin": "http://evil.example"}
        assert client.post("/login", data=right, headers=elsewhere).status_code == 403
        entered = client.post("/login", data=right)
        assert (entered.status_code, entered.headers["location"]) == (303, "/explore/border")
        assert "HttpOnly" in entered.headers["set-cookie"]
        document = client.get("/api/documents/border").json()
        assert document["path"] == ""
        assert client.post("/api/documents/border/save", json={}).status_code == 404
