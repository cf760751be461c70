"""The package's templates with their sentences in another language, for those who change them in theirs.

A sentence stands where the English one stood, in the same ``{% trans %}`` or ``_("…")``: all else of a template, and so
what it writes, stays as it is. No catalogue has a sentence of another language, so it is written as it stands. A block
has a singular and a plural; a language with a third form needs another way.
"""

import json
import re
from gettext import NullTranslations

from jinja2 import Environment
from jinja2.ext import extract_from_ast

CALL = re.compile(r'\b_\((?P<quoted>"(?:[^"\\]|\\.)*")')
BLOCK = re.compile(
    r"(?P<begin>\{%[-+]?\s*trans\b(?:(?!%\}).)*?)(?P<close>\s*[-+]?%\})"
    r"(?P<body>.*?)(?P<end>\{%[-+]?\s*endtrans\s*[-+]?%\})",
    re.DOTALL,
)
PLURALIZE = re.compile(r"(\{%[-+]?\s*pluralize\b(?:(?!%\}).)*%\})", re.DOTALL)
EDGES = re.compile(r"(?P<before>\s*).*?(?P<after>\s*)", re.DOTALL)
PLACE = re.compile(r"%\((\w+)\)s")
# What a template would not write as it stands: a brace that begins a tag, there or with what follows.
TAG = re.compile(r"\{(?=[{%#]|\Z)")
# A place that writes nothing. With it a sentence is none of the catalogue's, which has the same words in English.
NOTHING = "as_it_stands"


def translated(text: str, environment: Environment, catalogue: NullTranslations) -> str:
    """Return a template whose sentences are those of the catalogue; one that is missing there stays English.

    The environment is one that compiles templates: it says what Jinja makes of a sentence.
    """

    def sentences(source: str, *functions: str) -> tuple[list[str], str]:
        """Return what a sentence in the source becomes, its plural too, and what else has to be given to it."""
        english = next(found for _, name, found in extract_from_ast(environment.parse(source)) if name in functions)
        texts = [english] if isinstance(english, str) else [part for part in english or () if part]
        found = _looked_up(texts, catalogue)
        if _looked_up(found, catalogue) == found:
            return found, ""
        return [f"{sentence}%({NOTHING})s" for sentence in found], f'{NOTHING}=""'

    def call(found: re.Match[str]) -> str:
        (sentence,), more = sentences(f"{{{{ _({found['quoted']}) }}}}", "_")
        return f"_({json.dumps(sentence, ensure_ascii=False)}{', ' if more else ''}{more}"

    def block(found: re.Match[str]) -> str:
        texts, more = sentences(found[0], "gettext", "ngettext")
        between = "" if not more else " " if found["begin"].endswith("trans") else ", "
        parts = PLURALIZE.split(found["body"])
        parts[::2] = map(_body, parts[::2], texts)
        return "".join([found["begin"], between, more, found["close"], *parts, found["end"]])

    return BLOCK.sub(block, CALL.sub(call, text))


def _looked_up(texts: list[str], catalogue: NullTranslations) -> list[str]:
    """Return the translation of a sentence, or of its singular and its plural."""
    if len(texts) == 1:
        return [catalogue.gettext(texts[0])]
    one, many = texts
    return [catalogue.ngettext(one, many, number) for number in (1, 2)]


def _body(english: str, sentence: str) -> str:
    """Return a sentence as it stands in a block, with the white space that is around the English one."""
    edges = EDGES.fullmatch(english)
    assert edges  # it matches any text
    pieces = PLACE.split(sentence)
    pieces[::2] = (TAG.sub("{% raw %}{{% endraw %}", piece.replace("%%", "%")) for piece in pieces[::2])
    pieces[1::2] = (f"{{{{ {name} }}}}" for name in pieces[1::2])
    return edges["before"] + "".join(pieces) + edges["after"]
