"""The operator dictionary: how much space an operator takes on each side, and whether it grows.

Spaces after the operator dictionary of MathML Core (W3C), which follows TeX's classes: a relation has thick spaces,
a binary operator medium ones, punctuation a thin one behind it, a big operator thin ones on both sides.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

THIN, MEDIUM, THICK = 3 / 18, 4 / 18, 5 / 18


@dataclass(frozen=True, slots=True)
class Operator:
    """`before` and `after` in em; `kind` says where a line may break."""

    before: float = THICK
    after: float = THICK
    kind: str = "relation"  # relation, sum (+ −), product (· ×), fence, big, other
    fence: bool = False  # grows with what stands beside it
    large: bool = False  # is larger in a display
    limits: bool = False  # has its limits beside it outside displays
    wide: bool = False  # grows to the width of what stands above or below


# Each string is a list of signs.
RELATIONS = "=≠<>≤≥≦≧≪≫≈≅≃∼≡≢≜≝≟≔≕≐∝∈∉∋⊂⊃⊆⊇⊄⊈⊊≺≻≼⊢⊨⊣∣∤∥⟂:≍∴∵⋈⊑⊒≮≯≉"
ARROWS = "←→↔⇐⇒⇔↦↩↪↼⇀↽⇁⇌⇋⟵⟶⟷⟸⟹⟺⟼↠↞↣⇝↝↚↛↑↓↕⇑⇓⇕↗↘↖↙"
SUMS = "+−-±∓∪∩∨∧⊕⊖∖"
PRODUCTS = "⋅·×÷∗*∘∙•⊗⊘⊙⋆⋄◦≀†‡"
OPENING = "([{⟨⌊⌈⟦⟮"
CLOSING = ")]}⟩⌋⌉⟧⟯"
BARS = "|‖∣∥"
BIG = "∑∏∐⋃⋂⋁⋀⨀⨁⨂⨄⨆"
INTEGRALS = "∫∬∭∮"
WIDE = "⏞⏟⏜⏝⎴⎵‾¯_\u0332\u0305^~ˆ˜\u0302\u0303"
TIGHT = "′″‴⁗!/\\˙¨˚\u20db\u20d7´`ˇ˘°∂∇¬∀∃\u2061\u2062\u2063\u2064"
PUNCTUATION = ",;."
DOTS = "…⋯⋮⋱"

_BINARY_SUM = Operator(MEDIUM, MEDIUM, "sum")
_SIGN = Operator(0, 0, "other")
_FENCE = Operator(0, 0, "fence", fence=True)
_TIGHT = Operator(0, 0, "other")


def _infix() -> dict[str, Operator]:
    table = {sign: Operator() for sign in RELATIONS}
    table |= {sign: Operator(wide=True) for sign in ARROWS}
    table |= dict.fromkeys(SUMS, _BINARY_SUM)
    table |= {sign: Operator(MEDIUM, MEDIUM, "product") for sign in PRODUCTS}
    table |= dict.fromkeys(OPENING + CLOSING + "|‖", _FENCE)
    table |= {sign: Operator(THIN, THIN, "big", large=True, limits=True) for sign in BIG}
    table |= {sign: Operator(THIN, THIN, "big", large=True) for sign in INTEGRALS}
    table |= {sign: Operator(0, 0, "other", wide=True) for sign in WIDE}
    table |= dict.fromkeys(TIGHT, _TIGHT)
    table |= {sign: Operator(0, THIN, "other") for sign in PUNCTUATION}
    table |= {sign: Operator(THIN, THIN, "other") for sign in DOTS}
    return table


_INFIX = _infix()


def operator(sign: str, form: str) -> Operator:
    """The entry of a sign in a form: prefix, infix or postfix. A sign that is not listed is a relation."""
    found = _INFIX.get(sign, Operator())
    if form != "infix" and found.kind in ("sum", "product"):
        return _SIGN
    if form != "infix" and sign in BARS:
        return replace(_FENCE)
    return found
