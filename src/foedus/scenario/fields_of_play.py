"""The fields of moves, transition rules, starts and quantities."""

from __future__ import annotations

from foedus.scenario.fields_of_state import LABEL, UNIT, WHEN
from foedus.scenario.shapes import (
    Either,
    Expression,
    Field,
    LevelName,
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
                sequence=ListOf(Name("action"), least=1, most=100),
                mapping=MapOf(Name("action"), ACTION, ordered=True, least=1, most=100),
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
            ListOf(MOVE, least=2, most=20), "moves made without seeing each other", required=True
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
            MapOf(Name("outcome"), Expression(), ordered=True, least=1, most=100),
            "outcome -> probability; they add up to one",
            required=True,
        ),
    },
)

MOVES = ListOf(
    Tagged("a move", {"player": MOVE, "simultaneous": SIMULTANEOUS, "chance": CHANCE}),
    least=1,
    most=200,
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

AFTER = Field(Whole(low=0, high=10_000), "periods left out at the beginning; default 0")
WITHIN = Field(Whole(low=1, high=10_000), "number of periods; default the evaluation horizon")
AT = Field(Whole(low=0, high=10_000), "period; default the evaluation horizon")
START_NAME = Field(Name("start"), "where play begins; default the first start")


FROM = Field(
    MapOf(Name("factor"), LevelName(), least=1), "factors whose level at the start is another"
)


def _quantity(what: str, **fields: Field) -> Record:
    common = {"start": START_NAME, "from": FROM, "label": LABEL, "unit": UNIT}
    return Record(what, {**fields, **common})


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
            after=AFTER,
            within=WITHIN,
        ),
        "occupancy": _quantity(
            "an occupancy quantity",
            occupancy=_condition("expected number of periods in which this holds"),
            after=AFTER,
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
            given=Field(
                Expression(), "among the periods in which this holds; default all periods of play"
            ),
            after=AFTER,
            within=WITHIN,
        ),
        "value": _quantity(
            "a value",
            value=Field(Name("player"), "whose expected discounted payoff", required=True),
            part=Field(Name("part"), "only this part of the payoff"),
        ),
        "distance": _quantity(
            "a distance",
            distance=Field(
                Name("regime"), "the regime to compare with, or `equilibrium`", required=True
            ),
            at=AT,
            factors=Field(
                ListOf(Name("factor"), least=1), "the factors that count; default all of them"
            ),
        ),
        "width": _quantity(
            "a width",
            width=_condition("levels of `over` at which this is chosen in the first period"),
            given=Field(Expression(), "where this holds; default in any first period"),
            over=Field(Name("factor"), "the factor whose levels are counted", required=True),
        ),
    },
)
