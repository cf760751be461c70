"""A JSON Schema of files of published numbers, for editors."""

from collections.abc import Mapping
from typing import Any

from derive.comparison.published.conventions import CONVENTIONS
from derive.comparison.published.printed import COUNT, LONGEST_SOURCE, SECTIONS
from derive.numbers.exact import NUMBER
from derive.reading.schema import DIALECT, array, one_word, record


def published_schema() -> dict[str, Any]:
    """Return the schema of a file of published numbers, in TOML or JSON.

    >>> list(published_schema()["properties"])
    ['source', 'convention', 'values', 'sample', 'after']
    """
    digits = NUMBER.pattern.replace("[+-]", "[+−-]", 1)
    number = {"type": ["number", "string"], "pattern": rf"^\s*{digits}\s*$"}
    values = {"type": "object", "additionalProperties": number}
    samples = _counted(values)
    convention = one_word(CONVENTIONS)
    parts: Mapping[str, dict[str, Any]] = {
        "source": {"type": "string", "maxLength": LONGEST_SOURCE},
        "convention": {"anyOf": [convention, array(convention)]},
        "values": values,
        "sample": samples,
        "after": _counted({**values, "properties": {"sample": {"anyOf": [number, samples]}}}),
    }
    return {
        "$schema": DIALECT,
        "title": "Published numbers for derive",
        **record({section: parts[section] for section in SECTIONS}),
    }


def _counted(each: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of tables by a number that counts from 1."""
    return {"type": "object", "patternProperties": {f"^{COUNT.pattern}$": each}, "additionalProperties": False}
