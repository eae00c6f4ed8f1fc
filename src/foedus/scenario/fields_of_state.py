"""The fields of players, factors of the state and parameters."""

from __future__ import annotations

from foedus.scenario.shapes import (
    Choice,
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
    Text,
    Whole,
)

LABEL = Field(Text(), "what people read in place of the name")
MEANS = Field(Text(), "what it stands for")
WHY = Field(Text(), "the reason for the number or the range")
SOURCE = Field(Text(), "where it comes from: a key of `sources`, or the reference itself")
WHEN = Field(Expression(), "the condition under which it applies; left out: always")

TYPE = Either(
    what="a prior probability, or a mapping with `prior`",
    scalar=Expression(),
    mapping=Record(
        "a type",
        {
            "label": LABEL,
            "prior": Field(Expression(), "its prior probability, over parameters", required=True),
        },
    ),
)

PLAYER = Record(
    "a player",
    {
        "label": LABEL,
        "discount": Field(Expression(), "discount factor per period, over parameters"),
        "precision": Field(Expression(), "the player's own precision, over parameters"),
        "types": Field(
            MapOf(Name("type"), TYPE, ordered=True, least=2, most=6),
            "what only the player knows of itself: type -> prior probability",
        ),
        "beliefs": Field(
            Whole(low=2, high=101),
            "points on which beliefs about it are kept from period to period; default 11",
        ),
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
                sequence=ListOf(LevelName(), least=1, most=1000),
                mapping=MapOf(LevelName(), Text(), ordered=True, least=1, most=1000),
            ),
            "the levels: a list, a mapping from level to label, or a range such as 0..4",
            required=True,
        ),
        "endings": Field(
            MapOf(Name("ending"), ENDING, ordered=True, most=100),
            "absorbing levels, where play stops",
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
