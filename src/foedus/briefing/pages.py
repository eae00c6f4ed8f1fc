"""Every page of a briefing as HTML."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from foedus.briefing import wording
from foedus.briefing.answer import deciders, sentences
from foedus.briefing.assumptions import facts_shown, parameters_shown
from foedus.briefing.certainty import certainty
from foedus.briefing.claims import ClaimShown, claim_shown
from foedus.briefing.downloads import File
from foedus.briefing.drawing import Drawn
from foedus.briefing.material import Material
from foedus.briefing.methods import used
from foedus.briefing.regimes import regime_shown
from foedus.briefing.rerun import quick, rerun
from foedus.briefing.verdicts import tallies
from foedus.briefing.wording import counted

MOST_DECIDERS = 8
DESIGNS = {"sobol": "a scrambled Sobol sequence", "latin": "a Latin hypercube"}
SECTIONS = (
    ("index.html", "Verdicts"),
    ("play.html", "Play"),
    ("certainty.html", "How sure"),
    ("assumptions.html", "Assumptions"),
    ("methods.html", "Methods"),
    ("data.html", "Data"),
)
PLAY = (
    ("structure", "Who moves when", "The moves of one period in order, and what they change."),
    ("over time", "Over time", "Median, middle half and middle 80 % of the draws, by regime."),
    ("ladder", "From state to state", "Where time is spent and which way play moves, by regime."),
    (
        "worth",
        "What it is worth",
        "Each player on a scale of its own: only ratios within one count.",
    ),
    ("strategies", "Who does what where", "How often each action is taken, at the central draw."),
    (
        "beliefs",
        "What a move tells",
        "What others believe of a player's private type, before it acts and after each action.",
    ),
)


def environment() -> Environment:
    """Templates that escape whatever they are given and refuse what is not there."""
    made = Environment(
        loader=PackageLoader("foedus.briefing"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters |= {"isolated": wording.isolated, "plain": wording.plain}
    return made


class Pages:
    """Renders the pages of one briefing; `drawn` are the figures by page."""

    def __init__(
        self, material: Material, drawn: Mapping[str, Sequence[Drawn]], files: Sequence[File]
    ) -> None:
        self._material = material
        self._drawn = drawn
        self._files = files
        self._environment = environment()
        self._claims = {
            one.claim.name: claim_shown(one, material) for one in material.findings.claims
        }
        self._regimes = [
            regime_shown(regime, material)
            for regime in material.scenario.regimes
            if regime.name in material.findings.regimes
        ]

    def all(self) -> Iterator[tuple[str, str]]:
        """The path of each page with its text."""
        yield "index.html", self._index()
        yield "play.html", self._play()
        yield "certainty.html", self._certainty()
        yield "assumptions.html", self._assumptions()
        yield "methods.html", self._methods()
        yield "data.html", self._data()
        yield from self._claim_pages()
        yield from self._regime_pages()

    def _render(self, template: str, path: str, figures: str = "", **values: Any) -> str:
        material = self._material
        page = self._environment.get_template(template).render(
            root="../" * path.count("/"),
            here=path,
            sections=SECTIONS,
            title=material.title,
            description=_description(material),
            scenario=material.scenario,
            run=material.run,
            date=material.date,
            version=material.run.label.versions.get("foedus", "of unknown version"),
            figures=self._drawn.get(figures, ()),
            counts=_counts(material),
            warning=_warning(material),
            regimes=self._regimes,
            **values,
        )
        return wording.unbroken(page)

    def _index(self) -> str:
        material = self._material
        shown = [self._claims[one.claim.name] for one in material.tested]
        found = tallies(material.tested)
        return self._render(
            "index.html.j2",
            "index.html",
            "index",
            tags=[tag for tag in map(wording.hashtag, material.scenario.tags) if tag],
            tallies=[
                {
                    "word": tally.word,
                    "key": tally.key,
                    "meaning": tally.meaning,
                    "claims": [self._claims[one.claim.name] for one in tally.claims],
                }
                for tally in found
            ],
            answer=sentences(material),
            deciders=[
                {
                    "parameter": decider.parameter,
                    "means": decider.means,
                    "counted": counted(len(decider.claims), "claim"),
                    "claims": [self._claims[name] for name in decider.claims],
                }
                for decider in deciders(material)[:MOST_DECIDERS]
            ],
            authors=[
                (author, [claim for claim in shown if claim.claim.by == author])
                for author in material.authors
            ],
            untestable=[self._claims[one.claim.name] for one in material.untestable],
        )

    def _claim_pages(self) -> Iterator[tuple[str, str]]:
        shown = list(self._claims.values())
        for place, claim in enumerate(shown):
            path = f"claims/{claim.file}.html"
            yield (
                path,
                self._render(
                    "claim.html.j2",
                    path,
                    f"claim {claim.claim.name}",
                    claim=claim,
                    rivals=self._rivals(claim),
                    previous=shown[place - 1] if place else None,
                    next=shown[place + 1] if place + 1 < len(shown) else None,
                ),
            )

    def _rivals(self, claim: ClaimShown) -> list[ClaimShown]:
        return [self._claims[name] for name in claim.rivals if name in self._claims]

    def _regime_pages(self) -> Iterator[tuple[str, str]]:
        for regime in self._regimes:
            path = f"regimes/{regime.file}.html"
            yield (
                path,
                self._render(
                    "regime.html.j2",
                    path,
                    f"regime {regime.regime.name}",
                    regime=regime,
                    first_label=self._regimes[0].label,
                    others=[other for other in self._regimes if other is not regime],
                ),
            )

    def _play(self) -> str:
        groups = [(heading, note, self._drawn.get(key, ())) for key, heading, note in PLAY]
        return self._render(
            "play.html.j2",
            "play.html",
            groups=[group for group in groups if group[2]],
            players=next(iter(self._material.rules.values())).players,
            portrait=self._material.portrait,
        )

    def _certainty(self) -> str:
        material = self._material
        findings = material.findings
        return self._render(
            "certainty.html.j2",
            "certainty.html",
            "certainty",
            sure=certainty(material),
            files=material.claim_files,
            filters=facts_shown(findings.filters, material),
            holdouts=facts_shown(findings.holdouts, material),
            plausible=f"{findings.plausible:,}",
            solved=f"{findings.solved:,}",
            quick=quick(material),
        )

    def _assumptions(self) -> str:
        scenario = self._material.scenario
        precision = scenario.precision
        return self._render(
            "assumptions.html.j2",
            "assumptions.html",
            "assumptions",
            parameters=parameters_shown(self._material),
            precision={
                name: wording.number(getattr(precision, name)) for name in ("value", "low", "high")
            },
            mechanisms=scenario.mechanisms,
            variants=scenario.variants,
            notes=wording.prose(scenario.notes) if scenario.notes else Markup(""),
            sources=scenario.sources,
        )

    def _methods(self) -> str:
        findings = self._material.findings
        return self._render(
            "methods.html.j2",
            "methods.html",
            "methods",
            methods=used(self._material),
            sources=self._material.scenario.sources,
            draws=f"{findings.draws:,}",
            design=DESIGNS.get(findings.design, findings.design),
            seed=findings.seed,
        )

    def _data(self) -> str:
        every = [one for group in self._drawn.values() for one in group]
        return self._render(
            "data.html.j2",
            "data.html",
            "data",
            files=self._files,
            figure_files=every,
            rerun=rerun(self._material),
        )


def _description(material: Material) -> str:
    return wording.plain(" ".join(sentences(material)[:1]))


def _counts(material: Material) -> str:
    findings = material.findings
    words = f"{counted(findings.draws, 'draw')} under {counted(len(findings.regimes), 'regime')}"
    if findings.filters:
        words += f", {findings.plausible:,} reproduce the known facts"
    return words


def _warning(material: Material) -> str:
    findings = material.findings
    if findings.little_evidence:
        return (
            f"Only {counted(findings.plausible, 'draw')} reproduce the known facts, too few for "
            "any verdict. More draws are needed, or a fact asks for what the ranges cannot give."
        )
    if findings.lacking:
        return "Not everything that was asked for could be computed; see “How sure”."
    return ""
