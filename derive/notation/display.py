"""Chains of equations as displays, broken so that no line runs off the page.

HTML has no line breaking of mathematics and LaTeX none worth relying on, so lines are broken here, once for every
format: before + and −, then before a dot, inside parentheses only where nothing else helps.
"""

import re
from collections.abc import Iterator, Sequence

from derive.notation.names import Latex

# Widths are in digits; an A4 page with the handout's margins takes about 80 of them.
LINE_WIDTH = 62
NUMBER_CHUNK = 50

Row = tuple[str, str]


def aligned(left: str, rows: Sequence[Row], *, width: int = LINE_WIDTH) -> Latex:
    r"""Return left = right₁ = right₂ …, one line each, aligned at the relation.

    A row is a relation and a right-hand side.

    >>> print(aligned("x", [("=", "1 + 2"), ("=", "3")]))
    \begin{aligned} x &= 1 + 2 \\ &= 3 \end{aligned}
    """
    room = width - visible_width(left)
    short = room < width // 2
    lines = [f"{left} &" if short else ""] if short else []
    for position, (relation, right) in enumerate(rows):
        start = left if position == 0 and not short else ""
        first, *rest = _row(relation, right, width - 6 if short else room)
        lines += [f"{start} {first}".strip(), *rest]
    if len(lines) == 1:
        return Latex(lines[0].replace(" &", " ", 1).replace("  ", " "))
    return Latex(r"\begin{aligned} " + r" \\ ".join(lines) + r" \end{aligned}")


def aligned_equations(equations: Sequence[tuple[str, Sequence[Row]]], *, width: int = LINE_WIDTH) -> Latex:
    """Return several equations below each other; each left = right₁ = right₂ … stays on one line where it fits."""
    lines = []
    for left, rows in equations:
        whole = " ".join(f"{relation} {right}" for relation, right in rows)
        room = width - visible_width(left)
        if visible_width(whole) <= room:
            lines.append(f"{left} &{whole}")
        else:
            split = [part for relation, right in rows for part in _row(relation, right, room)]
            lines += [f"{left} {split[0]}", *split[1:]]
    return Latex(r"\begin{aligned} " + r" \\ ".join(lines) + r" \end{aligned}")


def _row(relation: str, right: str, room: float) -> list[str]:
    first, *rest = broken(right, room)
    return [f"&{relation} {first}", *(rf"&\quad {{}} {part}" for part in rest)]


def broken(latex: str, room: float) -> list[str]:
    """Return the formula in parts that fit the room, each but the first beginning with its operator."""
    if visible_width(latex) <= room:
        return [latex]
    atoms = list(_atoms(latex, r" [+-] "))
    if len(atoms) == 1:
        atoms = list(_atoms(latex, r" (?:\\cdot|\\times) "))
    if len(atoms) == 1:
        atoms = list(_atoms(_opened(latex), r" [+-] | \\cdot "))
    if len(atoms) == 1:
        return _chunks(latex, room)
    return _filled([piece for atom in atoms for piece in broken(atom, room)], room)


def visible_width(latex: str) -> float:
    r"""Estimate how wide the formula is, in digits.

    >>> visible_width(r"\mathrm{net}_{h1} + 0.25")
    9.7
    """
    text = re.sub(r"\\frac\{((?:[^{}]|\{[^{}]*\})*)\}\{((?:[^{}]|\{[^{}]*\})*)\}", _wider, latex)
    text = re.sub(r"\\begin\{cases\}(.*?)\\end\{cases\}", _longest_row, text)
    text = re.sub(r"\\(left|right|bigl|bigr|mathrm|text|begin|end|displaystyle)\b", "", text)
    text = re.sub(r"\\quad", "  ", text)
    scripts = sum(len(match) for match in re.findall(r"[_^]\{([^{}]*)\}", text))
    text = re.sub(r"\\[a-zA-Z]+ ?", "m", text)
    return round(len(re.sub(r"[{}_^ ]", "", text)) - 0.4 * scripts + 0.5 * len(re.findall(r" [+=-] |m", text)), 1)


def _wider(match: re.Match[str]) -> str:
    return max(match.group(1), match.group(2), key=len)


def _longest_row(match: re.Match[str]) -> str:
    return max(match.group(1).split(r"\\"), key=len)


def _atoms(latex: str, separator: str) -> Iterator[str]:
    """Split before the separators that stand outside braces and parentheses."""
    depth, start = 0, 0
    for match in re.finditer(rf"\\left\b|\\right\b|\\begin\b|\\end\b|[{{}}]|{separator}", latex):
        token = match.group()
        if token in (r"\left", r"\begin", "{"):
            depth += 1
        elif token in (r"\right", r"\end", "}"):
            depth -= 1
        elif depth == 0 and match.start() > start:
            yield latex[start : match.start()]
            start = match.start() + 1
    yield latex[start:]


def _opened(latex: str) -> str:
    """Let the outer parentheses be broken inside: fences that stretch cannot span two lines."""
    return latex.replace(r"\left(", r"\bigl(").replace(r"\right)", r"\bigr)")


def _chunks(latex: str, room: float) -> list[str]:
    """Cut a long number into groups of digits; anything else that does not fit stays whole."""
    if not re.fullmatch(r"-?[\d.]+", latex):
        return [latex]
    size = max(10, int(room))
    return [latex[start : start + size] for start in range(0, len(latex), size)]


def _filled(pieces: Sequence[str], room: float) -> list[str]:
    lines = [pieces[0]]
    for piece in pieces[1:]:
        if visible_width(lines[-1] + " " + piece) <= room:
            lines[-1] += " " + piece
        else:
            lines.append(piece)
    return lines
