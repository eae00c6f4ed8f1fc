"""The fields of a scenario file: one table for the checker, the JSON Schema and the digest."""

from __future__ import annotations

from foedus.scenario.shapes import (
    Choice,
    Edited,
    Either,
    Expression,
    Field,
    LevelName,
    LevelRange,
    ListOf,
    MapOf,
    Name,
    Number,
    Record,
    Tagged,
    Text,
    Truth,
    Whole,
)

LABEL = Field(Text(), "what people read in place of the name")
MEANS = Field(Text(), "what it stands for")
WHY = Field(Text(), "the reason for the number or the range")
SOURCE = Field(Text(), "where it comes from: a key of `sources`, or the reference itself")
WHEN = Field(Expression(), "the condition under which it applies; left out: always")

PLAYER = Record(
    "a player",
    {
        "label": LABEL,
        "discount": Field(Expression(), "discount factor per period, over parameters"),
        "precision": Field(Expression(), "the player's own precision, over parameters"),
    },
)

ENDING = Record(
    "an ending",
    {
        "label": LABEL,
        "payoffs": Field(
            MapOf(Name("player"), Expression()), "paid once on arrival: player -> amount"
        ),
    },
)

FACTOR = Record(
    "a factor of the state",
    {
        "label": LABEL,
        "levels": Field(
            Either(
                what="levels",
                scalar=LevelRange(),
                sequence=ListOf(LevelName(), least=1),
                mapping=MapOf(LevelName(), Text(), ordered=True, least=1),
            ),
            "the levels: a list, a mapping from level to label, or a range such as 0..4",
            required=True,
        ),
        "endings": Field(
            MapOf(Name("ending"), ENDING, ordered=True), "absorbing levels, where play stops"
        ),
    },
)

SCALE = Field(Choice(("linear", "log")), "how the range is spread; default linear")
UNIT = Field(Text(), "the unit of measurement")


def _range(**limits: float) -> Field:
    return Field(ListOf(Number(**limits), least=2, most=2), "lowest and highest value considered")


PARAMETER = Record(
    "a parameter",
    {
        "value": Field(Number(), "the central value; default the middle of the range"),
        "range": _range(),
        "scale": SCALE,
        "means": MEANS,
        "why": WHY,
        "source": SOURCE,
        "unit": UNIT,
    },
)

PRECISION = Either(
    what="a number, or a value with a range",
    scalar=Number(above=0),
    mapping=Record(
        "the precision",
        {
            "value": Field(Number(above=0), "the central value"),
            "range": _range(above=0),
            "scale": SCALE,
            "means": MEANS,
            "why": WHY,
            "source": SOURCE,
            "unit": UNIT,
        },
    ),
)

ACTION = Either(
    what="a label, or a mapping with `label` and `when`",
    scalar=Text(),
    mapping=Record("an action", {"label": LABEL, "when": WHEN}),
)

MOVE = Record(
    "a move",
    {
        "player": Field(Name("player"), "who moves", required=True),
        "name": Field(Name("move"), "what the move is called; default the player's name"),
        "label": LABEL,
        "when": WHEN,
        "actions": Field(
            Either(
                what="actions",
                sequence=ListOf(Name("action"), least=1),
                mapping=MapOf(Name("action"), ACTION, ordered=True, least=1),
            ),
            "the actions: a list, or a mapping from action to label",
            required=True,
        ),
        "hidden": Field(
            Either(
                what="true, or a list of players", scalar=Truth(), sequence=ListOf(Name("player"))
            ),
            "who does not see the move within the period: everybody (true) or these players",
        ),
    },
)

SIMULTANEOUS = Record(
    "a block of simultaneous moves",
    {
        "simultaneous": Field(
            ListOf(MOVE, least=2), "moves made without seeing each other", required=True
        ),
        "label": LABEL,
        "when": WHEN,
    },
)

CHANCE = Record(
    "a chance move",
    {
        "chance": Field(Name("move"), "what the draw is called", required=True),
        "label": LABEL,
        "when": WHEN,
        "outcomes": Field(
            MapOf(Name("outcome"), Expression(), ordered=True, least=1),
            "outcome -> probability; they add up to one",
            required=True,
        ),
    },
)

MOVES = ListOf(
    Tagged("a move", {"player": MOVE, "simultaneous": SIMULTANEOUS, "chance": CHANCE}), least=1
)

