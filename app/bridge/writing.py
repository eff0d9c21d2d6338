"""How an answer is written: JSON, whole, from dictionaries and arrays."""

import orjson


def dumps(content: object) -> bytes:
    """JSON of dictionaries and arrays."""
    return orjson.dumps(content, option=orjson.OPT_SERIALIZE_NUMPY)
