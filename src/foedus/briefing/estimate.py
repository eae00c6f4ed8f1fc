"""The page of an estimate: one file with its figures, its table, and everything behind them."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from foedus.briefing.brief import figure_files, style_sheet
from foedus.briefing.drawing import Drawn, Picture, draw
from foedus.briefing.folder import write_folder
from foedus.briefing.pages import environment
from foedus.briefing.wording import number, plain
from foedus.estimation.account import Account
from foedus.estimation.dynamic_methods import FULL
from foedus.estimation.fit import Fit
from foedus.estimation.record import record
from foedus.figures import catalogue
from foedus.figures.figure import Figure, NoFigure
from foedus.figures.theme import NARROW, WIDE
from foedus.findings.finding import plain as as_data

NAME = "estimate.json"
PARTS = (
    ("coefficients", "Coefficients", "What the payoffs are estimated to be, and how surely."),
    ("predicted", "Predictions", "What players are expected to do, and how surely."),
    ("goodness", "Fit", "What was observed beside what the estimates expect."),
    ("profile", "Profiles", "How far the likelihood falls as one coefficient is moved and held."),
    ("optima", "Search", "Where the searches for a maximum began and ended."),
)


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where an estimate comes from: names of files without folders, their content, the command."""

    title: str
    model: str
    model_text: bytes
    data: str
    data_text: bytes
    command: str

    def to_dict(self) -> dict[str, str]:
        """As the record of an estimate has it, contents as SHA-256."""
        return {
            "model_file": self.model,
            "model_sha256": hashlib.sha256(self.model_text).hexdigest(),
            "data_file": self.data,
            "data_sha256": hashlib.sha256(self.data_text).hexdigest(),
            "command": self.command,
            "foedus": version("foedus"),
            "python": platform.python_version(),
            "numpy": version("numpy"),
            "scipy": version("scipy"),
        }


def write_estimate(account: Account, origin: Origin, folder: Path) -> Path:
    """Write the page of an estimate to a folder and return its path.

    The folder is written whole or not at all, and the same estimate gives the same bytes. Raises
    `BriefingError` if the folder holds anything but an older estimate, or cannot be written.
    """
    write_folder(contents(account, origin), folder, mark=NAME)
    return folder / "index.html"


def contents(account: Account, origin: Origin) -> dict[str, bytes]:
    """Every file of the page, by its path."""
    groups = _groups(account)
    drawn = draw({key: pictures for key, (pictures, _) in groups.items()})
    fit = account.fit
    found = {"index.html": _page(account, origin, drawn, groups).encode()}
    for group in drawn.values():
        for one in group:
            found |= figure_files(one)
    known = record(fit, account.resampled, profiles=account.profiles)
    kept = {"title": origin.title, "origin": origin.to_dict(), **known}
    found[NAME] = (json.dumps(as_data(kept), indent=1, ensure_ascii=False) + "\n").encode()
    found["data/coefficients.csv"] = fit.summary("csv").encode()
    found["data/coefficients.tex"] = fit.summary("latex").encode()
    found[f"data/{origin.model}"] = origin.model_text
    found["theme/briefing.css"] = style_sheet()
    return found


def _groups(account: Account) -> dict[str, tuple[list[Picture], list[str]]]:
    """Pictures by part of the page, and why others are not there."""
    given: dict[str, Any] = {
        "resampled": account.resampled,
        "effects": account.effects,
        "predictions": account.predictions,
        "made": account.made,
        "goodness": account.goodness,
        "profiles": account.profiles,
    }
    wide = catalogue.of_estimate(account.fit, **given, width=WIDE)
    narrow = catalogue.of_estimate(account.fit, **given, width=NARROW)
    groups: dict[str, tuple[list[Picture], list[str]]] = {key: ([], []) for key, *_ in PARTS}
    for large, small in zip(wide, narrow, strict=True):
        pictures, reasons = groups[large.name.split("-")[0]]
        if isinstance(large, NoFigure) or isinstance(small, NoFigure):
            reasons.append(large.reason if isinstance(large, NoFigure) else "")
        else:
            pictures.append(_picture(large, small))
    return groups


