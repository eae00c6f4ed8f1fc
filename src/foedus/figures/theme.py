"""The visual language: colours by meaning for light and dark, dashes, shapes and type sizes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from foedus.findings.verdict import Word


@dataclass(frozen=True)
class Token:
    """A colour with a meaning. `text`: it is also used for words, so its contrast is AA."""

    name: str
    light: str
    dark: str
    text: bool = False


# Hues are those of Okabe & Ito (2008), made darker or lighter until words in them can be read.
# No two tokens share a light value: the value is what stands for the token in a specification.
TOKENS: tuple[Token, ...] = (
    Token("paper", "#ffffff", "#14181d"),
    Token("ink", "#1c2229", "#e9ecef", text=True),
    Token("muted", "#58616b", "#a7b0ba", text=True),
    Token("axis", "#8b949e", "#68727d"),
    Token("grid", "#e4e7eb", "#2b323a"),
    Token("panel", "#f5f6f8", "#1b2026"),
    Token("supported", "#004d7a", "#7cc8f2", text=True),
    Token("leaning", "#1d76ad", "#4a9cd6", text=True),
    Token("contested", "#6a7179", "#9ca5ae", text=True),
    Token("leaning-against", "#b15900", "#e08a3a", text=True),
    Token("contradicted", "#8a3000", "#f3a877", text=True),
    Token("undecided", "#6c6c77", "#a4a4b0", text=True),
    Token("construction", "#8c3f77", "#d993c3", text=True),
    Token("series-1", "#0066a3", "#58b5ea", text=True),
    Token("series-2", "#b94b00", "#f28f4d", text=True),
    Token("series-3", "#00775a", "#32c59d", text=True),
    Token("series-4", "#a1447f", "#e49dc5", text=True),
    Token("series-5", "#866000", "#e5b53e", text=True),
    Token("series-6", "#4d59cf", "#9ba6ff", text=True),
    Token("series-7", "#7b4a29", "#cb9d75", text=True),
    Token("series-8", "#2c6d7c", "#7dc8d7", text=True),
    Token("player-1", "#27598c", "#88b8ea", text=True),
    Token("player-2", "#96491b", "#e8a06f", text=True),
    Token("player-3", "#236b4c", "#6fc7a0", text=True),
    Token("player-4", "#7d3d73", "#d69ccb", text=True),
    Token("player-5", "#6e5a12", "#d0ba5f", text=True),
    Token("player-6", "#4a4f9e", "#a9aef0", text=True),
    Token("gain", "#00709f", "#4fb3e8", text=True),
    Token("loss", "#b35209", "#ec8d45", text=True),
    Token("heat-0", "#eef2f6", "#1f262d"),
    Token("heat-1", "#d2e2f0", "#1f3648"),
    Token("heat-2", "#a8cae3", "#23506d"),
    Token("heat-3", "#72abd2", "#2a668f"),
    Token("heat-4", "#2a76ac", "#4e9fd1"),
    Token("heat-5", "#0b4a78", "#a3d3f3"),
    Token("on-pale", "#1d232a", "#e8ebee"),
    Token("on-strong", "#fdfdfe", "#101419"),
)
_BY_NAME: Mapping[str, Token] = {token.name: token for token in TOKENS}
_DARK: Mapping[str, str] = {token.light: token.dark for token in TOKENS}
HEAT_STEPS = 6
STRONG = 4  # from this step of the heat scale on, words are in `on-strong`

FONT = "Liberation Sans, Arial, Helvetica, sans-serif"  # one set of widths under three names
SIZES: Mapping[str, int] = {"head": 15, "body": 12, "small": 11}
WIDE, NARROW = 680, 340  # pixels: a column of a page, and a phone in portrait

DASHES: tuple[tuple[int, ...], ...] = ((1, 0), (6, 3), (2, 2), (8, 3, 2, 3), (4, 4), (12, 3))
SHAPES: tuple[str, ...] = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down")

# Shape and colour say the same thing, so neither is needed to read it.
MARKS: Mapping[Word, tuple[str, str]] = {
    "supported": ("supported", "triangle-up"),
    "leaning": ("leaning", "triangle-up"),
    "contested": ("contested", "diamond"),
    "leaning against": ("leaning-against", "triangle-down"),
    "contradicted": ("contradicted", "triangle-down"),
    "too few draws": ("undecided", "circle"),
    "untestable": ("undecided", "circle"),
}
FIRM: tuple[Word, ...] = ("supported", "contradicted")  # their marks are filled


def colour(token: str) -> str:
    """The light value of a token, which stands for it in specifications."""
    return _BY_NAME[token].light


def verdict_colour(word: Word) -> str:
    """The colour of a verdict."""
    return colour(MARKS[word][0])


def series(number: int) -> tuple[str, tuple[int, ...], str]:
    """Colour, dash and shape of the regime or line of this number, from 0; all distinct to 40."""
    hues = 8
    return (
        colour(f"series-{number % hues + 1}"),
        DASHES[(number % hues + number // hues) % len(DASHES)],
        SHAPES[(number % hues + number // hues) % len(SHAPES)],
    )


def player(number: int) -> tuple[str, str]:
    """Colour and shape of the player of this number, from 0."""
    return colour(f"player-{number % 6 + 1}"), SHAPES[(number + number // 6) % len(SHAPES)]


def heat(share: float) -> tuple[str, str]:
    """The fill of a cell for a share from 0 to 1, and the colour of words on it."""
    step = min(HEAT_STEPS - 1, max(0, int(share * HEAT_STEPS)))
    return colour(f"heat-{step}"), colour("on-strong" if step >= STRONG else "on-pale")


def dark(spec: Any) -> Any:
    """The same specification in the dark theme; data are left alone."""
    if isinstance(spec, Mapping):
        return {
            key: entry if key in ("data", "datasets") else dark(entry)
            for key, entry in spec.items()
        }
    if isinstance(spec, list | tuple):
        return [dark(entry) for entry in spec]
    return _DARK.get(spec, spec) if isinstance(spec, str) else spec


def palette(mode: Literal["light", "dark"]) -> dict[str, str]:
    """Every token with its value in one theme."""
    return {token.name: getattr(token, mode) for token in TOKENS}


def css() -> str:
    """The tokens as CSS custom properties `--fig-NAME`.

    Light, dark where the reader prefers that, and either where `data-theme` on the root
    element says so. On paper they are light.
    """
    light, night = (
        "".join(f"--fig-{name}:{value};" for name, value in palette(mode).items())
        for mode in ("light", "dark")
    )
    return (
        f":root{{{light}}}\n"
        f"@media screen and (prefers-color-scheme:dark)"
        f'{{:root:not([data-theme="light"]){{{night}}}}}\n'
        f'@media screen{{:root[data-theme="dark"]{{{night}}}}}\n'
    )


def config() -> dict[str, Any]:
    """The Vega-Lite configuration that every figure carries."""
    ink, muted, small = colour("ink"), colour("muted"), SIZES["small"]
    return {
        "background": None,
        "font": FONT,
        "aria": False,
        "view": {"stroke": None},
        "axis": {
            "aria": False,
            "domainColor": colour("axis"),
            "gridColor": colour("grid"),
            "tickColor": colour("axis"),
            "labelColor": muted,
            "titleColor": muted,
            "labelFontSize": small,
            "titleFontSize": small,
            "titleFontWeight": "normal",
            "labelLimit": 220,
            "titleLimit": 640,
            "labelFlush": False,
            "tickSize": 4,
        },
        "title": {
            "anchor": "start",
            "color": ink,
            "subtitleColor": muted,
            "fontSize": SIZES["body"],
            "fontWeight": "bold",
            "limit": 640,
            "aria": False,
        },
        "header": {"labelColor": ink, "titleColor": muted, "labelFontSize": SIZES["body"]},
        "text": {"color": ink, "fontSize": SIZES["body"]},
    }
