"""The spoken words of a formula, for its alt text.

The words stand in one table a language (`WORDS`); a language is added by one more table. What is read is what is
there, in order: a fraction of two ∂ is "the partial derivative of … with respect to …", a subscript follows its letter,
a bold letter is a vector, w⁺ is the new w, and factors that only stand beside each other are multiplied.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence

from derive.typeset.mathml import INVISIBLE, Node
from derive.typeset.tokens import plain
from derive.typeset.words import CONTRACTIONS, WORDS

Words = Mapping[str, str]
Speaker = Callable[[Node, Words], str]

# Names that are read "f of" when a parenthesis follows.
FUNCTIONS = frozenset({"f", "g", "h", "σ", "φ", "ϕ", "L", "E"})
# Those that are so with an index, too: h₁ may be a neuron, and E₁ a number.
INDEXED_FUNCTIONS = frozenset({"f", "σ", "φ", "ϕ"})
APPLY = "\u2061"
# What stands beside another of these is multiplied by it.
FACTORS = frozenset({"mi", "mn", "mfrac", "msub", "msup", "msubsup", "msqrt", "mroot", "mover"})
THIN = 0.2  # em: a wider space parts what it stands between


def speak(node: Node, language: str = "en") -> str:
    """The words of a formula. A language that has no table is read in English.

    >>> from derive.typeset.mathml import parse
    >>> speak(parse("<math><mfrac><mn>1</mn><mn>2</mn></mfrac><mo>=</mo><mn>0.5</mn></math>"))
    'one half equals 0.5'
    """
    code = language.split("-")[0].split("_")[0]
    words = WORDS.get(code, WORDS["en"])
    said = re.sub(r"[\s,]*([,;])|\s+", lambda found: found[1] or " ", _say(node, words))
    # A comma before a digit stands in one number, as in 0,5.
    said = re.sub(r"([,;])(?=[^\s\d])", r"\1 ", said).strip().removesuffix(",")
    for apart, together in CONTRACTIONS.get(code, ()):
        said = re.sub(apart, together, said)
    return said


def _say(node: Node, words: Words) -> str:
    speaker = _SPEAKERS.get(node.tag)
    return speaker(node, words) if speaker else _row(node.children, words)


def _row(nodes: Sequence[Node], words: Words) -> str:
    """Words one after the other."""
    nodes = tuple(_flat(nodes))
    parts = []
    index = 0
    while index < len(nodes):
        if _is_product(nodes, index):
            parts.append(words["⋅"])
        said, count = _step(nodes, index, words)
        parts.append(said)
        index += count
    return " ".join(part for part in parts if part)


def _step(nodes: Sequence[Node], index: int, words: Words) -> tuple[str, int]:
    """The words of what stands there, and how many nodes that is."""
    node = nodes[index]
    if _is_idle_fence(nodes, index):
        return "", 1
    if [part.text for part in nodes[index : index + 4 : 3]] == ["∂", "∂"] and nodes[index + 2].text == "/":
        above, below = nodes[index + 1], nodes[index + 4 : index + 5]
        return words["partial"].format(_say(above, words), _row(below, words)), 5
    if node.text == APPLY:  # a limit has said it
        return "" if nodes[index - 1].tag == "munder" else words["of"], 1
    if _is_applied(nodes, index):
        return f"{_say(node, words)} {words['of']}", 1
    if node.text in ("⋅", "·") and _is_vector(nodes[index - 1 : index]) and _is_vector(nodes[index + 1 : index + 2]):
        return words["dot"], 1
    return _say(node, words), 1


def _flat(nodes: Sequence[Node]) -> Iterator[Node]:
    """The nodes without rows within rows, which no one hears, and without thin spaces."""
    for node in nodes:
        if node.tag in ("mrow", "mpadded"):
            yield from _flat(node.children)
        elif node.tag != "mspace" or _width(node) > THIN:
            yield node


def _width(space: Node) -> float:
    found = re.fullmatch(r"(-?[\d.]+)em", space.get("width"))
    return float(found[1]) if found else 0.0


def _is_product(nodes: Sequence[Node], index: int) -> bool:
    """Whether a factor stands here, and another just before it."""
    if not index or _is_applied(nodes, index - 1):
        return False
    before, here = nodes[index - 1], nodes[index]
    ends = before.text in (")", "]") or (_is_factor(before) and before.text not in ("∂", "∇", "d"))
    return ends and (here.text in ("(", "[") or _is_factor(here))


def _is_factor(node: Node) -> bool:
    """Whether this may be multiplied; a sign of a sum is none, with its limits beside it either."""
    return node.tag in FACTORS and not (node.children and node.children[0].tag == "mo")


def _is_vector(nodes: Sequence[Node]) -> bool:
    node = nodes[0] if nodes else None
    while node is not None and node.tag in ("msub", "msup", "msubsup", "mrow") and node.children:
        node = next(_flat(node.children), None)
    return node is not None and _is_bold(node.text)


def _is_bold(text: str) -> bool:
    return bool(text) and all(unicodedata.name(sign, "").startswith("MATHEMATICAL BOLD") for sign in text)


def _is_idle_fence(nodes: Sequence[Node], index: int) -> bool:
    """Whether this is a parenthesis that the ear can do without: around an argument, or a negative number."""
    for start in (index, index - 2, index - 3):
        inside = _short_group(nodes, start)
        if inside is None or index not in (start, start + len(inside) + 1):
            continue
        is_argument = start > 0 and (nodes[start - 1].text == APPLY or _is_applied(nodes, start - 1))
        if len(inside) == 2 or inside[0].tag == "mtable" or is_argument:
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


def _is_applied(nodes: Sequence[Node], index: int) -> bool:
    """Whether a name stands before its argument, as in f(x) or σ(net)."""
    following = nodes[index + 1] if index + 1 < len(nodes) else None
    if following is None or following.tag != "mo":
        return False
    node = nodes[index]
    known = FUNCTIONS
    if node.tag in ("msub", "msubsup"):
        known = INDEXED_FUNCTIONS
    elif node.tag != "mi" and not (node.tag == "msup" and _prime(node.children[1])):
        return False
    letter = node.children[0] if node.children else node
    return letter.text in known and following.text == "("


def _identifier(node: Node, words: Words) -> str:
    letter = plain_word(node.text)
    name = words.get(node.text) or words.get(letter, letter)
    if not _is_bold(node.text):
        return name
    if f"bold {letter}" in words:
        return words[f"bold {letter}"]
    return words["matrix name" if len(letter) == 1 and letter.isupper() else "vector name"].format(name)


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
    parts = tuple(_flat([node]))
    if all(part.tag in ("mi", "mn", "mtext") for part in parts):
        return " ".join(_say(part, words) for part in parts).replace(",", ", ")
    return words["sub"].format(_row(parts, words).replace(",", ", "))


def _prime(node: Node) -> bool:
    return node.tag == "mo" and node.text in ("′", "″", "‴")


def _sup(node: Node, words: Words) -> str:
    base, above = node.children
    if above.tag == "mo" and above.text == "+":
        return words["new"].format(_say(base, words))
    return f"{_say(base, words)} {_power(above, words)}"


def _power(node: Node, words: Words) -> str:
    if node.tag in ("mo", "mi") and f"^{node.text}" in words:
        return words[f"^{node.text}"]
    if node.tag == "mn" and f"^{node.text}" in words:
        return words[f"^{node.text}"]
    if node.tag == "mrow" and node.children and node.children[0].text == "(":
        inside = node.children[1:-1]
        kind = "sample" if len(inside) == 1 and inside[0].tag in ("mi", "mn") else "superscript"
        return words[kind].format(_row(inside, words))
    said = _say(node, words)
    return words["power"].format(said)


def _subsup(node: Node, words: Words) -> str:
    base, below, above = node.children
    if base.tag == "mo":
        return _range(base, below, above, words)
    name = f"{_say(base, words)} {_index(below, words)}"
    if above.tag == "mo" and above.text == "+":
        return words["new"].format(name)
    return f"{name} {_power(above, words)}"


def _under(node: Node, words: Words) -> str:
    base, below = node.children
    if below.tag == "mo" and below.text in words:
        return f"{_say(base, words)} {words['with under'].format(words[below.text])}"
    if base.tag == "munder":
        return words["labelled"].format(_say(base.children[0], words), _say(below, words))
    return words["over index"].format(_say(base, words), _start(below, words))


def _over(node: Node, words: Words) -> str:
    base, above = node.children
    if above.tag == "mo" and above.text in words:
        return f"{_say(base, words)} {words[above.text]}"
    if base.tag == "mover":
        return words["labelled"].format(_say(base.children[0], words), _say(above, words))
    return words["with over"].format(_say(base, words), _say(above, words))


def _underover(node: Node, words: Words) -> str:
    base, below, above = node.children
    return _range(base, below, above, words)


def _range(base: Node, below: Node, above: Node, words: Words) -> str:
    """A sum from 1 to n, or a product."""
    return words["from to"].format(_say(base, words), _start(below, words), _say(above, words))


def _start(below: Node, words: Words) -> str:
    """Where an index begins, which is named and not asserted."""
    return _say(below, {**words, "=": words["index ="]})


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
    columns = max((len(row.children) for row in node.children), default=0)
    if 1 in (columns, len(node.children)):
        cells = ", ".join(_say(cell, words) for row in node.children for cell in row.children)
        return words["column vector" if columns == 1 else "row vector"].format(cells)
    cells = "; ".join(", ".join(_say(cell, words) for cell in row.children) for row in node.children)
    return words["matrix"].format(len(node.children), columns, cells)


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
