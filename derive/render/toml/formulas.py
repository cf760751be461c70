"""Terms as formulas that are read again as the same terms: the way back of `derive.computation.formula.terms_of`."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from derive.computation.calls import FUNCTIONS, JOINT
from derive.computation.equations import Term
from derive.computation.formula import (
    EXTREMES,
    Applied,
    Constant,
    Name,
    Negative,
    Place,
    Power,
    Product,
    Quotient,
    Sum,
    Tree,
    formula_shape,
)
from derive.computation.shapes import PRODUCT, SAME, beside_others
from derive.render.toml.text import Unwritable, decimal

# How closely the parts of a formula hold together: what holds less than its place asks for stands in parentheses.
ALL, SUMMAND, FACTOR, BASE = range(4)


def tree_of(terms: Sequence[Term]) -> Tree:
    """Return the formula of an equation's right-hand side; raises `Unwritable` for a term that no formula makes."""
    found = tuple(map(_tree, terms))
    return found[0] if len(found) == 1 else Sum(found)


def _tree(term: Term) -> Tree:
    shape, names = term.shape, tuple(map(Name, term.names))
    origin = shape.origin
    if isinstance(origin, tuple) and origin[0] is beside_others:
        shape = origin[1][0]
        origin = shape.origin
    if shape is SAME:
        return names[0]
    if shape is PRODUCT:
        return Product(names)
    if isinstance(origin, tuple) and origin[0] is formula_shape:
        return _named(origin[1][0], names)
    if shape.name in EXTREMES or shape.name in FUNCTIONS or shape.name in JOINT:
        return Applied(shape.name, names, shape.constant)
    raise Unwritable(shape.name)


def _named(tree: Tree, names: Sequence[Name]) -> Tree:
    """Return the tree with names in its places."""
    if isinstance(tree, Place):
        return names[tree.index]
    if isinstance(tree, Name | Constant):
        return tree
    return replace(tree, parts=tuple(_named(part, names) for part in tree.parts))  # type: ignore[arg-type]


def formula_text(tree: Tree, place: int = ALL) -> str:
    """Return the text of a formula as it stands in a place.

    >>> formula_text(Product((Name("a"), Sum((Name("b"), Negative((Name("c"),)))))))
    'a*(b - c)'
    """
    text, own = _text(tree)
    return text if own >= place else f"({text})"


def _text(tree: Tree) -> tuple[str, int]:
    """Return the text of a formula, and how closely it holds together."""
    match tree:
        case Name():
            return tree.name, BASE
        case Constant():
            return _constant(tree.value)
        case Sum():
            first, *others = tree.parts
            return formula_text(first, SUMMAND) + "".join(map(_further, others)), ALL
        case Negative():
            return f"-{formula_text(tree.parts[0], FACTOR if _is_signed(tree.parts[0]) else SUMMAND)}", SUMMAND
        case Product():
            first, *others = tree.parts
            return "*".join([_front(first), *(formula_text(part, FACTOR) for part in others)]), SUMMAND
        case Quotient():
            above, below = tree.parts
            return f"{_front(above)}/{formula_text(below, FACTOR)}", SUMMAND
        case Power():
            exponent = Constant(tree.exponent)
            return f"{formula_text(tree.parts[0], BASE)}^{formula_text(exponent, BASE)}", FACTOR
        case Applied():
            return f"{tree.function}({', '.join(_arguments(tree))})", BASE
    raise Unwritable(type(tree).__name__)


def _front(tree: Tree) -> str:
    """Return what a product or a quotient begins with: a product, a quotient or a number there is part of it."""
    return formula_text(tree, SUMMAND if isinstance(tree, Product | Quotient | Constant) else FACTOR)


def _further(part: Tree) -> str:
    """Return a summand behind another, with its sign before it."""
    if isinstance(part, Constant) and part.value < 0:
        return f" - {formula_text(Constant(-part.value), SUMMAND)}"
    if isinstance(part, Negative) and not _is_signed(part.parts[0]):
        return f" - {formula_text(part.parts[0], SUMMAND)}"
    text = formula_text(part, SUMMAND)
    return f" + ({text})" if text.startswith("-") else f" + {text}"


def _is_signed(tree: Tree) -> bool:
    return formula_text(tree).startswith("-")


def _constant(value: Fraction) -> tuple[str, int]:
    text = decimal(value)
    return text, BASE if value >= 0 and "/" not in text else SUMMAND


def _arguments(tree: Applied) -> list[str]:
    found = list(map(formula_text, tree.parts))
    usual = FUNCTIONS[tree.function].default if tree.function in FUNCTIONS else None
    return found if tree.constant in (None, usual) else [*found, formula_text(Constant(tree.constant))]
