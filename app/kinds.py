"""Every kind that a configuration may have, with the bounds of its fields: read off ``schemas``."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel

from app.schemas import Config, Conv, Dense, FieldKind, Input, Kinds, Pool, Training

LAYERS: Mapping[str, type[BaseModel]] = {"conv": Conv, "pool": Pool, "dense": Dense}


@cache
def kinds() -> Kinds:
    """What the settings form offers; a network has so many layers, each with these fields."""
    top = fields(Config)
    listed = Config.model_json_schema()["properties"]["layers"]
    count = FieldKind(minimum=listed["minItems"], maximum=listed["maxItems"])
    return Kinds(
        layers={name: fields(model) for name, model in LAYERS.items()},
        layer_count=count,
        input=fields(Input),
        training=fields(Training),
        loss=top["loss"],
        initial=top["initial"],
    )


def fields(model: type[BaseModel]) -> dict[str, FieldKind]:
    """Every field that has a bound or a choice of words."""
    described = model.model_json_schema()["properties"]
    found = {name: field(one) for name, one in described.items() if name != "type"}
    return {name: one for name, one in found.items() if one.values or one.maximum is not None}


def field(described: Mapping[str, Any]) -> FieldKind:
    """A field's bounds, words and default, out of its JSON schema."""
    parts = [described, *described.get("anyOf", [])]
    words = [word for one in parts for word in one.get("enum", filter(None, [one.get("const")]))]
    numbers = [one for one in parts if "maximum" in one]
    bounds = numbers[0] if numbers else {}
    return FieldKind(
        minimum=bounds.get("minimum"),
        maximum=bounds.get("maximum"),
        whole=bounds.get("type") == "integer",
        values=words,
        default=described.get("default"),
    )