RULE = Record(
    "a transition rule",
    {
        "when": WHEN,
        "to": Field(
            Either(
                what="a level, or a mapping from level to probability",
                scalar=LevelName(),
                mapping=MapOf(LevelName(), Expression(), least=1),
            ),
            "where the factor goes",
        ),
        "up": Field(Expression(), "probability of rising by one level"),
        "down": Field(Expression(), "probability of falling by one level"),
    },
)

START = Record(
    "a start",
    {"label": LABEL},
    others=MapOf(
        Name("factor"),
        Either(
            what="a level, or a mapping from level to probability",
            scalar=LevelName(),
            mapping=MapOf(LevelName(), Number(low=0, high=1), least=1),
        ),
    ),
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
        "players": Field(Edited(), "merged into `players`"),
        "state": Field(Edited(), "merged into `state`"),
        "parameters": Field(Edited(), "merged into `parameters`"),
        "define": Field(Edited(), "merged into `define`"),
        "moves": Field(Edited(("array",)), "takes the place of `moves`"),
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


WITHIN = Field(Whole(low=1, high=10_000), "number of periods; default the evaluation horizon")
AT = Field(Whole(low=0, high=10_000), "period; default the evaluation horizon")
START_NAME = Field(Name("start"), "where play begins; default the first start")


def _quantity(what: str, **fields: Field) -> Record:
    return Record(what, {**fields, "start": START_NAME, "label": LABEL, "unit": UNIT})


def _condition(means: str) -> Field:
    return Field(Expression(), means, required=True)


QUANTITY = Tagged(
    "a quantity",
    {
        "reach": _quantity(
            "a reach quantity", reach=_condition("probability that this ever holds"), within=WITHIN
        ),
        "hazard": _quantity(
            "a hazard quantity",
            hazard=_condition("probability that this first holds after `after`, given not before"),
            after=Field(Whole(low=0, high=10_000), "periods left out at the beginning; default 0"),
            within=WITHIN,
        ),
        "occupancy": _quantity(
            "an occupancy quantity",
            occupancy=_condition("expected number of periods in which this holds"),
            within=WITHIN,
        ),
        "switches": _quantity(
            "a switches quantity",
            switches=_condition("expected number of changes from this ..."),
            to=_condition("... to this in the following period"),
            within=WITHIN,
        ),
        "mean": _quantity("a mean", mean=_condition("expected value of this"), at=AT),
        "probability": _quantity(
            "a probability", probability=_condition("probability of this"), at=AT
        ),
        "rate": _quantity(
            "a rate",
            rate=_condition("share of periods in which this holds"),
            given=Field(Expression(), "among the periods in which this holds"),
            within=WITHIN,
        ),
        "value": _quantity(
            "a value",
            value=Field(Name("player"), "whose expected discounted payoff", required=True),
            part=Field(Name("part"), "only this part of the payoff"),
        ),
        "distance": _quantity(
            "a distance",
            distance=Field(Name("regime"), "the regime to compare with", required=True),
            at=AT,
        ),
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
        "players": Field(
            MapOf(Name("player"), PLAYER, ordered=True, least=1), "who acts", required=True
        ),
        "state": Field(
            MapOf(Name("factor"), FACTOR, ordered=True), "the factors that make up the state"
        ),
        "parameters": Field(
            MapOf(Name("parameter"), PARAMETER), "numbers with a range and a reason"
        ),
        "define": Field(MapOf(Name("definition"), Expression()), "named expressions"),
        "moves": Field(MOVES, "one period, in order", required=True),
        "next": Field(
            MapOf(Name("factor"), ListOf(RULE), ordered=True), "what follows, factor by factor"
        ),
        "payoffs": Field(
            MapOf(Name("player"), MapOf(Name("part"), Expression())),
            "per period: player -> part -> amount",
            required=True,
        ),
        "terminal": Field(
            MapOf(Name("player"), Expression()), "value of a state after the last period"
        ),
        "starts": Field(MapOf(Name("start"), START, ordered=True, least=1), "where play may begin"),
        "regimes": Field(
            MapOf(Name("regime"), _alternative("a regime"), ordered=True), "rules in force"
        ),
        "variants": Field(
            MapOf(Name("variant"), _alternative("a variant"), ordered=True), "modelling choices"
        ),
        "quantities": Field(MapOf(Name("quantity"), QUANTITY), "numbers to report"),
    },
)
