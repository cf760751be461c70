"""Style files of a user's: what no browser would complain about is said here, with its line."""

from collections.abc import Iterator
from typing import Any

import tinycss2

from derive.errors import InputError, shown


def check(text: str, place: str) -> None:
    """Refuse CSS that is broken, that would fetch a file, or that would end the page's style.

    Raises `InputError` with file, line and reason.
    """
    if "</" in text:
        line = text[: text.index("</")].count("\n") + 1
        raise InputError("{place}: found {found}; expected CSS alone.", place=f"{place}, line {line}", found="'</'")
    for node in _nodes(tinycss2.parse_stylesheet(text, skip_comments=True, skip_whitespace=True)):
        where = f"{place}, line {node.source_line}"
        if node.type == "error":
            raise InputError(
                "{place}: the CSS is invalid ({found}); correct it there.", place=where, found=_reason(node.message)
            )
        address = _address(node)
        if address is not None and not address.startswith(("data:", "#")):
            raise InputError(
                "{place}: found {found}; nothing may be loaded from outside. Include it as data:… instead.",
                place=where,
                found=shown(address),
            )


def _reason(message: str) -> str:
    """Return what is wrong; the parser takes what has no colon for the beginning of a rule."""
    return "neither name: value nor a rule" if message.startswith("EOF reached before {} block") else message


def _address(node: Any) -> str | None:
    """Return what a part of a style file points to."""
    if node.type == "url":
        return str(node.value)
    if node.type == "function" and node.lower_name in ("url", "src"):
        return next((str(part.value) for part in node.arguments if part.type == "string"), "")
    if node.type == "at-rule" and node.lower_at_keyword == "import":
        return next((str(part.value) for part in node.prelude if part.type in ("string", "url")), "")
    return None


def _nodes(nodes: Any) -> Iterator[Any]:
    """Yield every part of a style file: rules, declarations, values, and what could not be read."""
    for node in nodes:
        yield node
        if node.type in ("qualified-rule", "at-rule"):
            yield from _nodes(node.prelude)
            yield from _nodes(_inside(node))
        elif node.type == "declaration":
            yield from _nodes(node.value)
        elif node.type == "function":
            yield from _nodes(node.arguments)
        elif node.type in ("() block", "[] block", "{} block"):
            yield from _nodes(node.content)


def _inside(rule: Any) -> Any:
    """Return the parts in the braces of a rule; those of @media and its like are rules again."""
    if rule.content is None:
        return []
    if rule.type == "at-rule" and rule.lower_at_keyword in ("media", "supports", "layer", "container"):
        return tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)
    return tinycss2.parse_blocks_contents(rule.content, skip_comments=True, skip_whitespace=True)
