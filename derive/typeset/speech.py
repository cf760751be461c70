"""The spoken words of a formula, for its alt text.

The words stand in one table a language (`WORDS`); a language is added by one more table. What is read is what is
there, in order: a fraction of two ∂ is "the partial derivative of … with respect to …", a subscript follows its letter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from derive.typeset.mathml import INVISIBLE, Node
from derive.typeset.tokens import plain
from derive.typeset.words import WORDS

Words = Mapping[str, str]
Speaker = Callable[[Node, Words], str]

# Names that are read "f of" when a parenthesis follows.
FUNCTIONS = frozenset({"f", "g", "h", "σ", "φ", "ϕ", "L", "E"})


def speak(node: Node, language: str = "en") -> str:
    """The words of a formula. A language that has no table is read in English.

    >>> from derive.typeset.mathml import parse
    >>> speak(parse("<math><mfrac><mn>1</mn><mn>2</mn></mfrac><mo>=</mo><mn>0.5</mn></math>"))
    'one half equals 0.5'
    """
    words = WORDS.get(language.split("-")[0].split("_")[0], WORDS["en"])
    said = re.sub(r"[\s,]*,|\s+", lambda found: "," if "," in found.group() else " ", _say(node, words))
    # A comma before a digit stands in one number, as in 0,5.
    return re.sub(r",(?=[^\s\d])", ", ", said).strip().removesuffix(",")


def _say(node: Node, words: Words) -> str:
    speaker = _SPEAKERS.get(node.tag)
    return speaker(node, words) if speaker else _row(node.children, words)


def _row(nodes: Sequence[Node], words: Words) -> str:
    """Words one after the other; a sign at the start is negative, not minus."""
    parts = []
    for index, node in enumerate(nodes):
        if _is_idle_fence(nodes, index):
            continue
        if node.tag == "mo" and node.text in ("−", "-") and _is_prefix(nodes, index):
            parts.append(words["negative"])
        elif _is_applied(nodes, index):
            parts.append(f"{_say(node, words)} {words['of']}")
        else:
            parts.append(_say(node, words))
    return " ".join(part for part in parts if part)


def _is_idle_fence(nodes: Sequence[Node], index: int) -> bool:
    """Whether this is a parenthesis that the ear can do without: around an argument, or a negative number."""
    for start in (index, index - 2, index - 3):
        inside = _short_group(nodes, start)
        if inside is None or index not in (start, start + len(inside) + 1):
            continue
        if len(inside) == 2 or (start > 0 and _is_applied(nodes, start - 1)):
            return True
    return False


def _short_group(nodes: Sequence[Node], start: int) -> Sequence[Node] | None:
    """What stands in the parentheses that open here, if that is one thing or a negative number."""
    if start < 0 or nodes[start].text != "(":
        return None
    for count in (1, 2):
        end = start + count + 1
        if end < len(nodes) and nodes[end].text == ")":
            inside = nodes[start + 1 : end]
            return inside if count == 1 or (inside[0].text == "−" and inside[1].tag == "mn") else None
    return None


def _is_prefix(nodes: Sequence[Node], index: int) -> bool:
    if index == 0:
        return True
    before = nodes[index - 1]
    return (before.tag == "mo" and before.text not in (")", "]", "}", "|", "′", "!")) or before.tag == "mspace"


def _is_applied(nodes: Sequence[Node], index: int) -> bool:
    """Whether a name stands before its argument, as in f(x) or σ(net)."""
    following = nodes[index + 1] if index + 1 < len(nodes) else None
    if following is None or following.tag != "mo":
        return False
    node = nodes[index]
    letter = node.children[0] if node.tag == "msup" and _prime(node.children[1]) else node
    return letter.tag == "mi" and letter.text in FUNCTIONS and following.text == "("


def _identifier(node: Node, words: Words) -> str:
    letter = plain_word(node.text)
    return words.get(node.text) or words.get(letter, letter)


def plain_word(text: str) -> str:
    """A bold or script letter as the letter it is."""
    return "".join(plain(character) for character in text)


def _operator(node: Node, words: Words) -> str:
    return "" if not node.text or node.text in INVISIBLE else words.get(node.text, node.text)


def _number(node: Node, words: Words) -> str:
    return node.text


def _fraction(node: Node, words: Words) -> str:
    top, bottom = node.children
    if node.get("linethickness") in ("0", "0pt", "0em"):
        return words["choose"].format(_say(top, words), _say(bottom, words))
    derivative = _derivative(top, bottom, words)
    if derivative:
        return derivative
    if top.tag == "mn" and bottom.tag == "mn" and f"{top.text}/{bottom.text}" in words:
        return words[f"{top.text}/{bottom.text}"]
    if _is_simple(top) and _is_simple(bottom):
        return words["over"].format(_say(top, words), _say(bottom, words))
    return words["fraction"].format(_say(top, words), _say(bottom, words))


def _derivative(top: Node, bottom: Node, words: Words) -> str | None:
    """A fraction of two ∂ or two d."""
    for sign, key in (("∂", "partial"), ("d", "derivative")):
        if _starts_with(bottom, sign) and len(bottom.children) > 1:
            variable = _row(bottom.children[1:], words)
            if top.tag == "mi" and top.text == sign:
                return words[key + " operator"].format(variable)
            if _starts_with(top, sign):
                return words[key].format(_row(top.children[1:], words), variable)
    return None


def _starts_with(node: Node, sign: str) -> bool:
    return node.tag == "mrow" and bool(node.children) and node.children[0].text == sign


def _is_simple(node: Node) -> bool:
    return node.tag in ("mi", "mn", "mtext") or (
        node.tag in ("msub", "msup") and all(_is_simple(child) for child in node.children)
    )


def _sub(node: Node, words: Words) -> str:
    base, below = node.children
    return f"{_say(base, words)} {_index(below, words)}"


def _index(node: Node, words: Words) -> str:
    """A subscript: short ones follow their letter at once. In 1,2 it has two numbers, which no decimal comma joins."""
    said = _say(node, words).replace(",", ", ")
    simple = node.tag in ("mi", "mn", "mtext") or all(child.tag in ("mi", "mn") for child in node.children)
    return said if simple else words["sub"].format(said)


def _prime(node: Node) -> bool:
    return node.tag == "mo" and node.text in ("′", "″", "‴")


def _sup(node: Node, words: Words) -> str:
    base, above = node.children
    return f"{_say(base, words)} {_power(above, words)}"


def _power(node: Node, words: Words) -> str:
    if node.tag in ("mo", "mi") and f"^{node.text}" in words:
        return words[f"^{node.text}"]
    if node.tag == "mn" and f"^{node.text}" in words:
        return words[f"^{node.text}"]
    if node.tag == "mrow" and node.children and node.children[0].text == "(":
        return words["superscript"].format(_row(node.children[1:-1], words))
    said = _say(node, words)
    return words["power"].format(said)


def _subsup(node: Node, words: Words) -> str:
    base, below, above = node.children
    if base.tag == "mo":
        return words["from to"].format(_say(base, words), _say(below, words), _say(above, words))
    return f"{_say(base, words)} {_index(below, words)} {_power(above, words)}"


def _under(node: Node, words: Words) -> str:
    base, below = node.children
    if below.tag == "mo" and below.text in words:
        return f"{_say(base, words)} {words['with under'].format(words[below.text])}"
    if base.tag == "munder":
        return words["labelled"].format(_say(base.children[0], words), _say(below, words))
    return words["over index"].format(_say(base, words), _say(below, words))


def _over(node: Node, words: Words) -> str:
    base, above = node.children
    if above.tag == "mo" and above.text in words:
        return f"{_say(base, words)} {words[above.text]}"
    if base.tag == "mover":
        return words["labelled"].format(_say(base.children[0], words), _say(above, words))
    return words["with over"].format(_say(base, words), _say(above, words))


def _underover(node: Node, words: Words) -> str:
    base, below, above = (_say(child, words) for child in node.children)
    return words["from to"].format(base, below, above)


def _square_root(node: Node, words: Words) -> str:
    return words["root"].format(_row(node.children, words))


def _root(node: Node, words: Words) -> str:
    inner, degree = (_say(child, words) for child in node.children)
    return words["cube root" if degree == "3" else "nth root"].format(inner, degree)


def _table(node: Node, words: Words) -> str:
    """Aligned equations are read line by line, a matrix row by row."""
    rows = [" ".join(filter(None, (_say(cell, words) for cell in row.children))) for row in node.children]
    if node.get("displaystyle") == "true" or any("padding-left" in c.css for r in node.children for c in r.children):
        return "; ".join(rows)
    cells = ["; ".join(", ".join(_say(cell, words) for cell in row.children) for row in node.children)]
    columns = max((len(row.children) for row in node.children), default=0)
    return words["matrix"].format(len(node.children), columns, cells[0])


def _silent(node: Node, words: Words) -> str:
    return ""


_SPEAKERS: dict[str, Speaker] = {
    "mi": _identifier,
    "mn": _number,
    "mtext": _number,
    "ms": _number,
    "mo": _operator,
    "mfrac": _fraction,
    "msub": _sub,
    "msup": _sup,
    "msubsup": _subsup,
    "munder": _under,
    "mover": _over,
    "munderover": _underover,
    "msqrt": _square_root,
    "mroot": _root,
    "mtable": _table,
    "mphantom": _silent,
    "mspace": _silent,
}
