"""What a network's file says of its worksheet: the table [worksheet], beside what describes the network."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from derive.errors import InputError, nearest, shown
from derive.reading.files import Parsed, placed

SECTION = "worksheet"
RULES = "rules"
BLANKS = ("values", "formulas", "both")
ROUNDINGS = ("by-hand", "significant")
MOST_HINTS = 3
SETTINGS = ("vary", "blanks", "hints", "digits", "rounding")
RULE_KEYS = ("distinct", "apart", "least", "saturated", "same_sides", "most_draws")


def network_part(file: Parsed) -> Parsed:
    """Return what a file says of its network alone."""
    if not isinstance(file.data, dict) or SECTION not in file.data:
        return file
    return replace(file, data={key: value for key, value in file.data.items() if key != SECTION})


def worksheet_settings(file: Parsed) -> dict[str, Any]:
    """Return the settings of the worksheet by name, ``rules`` a table; none where the file has no [worksheet].

    Raises `InputError` for a key that is none; what the values may be is looked at where a worksheet is made.
    """
    table = file.data.get(SECTION, {}) if isinstance(file.data, dict) else {}
    with placed(SECTION, ", "):
        found = dict(_table(table, (*SETTINGS, RULES)))
        if RULES in found:
            with placed(RULES, ", "):
                found[RULES] = _table(found[RULES], RULE_KEYS)
    return found


def _table(data: Any, keys: tuple[str, ...]) -> Mapping[str, Any]:
    if not isinstance(data, dict):
        raise InputError(
            "found {found}; expected it to be a table with the keys {keys}.", found=shown(data), keys=", ".join(keys)
        )
    for key in data:
        if key not in keys:
            raise InputError(
                "found the unknown key {key}; expected one of {keys}.{hint}",
                key=shown(key),
                keys=", ".join(keys),
                hint=nearest(key, keys),
            )
    return data
