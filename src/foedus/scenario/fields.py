"""The fields of a scenario file: one table for the checker, the JSON Schema and the digest."""

from __future__ import annotations

from foedus.scenario.fields_of_claims import CLAIM, COUNTERFACTUAL, FACT, MARGIN, MECHANISM
from foedus.scenario.fields_of_play import MOVES, QUANTITY, RULE, START
from foedus.scenario.fields_of_state import (
    FACTOR,
    LABEL,
    MEANS,
    PARAMETER,
    PLAYER,
    PRECISION,
    SOURCE,
)
from foedus.scenario.shapes import (
    Choice,
    Edited,
    Either,
    Expression,
    Field,
    Id,
    ListOf,
    MapOf,
    Name,
    Record,
    Text,
    Truth,
    Whole,
)

HORIZON = Either(
    what="`stationary`, or a mapping with `evaluate` and `solve`",
    scalar=Choice(("stationary",)),
    mapping=Record(
        "the horizon",
        {
            "evaluate": Field(Whole(low=1, high=10_000), "periods over which results are reported"),
            "solve": Field(Whole(low=1, high=10_000), "periods solved by backward induction"),
            "stationary": Field(Truth(), "solve for the stationary game instead"),
        },
    ),
)

EDIT = Record(
    "an edit",
    {
        "horizon": Field(Edited(("object", "string")), "merged into `horizon`"),
        "convention": Field(Edited(("string", "null")), "takes the place of `convention`"),
        "players": Field(Edited(), "merged into `players`"),
        "state": Field(Edited(), "merged into `state`"),
        "parameters": Field(Edited(), "merged into `parameters`"),
        "define": Field(Edited(), "merged into `define`"),
        "moves": Field(
            Edited(("array", "object")),
            "takes the place of `moves`; a mapping from move to its new entries, or to null, "
            "changes only the moves it names",
        ),
        "order": Field(ListOf(Name("move")), "the moves' names in their new order"),
        "next": Field(Edited(), "merged into `next`"),
        "payoffs": Field(Edited(), "merged into `payoffs`"),
        "starts": Field(Edited(), "merged into `starts`"),
        "terminal": Field(Edited(), "merged into `terminal`"),
    },
)


def _alternative(what: str) -> Record:
    return Record(
        what,
        {
            "label": LABEL,
            "means": MEANS,
            "source": SOURCE,
            "edit": Field(EDIT, "what it changes in the rules"),
        },
    )


SCENARIO = Record(
    "a scenario",
    {
        "foedus": Field(Whole(low=1, high=1), "version of the scenario language", required=True),
        "title": Field(Text(), "a title", required=True),
        "summary": Field(Text(), "one or two sentences on what the scenario is about"),
        "notes": Field(Text(), "Markdown: decisions, simplifications, what is left out"),
        "sources": Field(MapOf(Text(), Text()), "references that `source` fields may name"),
        "tags": Field(ListOf(Text()), "keywords"),
        "period": Field(Text(), "what one period is called; default `period`"),
        "horizon": Field(HORIZON, "how long play is solved and reported", required=True),
        "precision": Field(PRECISION, "precision of the logit response; default 5"),
        "convention": Field(
            Choice(("expected", "shock")),
            "what choosing is worth to the mover: the expected payoff (default), or with shocks",
        ),
        "players": Field(
            MapOf(Name("player"), PLAYER, ordered=True, least=1, most=50), "who acts", required=True
        ),
        "state": Field(
            MapOf(Name("factor"), FACTOR, ordered=True, most=50),
            "the factors that make up the state",
        ),
        "parameters": Field(
            MapOf(Name("parameter"), PARAMETER, most=1000), "numbers with a range and a reason"
        ),
        "define": Field(MapOf(Name("definition"), Expression(), most=1000), "named expressions"),
        "moves": Field(MOVES, "one period, in order", required=True),
        "next": Field(
            MapOf(Name("factor"), ListOf(RULE, most=500), ordered=True),
            "what follows, factor by factor",
        ),
        "payoffs": Field(
            MapOf(Name("player"), MapOf(Name("part"), Expression(), most=200)),
            "per period: player -> part -> amount",
            required=True,
        ),
        "terminal": Field(
            MapOf(Name("player"), Expression()), "value of a state after the last period"
        ),
        "starts": Field(
            MapOf(Name("start"), START, ordered=True, least=1, most=100), "where play may begin"
        ),
        "regimes": Field(
            MapOf(Name("regime"), _alternative("a regime"), ordered=True, most=30), "rules in force"
        ),
        "variants": Field(
            MapOf(Name("variant"), _alternative("a variant"), ordered=True, most=30),
            "modelling choices",
        ),
        "quantities": Field(MapOf(Name("quantity"), QUANTITY, most=500), "numbers to report"),
        "mechanisms": Field(
            MapOf(Name("mechanism"), MECHANISM, most=50), "what can be switched off in the rules"
        ),
        "counterfactuals": Field(
            MapOf(Name("counterfactual"), COUNTERFACTUAL, most=20), "play other than equilibrium"
        ),
        "margin": MARGIN._replace(means="differences up to this count as none; default 0.05"),
        "plausible": Field(
            MapOf(Name("fact"), FACT, most=100), "facts that a draw of the parameters reproduces"
        ),
        "holdouts": Field(
            MapOf(Name("fact"), FACT, most=100), "facts on which draws are only compared"
        ),
        "claims": Field(MapOf(Id(), CLAIM, most=300), "what is said about the situation"),
    },
)
