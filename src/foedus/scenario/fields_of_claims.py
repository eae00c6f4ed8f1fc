"""The fields of mechanisms, counterfactuals, claims and facts."""

from __future__ import annotations

from foedus.scenario.fields_of_state import LABEL, MEANS, SOURCE, UNIT, WHEN
from foedus.scenario.shapes import (
    Either,
    Expression,
    Field,
    Id,
    ListOf,
    MapOf,
    Name,
    Number,
    Record,
    Text,
)

MARGIN = Field(Number(low=0), "differences up to this count as none")

MECHANISM = Record(
    "a mechanism",
    {
        "label": LABEL,
        "means": MEANS,
        "source": SOURCE,
        "off": Field(
            MapOf(Name("parameter or definition"), Expression(), least=1),
            "what switches it off: parameter -> number, or definition -> expression",
            required=True,
        ),
    },
)

PLAYED = Record(
    "a rule of play",
    {
        "when": WHEN,
        "move": Field(Name("move"), "the move it is about; default every one with these actions"),
        "actions": Field(
            Either(
                what="an action, or a mapping from action to probability",
                scalar=Name("action"),
                mapping=MapOf(Name("action"), Expression(), least=1, most=100),
            ),
            "what is played: an action, or a mapping from action to probability",
            required=True,
        ),
    },
)

COUNTERFACTUAL = Record(
    "a counterfactual",
    {
        "label": LABEL,
        "means": MEANS,
        "source": SOURCE,
        "player": Field(Name("player"), "whose play is replaced", required=True),
        "as": Field(Name("player"), "the player for whose payoffs the moves are chosen instead"),
        "plays": Field(
            ListOf(PLAYED, least=1, most=50), "what is played instead: the first rule that holds"
        ),
    },
)

CLAIM = Record(
    "a claim",
    {
        "label": Field(Text(), "a few words for tables; default the claim's name"),
        "by": Field(Text(), "who says so", required=True),
        "where": Field(Text(), "the place in the document"),
        "says": Field(Text(), "the claim, paraphrased", required=True),
        "concept": Field(Text(), "what the literature calls it"),
        "source": SOURCE,
        "note": Field(Text(), "what a verdict does not say"),
        "holds": Field(Expression(), "the statement that tests it"),
        "untestable": Field(Text(), "why the scenario cannot test it"),
        "effect": Field(Expression(), "the size of what is claimed; default the two sides' gap"),
        "unit": UNIT,
        "given": Field(Expression(), "the part of the region, by parameters, that it is about"),
        "margin": MARGIN,
        "mechanisms": Field(ListOf(Name("mechanism")), "what it may rest on"),
        "rivals": Field(ListOf(Id()), "claims that contest it"),
    },
)

FACT = Record(
    "a fact",
    {
        "label": LABEL,
        "says": Field(Text(), "the fact", required=True),
        "date": Field(Text(), "when it was known"),
        "source": SOURCE,
        "holds": Field(Expression(), "the statement by which a draw reproduces it", required=True),
    },
)
