"""The JSON Schema of scenario files, made from the table of fields.

`python -m foedus.scenario.schema` writes it to `schema.json`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from foedus.scenario.fields import SCENARIO
from foedus.scenario.names import ID, NAME, RESERVED
from foedus.scenario.shapes import (
    Choice,
    Edited,
    Either,
    Expression,
    Id,
    LevelName,
    LevelRange,
    ListOf,
    MapOf,
    Name,
    Number,
    Record,
    Shape,
    Tagged,
    Text,
    Truth,
    Whole,
)

FILE = Path(__file__).parent / "schema.json"

WORD = f"^(?!(?:{'|'.join(sorted(RESERVED))})$){NAME.pattern}$"
NUMBER_OR_LEVEL = rf"^-?\d+$|{WORD}"
PERCENTAGE = r"^[-+]?\d+(\.\d+)?%$"


def json_schema() -> dict[str, Any]:
    """The schema, as plain data."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "foedus scenario",
        **_schema(SCENARIO),
    }


def _schema(shape: Shape) -> dict[str, Any]:
    match shape:
        case Text():
            # YAML reads a title such as 1914 as a number; it is text to us all the same.
            return {"type": ["string", "number", "boolean", "null"]}
        case Name():
            return {"type": "string", "pattern": WORD}
        case Id():
            return {"type": ["string", "number"], "pattern": f"^{ID.pattern}$"}
        case LevelName():
            return {"type": ["string", "integer"], "pattern": NUMBER_OR_LEVEL}
        case LevelRange():
            return {"type": "string", "pattern": r"^\s*[-+]?\d+\s*\.\.\s*[-+]?\d+\s*$"}
        case Number():
            limits = {
                "minimum": shape.low,
                "maximum": shape.high,
                "exclusiveMinimum": shape.above,
            }
            given = {key: value for key, value in limits.items() if value is not None}
            percentage = {"type": "string", "pattern": PERCENTAGE}
            return {"anyOf": [{"type": "number", **given}, percentage]}
        case Whole():
            return {"type": "integer", "minimum": shape.low, "maximum": shape.high}
        case Truth():
            return {"type": "boolean"}
        case Expression():
            return {"type": ["string", "number"]}
        case Choice():
            return {"enum": list(shape.words)}
        case Edited():
            return {"type": list(shape.kinds)}
    return _container(shape)


def _container(shape: Shape) -> dict[str, Any]:
    match shape:
        case ListOf():
            schema: dict[str, Any] = {"type": "array", "items": _schema(shape.item)}
            schema |= {"minItems": shape.least} if shape.least else {}
            return schema | ({"maxItems": shape.most} if shape.most is not None else {})
        case MapOf():
            schema = {"type": "object", "additionalProperties": _schema(shape.value)}
            schema |= {"minProperties": shape.least} if shape.least else {}
            schema |= {"maxProperties": shape.most} if shape.most is not None else {}
            return _or_nothing(schema | _keys(shape), not shape.least)
        case Record():
            return _or_nothing(_record(shape), shape.optional)
        case Tagged():
            return {"oneOf": [_record(record, tag) for tag, record in shape.records.items()]}
        case Either():
            kinds = (shape.scalar, shape.sequence, shape.mapping)
            return {"anyOf": [_schema(kind) for kind in kinds if kind is not None]}
    raise AssertionError(shape)


def _record(shape: Record, tag: str = "") -> dict[str, Any]:
    required = [name for name, field in shape.fields.items() if field.required or name == tag]
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {
            name: {"description": field.means, **_schema(field.shape)}
            for name, field in shape.fields.items()
        },
        "additionalProperties": _schema(shape.others.value) if shape.others else False,
    }
    return schema | ({"required": required} if required else {})


def _keys(shape: MapOf) -> dict[str, Any]:
    match shape.key:
        case Name():
            return {"propertyNames": {"pattern": WORD}}
        case Id():
            return {"propertyNames": {"pattern": f"^{ID.pattern}$"}}
        case LevelName():
            return {"propertyNames": {"pattern": NUMBER_OR_LEVEL}}
    return {}


def _or_nothing(schema: dict[str, Any], allowed: bool) -> dict[str, Any]:
    return schema | {"type": ["object", "null"]} if allowed else schema


def write() -> None:
    """Write the schema beside this module."""
    text = json.dumps(json_schema(), indent=1, ensure_ascii=False)
    FILE.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    write()
