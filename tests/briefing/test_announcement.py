"""Announcements against a real server: once per edition and network, whatever goes wrong."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from mastodon import TOKEN, mastodon

from foedus.briefing.announcement.announce import Announcement, announce
from foedus.briefing.announcement.ledger import NAME, Entry, Ledger
from foedus.briefing.announcement.message import message
from foedus.briefing.announcement.networks import Address, Network, addresses, read_networks
from foedus.briefing.publication.edition import Edition
from foedus.briefing.publication.settings import Settings
from foedus.errors import BriefingError

# The library looks for this module of the standard library when it is imported.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

SETTINGS = Settings(base_url="https://example.org/b")
LINK = "https://example.org/b/briefings/choice/index.html"
EDITION = Edition(
    slug="choice",
    title="A choice",
    summary="",
    sentence="Of 4 claims, 2 hold.",
    tags=("proxy-war", "NATO"),
    date="2026-01-02T03:04:05Z",
    run="abc",
    scenario="def",
    edition="0123456789abcdef",
    draws=64,
    plausible=60,
    verdicts=(),
    assumptions=(),
    files={},
)


def to(url: str, name: str = "mastodon") -> Address:
    return Address(network=Network(name=name, variable="MASTODON_URL"), url=url)


def round_of(site: Path, url: str, **settings: object) -> Announcement:
    [found] = announce([EDITION], site, SETTINGS, [to(url)], pauses=(), **settings)  # type: ignore[arg-type]
    return found


def test_a_dry_run_says_everything_and_posts_nothing(tmp_path: Path) -> None:
    with mastodon() as server:
        found = round_of(tmp_path, server.url)
        assert server.posts == []
    assert found.outcome == "would send"
    assert found.text == f"A choice\n\nOf 4 claims, 2 hold.\n\n#ProxyWar #NATO\n\n{LINK}"
    assert not (tmp_path / NAME).exists()


def test_an_edition_is_announced_once_and_another_one_again(tmp_path: Path) -> None:
    with mastodon() as server:
        assert round_of(tmp_path, server.url, send=True).outcome == "sent"
        assert round_of(tmp_path, server.url, send=True).outcome == "already sent"
        [post] = server.posts
        assert post["status"].rstrip().endswith(LINK)
        newer = replace(EDITION, edition="fedcba9876543210")
        [found] = announce([newer], tmp_path, SETTINGS, [to(server.url)], send=True)
        assert found.outcome == "sent"
        assert len(server.posts) == 2


def test_the_card_goes_with_it(tmp_path: Path) -> None:
    card = tmp_path / "briefings" / "choice" / "card.png"
    card.parent.mkdir(parents=True)
    card.write_bytes(b"\x89PNG\r\n\x1a\n" + b"0" * 64)
    with mastodon() as server:
        assert round_of(tmp_path, server.url, send=True).outcome == "sent"
        assert server.media == 1
        assert server.posts[0]["media_ids"] == ["1"]


def test_a_refusal_is_told_and_may_be_tried_again(tmp_path: Path) -> None:
    with mastodon() as server:
        wrong = server.url.replace(TOKEN, "another-token")
        found = round_of(tmp_path, wrong, send=True)
        assert (found.outcome, found.detail) == ("refused", "the network answered 401")
        assert server.posts == []
        assert round_of(tmp_path, server.url, send=True).outcome == "sent"
        assert len(server.posts) == 1


def test_a_busy_network_is_tried_again_at_once(tmp_path: Path) -> None:
    with mastodon(503, 429) as server:
        [found] = announce(
            [EDITION], tmp_path, SETTINGS, [to(server.url)], send=True, pauses=(0.0, 0.0)
        )
        assert found.outcome == "sent"
        assert len(server.posts) == 1
    states = [entry.state for entry in Ledger(tmp_path).entries()]
    assert states == ["intended", "refused", "intended", "refused", "intended", "sent"]


def test_a_network_that_is_not_there_is_no_mystery(tmp_path: Path) -> None:
    with mastodon() as server:
        url = server.url
    found = round_of(tmp_path, url, send=True)
    assert (found.outcome, found.detail) == ("refused", "the network could not be reached")


@pytest.mark.parametrize("answer", ["silence", 502])
def test_silence_leaves_it_open_and_nothing_is_posted_twice(
    tmp_path: Path, answer: int | str
) -> None:
    with mastodon(answer) as server:
        assert round_of(tmp_path, server.url, send=True).outcome == "uncertain"
        before = len(server.posts)
        found = round_of(tmp_path, server.url, send=True)
        assert found.outcome == "left alone"
        assert "--again mastodon" in found.detail
        assert len(server.posts) == before
        assert round_of(tmp_path, server.url, send=True, again=["mastodon"]).outcome == "sent"


def test_a_crash_between_intent_and_result_cannot_post_twice(tmp_path: Path) -> None:
    Ledger(tmp_path).note(
        Entry(network="mastodon", slug="choice", edition=EDITION.edition, state="intended")
    )
    with mastodon() as server:
        assert round_of(tmp_path, server.url, send=True).outcome == "left alone"
        assert server.posts == []


def test_killed_while_posting_it_does_not_post_again(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; sys.path.insert(0, sys.argv[1]); "
        "from test_announcement import round_of; "
        "round_of(Path(sys.argv[2]), sys.argv[3], send=True)"
    )
    with mastodon("silence") as server:
        url = server.url.replace("rto=0.5", "rto=20")
        here = str(Path(__file__).parent)
        child = subprocess.Popen([sys.executable, "-c", code, here, str(tmp_path), url])
        deadline = time.monotonic() + 30
        while not server.posts and time.monotonic() < deadline:
            time.sleep(0.02)
        child.kill()
        child.wait()
        assert len(server.posts) == 1
        assert round_of(tmp_path, server.url, send=True).outcome == "left alone"
        assert len(server.posts) == 1


def test_a_line_that_a_crash_cut_off_hides_nothing(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    about = {"network": "mastodon", "slug": "choice", "edition": EDITION.edition}
    ledger.note(Entry(**about, state="intended"))
    ledger.note(Entry(**about, state="sent"))
    with (tmp_path / NAME).open("ab") as file:
        file.write(b'{"network": "mastodon", "edi')
    assert ledger.state("mastodon", EDITION.edition) == "sent"
    ledger.note(Entry(**{**about, "network": "other"}, state="sent"))
    assert ledger.state("other", EDITION.edition) == "sent"


def test_no_secret_is_written_logged_or_shown(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG), mastodon(401) as server:
        found = round_of(tmp_path, server.url, send=True)
        with pytest.raises(BriefingError) as error:
            announce([EDITION], tmp_path, SETTINGS, [to(f"nonsense://{TOKEN}@x")])
    shown = [repr(found), repr(to(server.url)), str(error.value), caplog.text]
    shown += [path.read_text() for path in tmp_path.rglob("*") if path.is_file()]
    assert TOKEN not in "\n".join(shown)


def test_an_announcement_needs_a_link(tmp_path: Path) -> None:
    with pytest.raises(BriefingError, match="base_url"):
        announce([EDITION], tmp_path, Settings(), [])


@pytest.mark.parametrize("limit", [500, 300, 200, 140, 100])
def test_a_post_keeps_to_the_limit_and_keeps_its_link(limit: int) -> None:
    long = replace(
        EDITION,
        title="The very long title of a briefing on something " * 3,
        sentence="Of very many claims about this some hold and others do not. " * 9,
        tags=tuple(f"tag-number-{number}" for number in range(9)),
    )
    text = message(long, LINK, limit)
    assert len(text) <= limit
    assert text.endswith(LINK)


def test_direct_messages_are_refused(tmp_path: Path) -> None:
    url = "twitter://consumerkey/consumersecret/accesskey/accesssecret/someone"
    with pytest.raises(BriefingError, match="direct message"):
        announce([EDITION], tmp_path, SETTINGS, [to(url, "x")])


def test_a_configuration_with_a_secret_in_it_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "networks.toml"
    path.write_text('[mastodon]\nurl = "mastodon://token@host"\n[mail]\nurl_from = "no name"\n')
    with pytest.raises(BriefingError) as error:
        read_networks(path)
    assert "a secret does not belong into a file" in str(error.value)
    assert "mail: url_from must name an environment variable" in str(error.value)
    assert "token@host" not in str(error.value)


def test_addresses_come_from_the_environment_only(tmp_path: Path) -> None:
    path = tmp_path / "networks.toml"
    path.write_text('[one]\nurl_from = "ONE"\n[two]\nurl_from = "TWO"\nlimit = 200\ncard = false\n')
    networks = read_networks(path)
    with pytest.raises(BriefingError, match="two: TWO is not set"):
        addresses(networks, {"ONE": "json://localhost"})
    found = addresses(networks, {"ONE": "json://localhost", "TWO": "json://elsewhere"})
    assert [(one.network.name, one.url) for one in found] == [
        ("one", "json://localhost"),
        ("two", "json://elsewhere"),
    ]
    assert json.dumps(found[1].network.limit) == "200"
