"""Text as pages show it: figures with the digits they deserve, names for files, words made safe."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable

from markupsafe import Markup, escape

from foedus.findings.verdict import Verdict
from foedus.findings.words import figure, percent

DASH = "–"
NO_BREAK = "\N{NO-BREAK SPACE}"
# Marks that turn the direction of the text around them, and everything XML forbids.
DIRECTION = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# One of these that is not closed would reach beyond its element, as browsers close it there.
EMBEDDING = re.compile("[\u202a-\u202e\u2066-\u2069]")
FORBIDDEN = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0010ffff]"
)
MARKED = re.compile(r"`([^`]+)`|\*\*(?=\S)(.+?)(?<=\S)\*\*|\*(?=\S)(.+?)(?<=\S)\*")
# Letters and digits that run from right to left, and the marks that make others do so.
LEFTWARD = re.compile(
    "[\u0590-\u08ff\u200e\u200f\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
LONGEST_SLUG = 60
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def plain(text: str) -> str:
    """Text for a title, an attribute or a feed: no marks of direction, no control characters.

    >>> plain("a\\u202eb\\x00 c\\n d")
    'ab c d'
    """
    return " ".join(FORBIDDEN.sub("", DIRECTION.sub("", text)).split())


def isolated(text: str) -> Markup:
    """Words of the scenario's author, which cannot turn the text around them.

    >>> isolated("<b>"), isolated("\u05d0")
    (Markup('&lt;b&gt;'), Markup('<bdi>\u05d0</bdi>'))
    """
    words = _harmless(text)
    return Markup("<bdi>{}</bdi>").format(words) if LEFTWARD.search(words) else escape(words)


def _harmless(text: str) -> str:
    return FORBIDDEN.sub("", EMBEDDING.sub("", text)).strip()


def prose(text: str) -> Markup:
    """An author's paragraphs, in the simplest marks of Markdown.

    Blank lines part them, `- ` makes a list, `**` and `*` emphasis, backticks names from the file.

    >>> print(prose("One *word* `a*b`.\\n\\n- a <b>"))
    <p dir="auto">One <em>word</em> <code>a*b</code>.</p>
    <ul><li dir="auto">a &lt;b&gt;</li></ul>
    """
    blocks = []
    for block in re.split(r"\n\s*\n", _harmless(text)):
        lines = [line.rstrip() for line in block.splitlines()]
        if not any(lines):
            continue
        if lines[0].lstrip().startswith("- "):
            items = re.split(r"(?m)^\s*-\s+", "\n".join(lines))[1:]
            listed = Markup("").join(
                Markup('<li dir="auto">{}</li>').format(_marked_up(item)) for item in items
            )
            blocks.append(Markup("<ul>{}</ul>").format(listed))
        else:
            blocks.append(Markup('<p dir="auto">{}</p>').format(_marked_up(" ".join(lines))))
    return Markup("\n").join(blocks)


def _marked_up(text: str) -> Markup:
    """Escaped first, so that nothing but the three marks becomes an element."""
    safe = str(escape(" ".join(text.split())))

    def element(found: re.Match[str]) -> str:
        code, strong, light = found.groups()
        if code:
            return f"<code>{code}</code>"
        return f"<strong>{strong}</strong>" if strong else f"<em>{light}</em>"

    return Markup(MARKED.sub(element, safe))


def number(value: float | None) -> str:
    """A number to three significant digits, a dash for none.

    >>> [number(x) for x in (0.25, 12.345, 1234.5, -0.00321, 0, None)]
    ['0.25', '12.3', '1,230', '−0.00321', '0', '–']
    """
    if value is None or not math.isfinite(value):
        return DASH
    rounded = float(f"{value:.3g}") if abs(value) > 1e-9 else 0.0
    if rounded and abs(rounded) < 1e-4:
        power = math.floor(math.log10(abs(rounded)))
        digits = f"{rounded / 10**power:g}"
        return f"{digits} × 10{str(power).translate(RAISED)}".replace("-", "−")
    decimals = 0 if not rounded else max(0, 2 - math.floor(math.log10(abs(rounded))))
    text = f"{rounded:,.{decimals}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace("-", "−")


def typographic(text: str) -> str:
    """A sentence with real minus signs and with per cents that do not break.

    >>> typographic("from -0.3 to a pre-2024 12 %")
    'from −0.3 to a pre-2024 12\\xa0%'
    """
    return unbroken(re.sub(r"(?<![\w)])-(?=[\d.])", "−", text))


def unbroken(text: str) -> str:
    """A text, or a page, in which no line begins with the sign of a per cent.

    >>> unbroken("of 95 %")
    'of 95\xa0%'
    """
    return re.sub(r"(?<=\d) %", f"{NO_BREAK}%", text)


def short(value: float) -> str:
    """A number to two significant digits with a real minus sign."""
    return figure(value).replace("-", "−")


def share(value: float | None) -> str:
    """A share in whole per cent that does not break before its sign.

    >>> share(0.937), share(None)
    ('94\\xa0%', '–')
    """
    return DASH if value is None else percent(value).replace(" ", NO_BREAK)


def share_range(interval: tuple[float, float] | None) -> str:
    """Both ends of an interval of shares: 86–97 %."""
    if interval is None:
        return DASH
    low, high = (round(100 * end) for end in interval)
    return f"{low}–{high}{NO_BREAK}%"


def with_sign(value: float) -> str:
    """A change with its sign: +12, −3, 0."""
    rounded = round(value)
    return f"{rounded:+d}".replace("-", "−") if rounded else "0"


def counted(count: int, noun: str, plural: str = "") -> str:
    """How many of something there are.

    >>> counted(1, "claim"), counted(2, "claim"), counted(2, "hypothesis", "hypotheses")
    ('1 claim', '2 claims', '2 hypotheses')
    """
    return f"1 {noun}" if count == 1 else f"{count:,} {plural or noun + 's'}"


def verdict_size(verdict: Verdict) -> str:
    """The effect in a few words, or nothing where there is none."""
    effect = verdict.effect
    if effect is None:
        return ""
    unit = f" {effect.unit}" if effect.unit else ""
    return f"{short(effect.median)}{unit} ({short(effect.low)} to {short(effect.high)})"


def slug(text: str) -> str:
    """A name for a file or an address, of small letters, digits and hyphens.

    >>> slug("NATO: Artikel 5!"), slug("Überfluß"), slug("条約")
    ('nato-artikel-5', 'uberflu', '')
    """
    ascii_only = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_only).strip("-")[:LONGEST_SLUG].strip("-")


def file_names(names: Iterable[str], fallback: str) -> dict[str, str]:
    """A file name for each name, no two alike, also where a disk ignores case.

    >>> file_names(["1a", "1.A", "条約"], "claim")
    {'1a': '1a', '1.A': '1-a', '条約': 'claim-3'}
    """
    found: dict[str, str] = {}
    for place, name in enumerate(dict.fromkeys(names), 1):
        wanted = slug(name) or f"{fallback}-{place}"
        taken, candidate = set(found.values()), wanted
        while candidate in taken:
            candidate = f"{wanted}-{place}" if candidate == wanted else f"{candidate}-x"
        found[name] = candidate
    return found


def hashtag(tag: str) -> str:
    """A tag as networks write it: words run together, each with a capital.

    >>> hashtag("proxy-war"), hashtag("NATO"), hashtag("deterrence"), hashtag("!")
    ('#ProxyWar', '#NATO', '#deterrence', '')
    """
    words = re.findall(r"\w+", plain(tag).replace("_", " "))
    if len(words) > 1:
        words = [word[:1].upper() + word[1:] for word in words]
    return f"#{''.join(words)}" if words else ""
