"""Why a text is not TOML or not JSON: the reasons of Python's parsers, which give them in English, as messages.

A reason that is not in the tables, as of a later Python, is shown in the parser's own words.
"""

import re
from collections.abc import Mapping
from dataclasses import replace

from derive.errors import Message, Text

LONGEST = 80  # characters of a reason, or of what is found
QUOTED = re.compile(r"""'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)\"""")
VALUE = Message("a value is missing: a number, true or false, a list in brackets, or text in quotation marks")
QUOTE = Message("the closing quotation mark is missing")
BACKSLASH = Message("a backslash in text must be written twice")
SIGN = Message("{found} is missing")
TWICE = Message("{found} is given twice")
NOT_HERE = Message("the character {found} is not allowed here")
TOML: Mapping[str, Message] = {
    r"Expected newline or end of document after a statement": Message("the line goes on after the value"),
    r"Expected '(?P<found>=)' after a key in a key/value pair": SIGN,
    r"Expected '(?P<found>\]\]?)' at the end of an? (?:table|array) declaration": SIGN,
    r"Expected .+": QUOTE,
    r"Invalid value": VALUE,
    r"Invalid (?:statement|initial character for a key part)": Message("a key is missing"),
    r"Unclosed array": Message("a list is not closed: a bracket or a comma is missing"),
    r"Unclosed inline table": Message("a table in braces is not closed: a brace or a comma is missing"),
    r"Unterminated string": QUOTE,
    r"Illegal character '\\n'|Found invalid character '\\n'": QUOTE,  # that line's text goes on to its end
    r"Illegal character (?P<found>.+)|Found invalid character (?P<again>.+)": NOT_HERE,
    r"Duplicate inline table key (?P<found>.+)|Cannot declare (?P<again>.+) twice": TWICE,
    r"Cannot (?:mutate immutable|redefine) namespace (?P<found>.+)": TWICE,
    r"Cannot overwrite a value": Message("the key is given twice"),
    r"Invalid date or datetime": Message("there is no such date or time"),
    r"Invalid hex value|Unescaped '\\' in a string|Escaped character is not a Unicode scalar value": BACKSLASH,
}
JSON: Mapping[str, Message] = {
    r"Expecting value": VALUE,
    r"Expecting '(?P<found>.)' delimiter": SIGN,
    r"Expecting property name enclosed in double quotes": Message("a key in double quotation marks is missing"),
    r"Illegal trailing comma before end of (?:object|array)": Message("there is a comma before a closing bracket"),
    r"Unterminated string starting at": QUOTE,
    r"Extra data": Message("the text goes on after the end of the data"),
    r"Invalid control character .*at": Message("text goes on in the next line; write a line break as \\n"),
    r"Invalid \\.*": BACKSLASH,
}


def said(reason: str, known: Mapping[str, Message]) -> Text:
    """Return the message for a parser's reason, which may show a character or a key.

    >>> print(said("Cannot declare ('layer', 'bias') twice", TOML), said("Expecting ',' delimiter", JSON), sep="; ")
    layer.bias is given twice; , is missing
    """
    for pattern, message in known.items():
        match = re.fullmatch(pattern, reason, re.DOTALL)
        if match:
            found = next(filter(None, match.groups()), "")
            return replace(message, fields={"found": _short(_key(found))}) if found else message
    return _short(reason)


def _key(found: str) -> str:
    """Return a key, which Python shows as ('layer', 'bias'), as files write it; of anything else what it is."""
    if not found.startswith("("):
        return found
    return ".".join(single or double for single, double in QUOTED.findall(found))


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."
