"""A site of briefings: the same again changes nothing, a change is told, feeds are well formed."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest
from scenarios import USUAL, material, text

from foedus.briefing.brief import brief
from foedus.briefing.publication.publish import Publication, publish
from foedus.errors import BriefingError

ATOM = {"a": "http://www.w3.org/2005/Atom"}
MAP = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}
BASE = "https://example.org/briefings"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two briefings, and a later edition of the first with another range and another claim."""
    place = tmp_path_factory.mktemp("written")
    first = text(USUAL)
    later = first.replace("theta: {range: [0, 1]", "theta: {range: [0, 0.5]").replace(
        "tags: [help-or-not, choice]", "tags: [choice]"
    )
    other = text({**USUAL, "title": "Another choice", "tags": "[Choice, NATO]"})
    for name, scenario, words in (
        ("first", "choice", first),
        ("later", "choice", later),
        ("other", "another", other),
    ):
        brief(material(words, place, name=scenario), place / name)
    return place


def files(site: Path) -> dict[str, bytes]:
    return {
        path.relative_to(site).as_posix(): path.read_bytes()
        for path in site.rglob("*")
        if path.is_file()
    }


def based(site: Path, **settings: str) -> None:
    lines = [f'{name} = "{value}"' for name, value in {"base_url": BASE, **settings}.items()]
    site.mkdir(exist_ok=True)
    (site / "site.toml").write_text("\n".join([*lines, ""]))


def test_the_same_briefing_again_changes_nothing(written: Path, tmp_path: Path) -> None:
    first = publish([written / "first", written / "other"], tmp_path / "site")
    before = files(tmp_path / "site")
    again = publish([written / "other"], tmp_path / "site")
    assert [one.outcome for one in first.published] == ["new", "new"]
    assert [one.outcome for one in again.published] == ["known"]
    assert again.written == 0
    assert files(tmp_path / "site") == before


def test_a_changed_briefing_keeps_its_history_and_says_what_changed(
    written: Path, tmp_path: Path
) -> None:
    site = tmp_path / "site"
    publish([written / "first"], site)
    found = publish([written / "later"], site)
    [one] = found.published
    assert one.outcome == "changed"
    assert any(
        said == "Assumption theta: from [0, 1, central 0.5] to [0, 0.5, central 0.25]."
        for said in one.changes
    )
    assert any(re.match(r"Claim \w+, .+: from .+ to .+\.", said) for said in one.changes)
    [briefing] = found.briefings
    older = site / briefing.path / "editions" / briefing.editions[0].edition
    assert "This is an older edition" in (older / "index.html").read_text()
    changes = (site / briefing.path / "changes.html").read_text()
    assert "Assumption theta" in changes
    before = files(site)
    for name in ("first", "later"):
        assert publish([written / name], site).written == 0
    assert files(site) == before
    assert not (site / "tags" / "helpornot.html").exists()