def _picture(large: Figure, small: Figure) -> Picture:
    if large.name.startswith(("predicted-", "profile-")):
        return Picture(figure=small, half=True)
    return Picture(figure=large, narrow=small)


def _page(
    account: Account,
    origin: Origin,
    drawn: dict[str, list[Drawn]],
    groups: dict[str, tuple[list[Picture], list[str]]],
) -> str:
    fit = account.fit
    parts = [
        (key, heading, note, drawn[key], [*groups[key][1], *_lacking(key, account)])
        for key, heading, note in PARTS
        if drawn[key] or groups[key][1] or _lacking(key, account)
    ]
    title = plain(origin.title or fit.title)
    return environment().get_template("estimate.html.j2").render(
        root="",
        here="index.html",
        title=title,
        about="Sections of this page",
        description=drawn["coefficients"][0].figure.title,
        sections=[(f"#part-{key}", heading) for key, heading, *_ in parts] + [("#data", "Data")],
        model=fit.title,
        parts_shown=parts,
        facts=fit.facts(),
        notes=fit.notes,
        goodness=_measures(account),
        counts=_counts(account),
        bootstrap=_resampled(account),
        origin=origin,
        known=origin.to_dict(),
        files=_files(origin),
        answer=[drawn[key][0].figure.title for key in ("coefficients", "predicted", "goodness",
                                                       "optima") if drawn[key]],
    )  # fmt: skip


def _lacking(key: str, account: Account) -> list[str]:
    """What a part does not show, and how to see it."""
    if key == "predicted" and account.unpredicted:
        return [account.unpredicted]
    if key == "predicted" and account.unshown:
        return [f"Not shown: {', '.join(account.unshown)}; `fit.effects` in Python has them."]
    if key == "profile" and not account.profiles:
        method = "" if isinstance(account.fit, Fit) else account.fit.model.method
        if method and method not in FULL:
            return [f"{method} maximises a pseudo-likelihood, which has no profile."]
        return ["No profile was asked for; --profile NAME or --profile all draws them."]
    return []


def _resampled(account: Account) -> str:
    """What became of the resamples, as the last line of their table says."""
    return "" if account.resampled is None else account.resampled.summary().split("\n")[-1]


def _measures(account: Account) -> list[tuple[str, str]]:
    found, made = account.goodness, account.made
    offers = [] if made is None else [("R² of offers", f"{made.r2:.3f}")]
    if found is None:
        return offers
    noun = "action" if len(found.sets) > 1 else "outcome" if made is None else "answer"
    return [
        *offers,
        ("Pseudo-R² (McFadden)", f"{found.pseudo_r2:.3f}"),
        (f"Likeliest {noun} was right", f"{100 * found.correct:.1f} %"),
        (f"Most frequent {noun} alone", f"{100 * found.modal:.1f} %"),
        ("Brier score (0 to 2, lower is better)", number(found.brier)),
    ]


def _counts(account: Account) -> list[tuple[str, str, str]]:
    """How often everything was observed, and how often the estimates expect it."""
    tables = [account.goodness.outcomes] if account.goodness is not None else []
    tables += [account.made.ends] if account.made is not None else []
    return [
        (str(name), f"{row.observed:,.0f}", f"{row.expected:,.1f}")
        for table in tables
        for name, row in table.iterrows()
    ]


def _files(origin: Origin) -> Sequence[tuple[str, str]]:
    return (
        (NAME, "Everything, whole: estimates, covariance, starts, optima, profiles, origin."),
        ("data/coefficients.csv", "The table of coefficients."),
        ("data/coefficients.tex", "The same for a paper."),
        (f"data/{origin.model}", "The model, word for word."),
    )
