"""What a network's file says of its worksheet: the table [worksheet], beside what describes the network."""

from typing import Any

from derive.reading.equations_file import table_of
from derive.reading.files import WORKSHEET, Parsed, placed

RULES = "rules"
BLANKS = ("values", "formulas", "both")
ROUNDINGS = ("by-hand", "significant")
MOST_HINTS = 3
SETTINGS = ("vary", "blanks", "hints", "digits", "rounding")
RULE_KEYS = ("distinct", "apart", "least", "saturated", "same_sides", "most_draws")


def worksheet_settings(file: Parsed) -> dict[str, Any]:
    """Return the settings of the worksheet by name, ``rules`` a table; none where the file has no [worksheet].

    Raises `InputError` for a key that is none; what the values may be is looked at where a worksheet is made.
    """
    table = file.data.get(WORKSHEET, {}) if isinstance(file.data, dict) else {}
    with placed(WORKSHEET, ", "):
        found = dict(table_of(table, (*SETTINGS, RULES)))
        if RULES in found:
            with placed(RULES, ", "):
                found[RULES] = table_of(found[RULES], RULE_KEYS)
    return found