def test_pages_lead_on_and_back_and_carry_their_tags(written: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    found = publish([written / "first", written / "other"], site)
    older, newer = found.briefings
    page = (site / older.path / "index.html").read_text()
    assert f'rel="next" href="../../{newer.path}/index.html"' in page
    assert 'rel="canonical"' not in page
    assert "Comments are closed." in page
    assert (site / "tags" / "helpornot.html").is_file()
    tagged = (site / "tags" / "choice.html").read_text()
    assert older.newest.title in tagged


def test_addresses_are_full_once_the_site_knows_its_own(written: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    based(site, comments="open", comments_link="https://forum.example.org/t/{slug}")
    publish([written / "first"], site)
    page = (site / "briefings" / "choice" / "index.html").read_text()
    address = f"{BASE}/briefings/choice/index.html"
    assert f'<link rel="canonical" href="{address}">' in page
    assert f'<meta property="og:image" content="{BASE}/briefings/choice/card.png">' in page
    assert 'property="og:image:alt"' in page
    assert 'href="https://forum.example.org/t/choice"' in page
    mapped = ElementTree.parse(site / "sitemap.xml").getroot()
    addresses = {place.text for place in mapped.iterfind("s:url/s:loc", MAP)}
    assert address in addresses
    for one in addresses:
        assert (site / str(one).removeprefix(f"{BASE}/")).is_file()


def test_feeds_are_well_formed_and_complete(written: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    based(site)
    publish([written / "first", written / "other"], site)
    feed = ElementTree.parse(site / "feed.xml").getroot()
    for needed in ("a:id", "a:title", "a:updated", "a:author/a:name"):
        assert feed.findtext(needed, namespaces=ATOM), needed
    entries = feed.findall("a:entry", ATOM)
    assert len(entries) == 2
    ids = [entry.findtext("a:id", namespaces=ATOM) for entry in entries]
    assert len(set(ids)) == 2
    for entry in entries:
        assert str(entry.findtext("a:id", namespaces=ATOM)).startswith("tag:example.org,")
        assert re.fullmatch(
            r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", str(entry.findtext("a:updated", namespaces=ATOM))
        )
        assert entry.findtext("a:summary", namespaces=ATOM)
        [link] = entry.findall("a:link", ATOM)
        assert (site / link.attrib["href"].removeprefix(f"{BASE}/")).is_file()
    listed = json.loads((site / "feed.json").read_text())
    assert listed["version"] == "https://jsonfeed.org/version/1.1"
    for item in listed["items"]:
        assert {"id", "url", "title", "content_text", "date_published", "tags"} <= set(item)
        assert (site / item["image"].removeprefix(f"{BASE}/")).is_file()


def test_each_briefing_may_be_discussed_elsewhere_or_not_at_all(
    written: Path, tmp_path: Path
) -> None:
    site = tmp_path / "site"
    link = "https://forum.example.org/t/{slug}"
    based(site, comments="open", comments_link=link)
    with (site / "site.toml").open("a") as file:
        file.write('[briefings.another]\ncomments = "closed"\n')
    publish([written / "first", written / "other"], site)
    assert discussed(site) == {"choice": link.replace("{slug}", "choice"), "another": ""}
    before = files(site)
    assert publish([written / "first"], site).written == 0

    based(site)
    with (site / "site.toml").open("a") as file:
        file.write('[briefings.another]\ncomments = "open"\n')
        file.write('comments_link = "https://forum.example.org/t/77"\n')
    changed = publish([], site)
    assert discussed(site) == {"choice": "", "another": "https://forum.example.org/t/77"}
    # Where people talk is no finding: no new edition, and no feed calls it news.
    assert all(len(one.editions) == 1 for one in changed.briefings)
    now = files(site)
    assert now.keys() == before.keys()
    for name in ("feed.xml", "feed.json"):
        dates = rb'(?:<updated>|"date_modified": ").{20}'
        assert re.findall(dates, now[name]) == re.findall(dates, before[name])
    assert publish([written / "other"], site).written == 0


def discussed(site: Path) -> dict[str, str]:
    """Where each briefing is discussed, as its pages and both feeds say alike."""
    entries = ElementTree.parse(site / "feed.xml").getroot().iterfind("a:entry", ATOM)
    listed = json.loads((site / "feed.json").read_text())["items"]
    found = {}
    for entry, item in zip(entries, listed, strict=True):
        replies = entry.find("a:link[@rel='replies']", ATOM)
        place = "" if replies is None else replies.attrib["href"]
        assert item["_comments"] == (
            {"state": "open", "url": place} if place else {"state": "closed"}
        )
        slug = item["url"].split("/")[-2]
        for page in sorted((site / "briefings" / slug).rglob("*.html")):
            if page.name != "changes.html":
                words = page.read_text()
                assert (f'href="{place}"' in words) == bool(place), page
                assert ("Comments are closed." in words) == (not place), page
        found[slug] = place
    return found


def test_a_briefing_that_was_tampered_with_is_refused(written: Path, tmp_path: Path) -> None:
    shutil.copytree(written / "first", tmp_path / "first")
    page = tmp_path / "first" / "claims" / "helps.html"
    page.write_text(page.read_text().replace("supported", "contradicted"))
    with pytest.raises(BriefingError, match=r"helps\.html is not what was written"):
        publish([tmp_path / "first"], tmp_path / "site")
    assert not (tmp_path / "site").exists()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"slug": "../up"}, "no name for a folder"),
        ({"files": {"../../x": "0"}}, "no place inside a folder"),
        ({"foedus_briefing": 9}, "its format is 9"),
        ({"verdicts": [{"claim": "a"}]}, "no manifest"),
    ],
)
def test_a_manifest_cannot_reach_outside(
    written: Path, tmp_path: Path, change: dict[str, object], says: str
) -> None:
    shutil.copytree(written / "first", tmp_path / "first")
    path = tmp_path / "first" / "briefing.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(BriefingError, match=says):
        publish([tmp_path / "first"], tmp_path / "site")


def test_settings_say_everything_that_is_wrong(written: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    based(site, base_url="javascript:alert(1)", comments="perhaps", colour="red")
    with pytest.raises(BriefingError) as error:
        publish([written / "first"], site)
    assert "'colour' is no setting" in str(error.value)
    based(site, base_url="javascript:alert(1)", comments="open")
    with pytest.raises(BriefingError) as error:
        publish([written / "first"], site)
    assert "base_url must begin with https://" in str(error.value)
    assert "comments_link must begin with https://" in str(error.value)
    assert not (site / "briefings").exists()


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ('[briefings.chioce]\ncomments = "open"', "settings for chioce"),
        ('[briefings.choice]\ncomments = "ajar"', "briefings.choice.comments must be"),
        ('[briefings.choice]\ncomments = "open"', "briefings.choice.comments_link must begin"),
        ("[briefings.choice]\ncomments = true", "briefings.choice.comments must be text"),
        ('[briefings.choice]\ntitle = "x"', "'briefings.choice.title' is no setting"),
        ('briefings = "choice"', "briefings must hold a table"),
    ],
)
def test_settings_of_a_briefing_say_what_is_wrong(
    written: Path, tmp_path: Path, lines: str, says: str
) -> None:
    site = tmp_path / "site"
    site.mkdir()
    (site / "site.toml").write_text(
        f'{lines}\ncomments_link = "https://x.example/"\n' if "chioce" in lines else lines
    )
    with pytest.raises(BriefingError, match=re.escape(says)):
        publish([written / "first"], site)
    assert not (site / "briefings").exists()


def test_another_folder_is_never_taken_for_a_site(written: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "index.html").write_text("mine")
    with pytest.raises(BriefingError, match="holds something else"):
        publish([written / "first"], tmp_path / "other")
    with pytest.raises(BriefingError, match="holds no briefing"):
        publish([tmp_path / "other"], tmp_path / "site")


def test_an_empty_site_is_a_site(tmp_path: Path) -> None:
    found: Publication = publish([], tmp_path / "site")
    assert found.briefings == ()
    assert "Nothing is published yet" in (tmp_path / "site" / "index.html").read_text()
